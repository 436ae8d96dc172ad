import { describe, expect, it } from "vitest";
import { createFixture, database, overwrite, schema } from "./fixture.js";

const planted = "planted-value-of-a-field";

const into = (change: object) => ({ destinationConfig: { database, schema, ...change } });
const options = (change: object) => ({ syncOptions: { ...overwrite, ...change } });
const source = (first: object) => ({ sources: [first] });
const typeOfSource =
  /sources\.0.*type: must be one of infisical, aws-secrets-manager, aws-ssm, dotenv, environment, command, vault\./;

/** What a wrong argument gets, in the preview and in up alike, before Snowflake hears anything. */
const wrong: [what: string, args: Record<string, unknown>, problem: RegExp][] = [
  ["name that is no slug", { name: "My Sync" }, /^name: must be a slug/],
  ["name of 257 characters", { name: "a".repeat(257) }, /^name: must have at most 256/],
  ["name that is no text", { name: 5 }, /^name: must be a string/],
  ["description of 257 characters", { description: "d".repeat(257) }, /^description: must have at most 256/],
  ["environment that is no slug", { environment: "Prod!" }, /^environment: must be a slug/],
  ["environment of 65 characters", { environment: "e".repeat(65) }, /^environment: must have at most 64/],
  ["secret path without a slash", { secretPath: "app" }, /^secretPath: must begin with "\/"/],
  ["no destination", { destinationConfig: undefined }, /^destinationConfig: must be \{ database, schema \}/],
  ["no database", { destinationConfig: { schema } }, /destinationConfig\.database.*: must be the exact name/],
  [
    "Snowflake's own schema",
    into({ schema: "INFORMATION_SCHEMA" }),
    /destinationConfig\.schema.*must not be INFORMATION_SCHEMA/,
  ],
  ["empty schema", into({ schema: "" }), /destinationConfig\.schema.*it is empty/],
  [
    "schema of 256 characters",
    into({ schema: "s".repeat(256) }),
    /destinationConfig\.schema.*at most 255 characters/,
  ],
  ["NUL in a name", into({ database: "a\0b" }), /destinationConfig\.database.*no NUL/],
  [
    "unknown argument inside one",
    into({ table: planted }),
    /destinationConfig\.table.*there is no such argument/,
  ],
  ["unknown argument", { destination: planted }, /^destination: there is no such argument/],
  ["slip in the name of an argument", { secret: {} }, /^secret: .* Did you mean secrets\?$/],
  [
    "slip in the name of an option",
    options({ keyschema: "{{secretKey}}" }),
    /syncOptions\.keyschema: there is no such argument\. Did you mean keySchema\?/,
  ],
  [
    "slip in the name of a source's argument",
    source({ type: "infisical", projectID: "p" }),
    /sources\.0\.projectID: there is no such argument\. Did you mean projectId\?/,
  ],
  ["no options", { syncOptions: undefined }, /^syncOptions: must be \{ initialSyncBehavior, … \}/],
  [
    "no behaviour",
    { syncOptions: {} },
    /initialSyncBehavior.*must be "overwrite-destination".*or "preserve-destination"/,
  ],
  ["unknown behaviour", options({ initialSyncBehavior: planted }), /initialSyncBehavior.*must be "overwrite/],
  [
    "import",
    options({ initialSyncBehavior: "import-prioritize-source" }),
    /importing is impossible, because Snowflake never returns the value/,
  ],
  ["key schema without a key", options({ keySchema: "X_" }), /holds \{\{secretKey\}\} 0 times/],
  ["owner id of another form", options({ takeOver: [planted] }), /takeOver\.0.*32 hex digits/],
  ...[-1, 1.5, "2", null].map((maxRemovals): (typeof wrong)[number] => [
    `limit of ${JSON.stringify(maxRemovals)}`,
    options({ maxRemovals }),
    /syncOptions\.maxRemovals: must be a whole number, 0 or more\.$/,
  ]),
  ["flag that is a text", { isAutoSyncEnabled: planted }, /^isAutoSyncEnabled: must be true or false/],
  [
    "flag inside that is a text",
    options({ disableSecretDeletion: planted }),
    /disableSecretDeletion.*must be true/,
  ],
  [
    "trigger that is a list",
    { syncTrigger: [planted] },
    /^syncTrigger: must be a string, a number or a boolean/,
  ],
  ["rewrite trigger that is a map", { rewriteTrigger: { planted } }, /^rewriteTrigger: must be a string/],
  [
    "fingerprint key of 31 bytes",
    { fingerprintKey: "k".repeat(31) },
    /^fingerprintKey: must have at least 32 bytes\. .* Leave it out for a random key\.$/,
  ],
  ["fingerprint key that is a list", { fingerprintKey: [planted] }, /^fingerprintKey: must be a string/],
  ["connection that is a text", { connection: planted }, /^connection: /],
  [
    "unknown field of the connection",
    { connection: { passwort: planted } },
    /connection\.passwort.*no such argument/,
  ],
  [
    "password that is a list",
    { connection: { password: [planted] } },
    /connection\.password.*value \{<nil>\}.*must be a string/,
  ],
  [
    "port that is none",
    { connection: { port: planted } },
    /connection\.port.*value \{<nil>\}.*must be a port number/,
  ],
  ["sources that are no list", { sources: { planted } }, /^sources: must be a list of sources/],
  ["source without a type", source({ path: planted }), typeOfSource],
  ["source of an unknown type", source({ type: planted }), typeOfSource],
  ["unknown field of a source", source({ type: "dotenv", path: "x", [planted]: 1 }), /no such argument/],
  ["no source", { secrets: undefined }, /^secrets: there is no source\. Give secrets, sources, or both\.$/],
  ["secrets that are a text", { secrets: planted }, /secrets/],
];

describe("a wrong argument is told on its leaf, with what is allowed:", () => {
  it.each(wrong)("%s", async (_, args, problem) => {
    const { stack, sync, control } = await createFixture();
    const app = sync({ KEY: planted }, args);
    for (const outcome of [await stack.preview({ app }), await stack.up({ app })]) {
      expect(outcome.ok).toBe(false);
      expect(outcome.problems.join("\n")).toMatch(problem);
    }
    expect(control.counts().logins).toBe(0);
    // The name of an argument may be told, a value may not.
    const text = stack.seen
      .join("\n")
      .replaceAll(`.${planted}: there is no such`, "")
      .replaceAll(`sources.0.${planted}`, "");
    expect(text).not.toContain(planted);
  });

  it("all at once, each with its own sentence", async () => {
    const { stack, sync } = await createFixture();
    const { problems } = await stack.preview({
      app: sync({ A: undefined }, { name: "No Slug", secretPath: "x", syncOptions: {} }),
    });
    expect(problems).toHaveLength(4);
  });

  it("a value that is no text, by its key and its kind", async () => {
    const { stack, sync } = await createFixture();
    const { problems } = await stack.up({ app: sync({ A: 123456 as never, B: { planted } as never }) });
    expect(problems).toEqual([
      "property secrets.A value {<nil>} has a problem: secrets.A: must be a string; it is a number.",
      "property secrets.B.type value {<nil>} has a problem: secrets.B.type: must be one of password, oauth2; a secret without a type is a string.",
    ]);
  });

  it("a default that is no slug, with where it comes from", async () => {
    const { stack, sync } = await createFixture();
    const named = await stack.preview({ My_Sync: sync({ A: "1" }) });
    expect(named.problems.join()).toContain(
      'It comes from the resource\'s name ("My_Sync"), because name is not set',
    );
    const staged = new (stack.constructor as typeof import("../../support/stack.js").Stack)({
      stack: "Prod.EU",
    });
    const { problems } = await staged.preview({ app: sync({ A: "1" }) });
    expect(problems.join()).toContain(
      'It comes from the stack\'s name ("Prod.EU"), because environment is not set: set it.',
    );
  });
});

describe("a hostile name", () => {
  const names = [
    'quote"inside',
    '"; DROP SECRET "X',
    "single'quote",
    "dots.in.it",
    "line\nbreak",
    "tab\tand\rreturn",
    "back\\slash",
    "percent%under_score",
    "constructor",
    "toString",
    "hasOwnProperty",
    "prototype",
    " spaces around ",
    "emoji-🔑-ключ",
    "lower",
    "LOWER",
    "?",
    "{{secretKey}}",
    "$1$&",
    "--comment",
    'A"; DROP SECRET "APP"."SECRETS"."FOREIGN"; --',
    "A' OR '1'='1",
    "A */ DROP SECRET FOREIGN /*",
    '{"event":"synced","changes":""}',
    "%s %n $HOME $(id)",
    "😀 ÄÖ ﷽",
    // Apart by case or one sign alone.
    "a-b",
    "a_b",
    "A-B",
    "a b",
    "x".repeat(255),
    "🔑".repeat(255),
  ];

  it("of a key is taken as it is, and nothing else is touched", async () => {
    const { stack, sync, put, values } = await createFixture();
    // Of another type: that is never dropped but by a statement that a name has smuggled in.
    put("FOREIGN", { type: "PASSWORD" });
    const FOREIGN = "theirs";
    const secrets = Object.fromEntries(names.map((name, i) => [name, `value ${i}`]));
    await stack.preview({ app: sync(secrets) });
    await stack.upOk({ app: sync(secrets) });
    expect(values()).toEqual({ ...secrets, FOREIGN });
    expect((await stack.upOk({ app: sync(secrets) })).changes).toEqual({ app: "same" });
    const changed = Object.fromEntries(names.map((name, i) => [name, `changed ${i}`]));
    await stack.upOk({ app: sync(changed) });
    expect(values()).toEqual({ ...changed, FOREIGN });
    await stack.refresh();
    expect((await stack.upOk({ app: sync(changed) })).changes).toEqual({ app: "same" });
    await stack.upOk({ app: sync({ lower: "changed 14" }) });
    expect(values()).toEqual({ lower: "changed 14", FOREIGN });
    expect((await stack.destroy()).problems).toEqual([]);
    expect(values()).toEqual({ FOREIGN });
  });

  it.each(names)("of a database and a schema is taken as it is: %j", async (name) => {
    const { stack, sync, control } = await createFixture();
    control.createDatabase(name, { owner: "SYNC_ROLE" });
    control.createSchema(name, name, { owner: "SYNC_ROLE" });
    const program = { app: sync({ A: "1" }, { destinationConfig: { database: name, schema: name } }) };
    expect((await stack.preview(program)).lines).toHaveLength(1);
    await stack.upOk(program);
    expect(control.secrets(name, name).map(({ value }) => value)).toEqual(["1"]);
    await stack.destroy();
    expect(control.secrets(name, name)).toEqual([]);
  });

  it.each([
    ["256 characters with the key schema", { ["k".repeat(254)]: "1" }, "makes a name of 256 characters"],
    ["a NUL", { "a\0b": "1" }, "holds a NUL character"],
    ["__proto__", JSON.parse('{"__proto__": "1", "A": "1"}'), "cannot be kept in a Pulumi state"],
  ])("is refused, never interpreted: %s", async (_, secrets, problem) => {
    const { stack, sync, values } = await createFixture();
    const app = sync(secrets, { syncOptions: { ...overwrite, keySchema: "x_{{secretKey}}" } });
    for (const { problems } of [await stack.preview({ app }), await stack.up({ app })]) {
      expect(problems.join()).toContain(problem);
    }
    expect(values()).toEqual({});
  });

  it("from a source is refused in the same way", async () => {
    const { stack, sync } = await createFixture();
    process.env[`SYNC_LONG_${"k".repeat(246)}`] = "1";
    const { problems } = await stack.up({
      app: sync(undefined, { sources: [{ type: "environment", keys: ["SYNC_LONG_*"] }] }),
    });
    delete process.env[`SYNC_LONG_${"k".repeat(246)}`];
    expect(problems.join()).toContain("makes a name of 256 characters");
  });
});
