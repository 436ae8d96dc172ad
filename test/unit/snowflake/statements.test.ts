import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { buildText } from "../../../provider/core/secret-content.js";
import { SecretValue } from "../../../provider/core/secret-value.js";
import { listDatabaseNames, listSchemaNames } from "../../../provider/snowflake/catalog.js";
import { openSession, type SnowflakeSession } from "../../../provider/snowflake/driver/session.js";
import {
  buildAlterSecret,
  buildCreateSecret,
  buildCreateWorkloadUser,
  buildDropSecret,
  buildExactNames,
  buildGrant,
  buildGrantFutureReads,
  buildGrantRead,
  buildGrantRole,
  buildRevokeFutureOwnership,
  buildSessionContext,
  buildShowDatabases,
  buildShowGrantsOnSchema,
  buildShowSchemas,
  buildShowSecrets,
  buildShowSecretsNamed,
  buildShowWarehouses,
  buildUnsetComment,
  buildWhoAmI,
  hasQuotedName,
  isRead,
  maxIdentifierLength,
  quoteIdentifier,
  quoteName,
  type Statement,
  showAccountParameter,
  unquoteIdentifier,
} from "../../../provider/snowflake/statements.js";
import { type SnowflakeServer, startSnowflakeServer } from "../../../sdk/snowflake-server/index.js";
import { connect, reach } from "./connect.js";

const place = { database: "D", schema: 'S"x' };
const value = new SecretValue("value of a test");
const content = buildText(value);
const oauth = {
  type: "OAUTH2",
  references: [{ property: "API_AUTHENTICATION", name: 'I"n' }],
  parts: [
    { property: "OAUTH_SCOPES", value: [value, value] },
    { property: "OAUTH_REFRESH_TOKEN", value },
  ],
};

