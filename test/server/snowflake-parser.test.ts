import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { printIdentifier } from "../../sdk/snowflake-server/identifiers.js";
import { buildLike } from "../../sdk/snowflake-server/like.js";
import { parseStatements } from "../../sdk/snowflake-server/sql/parser.js";
import type { Statement } from "../../sdk/snowflake-server/sql/statements.js";
import { SqlError } from "../../sdk/snowflake-server/sql-error.js";

function parseOne(sql: string): Statement {
  const [parsed, ...others] = parseStatements(sql);
  if (parsed === undefined || others.length > 0) throw new Error(`Not one statement: ${sql}`);
  return parsed.statement;
}

function errorOf(sql: string): SqlError {
  try {
    parseStatements(sql);
  } catch (error) {
    if (error instanceof SqlError) return error;
    throw error;
  }
  throw new Error(`Not refused: ${sql}`);
}

const identifier = fc.string({ unit: "binary", minLength: 1, maxLength: 40 });

describe("names", () => {
  it("upper-cases an unquoted name and keeps a quoted one", () => {
    expect(parseOne('DROP SECRET app."Se.crets"."a""b"')).toMatchObject({ name: ["APP", "Se.crets", 'a"b'] });
  });

  it("reads any quoted name back as it was written", () => {
    fc.assert(
      fc.property(identifier, (name) => {
        expect(parseOne(`DROP SECRET "${name.replaceAll('"', '""')}"`)).toMatchObject({ name: [name] });
      }),
    );
  });

  it("prints a name so that it parses as the same name", () => {
    fc.assert(
      fc.property(fc.oneof(identifier, fc.stringMatching(/^[A-Za-z_$]{1,9}$/)), (name) => {
        expect(parseOne(`DROP SECRET ${printIdentifier(name)}`)).toMatchObject({ name: [name] });
      }),
    );
  });

  it("takes 255 characters, and not 256, nor none", () => {
    expect(parseOne(`DROP SECRET "${"ü".repeat(255)}"`)).toMatchObject({ name: ["ü".repeat(255)] });
    expect(errorOf(`DROP SECRET "${"x".repeat(256)}"`).message).toContain("maximum length limit of 255");
    expect(errorOf('DROP SECRET ""').code).toBe("001003");
  });
});

describe("string literals", () => {
  const secretStringOf = (literal: string): unknown => {
    const statement = parseOne(`CREATE SECRET S TYPE = GENERIC_STRING SECRET_STRING = ${literal}`);
    if (statement.kind !== "CREATE SECRET") throw new Error("Not a CREATE SECRET.");
    return statement.properties.get("SECRET_STRING");
  };

  it("reads any text back, quotes doubled or escaped by a backslash", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const doubled = text.replaceAll("\\", "\\\\").replaceAll("'", "''");
        const escaped = text.replaceAll("\\", "\\\\").replaceAll("'", "\\'");
        expect(secretStringOf(`'${doubled}'`)).toEqual({ kind: "literal", value: text });
        expect(secretStringOf(`'${escaped}'`)).toEqual({ kind: "literal", value: text });
      }),
    );
  });

  it.each([
    [String.raw`'a\nb\tc'`, "a\nb\tc"],
    [String.raw`'\x41\u00fc\101'`, "AüA"],
    [String.raw`'\q\%'`, "q%"],
    ["$$it's \\ 'raw'$$", "it's \\ 'raw'"],
    ["'-- no comment'", "-- no comment"],
  ])("reads %s", (literal, value) => {
    expect(secretStringOf(literal)).toEqual({ kind: "literal", value });
  });

  it.each(["'open", "$$open", '"open', "/* open", String.raw`'open\'`])(
    "refuses the unfinished %s",
    (text) => {
      expect(errorOf(`DROP SECRET ${text}`)).toMatchObject({ code: "001003", sqlState: "42000" });
    },
  );
});

