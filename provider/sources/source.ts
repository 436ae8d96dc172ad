import * as z from "zod";
import type { SecretValue } from "../core/secret-value.js";
import { type Known, orUnknown } from "../engine/unknown.js";
import type { UseToken } from "./issued-token.js";

/** What a source may read of the world beside its own arguments. */
export interface SourceContext {
  /** Environment slug of the sync; a source's own wins. */
  readonly environment: string;
  /** Folder of the sync; a source's own wins. */
  readonly secretPath: string;
  /** Where relative paths start: the program's folder. */
  readonly programDirectory: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether a source may run this program: whoever may write a state must not get to run one. @default none */
  readonly mayRun?: (program: string) => boolean;
  /** Ends what is under way when it is aborted. */
  readonly signal?: AbortSignal;
  /** For one source, retries included. @default 30_000 */
  readonly timeoutMs?: number;
  /** @default every read logs in, and revokes its token */
  readonly useToken?: UseToken;
}

/** What `readSource` adds for the sources themselves. */
export interface ReadContext extends SourceContext {
  /** Whether a variable says how this package reaches a service, and so is for no other program. */
  isOwnVariable(name: string): boolean;
}

/** Why a person should look at a value, which is written all the same. */
export interface ValueDoubts {
  /** Other folders that have the key too, and that nobody has put into an order. */
  readonly otherFolders?: readonly string[];
  /** It holds a reference to another secret that the source was to expand, and did not. */
  readonly holdsReference?: boolean;
}

/** One secret of a source. */
export interface SourceEntry {
  readonly key: string;
  readonly value: SecretValue;
  /** Where it came from, for people: "infisical prod:/app". */
  readonly source: string;
  readonly doubts?: ValueDoubts;
}

/** Ids that only Infisical's sources have, for the record of the sync. */
export interface SourceIds {
  readonly projectId?: string;
  readonly environment?: { readonly slug: string; readonly name?: string; readonly id?: string };
  readonly folder?: { readonly path: string; readonly id?: string };
}

/** What one source gave. */
export interface SourceResult {
  /** In the source's own order; of two with the same key the later wins. */
  readonly entries: readonly SourceEntry[];
  readonly ids?: SourceIds;
}

/** A text of a source, not empty. */
export const text = z.string("must be a string.").min(1, "must not be empty.");

/** A credential: never kept in the state, and secret in every language. */
export function credential(description: string) {
  return text.optional().meta({ description, secret: true });
}

/** A credential as it is sent: a secret of a CI system often ends with a line break, which no header may hold. */
export function cleanCredential(value: string | undefined): string | undefined {
  return value?.trim() || undefined;
}

/** A flag, which in a preview may be unknown. */
export const flag = orUnknown(z.boolean("must be true or false."));

/** A name in which `*` stands for any text. */
export const keyPattern = z.string("must be a string.").regex(/[^*]/, "must have a character other than *.");

/** Fields that every source has: `keys`, `prefix` and `rename` are applied in this order to what it gives. */
export const commonFields = {
  keys: z
    .array(keyPattern, "must be a list of strings.")
    .min(1, "must not be empty.")
    .optional()
    .describe(
      "Only these keys, as the source names them; `*` stands for any text. A key without `*` that the source does not have is an error. Default: all keys.",
    ),
  prefix: text
    .optional()
    .describe(
      "Only keys that begin with this text, which is removed from their names. Default: all keys, as they are.",
    ),
  rename: z
    .record(z.string(), text, "must be a map of strings.")
    .optional()
    .describe(
      "New names, by the name without `prefix`. A key that the source does not have is an error, and so is a name that two keys get.",
    ),
  allowEmpty: flag
    .optional()
    .describe("The source may be empty. Its secrets are then dropped. Default: false."),
};

/** What `commonFields` say of the keys, when it is known. */
export type KeyChoice = Partial<
  Pick<z.infer<z.ZodObject<typeof commonFields>>, "keys" | "prefix" | "rename">
>;

/** A kind of source: one file that exports one of these, and its lines in `index.ts`. */
export interface SourceType<S extends z.ZodType<{ type: string; allowEmpty?: unknown }>> {
  /** Its metadata says what is secret: see `credential`. */
  readonly schema: S;
  /** What the names of the variables begin with by which it finds and reaches its service. @default none */
  readonly variables?: readonly string[];
  /** What to do about an empty one, behind "Fix:". @default to check its path and the permissions of its credentials */
  readonly emptyFix?: string;
  /** For people, in plans and messages. */
  describe(spec: z.infer<S>, context: Pick<SourceContext, "environment" | "secretPath">): string;
  /** Rejects with `SOURCE_FAILED`; it never returns less because something failed. */
  read(spec: Known<z.infer<S>>, context: ReadContext): Promise<SourceResult>;
}
