import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RunRegistry } from "../../../provider/engine/run-registry.js";

const engine = "127.0.0.1:40001";
const subject = "retained destination";
const note = { ownerId: "a", revision: 2 };

describe("what the processes of one run of the engine tell each other", () => {
  let root: string;
  let folder: string;
  let other: ChildProcess;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "run-notes-"));
    folder = join(root, "notes");
    other = spawn(process.execPath, ["-e", "setInterval(() => undefined, 1000)"], { stdio: "ignore" });
  });
  afterEach(() => {
    other.kill("SIGKILL");
    rmSync(root, { recursive: true, force: true });
  });

  /** Tells as the other process would. */
  const tellAsOther = (address = engine) => {
    new RunRegistry(address, folder).tell(subject, note);
    const [file = ""] = readdirSync(folder);
    renameSync(join(folder, file), join(folder, file.replace(/\d+$/, String(other.pid))));
  };
  const readdirSafely = () => {
    try {
      return readdirSync(folder);
    } catch {
      return [];
    }
  };

  it("is heard by the others, and not by the one who told it", () => {
    const own = new RunRegistry(engine, folder);
    tellAsOther();
    own.tell("checked destination", { ownerId: "b" });
    expect(own.hear(subject)).toEqual([note]);
    expect(own.hear("checked destination")).toEqual([]);
  });

  it("is not heard in another run", () => {
    tellAsOther();
    expect(new RunRegistry("127.0.0.1:40002", folder).hear(subject)).toEqual([]);
  });

  it("counts no longer once its writer is dead, and is then cleared away", async () => {
    tellAsOther();
    other.kill("SIGKILL");
    await once(other, "exit");
    const own = new RunRegistry(engine, folder);
    expect(own.hear(subject)).toEqual([]);
    own.tell(subject, note);
    expect(readdirSync(folder)).toEqual([expect.stringMatching(new RegExp(`\\.${process.pid}$`))]);
    own.end();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("stands where nobody else can read or write it", () => {
    new RunRegistry(engine, folder).tell(subject, note);
    const [file = ""] = readdirSync(folder);
    expect(statSync(folder).mode & 0o077).toBe(0);
    expect(statSync(join(folder, file)).mode & 0o077).toBe(0);
  });

  it("is neither told nor heard where others may write, or nothing can be written", () => {
    tellAsOther();
    chmodSync(folder, 0o777);
    const open = new RunRegistry(engine, folder);
    open.tell(subject, note);
    expect(open.hear(subject)).toEqual([]);
    expect(readdirSync(folder)).toHaveLength(1);
    const nowhere = new RunRegistry(engine, "/dev/null/notes");
    nowhere.tell(subject, note);
    expect(nowhere.hear(subject)).toEqual([]);
  });

  it.each(["", "run", "--project"])("is not kept without an engine: %j", (address) => {
    new RunRegistry(address, folder).tell(subject, note);
    expect(readdirSafely()).toEqual([]);
  });
});
