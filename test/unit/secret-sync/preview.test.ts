import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { unknownValue } from "../../../provider/engine/unknown.js";
import { hosts, openSyncHost } from "../../support/hosts.js";
import { createFixture, database, overwrite, schema } from "./fixture.js";

describe("the map of fingerprints in a preview", () => {
  it("shows what is added, changed and removed, and nothing of what was observed", async () => {
    const { stack, sync, put } = await createFixture();
    await stack.upOk({ app: sync({ A: "1", B: "1", C: "1" }) });
    const before = stack.state().secrets;
    put("STRAY");
    const { inputs, lines, changes } = await stack.preview({ app: sync({ A: "1", B: "2", D: "1" }) });
    const after = (inputs.app?.secrets ?? {}) as Record<string, string>;
    expect(changes).toEqual({ app: "update" });
    expect(Object.keys(after)).toEqual(["A", "B", "D"]);
    expect(after.A).toBe(before.A);
    expect(after.B).not.toBe(before.B);
    expect(lines).toEqual([
      'app: 1 to create, 1 to alter, 2 to drop, 1 unchanged in "APP"."SECRETS"',
      'warning: app: 1 secret in "APP"."SECRETS" not in the source, would be dropped (overwrite-destination): "STRAY"',
    ]);
  });

  it.each(hosts)("comes with a line that says which source won, once, by the host %s", async (host) => {
    const { stack, sync, connection } = await createFixture();
    vi.stubEnv("WON_BOTH", "from the environment");
    vi.stubEnv("WON_ONCE", "from the environment");
    const folder = mkdtempSync(join(tmpdir(), "overridden-"));
    const path = join(folder, ".env");
    writeFileSync(path, "BOTH=of the file\nONCE=of the file\nALONE=of the file\n");
    const sources = [
      { type: "dotenv", path },
      { type: "environment", prefix: "WON_" },
    ];
    const args = sync({ BOTH: "of the program" }, { sources });
    const { lines } =
      host === "dynamic"
        ? await stack.preview({ app: args })
        : await openSyncHost(host, connection).up(args.args);
    rmSync(folder, { recursive: true });
    vi.unstubAllEnvs();
    const shown = lines.map((line) => line.replace(path, ".env"));
    expect(shown.filter((line) => line.includes(" wins over "))).toEqual([
      'app: program wins over dotenv .env, environment WON_*: "BOTH"',
      'app: environment WON_* wins over dotenv .env: "ONCE"',
    ]);
  });

  it("is the same in the up that follows, given a fingerprintKey from the first creation on", async () => {
    const { stack, sync } = await createFixture();
    const program = { app: sync({ A: "1" }, { fingerprintKey: "a key of the program's own, long enough" }) };
    const preview = await stack.preview(program);
    await stack.upOk(program);
    expect(stack.state().secrets).toEqual(preview.inputs.app?.secrets);
  });

  it("with a random key differs at a first creation only", async () => {
    const { stack, sync } = await createFixture();
    const program = { app: sync({ A: "1" }) };
    const preview = await stack.preview(program);
    await stack.upOk(program);
    expect(stack.state().secrets).not.toEqual(preview.inputs.app?.secrets);
    expect((await stack.preview(program)).inputs.app?.secrets).toEqual(stack.state().secrets);
  });

  it("cannot be used to guess a value: without the key its fingerprint says nothing", async () => {
    const { stack, sync } = await createFixture();
    await stack.upOk({
      one: sync({ A: "guess" }, { syncOptions: { ...overwrite, keySchema: "1_{{secretKey}}" } }),
    });
    await stack.upOk({
      one: sync({ A: "guess" }, { syncOptions: { ...overwrite, keySchema: "1_{{secretKey}}" } }),
      two: sync({ A: "guess" }, { syncOptions: { ...overwrite, keySchema: "2_{{secretKey}}" } }),
    });
    expect(stack.state("one").secrets.A).not.toBe(stack.state("two").secrets.A);
  });
});

