import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { buildFailures } from "../../../provider/engine/failures.js";
import { unknownValue } from "../../../provider/engine/unknown.js";
import {
  resolveSources,
  type SourceContext,
  type SourceInputs,
  sourceArguments,
} from "../../../provider/sources/index.js";
import { sourceContext, sourceFailureOf, valuesOf } from "../../support/sources.js";

const planted = "pl4nted-v4lue";
/** Where a text may stand, the mark is one. */
const unknownText = unknownValue as unknown as string;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sources-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function contextWith(env: Record<string, string> = {}): SourceContext {
  return { ...sourceContext, programDirectory: folder, env };
}

const read = (specs: SourceInputs[], env?: Record<string, string>) =>
  valuesOf(resolveSources(specs, contextWith(env)));
const failWith = async (...args: Parameters<typeof read>) =>
  (await sourceFailureOf(read(...args), [planted])).message;

describe("merging", () => {
  it("lets the later source win, and says who won over whom", async () => {
    writeFileSync(join(folder, ".env"), "A=file\nB=file\n");
    const { entries } = await resolveSources(
      [{ type: "dotenv" }, { type: "environment", keys: ["A", "C"] }, { type: "environment", keys: ["A*"] }],
      contextWith({ A: "variable", AB: "2", C: "variable" }),
    );
    expect([...entries].map(([key, { source, overrode }]) => ({ key, source, overrode }))).toEqual([
      { key: "A", source: "environment", overrode: ["dotenv .env", "environment"] },
      { key: "B", source: "dotenv .env", overrode: undefined },
      { key: "C", source: "environment", overrode: undefined },
      { key: "AB", source: "environment", overrode: undefined },
    ]);
    expect(inspect(entries, { depth: 9 })).not.toContain("variable");
  });

  it("keeps the names of built-in properties as plain keys", async () => {
    const names = ["constructor", "toString"];
    const { entries } = await resolveSources(
      [{ type: "environment", keys: names }],
      contextWith({ constructor: "1", toString: "2" } as unknown as Record<string, string>),
    );
    expect([...entries.keys()]).toEqual(names);
  });

  it("fails as a whole if one source fails, and names every one that did", async () => {
    const message = await failWith(
      [
        { type: "environment", keys: ["A"] },
        { type: "dotenv", path: "gone.env" },
        { type: "environment", keys: ["MISSING"] },
      ],
      { A: planted },
    );
    expect(message).toContain("read 2 sources");
    expect(message).toContain("gone.env");
    expect(message).toContain("MISSING");
    expect(message.split("Fix:")).toHaveLength(2);
  });

  it("refuses an empty source unless it is meant", async () => {
    writeFileSync(join(folder, ".env"), "# nothing\n");
    expect(await failWith([{ type: "dotenv" }])).toContain("set allowEmpty: true on it");
    expect(await read([{ type: "dotenv", allowEmpty: true }])).toEqual({});
  });

  it("does not read a source whose arguments only up knows", async () => {
    expect(await failWith([{ type: "dotenv", path: unknownText }])).toContain("not known until `pulumi up`");
  });
});

describe("the dotenv source", () => {
  it("reads a file relative to the program's folder", async () => {
    writeFileSync(join(folder, "app.env"), "A=1\n");
    expect(await read([{ type: "dotenv", path: "app.env" }])).toEqual({ A: "1" });
    expect(await failWith([{ type: "dotenv", path: "gone.env" }])).toContain(
      `cannot read dotenv file (no such file): ${join(folder, "gone.env")}. Fix: check that the file exists`,
    );
    expect(await failWith([{ type: "dotenv", path: "." }])).toContain(
      `cannot read dotenv file (it is a folder): ${folder}. Fix: path names a folder: name a file in it.`,
    );
  });
});

describe("the environment source", () => {
  const env = { APP_B: "2", APP_A: "1", OTHER: "3", APP_: "x" };

  it("takes variables by name, by pattern or by prefix, A to Z", async () => {
    expect(await read([{ type: "environment", keys: ["OTHER", "APP_?*", "*_B"] }], env)).toEqual({
      APP_B: "2",
      OTHER: "3",
    });
    const { entries } = await resolveSources([{ type: "environment", prefix: "APP_" }], contextWith(env));
    expect([...entries.keys()]).toEqual(["A", "B"]);
  });

  it("fails for a named variable that is not set", async () => {
    expect(await failWith([{ type: "environment", keys: ["APP_A", "GONE", "toString"] }], env)).toContain(
      "keys names a key that the source does not have: environment: GONE, toString. Fix: correct keys",
    );
  });

  it("takes an empty variable for a missing one, as CI systems set it, unless it is meant", async () => {
    expect(await failWith([{ type: "environment", prefix: "APP_" }], { APP_A: "" })).toContain("APP_A");
    expect(await read([{ type: "environment", keys: ["A"] }], { A: "1", B: "" })).toEqual({ A: "1" });
    expect(await read([{ type: "environment", keys: ["A"], allowEmptyValues: true }], { A: "" })).toEqual({
      A: "",
    });
  });
});

