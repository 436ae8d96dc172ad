import { createHash } from "node:crypto";
import { appendFileSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * What the processes that serve one run of the engine register for each other. The engine starts one for each host and
 * each `Provider`, so a resource that moves and is replaced in one `up` is made by one and removed by another. They run
 * on one machine and are told the same address of the engine; an entry counts while its writer lives, so one that a
 * crash left behind proves nothing. Where no file can be kept there are no entries: what depends on them fails closed.
 *
 * Entries hold ids and names, never a value.
 */
export class RunRegistry {
  readonly #folder: string;
  readonly #run: string;
  #file: string | undefined;
  #isUsable: boolean;

  /** @param engineAddress as the engine tells it to every plugin; entries are kept for a real one only */
  constructor(engineAddress: string, folder = buildFolder()) {
    this.#folder = folder;
    this.#run = createHash("sha256").update(engineAddress).digest("hex").slice(0, 16);
    this.#isUsable = isAddress.test(engineAddress);
  }

  /** Written when it returns. */
  register(subject: string, entry: RunEntry): void {
    const line = `${JSON.stringify([subject, entry])}\n`;
    const isFirst = this.#file === undefined;
    if (isFirst) this.#isUsable &&= prepareFolder(this.#folder);
    if (!this.#isUsable) return;
    this.#file ??= join(this.#folder, `${this.#run}.${process.pid}`);
    try {
      if (isFirst) rmSync(this.#file, { force: true });
      appendFileSync(this.#file, line, { mode: 0o600 });
    } catch {
      this.#isUsable = false;
    }
  }

  /** What other processes of this run that still live registered under a subject, oldest first of each. */
  find(subject: string): readonly RunEntry[] {
    if (!this.#isUsable || !isPrivate(this.#folder)) return [];
    return listFiles(this.#folder)
      .filter(({ run, pid }) => run === this.#run && pid !== process.pid && isAlive(pid))
      .flatMap(({ path }) => readEntries(path))
      .flatMap(([about, entry]) => (about === subject ? [entry] : []));
  }

  /** Takes back what this process registered. */
  end(): void {
    if (this.#file !== undefined) rmSync(this.#file, { force: true });
    this.#file = undefined;
  }
}

/** What is registered under a subject. */
export type RunEntry = Readonly<Record<string, string | number | boolean>>;

const isAddress = /^[\w.:[\]-]+:\d+$/;

function buildFolder(): string {
  return join(tmpdir(), `pulumi-snowflake-secrets-${process.getuid?.() ?? "runs"}`);
}

/** Makes the folder, and clears what dead processes left in it. */
function prepareFolder(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch {
    return false;
  }
  if (!isPrivate(folder)) return false;
  for (const { path, pid } of listFiles(folder)) if (!isAlive(pid)) rmSync(path, { force: true });
  return true;
}

/** Whether nobody else may write there. Windows has no such bits; its folder of temporary files is the user's own. */
function isPrivate(folder: string): boolean {
  const uid = process.getuid?.();
  try {
    const found = lstatSync(folder);
    return found.isDirectory() && (uid === undefined || (found.uid === uid && (found.mode & 0o077) === 0));
  } catch {
    return false;
  }
}

function listFiles(folder: string): { readonly path: string; readonly run: string; readonly pid: number }[] {
  return readdirSync(folder).flatMap((name) => {
    const [, run = "", pid = ""] = /^([0-9a-f]{16})\.(\d+)$/.exec(name) ?? [];
    return pid === "" ? [] : [{ path: join(folder, name), run, pid: Number(pid) }];
  });
}

function readEntries(path: string): (readonly [string, RunEntry])[] {
  try {
    // After the last line break stands an entry that is being written.
    const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
    return lines.map((line) => JSON.parse(line));
  } catch {
    return [];
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // It lives, and is somebody else's.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
