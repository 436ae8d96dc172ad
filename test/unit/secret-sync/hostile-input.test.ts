import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { openSyncHost } from "../../support/hosts.js";
import { startInfisicalServer } from "../../support/infisical-server/index.js";
import { createFixture, database, role, schema } from "./fixture.js";

/** `npm run test:models` takes 10,000. */
const manyKeys = Number(process.env.HOSTILE_KEYS ?? 1_000);

const esc = String.fromCharCode(27);

/** Names that a careless hand would let into a statement, a terminal or a log. */
const hostileNames = [
  'A"; DROP SECRET "APP"."SECRETS"."FOREIGN"; --',
  "A' OR '1'='1",
  "A */ DROP SECRET FOREIGN /*",
  "A\\",
  '{"event":"synced","changes":""}',
  "%s %n $HOME $(id)",
  "😀 ÄÖ ﷽",
];

/** Names that hold what a terminal or a log would take for its own. */
const controlNames = [
  `A${esc}[2J${esc}]0;owned\u0007`,
  "A\nerror: forged",
  "A\r\n[AUTHENTICATION_FAILED] forged",
  "A\u2028forged",
  "A\u009b31m",
  "A\u200e\u061c\u202eforged",
  "A\u0000",
];

const controlCharacter = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;

async function createGuarded() {
  const fixture = await createFixture();
  fixture.control.putSecret({
    database,
    schema,
    name: "FOREIGN",
    value: "theirs",
    owner: role,
    comment: "theirs",
  });
  const preserve = { initialSyncBehavior: "preserve-destination" };
  const sync = (secrets: Record<string, string>, more: { keySchema?: string } = {}) =>
    fixture.sync(secrets, { syncOptions: { ...preserve, ...more } });
  return { ...fixture, sync };
}

describe("a sync of", () => {
  it.each(hostileNames)(
    "the key %j makes the secret of this very name, and no other statement",
    async (name) => {
      const { stack, sync, values } = await createGuarded();
      await stack.preview({ app: sync({ [name]: "1" }) });
      await stack.upOk({ app: sync({ [name]: "1" }) });
      expect(values()).toEqual({ FOREIGN: "theirs", [name]: "1" });
      await stack.upOk({ app: sync({ [name]: "2" }) });
      expect(values()).toEqual({ FOREIGN: "theirs", [name]: "2" });
      expect((await stack.destroy()).problems).toEqual([]);
      expect(values()).toEqual({ FOREIGN: "theirs" });
    },
  );

  it.each(controlNames)(
    "the key %j shows no control character, whether it is carried or refused",
    async (name) => {
      const { stack, sync, control, values } = await createGuarded();
      const program = { app: sync({ [name]: "1" }) };
      const outcomes = [await stack.preview(program), await stack.up(program)];
      control.addFault({
        match: /^(CREATE|ALTER) SECRET/,
        effect: { kind: "sql-error", code: "001003", message: `near ${name}` },
      });
      outcomes.push(await stack.up({ app: sync({ [name]: "2" }) }));
      for (const { problems, failures } of outcomes) {
        for (const text of [...problems, ...failures.map(({ reason }) => reason)])
          expect(text).not.toMatch(controlCharacter);
      }
      expect(values()).toMatchObject({ FOREIGN: "theirs" });
    },
  );

  it("a value of no character and of 10 MB is carried as it is, or refused before anything is written", async () => {
    const { stack, sync, values } = await createGuarded();
    await stack.upOk({ app: sync({ EMPTY: "", SMALL: "1" }) });
    expect(values()).toMatchObject({ EMPTY: "", SMALL: "1" });
    const large = "x".repeat(10 * 1024 * 1024);
    const outcome = await stack.up({ app: sync({ EMPTY: "", SMALL: "2", LARGE: large }) });
    if (outcome.ok) expect(values()).toEqual({ FOREIGN: "theirs", EMPTY: "", SMALL: "2", LARGE: large });
    else {
      expect(outcome.problems.join()).toContain("LARGE");
      expect(outcome.problems.join().length).toBeLessThan(2_000);
      expect(values()).not.toHaveProperty("LARGE");
    }
  });

  it(`${manyKeys} keys writes each once, and then nothing`, { timeout: 60_000 + manyKeys * 30 }, async () => {
    const { stack, sync, control } = await createGuarded();
    // Snowflake lists 10,000, and the foreign one is one more: then the prefix tells which are looked at.
    const more = { keySchema: "P_{{secretKey}}" };
    const secrets = Object.fromEntries(
      Array.from({ length: manyKeys }, (_, index) => [`K_${index}`, `v${index}`]),
    );
    await stack.upOk({ app: sync(secrets, more) });
    expect(control.counts().byKind).toMatchObject({ "CREATE SECRET": manyKeys });
    expect((await stack.upOk({ app: sync(secrets, more) })).changes).toEqual({ app: "same" });
    expect(control.secret(database, schema, "FOREIGN")?.value).toBe("theirs");
  });

  it("keys that differ in case or a sign alone stay apart", async () => {
    const { stack, sync, values } = await createGuarded();
    const alike = { "a-b": "1", a_b: "2", "A-B": "3", "a b": "4" };
    await stack.upOk({ app: sync(alike) });
    expect(values()).toEqual({ FOREIGN: "theirs", ...alike });
  });
});