describe("keys, prefix and rename of any source", () => {
  const readFile = (text: string, choice: Partial<SourceInputs>) => {
    writeFileSync(join(folder, ".env"), text);
    return [{ type: "dotenv", ...choice }] as SourceInputs[];
  };
  const file = "APP_A=1\nAPP_B=2\nAPP_B_C=3\nA=4\nAPP_=5\n";

  it.each([
    [{}, ["APP_A", "APP_B", "APP_B_C", "A", "APP_"]],
    [{ keys: ["A", "APP_B"] }, ["APP_B", "A"]],
    [{ keys: ["APP_*"] }, ["APP_A", "APP_B", "APP_B_C", "APP_"]],
    [{ keys: ["*_B*"] }, ["APP_B", "APP_B_C"]],
    [{ keys: ["*B"] }, ["APP_B"]],
    [{ keys: ["*_*_*"] }, ["APP_B_C"]],
    [{ keys: ["A*_*C"] }, ["APP_B_C"]],
    [{ keys: ["APP_*_"] }, undefined],
    [{ prefix: "APP_" }, ["A", "B", "B_C"]],
    [{ keys: ["*B*"], prefix: "APP_" }, ["B", "B_C"]],
    [{ keys: ["APP_A"], prefix: "APP_", rename: { A: "TOKEN" } }, ["TOKEN"]],
    [{ rename: { A: "APP_A", APP_A: "A" } }, ["A", "APP_B", "APP_B_C", "APP_A", "APP_"]],
  ])("pick, strip and rename: %j", async (choice, expected) => {
    const sources = readFile(file, choice);
    if (expected === undefined) {
      expect(await failWith(sources)).toContain(
        "Fix: add a secret to the file, or correct path, keys and prefix. If it may be empty, set",
      );
    } else expect(Object.keys(await read(sources))).toEqual(expected);
  });

  it("say what to do about an empty one in words of its type", async () => {
    expect(await failWith([{ type: "environment", prefix: "NOBODY_" }])).toBe(
      "[SOURCE_FAILED] the source is empty: environment NOBODY_*. Fix: set a variable that keys or prefix names. If it may be empty, set allowEmpty: true on it.",
    );
  });

  it("keep each value with its key", async () => {
    const choice = { keys: ["APP_*"], prefix: "APP_", rename: { A: "B", B: "A" } };
    expect(await read(readFile(file, choice))).toEqual({ B: "1", A: "2", B_C: "3" });
  });

  it.each([
    [
      { keys: ["A", "GONE", "app_a"] },
      "keys names a key that the source does not have: dotenv .env: GONE, app_a.",
    ],
    [
      { prefix: "APP_", rename: { APP_A: "X" } },
      "rename names a key that the source does not have: dotenv .env: APP_A.",
    ],
    [
      { keys: ["APP_*"], rename: { A: "X" } },
      "rename names a key that the source does not have: dotenv .env: A.",
    ],
    [
      { keys: ["GONE"], allowEmpty: true },
      "keys names a key that the source does not have: dotenv .env: GONE.",
    ],
    [
      { keys: ["APP_A", "A", "APP_B"], rename: { APP_A: "X", A: "X" } },
      "several keys of a source get the same name: dotenv .env: APP_A and A (X).",
    ],
    [{ rename: { APP_A: "A" } }, "several keys of a source get the same name: dotenv .env: APP_A and A (A)."],
  ])("fail for a key that is not there, and for two with one name: %j", async (choice, message) => {
    expect(await failWith(readFile(file.replaceAll("=", `=${planted}`), choice))).toContain(message);
  });

  it("come before two sources are looked at for a key in common", async () => {
    const sources = readFile("A=file\n", { rename: { A: "SHARED" } });
    const other: SourceInputs = { type: "environment", keys: ["VARIABLE_*"], prefix: "VARIABLE_" };
    const { entries } = await resolveSources(
      [...sources, other],
      contextWith({ VARIABLE_SHARED: "variable" }),
    );
    expect([...entries].map(([key, { source, overrode }]) => ({ key, source, overrode }))).toEqual([
      { key: "SHARED", source: "environment VARIABLE_*", overrode: ["dotenv .env"] },
    ]);
  });
});

