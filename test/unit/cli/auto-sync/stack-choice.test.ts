import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findFollowedStacks } from "../../../../sdk/cli/auto-sync/followed-stacks.js";
import { chooseStacks } from "../../../../sdk/cli/auto-sync/stack-choice.js";
import { readStateStamp } from "../../../../sdk/cli/state-stamp.js";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stack-choice-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const write = (path: string, text: string, mode = 0o600) => writeFileSync(join(folder, path), text, { mode });

describe("the stacks that flags choose", () => {
  it("are all of a project, or those that are named, of each folder", async () => {
    const [first, second] = await chooseStacks({ cwd: ".", projectDir: ["a", "b"], stack: ["dev", "prod"] });
    expect(first).toEqual({ projectDirectory: "a", stacks: ["dev", "prod"], allowedCommands: [] });
    expect(second?.projectDirectory).toBe("b");
    expect(await chooseStacks({ cwd: "p", all: true })).toEqual([
      { projectDirectory: "p", allowedCommands: [] },
    ]);
  });

  it.each([
    [{}, "no stack is chosen"],
    [{ stack: ["dev"], all: true }, "stacks are chosen in more than one way: --stack, --all"],
    [{ file: "f", projectDir: ["a"] }, "this option does not go with --file: --project-dir"],
    [{ file: "f", allowCommand: ["vault"] }, "this option does not go with --file: --allow-command"],
    [{ file: "/nope.json" }, "cannot read the file (no such file): /nope.json"],
  ])("are refused: %j", async (flags, message) => {
    await expect(chooseStacks({ cwd: ".", ...flags })).rejects.toThrow(`[INVALID_INPUT] ${message}. Fix: `);
  });
});

describe("the stacks that a file chooses", () => {
  const choose = (text: unknown) => {
    write("stacks.json", typeof text === "string" ? text : JSON.stringify(text));
    return chooseStacks({ cwd: ".", file: join(folder, "stacks.json") });
  };

  it("have an environment of their own, by paths from the file's own folder", async () => {
    write("prod.env", "PULUMI_CONFIG_PASSPHRASE=pl4nted\n");
    process.env.AWS_PROFILE = "of-the-process";
    const stacks = [
      { projectDirectory: "infra", stacks: ["prod"], environmentFile: "prod.env", allowCommands: ["vault"] },
      { projectDirectory: "/abs", stacks: "all" },
    ];
    const [prod, all] = await choose({ stacks });
    delete process.env.AWS_PROFILE;
    expect(prod).toMatchObject({ projectDirectory: join(folder, "infra"), allowedCommands: ["vault"] });
    expect(prod?.environment).toMatchObject({ PULUMI_CONFIG_PASSPHRASE: "pl4nted", PATH: process.env.PATH });
    expect(prod?.environment).not.toHaveProperty("AWS_PROFILE");
    expect(all).toEqual({ projectDirectory: "/abs", allowedCommands: [] });
  });

  it("are refused by the path of what is wrong", async () => {
    await expect(choose("{")).rejects.toThrow("stacks.json: the file: ");
    await expect(choose({ stacks: [{ projectDirectory: "a", stacks: "some" }] })).rejects.toThrow(
      'stacks.0.stacks: must be "all", or a list of names.',
    );
    const entry = { projectDirectory: "a", stacks: "all", environmentFile: "no.env" };
    await expect(choose({ stacks: [entry] })).rejects.toThrow(
      `cannot read the file (no such file): stacks.0.environmentFile: ${join(folder, "no.env")}`,
    );
    write("open.env", "A=pl4nted\n", 0o604);
    const error = await choose({ stacks: [{ ...entry, environmentFile: "open.env" }] }).catch(String);
    expect(error).toContain("everybody on this machine may read the file: stacks.0.environmentFile: ");
    expect(error).not.toContain("pl4nted");
  });
});

describe("the projects of stacks", () => {
  // Nothing here runs the engine.
  const pulumi = {} as PulumiCommand;
  const choice = { allowedCommands: [], environment: { PULUMI_BACKEND_URL: "file:///b" } };
  const find = async (...choices: { projectDirectory: string; stacks: string[] }[]) =>
    findFollowedStacks(
      choices.map((each) => ({ ...choice, ...each, projectDirectory: join(folder, each.projectDirectory) })),
      pulumi,
    );
  beforeEach(() => {
    mkdirSync(join(folder, "a"));
    mkdirSync(join(folder, "b"));
    write("a/Pulumi.yaml", "name: proj\nruntime: nodejs\n");
    write("b/Pulumi.yaml", "name: proj\nruntime: nodejs\n");
  });

  it("hold each stack once, whatever it is called and from whichever checkout", async () => {
    const found = await find({ projectDirectory: "a", stacks: ["dev", "acme/proj/prod", "other/proj/prod"] });
    expect(found.map(({ stackName }) => stackName)).toEqual(["dev", "acme/proj/prod", "other/proj/prod"]);
    const twice = find({ projectDirectory: "a", stacks: ["dev", "organization/proj/dev"] });
    await expect(twice).rejects.toThrow(
      `two names mean one stack: "dev" of ${join(folder, "a")}, "organization/proj/dev" of ${join(folder, "a")}.`,
    );
    const checkouts = find(
      { projectDirectory: "a", stacks: ["dev"] },
      { projectDirectory: "b", stacks: ["dev"] },
    );
    await expect(checkouts).rejects.toThrow("two names mean one stack");
  });

  it("are refused without Pulumi.yaml, and without the program that it names", async () => {
    write("b/Pulumi.yaml", "name: proj\nruntime: nodejs\nmain: gone\n");
    await expect(find({ projectDirectory: "b", stacks: ["dev"] })).rejects.toThrow(
      `[NOT_FOUND] the folder of this project's program was not found: ${join(folder, "b", "gone")}. Fix: `,
    );
    await expect(find({ projectDirectory: "nope", stacks: ["dev"] })).rejects.toThrow("no Pulumi.yaml found");
  });

  it("show by the state's file that another state was written, and nothing for another backend", async () => {
    const file = {
      projectBackend: `file://${folder}`,
      projectDirectory: folder,
      projectName: "proj",
      stackName: "dev",
    };
    expect(await readStateStamp(file)).toBeUndefined();
    mkdirSync(join(folder, ".pulumi/stacks/proj"), { recursive: true });
    write(".pulumi/stacks/proj/dev.json", "{}");
    const first = await readStateStamp(file);
    expect(first).toBeDefined();
    expect(await readStateStamp({ ...file, stackName: "organization/proj/dev" })).toBe(first);
    expect(await readStateStamp(file)).toBe(first);
    write(".pulumi/stacks/proj/dev.json", "{} ");
    expect(await readStateStamp(file)).not.toBe(first);
    expect(await readStateStamp({ ...file, projectBackend: "s3://bucket" })).toBeUndefined();
  });
});
