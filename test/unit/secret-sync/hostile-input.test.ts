import { describe, expect, it } from "vitest";
import { createWorld, database, role, schema } from "./world.js";

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
  "A\u0000",
];

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const control = /[\u0000-\u001f\u007f\u2028\u2029]/;

async function createGuarded() {
  const world = await createWorld();
  world.door.putSecret({
    database,
    schema,
    name: "FOREIGN",
    value: "theirs",
    owner: role,
    comment: "theirs",
  });
  const preserve = { syncOptions: { initialSyncBehavior: "preserve-destination" } };
  const sync = (secrets: Record<string, string>) => world.sync(secrets, preserve);
  return { ...world, sync };
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
      const { stack, sync, door, values } = await createGuarded();
      const program = { app: sync({ [name]: "1" }) };
      const outcomes = [await stack.preview(program), await stack.up(program)];
      door.addFault({
        match: /^(CREATE|ALTER) SECRET/,
        effect: { kind: "sql-error", code: "001003", message: `near ${name}` },
      });
      outcomes.push(await stack.up({ app: sync({ [name]: "2" }) }));
      for (const { problems, failures } of outcomes) {
        for (const text of [...problems, ...failures.map(({ reason }) => reason)])
          expect(text).not.toMatch(control);
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
    const { stack, sync, takeStatements } = await createGuarded();
    const secrets = Object.fromEntries(
      Array.from({ length: manyKeys }, (_, index) => [`K_${index}`, `v${index}`]),
    );
    await stack.upOk({ app: sync(secrets) });
    expect(takeStatements().filter((kind) => kind === "CREATE SECRET")).toHaveLength(manyKeys);
    expect((await stack.upOk({ app: sync(secrets) })).changes).toEqual({ app: "same" });
  });

  it("keys that differ in case or a sign alone stay apart", async () => {
    const { stack, sync, values } = await createGuarded();
    const alike = { "a-b": "1", a_b: "2", "A-B": "3", "a b": "4" };
    await stack.upOk({ app: sync(alike) });
    expect(values()).toEqual({ FOREIGN: "theirs", ...alike });
  });
});

describe("a COMMENT of somebody else", () => {
  it.each([
    `pulumi-snowflake-secrets/1 owner=x'; DROP SECRET FOREIGN; --`,
    `${esc}[31mred\nerror: forged`,
    `pulumi-snowflake-secrets/1 owner=${"2".repeat(32)} generation=00000000 fingerprint=${"0".repeat(32)} place=${esc}[2J\nforged`,
  ])("%j is told without a control character, and its secret is not touched", async (comment) => {
    const { stack, sync, door, values } = await createGuarded();
    door.putSecret({ database, schema, name: "A", value: "theirs", owner: role, comment });
    const program = { app: sync({ A: "mine" }) };
    const preview = await stack.preview(program);
    const up = await stack.up(program);
    expect(up.ok).toBe(false);
    for (const text of [...preview.problems, ...up.problems]) expect(text).not.toMatch(control);
    expect(values()).toEqual({ FOREIGN: "theirs", A: "theirs" });
  });
});
