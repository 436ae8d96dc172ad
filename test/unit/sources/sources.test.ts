import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isProviderError } from "../../../provider/core/errors.js";
import { buildFailures } from "../../../provider/engine/failures.js";
import { unknownValue } from "../../../provider/engine/unknown.js";
import {
  resolveSources,
  type SourceContext,
  type SourceInputs,
  sourceArguments,
} from "../../../provider/sources/index.js";

const planted = "pl4nted-v4lue";
/** Where a text may stand, the mark is one. */
const unknownText = unknownValue as unknown as string;
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "sources-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function contextWith(env: Record<string, string> = {}): SourceContext {
  return { environment: "dev", secretPath: "/", programDirectory: folder, env };
}

async function failWith(specs: SourceInputs[], env?: Record<string, string>): Promise<string> {
  const error = await resolveSources(specs, contextWith(env)).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!isProviderError(error)) throw new Error(`expected a ProviderError, got ${inspect(error)}`);
  expect(error.code).toBe("SOURCE_FAILED");
  expect(inspect(error, { depth: 9 })).not.toContain(planted);
  return error.message;
}

async function read(specs: SourceInputs[], env?: Record<string, string>) {
  const { entries } = await resolveSources(specs, contextWith(env));
  return Object.fromEntries([...entries].map(([key, { value }]) => [key, value.expose()]));
}

describe("merging", () => {
  it("lets the later source win, and says who won over whom", async () => {
    writeFileSync(join(folder, ".env"), "A=file\nB=file\n");
    const { entries } = await resolveSources(
      [{ type: "dotenv" }, { type: "environment", names: ["A", "C"] }, { type: "environment", prefix: "A" }],
      contextWith({ A: "variable", AB: "2", C: "variable" }),
    );
    expect([...entries].map(([key, { source, overrode }]) => ({ key, source, overrode }))).toEqual([
      { key: "A", source: "environment", overrode: ["dotenv .env"] },
      { key: "B", source: "dotenv .env", overrode: undefined },
      { key: "C", source: "environment", overrode: undefined },
      { key: "AB", source: "environment A*", overrode: undefined },
    ]);
    expect(inspect(entries, { depth: 9 })).not.toContain("variable");
  });

  it("keeps the names of built-in properties as plain keys", async () => {
    const names = ["constructor", "toString"];
    const { entries } = await resolveSources(
      [{ type: "environment", names }],
      contextWith({ constructor: "1", toString: "2" } as unknown as Record<string, string>),
    );
    expect([...entries.keys()]).toEqual(names);
  });

  it("fails as a whole if one source fails, and names every one that did", async () => {
    const message = await failWith(
      [
        { type: "environment", names: ["A"] },
        { type: "dotenv", path: "gone.env" },
        { type: "environment", names: ["MISSING"] },
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
    expect(await failWith([{ type: "dotenv" }])).toContain("set allowEmpty on it");
    expect(await read([{ type: "dotenv", allowEmpty: true }])).toEqual({});
  });

  it("does not read a source whose arguments only up knows", async () => {
    expect(await failWith([{ type: "dotenv", path: unknownText }])).toContain("known only in up");
  });
});

describe("the dotenv source", () => {
  it("reads a file relative to the program's folder", async () => {
    writeFileSync(join(folder, "app.env"), "A=1\n");
    expect(await read([{ type: "dotenv", path: "app.env" }])).toEqual({ A: "1" });
    expect(await failWith([{ type: "dotenv", path: "gone.env" }])).toContain(
      `cannot read dotenv file (ENOENT): ${join(folder, "gone.env")}. Fix: check that the file exists`,
    );
  });
});

describe("the environment source", () => {
  const env = { APP_B: "2", APP_A: "1", OTHER: "3", APP_: "x" };

  it("takes variables by prefix, A to Z, and takes the prefix off if asked to", async () => {
    expect(await read([{ type: "environment", prefix: "APP_" }], env)).toEqual({ APP_A: "1", APP_B: "2" });
    expect(await read([{ type: "environment", prefix: "APP_", stripPrefix: true }], env)).toEqual({
      A: "1",
      B: "2",
    });
  });

  it("fails for a listed variable that is not set", async () => {
    expect(await failWith([{ type: "environment", names: ["APP_A", "GONE", "toString"] }], env)).toContain(
      "GONE, toString",
    );
  });

  it("takes an empty variable for a missing one, as CI systems set it, unless it is meant", async () => {
    expect(await failWith([{ type: "environment", prefix: "APP_" }], { APP_A: "" })).toContain("APP_A");
    expect(await read([{ type: "environment", names: ["A"], allowEmptyValues: true }], { A: "" })).toEqual({
      A: "",
    });
  });
});

describe("the sources argument", () => {
  const failuresOf = (spec: unknown) => {
    const parsed = sourceArguments.safeParse(spec);
    return parsed.success ? [] : buildFailures(parsed.error, ["sources", 0], spec);
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
    [{ type: "environment" }, ["sources.0.prefix"]],
    [{ type: "environment", names: [planted, ""] }, ["sources.0.names.1"]],
    [{ type: "aws-secrets-manager", secretId: "s", format: "plain" }, ["sources.0.key"]],
    [{ type: "aws-secrets-manager", secretId: "s", aws: { key: planted } }, ["sources.0.aws.key"]],
    [{ type: planted }, ["sources.0.type"]],
  ])("fails on the leaf and never with a value: %#", (spec, properties) => {
    const failures = failuresOf(spec);
    expect(failures.map(({ property }) => property).sort()).toEqual(properties);
    expect(JSON.stringify(failures)).not.toContain(planted);
    for (const { reason } of failures) expect(reason).toMatch(/\.$/);
  });

  it("takes what only up knows in flags and texts", () => {
    expect(
      failuresOf({
        type: "infisical",
        projectId: unknownValue,
        recursive: unknownValue,
        allowEmpty: unknownValue,
      }),
    ).toEqual([]);
  });
});