describe("statements", () => {
  it("leaves out comments and the last semicolon", () => {
    expect(parseOne("/* a */ DROP -- b\n SECRET // c\n S ;")).toEqual({
      kind: "DROP SECRET",
      name: ["S"],
      ifExists: false,
    });
  });

  it("splits several statements and numbers their binds through", () => {
    const parsed = parseStatements(
      "ALTER SECRET A SET SECRET_STRING = ? COMMENT = ?; ALTER SECRET B SET COMMENT = ?;",
    );
    expect(parsed.map(({ text, bindCount }) => ({ text, bindCount }))).toEqual([
      { text: "ALTER SECRET A SET SECRET_STRING = ? COMMENT = ?", bindCount: 2 },
      { text: "ALTER SECRET B SET COMMENT = ?", bindCount: 1 },
    ]);
    expect(parsed[1]?.statement).toMatchObject({
      change: { properties: new Map([["COMMENT", { kind: "bind", number: 3 }]]) },
    });
  });

  it("takes a secret's properties in any order, each once", () => {
    const properties = new Map([
      ["COMMENT", { kind: "literal", value: "c" }],
      ["SECRET_STRING", { kind: "bind", number: 1 }],
    ]);
    const sql = "CREATE SECRET S TYPE = GENERIC_STRING COMMENT = 'c' SECRET_STRING = ?";
    expect(parseOne(sql)).toMatchObject({ properties });
    expect(errorOf(`${sql} COMMENT = 'd'`).code).toBe("001003");
  });

  it.each([
    "",
    "FLY",
    "INSERT",
    "SELECT",
    "SELECT FROM T",
    "SELECT 1 1",
    "SELECT 1 'x'",
    "SELECT (1",
    "SELECT 1)",
    "SELECT 1 AS",
    "CREATE SECRET S SECRET_STRING = 'x'",
    "CREATE SECRET S TYPE = MAGIC SECRET_STRING = 'x'",
    "CREATE OR REPLACE SECRET IF NOT EXISTS S TYPE = GENERIC_STRING SECRET_STRING = 'x'",
    "CREATE SECRET S TYPE = GENERIC_STRING SECRET_STRING = 5",
    "CREATE SECRET S TYPE = GENERIC_STRING SECRET_STRING = 'x', COMMENT = 'y'",
    "ALTER SECRET S SET",
    "ALTER SECRET S UNSET SECRET_STRING",
    "ALTER SECRET S RENAME TO T",
    "DROP SECRET A.B.C.D",
    "SHOW SECRETS LIMIT 5",
    "SHOW SECRETS LIKE ?",
    "SHOW SECRETS STARTS WITH 'A'",
    "GRANT FLY ON SCHEMA S TO ROLE R",
    "GRANT CREATE SECRET ON DATABASE D TO ROLE R",
    "DROP SECRET S §",
    "DROP SECRET S T",
    "CREATE SECRET S TYPE = SYMMETRIC_KEY ALGORITHM = AES_256",
    "CREATE SECRET S TYPE = CLOUD_PROVIDER_TOKEN API_AUTHENTICATION = 'I' ENABLED = MAYBE",
    "CREATE SECRET S TYPE = GENERIC_STRING SECRET_STRING = 'x' COMMENT = NULL",
    "ALTER SECRET S SET SECRET_STRING = NULL",
    "ALTER SECRET S SET SECRET_STRING = 'x',, COMMENT = 'y'",
    "ALTER SECRET S SET COMMENT = 'y',",
    "SHOW SECRETS IN IDENTIFIER('A.B.C')",
    "DROP SECRET IDENTIFIER('A B')",
    "SHOW DATABASES IN DATABASE D",
    "USE SECONDARY ROLES",
    "ALTER SESSION UNSET",
    "SELECT * FROM T",
    "SELECT NOW()",
    "SELECT 1 + 1 AS TWO",
    "SELECT CASE WHEN TRUE THEN 1 END",
    "SELECT X::TEXT FROM T WHERE A != 2",
    "INSERT INTO T VALUES (1)",
    "WITH A AS (SELECT 1) SELECT * FROM A",
    "CREATE TABLE T (A INT)",
    "CREATE OR REPLACE TEMPORARY TABLE T (A INT)",
    "CREATE NETWORK POLICY P ALLOWED_IP_LIST = ('0.0.0.0/0')",
    "CREATE WAREHOUSE W AUTO_SUSPEND = 60",
    "ALTER USER U SET DAYS_TO_EXPIRY = 1",
    "DROP TABLE T",
    "SHOW TABLES",
    "SHOW DATABASES HISTORY",
    "DESCRIBE TABLE T",
    "GRANT SELECT ON ALL TABLES IN SCHEMA S TO ROLE R",
    "GRANT CREATE TABLE ON SCHEMA S TO ROLE R",
  ])("refuses what it does not parse, and says that Snowflake may accept it: %s", (sql) => {
    const error = errorOf(sql);
    expect(error).toMatchObject({ code: "001003", sqlState: "42000" });
    expect(error.message).toContain("real Snowflake may accept it");
  });

  it("says of a form that it recognizes and does not support that this is not Snowflake's answer", () => {
    const error = errorOf("DROP SECRET IDENTIFIER(?)");
    expect(error).toMatchObject({ code: "000002", sqlState: "0A000" });
    expect(error.message).toContain("This is not Snowflake's answer.");
  });

  it("shows no value of a statement that it does not know", () => {
    expect(errorOf("SELECT 'Geheim' || 'nis'").message).not.toContain("Geheim");
    expect(errorOf("ALTER USER U SET MIDDLE_NAME = 'Geheim'").message).not.toContain("Geheim");
  });

  it.each(["SELECT", "TABLE", "order", "With"])(
    "takes the reserved word %s as a name in quotes only",
    (word) => {
      expect(errorOf(`DROP SECRET ${word}`).code).toBe("001003");
      expect(errorOf(`DROP SECRET A.${word}`).code).toBe("001003");
      expect(parseOne(`DROP SECRET "${word}"`)).toMatchObject({ name: [word] });
      expect(printIdentifier(word.toUpperCase())).toBe(`"${word.toUpperCase()}"`);
    },
  );

  it("reads a name out of IDENTIFIER", () => {
    expect(parseOne(`DROP SECRET IDENTIFIER('app."Se.crets".key')`)).toMatchObject({
      name: ["APP", "Se.crets", "KEY"],
    });
    expect(parseOne("SHOW SECRETS IN SCHEMA IDENTIFIER('A.B')")).toMatchObject({
      scope: { name: ["A", "B"] },
    });
    expect(parseOne("DROP SECRET IDENTIFIER")).toMatchObject({ name: ["IDENTIFIER"] });
  });

  it("takes commas and a comment of NULL after SET", () => {
    const properties = new Map<string, unknown>([
      ["SECRET_STRING", { kind: "bind", number: 1 }],
      ["COMMENT", null],
    ]);
    const change = { action: "set", properties };
    expect(parseOne("ALTER SECRET S SET SECRET_STRING = ?, COMMENT = NULL")).toMatchObject({ change });
    expect(parseOne("ALTER SECRET S SET SECRET_STRING = ? COMMENT = NULL")).toMatchObject({ change });
  });

  it.each([
    ["SHOW GRANTS", { kind: "SHOW GRANTS", subject: { by: "to-current-user" } }],
    ["SHOW FUTURE GRANTS IN SCHEMA A.B", { kind: "SHOW FUTURE GRANTS" }],
    ["SHOW FUTURE GRANTS TO ROLE R", { kind: "SHOW FUTURE GRANTS", subject: { toRole: "R" } }],
    ["SHOW DATABASES IN ACCOUNT", { kind: "SHOW DATABASES", scope: { in: "account" } }],
    [
      "ALTER SESSION UNSET QUERY_TAG, TIMEZONE",
      {
        parameters: new Map([
          ["QUERY_TAG", undefined],
          ["TIMEZONE", undefined],
        ]),
      },
    ],
    ["USE SECONDARY ROLES ALL", { kind: "USE SECONDARY ROLES", roles: "ALL" }],
    ["USE SECONDARY ROLES none", { roles: "NONE" }],
    ['USE SECONDARY ROLES A, "b"', { roles: ["A", "b"] }],
    ["SELECT 1 ONE", { items: [{ column: "ONE" }] }],
  ])("knows %s", (sql, statement) => {
    expect(parseOne(sql)).toMatchObject(statement);
  });

  it("stops at Snowflake's limit of a megabyte for a text", () => {
    const literal = "x".repeat(1024 * 1024);
    expect(errorOf(`SELECT '${literal}'`)).toMatchObject({ code: "000002", sqlState: "0A000" });
    expect(parseOne(`SELECT '${literal.slice(0, -9)}'`)).toMatchObject({ kind: "SELECT" });
  });

  it("numbers a hundred thousand binds in no time that a person would notice", () => {
    const sql = `SELECT ${Array.from({ length: 100_000 }, () => "?").join(",")}`;
    expect(parseStatements(sql)[0]?.bindCount).toBe(100_000);
  }, 5_000);

  it("names line, position and token of a syntax error", () => {
    expect(errorOf("DROP SECRET S\n  CASCADE").message).toContain(
      "SQL compilation error:\nsyntax error line 2 at position 2 unexpected 'CASCADE'.",
    );
    expect(errorOf("DROP SECRET").message).toContain("unexpected '<EOF>'");
  });

  it("parses or refuses any text, and never fails otherwise", () => {
    const word = fc.constantFrom(
      "CREATE",
      "SECRET",
      "SHOW",
      "IN",
      "S",
      "=",
      "?",
      "'x'",
      '"y"',
      ";",
      "LIKE",
      "SET",
      "(",
    );
    const text = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(word).map((words) => words.join(" ")),
    );
    fc.assert(
      fc.property(text, (sql) => {
        try {
          parseStatements(sql);
        } catch (error) {
          expect(error).toBeInstanceOf(SqlError);
        }
      }),
    );
  });
});

