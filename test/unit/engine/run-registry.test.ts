import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { RunRegistry } from "../../../provider/engine/run-registry.js";

const engine = "127.0.0.1:40001";
const subject = "retained destination";
const entry = { ownerId: "a", revision: 2 };

describe("what the processes of one run of the engine register for each other", () => {
  let root: string;
  let folder: string;
  let other: ChildProcess;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "run-registry-"));
    folder = join(root, "runs");
    other = spawn(process.execPath, ["-e", "setInterval(() => undefined, 1000)"], { stdio: "ignore" });
  });
  afterEach(() => {
    other.kill("SIGKILL");
    rmSync(root, { recursive: true, force: true });
  });

  /** Registers as the other process would. */
  const registerAsOther = (address = engine) => {
    new RunRegistry(address, folder).register(subject, entry);
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

  it("is found by the others, and not by the one who registered it", () => {
    const own = new RunRegistry(engine, folder);
    registerAsOther();
    own.register("checked destination", { ownerId: "b" });
    expect(own.find(subject)).toEqual([entry]);
    expect(own.find("checked destination")).toEqual([]);
  });

  it("is not found in another run", () => {
    registerAsOther();
    expect(new RunRegistry("127.0.0.1:40002", folder).find(subject)).toEqual([]);
  });

  it("counts no longer once its writer is dead, and is then cleared away", async () => {
    registerAsOther();
    other.kill("SIGKILL");
    await once(other, "exit");
    const own = new RunRegistry(engine, folder);
    expect(own.find(subject)).toEqual([]);
    own.register(subject, entry);
    expect(readdirSync(folder)).toEqual([expect.stringMatching(new RegExp(`\\.${process.pid}$`))]);
    own.end();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("stands where nobody else can read or write it", () => {
    new RunRegistry(engine, folder).register(subject, entry);
    const [file = ""] = readdirSync(folder);
    expect(statSync(folder).mode & 0o077).toBe(0);
    expect(statSync(join(folder, file)).mode & 0o077).toBe(0);
  });

  it("is neither told nor heard where others may write, or nothing can be written", () => {
    registerAsOther();
    chmodSync(folder, 0o777);
    const open = new RunRegistry(engine, folder);
    open.register(subject, entry);
    expect(open.find(subject)).toEqual([]);
    expect(readdirSync(folder)).toHaveLength(1);
    const nowhere = new RunRegistry(engine, "/dev/null/notes");
    nowhere.register(subject, entry);
    expect(nowhere.find(subject)).toEqual([]);
  });

  it.each(["", "run", "--project"])("is not kept without an engine: %j", (address) => {
    new RunRegistry(address, folder).register(subject, entry);
    expect(readdirSafely()).toEqual([]);
  });
});