describe("the text of a statement", () => {
  // Built in the test, so that a mutant is its test's.
  const texts: Record<string, [build: () => Statement, text: string]> = {
    "who am I": [
      () => buildWhoAmI([]),
      'SELECT CURRENT_ACCOUNT() AS "account", CURRENT_REGION() AS "region", CURRENT_ROLE() AS "role"',
    ],
    "who am I, with roles": [
      () => buildWhoAmI(["A", "O'B\\"]),
      `SELECT CURRENT_ACCOUNT() AS "account", CURRENT_REGION() AS "region", CURRENT_ROLE() AS "role", IS_ROLE_IN_SESSION('A') AS "role_0", IS_ROLE_IN_SESSION('O''B\\\\') AS "role_1"`,
    ],
    "what the session has": [
      () => buildSessionContext(),
      'SELECT CURRENT_DATABASE() AS "database", CURRENT_WAREHOUSE() AS "warehouse", CURRENT_ROLE() AS "role", CURRENT_IP_ADDRESS() AS "ip"',
    ],
    create: [
      () => buildCreateSecret(place, "K", { content, comment: "it's\na \\" }),
      `CREATE SECRET "D"."S""x"."K" TYPE = GENERIC_STRING SECRET_STRING = ? COMMENT = 'it''s\\na \\\\'`,
    ],
    replace: [
      () => buildCreateSecret(place, "K", { content, comment: "c", replace: true }),
      `CREATE OR REPLACE SECRET "D"."S""x"."K" TYPE = GENERIC_STRING SECRET_STRING = ? COMMENT = 'c'`,
    ],
    alter: [
      () => buildAlterSecret(place, "K", { content, comment: "c" }),
      `ALTER SECRET "D"."S""x"."K" SET SECRET_STRING = ? COMMENT = 'c'`,
    ],
    "create, with a list and what it refers to": [
      () => buildCreateSecret(place, "K", { content: oauth, comment: "c" }),
      `CREATE SECRET "D"."S""x"."K" TYPE = OAUTH2 API_AUTHENTICATION = "I""n" OAUTH_SCOPES = (?, ?) OAUTH_REFRESH_TOKEN = ? COMMENT = 'c'`,
    ],
    "unset the comment": [() => buildUnsetComment(place, "K"), 'ALTER SECRET "D"."S""x"."K" UNSET COMMENT'],
    drop: [() => buildDropSecret(place, "K"), 'DROP SECRET "D"."S""x"."K"'],
    "show secrets": [() => buildShowSecrets(place), 'SHOW SECRETS IN SCHEMA "D"."S""x"'],
    "show secrets that begin so": [
      () => buildShowSecrets(place, "A_'\\"),
      `SHOW SECRETS LIKE 'A_''_%' IN SCHEMA "D"."S""x"`,
    ],
    "show a secret": [
      () => buildShowSecretsNamed(place, "A_%\\"),
      `SHOW SECRETS LIKE 'A_%_' IN SCHEMA "D"."S""x"`,
    ],
    "show databases": [() => buildShowDatabases({ limit: 7 }), "SHOW DATABASES LIMIT 7"],
    "show further databases": [
      () => buildShowDatabases({ limit: 7, after: "O'B" }),
      "SHOW DATABASES LIMIT 7 FROM 'O''B'",
    ],
    "show schemas": [
      () => buildShowSchemas("D", { limit: 7, after: "\t\r\x007" }),
      `SHOW SCHEMAS IN DATABASE "D" LIMIT 7 FROM '\\t\\r\\0007'`,
    ],
    "show a warehouse": [() => buildShowWarehouses("W_1"), "SHOW WAREHOUSES LIKE 'W_1'"],
    "show a parameter": [() => showAccountParameter("P_1"), "SHOW PARAMETERS LIKE 'P_1' IN ACCOUNT"],
    "take names exactly": [
      () => buildExactNames(),
      "ALTER SESSION SET QUOTED_IDENTIFIERS_IGNORE_CASE = FALSE",
    ],
    "grant a read": [
      () => buildGrantRead(place, "K", "r"),
      'GRANT READ ON SECRET "D"."S""x"."K" TO ROLE "r"',
    ],
    "show grants": [() => buildShowGrantsOnSchema(place), 'SHOW GRANTS ON SCHEMA "D"."S""x"'],
  };

  it.each(Object.entries(texts))("is exact: %s", (_what, [build, text]) => {
    expect(build().text).toBe(text);
  });

  it("never uses IF EXISTS or IF NOT EXISTS, and holds no value", () => {
    for (const [build] of Object.values(texts)) {
      const { text } = build();
      expect(text).not.toMatch(/\bIF\b/);
      expect(text).not.toContain(value.expose());
    }
  });

  it.each<[Statement, read: boolean, quoted: boolean]>([
    [buildWhoAmI([]), true, true],
    [buildShowDatabases({ limit: 7 }), true, false],
    [buildShowSecrets(place), true, true],
    [buildExactNames(), false, false],
    [buildAlterSecret(place, "K", { content, comment: "SELECT or SHOW " }), false, true],
  ])("says whether it changes nothing, and whether it quotes a name: $text", (statement, read, quoted) => {
    expect([isRead(statement), hasQuotedName(statement)]).toEqual([read, quoted]);
  });

  it("of a grant or a user is for people to run", () => {
    const workload = { issuer: "https://i.example/O'B", subject: "repo:a/b", audience: undefined };
    expect([
      buildGrantFutureReads(place),
      buildRevokeFutureOwnership(place, 'R"'),
      buildRevokeFutureOwnership({ database: 'D"' }, "r"),
      buildGrantRole('R"', "t"),
      buildCreateWorkloadUser(workload, undefined),
      buildCreateWorkloadUser({ ...workload, audience: "O'B" }, "my_role"),
      buildCreateWorkloadUser(workload, '"My ""role"'),
      buildGrant("USAGE", { database: "D" }, "R"),
      buildGrant("CREATE SECRET", place, "R"),
      buildGrant("OWNERSHIP", { ...place, secret: "K" }, 'R"'),
    ]).toEqual([
      'GRANT READ ON FUTURE SECRETS IN SCHEMA "D"."S""x" TO ROLE …;',
      'REVOKE OWNERSHIP ON FUTURE SECRETS IN SCHEMA "D"."S""x" FROM ROLE "R""";',
      'REVOKE OWNERSHIP ON FUTURE SECRETS IN DATABASE "D""" FROM ROLE "r";',
      'GRANT ROLE "R""" TO ROLE "t";',
      "CREATE USER PULUMI TYPE = SERVICE WORKLOAD_IDENTITY = (TYPE = OIDC ISSUER = 'https://i.example/O''B' SUBJECT = 'repo:a/b');",
      `CREATE USER PULUMI TYPE = SERVICE DEFAULT_ROLE = "MY_ROLE" WORKLOAD_IDENTITY = (TYPE = OIDC ISSUER = 'https://i.example/O''B' SUBJECT = 'repo:a/b' OIDC_AUDIENCE_LIST = ('O''B')); GRANT ROLE "MY_ROLE" TO USER PULUMI;`,
      `CREATE USER PULUMI TYPE = SERVICE DEFAULT_ROLE = "My ""role" WORKLOAD_IDENTITY = (TYPE = OIDC ISSUER = 'https://i.example/O''B' SUBJECT = 'repo:a/b'); GRANT ROLE "My ""role" TO USER PULUMI;`,
      'GRANT USAGE ON DATABASE "D" TO ROLE "R";',
      'GRANT CREATE SECRET ON SCHEMA "D"."S""x" TO ROLE "R";',
      'GRANT OWNERSHIP ON SECRET "D"."S""x"."K" TO ROLE "R""" COPY CURRENT GRANTS;',
    ]);
  });
});