describe("the pattern of SHOW … LIKE", () => {
  it.each([
    ["Api_Key", "API%", true],
    ["ApiXKey", "api_key", true],
    ["ApiXKey", String.raw`api\_key`, false],
    ["Api_Key", String.raw`api\_key`, true],
    ["a.b", "a_b", true],
    ["axb", "a.b", false],
    ["line\nbreak", "line%", true],
    ["😀", "_", true],
    ["Ab", "a", false],
  ])("%j fits %j: %s", (name, pattern, fits) => {
    expect(buildLike(pattern)(name)).toBe(fits);
  });

  it("takes no longer for many wildcards than for one", () => {
    const name = "A".repeat(255);
    const started = performance.now();
    expect(buildLike(`${"%A".repeat(40)}%B`)(name)).toBe(false);
    expect(buildLike(`${"%A".repeat(40)}%`)(name)).toBe(true);
    expect(performance.now() - started).toBeLessThan(1000);
  });

  it("agrees with a backtracking reading of the same pattern", () => {
    const texts = fc.string({ unit: fc.constantFrom("a", "b", "%", "_"), maxLength: 8 });
    fc.assert(
      fc.property(texts, texts, (name, pattern) => {
        const source = pattern.replaceAll("%", ".*").replaceAll("_", ".");
        expect(buildLike(pattern)(name)).toBe(new RegExp(`^${source}$`).test(name));
      }),
    );
  });

  it("treats everything but % and _ literally", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary-ascii" }), (name) => {
        expect(buildLike(name.replaceAll(/[\\%_]/g, "\\$&"))(name)).toBe(true);
      }),
    );
  });
});
