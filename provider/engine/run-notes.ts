import { readFile } from "node:fs/promises";
import * as z from "zod";
import { appendLine } from "../core/append-line.js";
import { parseJson } from "../core/json.js";

/** Set by auto-sync for a run of the engine: the file in which the run's processes note what they did. */
export const runNotesVariable = "PULUMI_SNOWFLAKE_SECRETS_RUN_NOTES";

const word = z.string().regex(/^\w{1,64}$/);

const runNote = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("login"),
    /** Stands for account and user. */
    login: word,
    outcome: z.enum(["accepted", "refused", "failed"]),
    /** Of the credential, in seconds since 1970; absent where it does not tell. */
    expiresAt: z.number().exactOptional(),
  }),
  z.object({ kind: z.literal("statement") }),
  z.object({ kind: z.literal("failure"), code: word }),
]);

/** What a run noted: no name and no value of a secret is in there. */
export type RunNote = z.infer<typeof runNote>;

/** Whether auto-sync asked for notes. */
export function isNoted(): boolean {
  return Boolean(process.env[runNotesVariable]);
}

/** Notes something for auto-sync, where it asked for that. */
export function noteRun(note: RunNote): void {
  const path = process.env[runNotesVariable];
  if (!path) return;
  try {
    appendLine(path, note);
  } catch {
    // Counting must not fail what is counted.
  }
}

/** What the processes of a run noted, in their order. */
export async function readRunNotes(path: string): Promise<readonly RunNote[]> {
  const text = await readFile(path, "utf8").catch(() => "");
  return text.split("\n").flatMap((line) => {
    const parsed = runNote.safeParse(parseJson(line));
    return parsed.success ? [parsed.data] : [];
  });
}