describe("what a preview cannot know yet", () => {
  it("a value: its key is unknown, the others are known", async () => {
    const { stack, sync, values } = await createFixture();
    await stack.upOk({ app: sync({ A: "1", B: "1" }) });
    const { inputs, changes, ok, lines } = await stack.preview({ app: sync({ A: unknownValue, B: "1" }) });
    expect(ok).toBe(true);
    expect(changes).toEqual({ app: "update" });
    expect(lines).toEqual(['app: 1 known after up, 1 unchanged in "APP"."SECRETS"']);
    expect(inputs.app?.secrets).toEqual({ A: unknownValue, B: stack.state().secrets.B });
    await stack.upOk({ app: sync({ A: "2", B: "1" }) });
    expect(values()).toEqual({ A: "2", B: "1" });
  });

  it("the keys: the whole map is unknown", async () => {
    const { stack, sync } = await createFixture();
    const told =
      "warning: app: the keys of its secrets are not known until up, so this preview cannot list what will change. See docs/languages.md#values-that-are-not-known-yet.";
    const first = await stack.preview({ app: sync(unknownValue as never) });
    expect(first.inputs.app?.secrets).toBe(unknownValue);
    expect(first.lines).toEqual([told]);
    await stack.upOk({ app: sync({ A: "1" }) });
    const second = await stack.preview({ app: sync(unknownValue as never) });
    expect(second).toMatchObject({ ok: true, changes: { app: "update" }, lines: [told] });
  });

  it.each([
    ["database", { destinationConfig: { database: unknownValue, schema } }, "destinationConfig"],
    ["schema", { destinationConfig: { database, schema: unknownValue } }, "destinationConfig"],
    ["whole destination", { destinationConfig: unknownValue }, "destinationConfig"],
    ["key schema", { syncOptions: { ...overwrite, keySchema: unknownValue } }, "syncOptions"],
    ["whole options", { syncOptions: unknownValue }, "syncOptions"],
    ["behaviour", { syncOptions: { initialSyncBehavior: unknownValue } }, "syncOptions"],
    ["take-over", { syncOptions: { ...overwrite, takeOver: unknownValue } }, "syncOptions"],
    ["environment", { environment: unknownValue }, "environment"],
    ["connection", { connection: unknownValue }, "connection"],
    [
      "field of the connection",
      { connection: { account: unknownValue, user: "u", password: "p" } },
      "connection",
    ],
  ])("the %s: Snowflake is not looked at, and the reader is told", async (_, args, argument) => {
    const { stack, sync, control } = await createFixture();
    const { ok, lines, problems, inputs } = await stack.preview({ app: sync({ A: "1" }, args) });
    expect(problems).toEqual([]);
    expect(ok).toBe(true);
    expect(lines).toEqual([
      `warning: app: not known until \`pulumi up\`: ${argument}. This preview did not read Snowflake.`,
    ]);
    expect(control.counts().statements).toBe(0);
    // The defaults are filled all the same, or the preview would show them as changes.
    expect(inputs.app).toMatchObject({ isAutoSyncEnabled: true, secretPath: "/" });
  });

  it.each([
    ["the fingerprint key", { fingerprintKey: unknownValue }],
    ["the rewrite trigger", { rewriteTrigger: unknownValue }],
  ])("%s: every fingerprint is unknown", async (_, args) => {
    const { stack, sync } = await createFixture();
    await stack.upOk({ app: sync({ A: "1", B: "1" }) });
    const { inputs, ok } = await stack.preview({ app: sync({ A: "1", B: "2" }, args) });
    expect(ok).toBe(true);
    expect(inputs.app?.secrets).toEqual({ A: unknownValue, B: unknownValue });
  });

  it.each([
    ["a source", [unknownValue]],
    ["an argument of a source", [{ type: "environment", prefix: unknownValue }]],
    [
      "an argument of a source that must be a URL",
      [
        {
          type: "infisical",
          projectId: "p",
          siteUrl: unknownValue,
          auth: { method: "token", token: "planted-token" },
        },
      ],
    ],
    ["all sources", unknownValue],
  ])("%s: what it may supply is unknown, not gone", async (_, sources) => {
    const { stack, sync } = await createFixture();
    await stack.upOk({ app: sync({ A: "1", FROM_SOURCE: "1" }) });
    const { inputs, ok, lines, problems } = await stack.preview({ app: sync({ A: "1" }, { sources }) });
    expect(problems).toEqual([]);
    expect(ok).toBe(true);
    expect(inputs.app?.secrets).toEqual({ A: stack.state().secrets.A, FROM_SOURCE: unknownValue });
    expect(lines[0]).toContain("1 of 1 sources cannot be read before up");
    expect(JSON.stringify(inputs)).not.toContain("planted-token");
  });

  it("the environment that a source goes by: it is not read with a made-up one", async () => {
    const { stack, sync } = await createFixture();
    const sources = [{ type: "environment", keys: ["SYNC_TEST_NOT_SET"] }];
    const { ok, lines } = await stack.preview({
      app: sync({ A: "1" }, { sources, environment: unknownValue }),
    });
    expect(ok).toBe(true);
    expect(lines[0]).toContain("1 of 1 sources cannot be read before up");
  });

  it("outside of a preview is refused: a value that looks like the engine's mark is not taken for nothing", async () => {
    const { stack, sync, values } = await createFixture();
    await stack.upOk({ app: sync({ A: "1" }) });
    const { problems } = await stack.up({ app: sync({ A: unknownValue }) });
    expect(problems.join()).toContain(
      "[INVALID_INPUT] a value is the text that Pulumi uses for unknown values: A of app",
    );
    expect(values()).toEqual({ A: "1" });
  });
});

describe("a Snowflake that cannot be reached from a preview", () => {
  it("is a warning there, and an error in up", async () => {
    const { stack, sync, connection } = await createFixture();
    const wrong = { ...connection, password: "planted-wrong-password" };
    const preview = await stack.preview({ app: sync({ A: "1" }, { connection: wrong }) });
    expect(preview.ok).toBe(true);
    expect(preview.lines.join()).toMatch(
      /^warning: app: \[AUTHENTICATION_FAILED\].*`pulumi up` fails with this error\.$/,
    );
    const up = await stack.up({ app: sync({ A: "1" }, { connection: wrong }) });
    expect(up.problems.join()).toMatch(/^\[AUTHENTICATION_FAILED\]/);
    const none = await stack.preview({ app: sync({ A: "1" }, { connection: { account: "only-that" } }) });
    expect(none.lines.join()).toMatch(/^warning: app: \[CONNECTION_INCOMPLETE\]/);
    expect(stack.seen.join("\n")).not.toContain("planted-wrong-password");
  });
});