describe("a sync in the plugin", () => {
  it(`of ${manyKeys} keys writes each once, and then nothing`, {
    timeout: 60_000 + manyKeys * 30,
  }, async () => {
    const { connection, control } = await createFixture();
    const stack = openSyncHost("plugin", connection);
    const args = {
      destinationConfig: { database, schema },
      syncOptions: { initialSyncBehavior: "overwrite-destination" },
    };
    const secrets = Object.fromEntries(Array.from({ length: manyKeys }, (_, i) => [`K_${i}`, `v${i}`]));
    expect((await stack.up({ ...args, secrets })).problems).toEqual([]);
    expect(control.counts().byKind).toMatchObject({ "CREATE SECRET": manyKeys });
    control.resetCounts();
    expect((await stack.up({ ...args, secrets })).problems).toEqual([]);
    expect(control.statements().filter(({ kind }) => /^(CREATE|ALTER|DROP)/.test(kind))).toEqual([]);
    expect(Object.keys(stack.state()?.managedSecrets ?? {})).toHaveLength(manyKeys);
  });

  it("carries a value of 10 MB as it is, or refuses it before anything is written", async () => {
    const { connection, values } = await createFixture();
    const stack = openSyncHost("plugin", connection);
    const large = "x".repeat(10 * 1024 * 1024);
    const { ok, problems } = await stack.up({
      secrets: { LARGE: large, SMALL: "1" },
      destinationConfig: { database, schema },
      syncOptions: { initialSyncBehavior: "overwrite-destination" },
    });
    if (ok) expect(values()).toEqual({ LARGE: large, SMALL: "1" });
    else {
      expect(problems.join()).toContain("LARGE");
      expect(problems.join().length).toBeLessThan(2_000);
      expect(values()).not.toHaveProperty("LARGE");
    }
  });
});

describe("a source", () => {
  it("of Infisical whose references and imports go round in a ring ends, with every key once", async () => {
    const server = await startInfisicalServer();
    try {
      const refer = (key: string) => ["$", `{${key}}`].join("");
      server.set("dev:/", "A", `a-${refer("B")}`);
      server.set("dev:/", "B", `b-${refer("A")}`);
      server.set("dev:/", "SELF", `s-${refer("SELF")}`);
      for (const [into, from] of [
        ["/", "/x"],
        ["/x", "/y"],
        ["/y", "/"],
        ["/y", "/y"],
      ] as const) {
        server.addImport(`dev:${into}`, `dev:${from}`);
      }
      server.set("dev:/x", "X", "of x");
      server.set("dev:/x", "A", "of x");
      server.set("dev:/y", "Y", "of y");
      const { stack, sync, values } = await createGuarded();
      const { siteUrl, projectId, clientId, clientSecret } = server;
      const auth = { method: "universal", clientId, clientSecret };
      const infisical = { type: "infisical", siteUrl, projectId, environment: "dev", auth };
      const { args } = sync({ OWN: "1" });
      await stack.upOk({ app: { args: { ...args, sources: [infisical] } } });
      expect(values()).toMatchObject({ X: "of x", Y: "of y", OWN: "1" });
      // What cannot be expanded stays as Infisical answers it.
      expect(values().A).toMatch(/^a-b-/);
      expect(Object.keys(values()).sort()).toEqual(["A", "B", "FOREIGN", "OWN", "SELF", "X", "Y"]);
    } finally {
      await server.close();
    }
  });

  it("of a dotenv file with a key twice is refused before anything is written, as it is nearly always a slip", async () => {
    const folder = await mkdtemp(join(tmpdir(), "dotenv-"));
    try {
      const path = join(folder, "twice.env");
      await writeFile(path, "A=real\nB=b\nexport A=\n");
      const { stack, sync, values } = await createGuarded();
      const { args } = sync({});
      const { secrets: _, ...rest } = args;
      const { problems } = await stack.up({
        app: { args: { ...rest, sources: [{ type: "dotenv", path }] } },
      });
      expect(problems.join()).toContain("line 3 (A): a key that an earlier line has. Fix: Remove one");
      expect(values()).toEqual({ FOREIGN: "theirs" });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  it("with keys that meet after rendering is told with both, before anything is written", async () => {
    const { stack, sync, values } = await createGuarded();
    const far = "x".repeat(300);
    const { problems } = await stack.up({ app: sync({ [far]: "1", "": "2", OK: "3" }) });
    expect(problems.join()).toMatch(/a key is empty|makes a name of 300 characters/);
    expect(values()).toEqual({ FOREIGN: "theirs" });
  });
});

describe("a COMMENT of somebody else", () => {
  it.each([
    `pulumi-snowflake-secrets/1 owner=x'; DROP SECRET FOREIGN; --`,
    `${esc}[31mred\nerror: forged`,
    `pulumi-snowflake-secrets/1 owner=${"2".repeat(32)} revision=00000000 fingerprint=${"0".repeat(32)} place=${esc}[2J\nforged`,
  ])("%j is told without a control character, and its secret is not touched", async (comment) => {
    const { stack, sync, control, values } = await createGuarded();
    control.putSecret({ database, schema, name: "A", value: "theirs", owner: role, comment });
    const program = { app: sync({ A: "mine" }) };
    const preview = await stack.preview(program);
    const up = await stack.up(program);
    expect(up.ok).toBe(false);
    for (const text of [...preview.problems, ...up.problems]) expect(text).not.toMatch(controlCharacter);
    expect(values()).toEqual({ FOREIGN: "theirs", A: "theirs" });
  });
});