/** Names as nobody should choose them, and as somebody does. */
const hostile = fc.oneof(
  fc.string({ minLength: 1, maxLength: maxIdentifierLength, unit: "grapheme" }),
  fc.string({ minLength: 1, maxLength: 30, unit: fc.constantFrom(..."aA\"'.\\\n\r\t ;-/*_%?$é😀\u2028") }),
  fc.constantFrom(
    "__proto__",
    "constructor",
    "SECRET",
    'a"; DROP SECRET b; --',
    "?",
    "x".repeat(maxIdentifierLength),
  ),
);
const name = hostile.filter((text) => text.length <= maxIdentifierLength && isWellFormed(text));

/** Half a surrogate pair cannot travel as UTF-8. */
function isWellFormed(text: string): boolean {
  return Buffer.from(text, "utf8").toString("utf8") === text;
}

describe("through a server", () => {
  let server: SnowflakeServer;
  let session: SnowflakeSession;
  beforeAll(async () => {
    server = await startSnowflakeServer();
    session = await openSession(connect(reach(server)));
  });
  afterAll(async () => {
    await session.close();
    await server.stop();
  });
  beforeEach(() => server.control.resetCounts());

  it("every name, comment and value comes out as it went in", async () => {
    server.control.createDatabase("APP");
    server.control.createSchema("APP", "S");
    const schema = { database: "APP", schema: "S" };
    await fc.assert(
      fc.asyncProperty(
        name,
        fc.string({ minLength: 1, unit: "grapheme" }),
        fc.string({ unit: "binary" }),
        async (key, comment, text) => {
          // Where a run failed half-way.
          for (const left of server.control.secrets("APP", "S"))
            server.control.dropSecret("APP", "S", left.name);
          const secret = { content: buildText(new SecretValue(text)), comment };
          await session.execute(buildCreateSecret(schema, key, secret));
          expect(server.control.secrets("APP", "S")).toMatchObject([{ name: key, value: text, comment }]);
          await session.execute(buildAlterSecret(schema, key, { ...secret, comment: `${comment}'\\` }));
          const found = await session.execute(buildShowSecretsNamed(schema, key));
          expect(found).toMatchObject([{ name: key, comment: `${comment}'\\` }]);
          expect(
            await session.execute(buildShowSecrets(schema, Array.from(key).slice(0, 3).join(""))),
          ).toHaveLength(1);
          await session.execute(buildDropSecret(schema, key));
          expect(server.control.secrets("APP", "S")).toEqual([]);
        },
      ),
      // A NUL before a digit, which could be read as one escape.
      { numRuns: 150, examples: [["K", "\x007", "v"]] },
    );
  });

  it("every name of a database and a schema comes out as it went in", async () => {
    await fc.assert(
      fc.asyncProperty(name, name, async (database, schema) => {
        fc.pre(!["APP", "SNOWFLAKE", "SNOWFLAKE_SAMPLE_DATA"].includes(database));
        fc.pre(!["PUBLIC", "INFORMATION_SCHEMA"].includes(schema));
        server.control.createDatabase(database);
        server.control.createSchema(database, schema);
        expect(await listDatabaseNames(session)).toContain(database);
        expect(await listSchemaNames(session, database)).toContain(schema);
        expect(await session.execute(buildShowSecrets({ database, schema }))).toEqual([]);
        server.control.dropDatabase(database);
      }),
      { numRuns: 60 },
    );
  });

  it("a listing in pages is whole, whatever the names and the size of a page", async () => {
    // Prefixes of each other, other case, wildcards: what a page could stumble over.
    const part = fc.string({ minLength: 1, maxLength: 4, unit: fc.constantFrom(..."aAbB_%'\\\" é") });
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(part, { maxLength: 25 }),
        fc.integer({ min: 2, max: 6 }),
        async (names, pageSize) => {
          server.control.createDatabase("PAGES");
          for (const schema of names) server.control.createSchema("PAGES", schema);
          server.control.setRowCap(pageSize);
          const listed = await listSchemaNames(session, "PAGES", { pageSize });
          server.control.setRowCap(10_000);
          server.control.dropDatabase("PAGES");
          expect(listed).toEqual([...names, "PUBLIC"].sort());
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("a quoted name", () => {
  it("doubles its quotes, and nothing else of it is touched", () => {
    fc.assert(
      fc.property(name, (text) => {
        const quoted = quoteIdentifier(text);
        expect(quoted.slice(1, -1).replaceAll('""', '"')).toBe(text);
        expect(quoted.slice(1, -1).replaceAll('""', "")).not.toContain('"');
      }),
    );
    expect(quoteName(place)).toBe('"D"."S""x"');
  });

  it.each(["A", 'a"b', '"', '""', 'x\n"y"', " "])("comes out of its quotes as it went in: %j", (text) => {
    expect(unquoteIdentifier(quoteIdentifier(text))).toBe(text);
  });

  it.each(["PLAIN", 'half"', 'a"b"', '"a"b'])("is none without a quote at both ends: %s", (text) => {
    expect(unquoteIdentifier(text)).toBe(text);
  });
});
