import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { matchesLike, printIdentifier } from "../../sdk/snowflake-server/identifiers.js";
import { parseStatements } from "../../sdk/snowflake-server/sql/parser.js";
import type { Statement } from "../../sdk/snowflake-server/sql/statements.js";
import { tokenize } from "../../sdk/snowflake-server/sql/tokenizer.js";
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
    "SELECT * FROM T",
    "SELECT NOW()",
    "INSERT INTO T VALUES (1)",
    "CREATE TABLE T (A INT)",
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
    "SHOW TABLES",
    "GRANT FLY ON SCHEMA S TO ROLE R",
    "GRANT CREATE SECRET ON DATABASE D TO ROLE R",
    "DROP SECRET S §",
    "DROP SECRET S T",
  ])("refuses what it does not know as a syntax error: %s", (sql) => {
    expect(errorOf(sql)).toMatchObject({ code: "001003", sqlState: "42000" });
  });

  it("names line, position and token of a syntax error", () => {
    expect(errorOf("DROP SECRET S\n  CASCADE").message).toBe(
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

  it("covers the whole text with its tokens' places", () => {
    const sql = "SELECT  CURRENT_ROLE() AS \"r\", 'x' -- end";
    const places = tokenize(sql).map(({ start, end }) => sql.slice(start, end));
    expect(places).toEqual(["SELECT", "CURRENT_ROLE", "(", ")", "AS", '"r"', ",", "'x'", ""]);
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
    expect(matchesLike(name, pattern)).toBe(fits);
  });

  it("treats everything but % and _ literally", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary-ascii" }), (name) => {
        expect(matchesLike(name, name.replaceAll(/[\\%_]/g, "\\$&"))).toBe(true);
      }),
    );
  });
});
