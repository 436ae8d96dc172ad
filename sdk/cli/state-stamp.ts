import { readFile, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import * as z from "zod";
import { parseJson } from "../../provider/core/json.js";

/** Which stack, and where its project is. */
export interface StackFile {
  /** What Pulumi.yaml names; PULUMI_BACKEND_URL goes before it. */
  readonly projectBackend: string | undefined;
  readonly projectDirectory: string;
  readonly projectName: string;
  readonly stackName: string;
}

/**
 * Something that changes when the state of a stack is written, without a run of the engine: known for a backend of
 * local files alone. Undefined for any other, and for a state that is not there.
 */
export async function readStateStamp(file: StackFile): Promise<string | undefined> {
  const folder = findLocalFolder(await findBackend(file.projectBackend), file.projectDirectory);
  if (folder === undefined) return undefined;
  const stack = file.stackName.split("/").at(-1) ?? file.stackName;
  const stacks = join(folder, ".pulumi", "stacks");
  for (const path of [join(stacks, file.projectName, stack), join(stacks, stack)]) {
    for (const extension of [".json", ".json.gz"]) {
      const found = await stat(path + extension, { bigint: true }).catch(() => undefined);
      if (found?.isFile()) return `${found.ino}:${found.size}:${found.mtimeNs}`;
    }
  }
  return undefined;
}

/** The backend's URL, in the order in which Pulumi looks for it; undefined where none is set. */
export async function findBackend(projectBackend: string | undefined): Promise<string | undefined> {
  const chosen = process.env.PULUMI_BACKEND_URL || projectBackend;
  if (chosen !== undefined && chosen !== "") return chosen;
  const home = process.env.PULUMI_HOME || join(homedir(), ".pulumi");
  const text = await readFile(join(home, "credentials.json"), "utf8").catch(() => "");
  return logins.parse(parseJson(text)).current;
}

const logins = z.object({ current: z.string().optional() }).catch({});

function findLocalFolder(backend: string | undefined, projectDirectory: string): string | undefined {
  if (backend === undefined || !backend.startsWith("file://")) return undefined;
  const [path = ""] = backend.slice("file://".length).split("?");
  if (path === "~" || path.startsWith("~/")) return join(homedir(), path.slice(1));
  return resolve(projectDirectory, path);
}