describe("the sources argument", () => {
  const failuresOf = (spec: unknown) => {
    const parsed = sourceArguments.safeParse(spec);
    return parsed.success ? [] : buildFailures(parsed.error, ["sources", 0], spec, sourceArguments);
  };

  it.each([
    [{ type: "infisical", projectId: 7, tokenn: planted }, ["sources.0.projectId", "sources.0.tokenn"]],
    [
      {
        type: "infisical",
        projectId: "p",
        auth: { method: "universal", clientSecret: [planted], secret: planted },
      },
      ["sources.0.auth.clientSecret", "sources.0.auth.secret"],
    ],
    [{ type: "infisical", projectId: "p", auth: { method: planted } }, ["sources.0.auth.method"]],
    [
      { type: "infisical", projectId: "p", siteUrl: planted, secretPath: "app" },
      ["sources.0.secretPath", "sources.0.siteUrl"],
    ],
    [
      { type: "infisical", projectId: "p", siteUrl: `https://user:${planted}@infisical.example` },
      ["sources.0.siteUrl"],
    ],
    [{ type: "dotenv", path: "", allowEmpty: planted }, ["sources.0.allowEmpty", "sources.0.path"]],
    [{ type: "environment" }, ["sources.0.keys"]],
    [{ type: "environment", prefix: "" }, ["sources.0.prefix"]],
    [{ type: "environment", keys: [planted, "", "**"] }, ["sources.0.keys.1", "sources.0.keys.2"]],
    [{ type: "dotenv", keys: [] }, ["sources.0.keys"]],
    [{ type: "dotenv", keys: planted }, ["sources.0.keys"]],
    [
      { type: "dotenv", keys: ["A_B", "A_", planted, "*"], prefix: "A_" },
      ["sources.0.keys.1", "sources.0.keys.2", "sources.0.keys.3"],
    ],
    [
      { type: "dotenv", rename: { A: "", B: "X", C: "X", D: [planted] } },
      ["sources.0.rename.A", "sources.0.rename.D"],
    ],
    [{ type: "dotenv", rename: { B: "X", C: "X" } }, ["sources.0.rename.C"]],
    [{ type: "aws-secrets-manager", secretId: "s", format: "plain" }, ["sources.0.key"]],
    [{ type: "aws-secrets-manager", secretId: "s", aws: { key: planted } }, ["sources.0.aws.key"]],
    [{ type: "aws-ssm" }, ["sources.0.path"]],
    [
      { type: "aws-ssm", path: planted, separator: "", aws: { region: planted } },
      ["sources.0.aws.region", "sources.0.path", "sources.0.separator"],
    ],
    [{ type: "aws-ssm", path: "/a//b" }, ["sources.0.path"]],
    [{ type: "aws-ssm", path: "" }, ["sources.0.path"]],
    [{ type: "vault" }, ["sources.0.path"]],
    [
      {
        type: "vault",
        path: "/a",
        address: "http://vault.example",
        kvVersion: 3,
        version: 0,
        auth: { method: "jwt", token: planted },
      },
      [
        "sources.0.address",
        "sources.0.auth.role",
        "sources.0.auth.token",
        "sources.0.kvVersion",
        "sources.0.path",
        "sources.0.version",
      ],
    ],
    [
      { type: "vault", path: "a", recursive: true, version: 1, kvVersion: 1 },
      ["sources.0.version", "sources.0.version"],
    ],
    [{ type: "vault", path: "a", separator: "-" }, ["sources.0.separator"]],
    [{ type: planted }, ["sources.0.type"]],
  ])("fails on the leaf and never with a value: %#", (spec, properties) => {
    const failures = failuresOf(spec);
    expect(failures.map(({ property }) => property).sort()).toEqual(properties);
    expect(JSON.stringify(failures)).not.toContain(planted);
    for (const { reason } of failures) expect(reason).toMatch(/[.?]$/);
  });

  it("takes what only up knows in flags and texts", () => {
    expect(
      failuresOf({
        type: "infisical",
        projectId: unknownValue,
        recursive: unknownValue,
        allowEmpty: unknownValue,
        keys: ["A", unknownValue],
        prefix: unknownValue,
        rename: { A: unknownValue, B: unknownValue },
      }),
    ).toEqual([]);
    expect(failuresOf({ type: "dotenv", keys: unknownValue, rename: unknownValue })).toEqual([]);
    expect(failuresOf({ type: "dotenv", keys: [unknownValue], prefix: "A_" })).toEqual([]);
  });
});
