import { describe, expect, it } from "vitest";
import { hosts, openSyncHost } from "../../support/hosts.js";
import { isNightly } from "../../support/nightly.js";
import { createFixture, database, overwrite, preserve, schema } from "./fixture.js";

const manyKeys = isNightly ? 10_000 : 1_000;

const esc = String.fromCharCode(27);

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
  fixture.put("FOREIGN", { comment: "theirs" });
  const sync = (secrets: Record<string, string>) => fixture.sync(secrets, { syncOptions: preserve });
  return { ...fixture, sync };
}

describe("a sync of", () => {
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
});

describe.each(hosts)("a sync in the host %s", (host) => {
  /** Beside a secret that is not ours, which is told from others by the prefix: Snowflake lists 10,000. */
  async function open() {
    const { connection, control, values } = await createGuarded();
    const stack = openSyncHost(host, connection);
    const syncOptions = { ...overwrite, keySchema: "P_{{secretKey}}" };
    const up = (secrets: Readonly<Record<string, string>>) =>
      stack.up({ secrets, destinationConfig: { database, schema }, syncOptions });
    return { stack, control, values, up };
  }

  it(`of ${manyKeys} keys writes each once, and then nothing`, {
    timeout: 60_000 + manyKeys * 30,
  }, async () => {
    const { stack, control, up } = await open();
    const secrets = Object.fromEntries(Array.from({ length: manyKeys }, (_, i) => [`K_${i}`, `v${i}`]));
    expect((await up(secrets)).problems).toEqual([]);
    expect(control.counts().byKind).toMatchObject({ "CREATE SECRET": manyKeys });
    control.resetCounts();
    expect((await up(secrets)).problems).toEqual([]);
    expect(control.statements().filter(({ kind }) => /^(CREATE|ALTER|DROP)/.test(kind))).toEqual([]);
    expect(Object.keys(stack.state()?.managedSecrets ?? {})).toHaveLength(manyKeys);
    expect(control.secret(database, schema, "FOREIGN")?.value).toBe("theirs");
  });

  it("carries a value of no character and of 10 MB as it is, or refuses it before anything is written", async () => {
    const { values, up } = await open();
    expect((await up({ EMPTY: "", SMALL: "1" })).problems).toEqual([]);
    expect(values()).toEqual({ FOREIGN: "theirs", P_EMPTY: "", P_SMALL: "1" });
    const large = "x".repeat(10 * 1024 * 1024);
    const { ok, problems } = await up({ EMPTY: "", SMALL: "2", LARGE: large });
    if (ok) expect(values()).toEqual({ FOREIGN: "theirs", P_EMPTY: "", P_SMALL: "2", P_LARGE: large });
    else {
      expect(problems.join()).toContain("LARGE");
      expect(problems.join().length).toBeLessThan(2_000);
      expect(values()).not.toHaveProperty("P_LARGE");
    }
  });
});

describe("a COMMENT of somebody else", () => {
  it.each([
    `pulumi-snowflake-secrets/1 owner=x'; DROP SECRET FOREIGN; --`,
    `${esc}[31mred\nerror: forged`,
    `pulumi-snowflake-secrets/1 owner=${"2".repeat(32)} revision=00000000 fingerprint=${"0".repeat(32)} place=${esc}[2J\nforged`,
  ])("%j is told without a control character, and its secret is not touched", async (comment) => {
    const { stack, sync, put, values } = await createGuarded();
    put("A", { comment });
    const program = { app: sync({ A: "mine" }) };
    const preview = await stack.preview(program);
    const up = await stack.up(program);
    expect(up.ok).toBe(false);
    for (const text of [...preview.problems, ...up.problems]) expect(text).not.toMatch(controlCharacter);
    expect(values()).toEqual({ FOREIGN: "theirs", A: "theirs" });
  });
});
