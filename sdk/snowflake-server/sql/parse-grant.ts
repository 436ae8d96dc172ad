import { syntaxError } from "../sql-error.js";
import type { Cursor } from "./cursor.js";
import type { Grant, Grantee, GrantSubject, ObjectName, ObjectType, Revoke } from "./statements.js";

/** The privileges of each type of object, without OWNERSHIP. */
export const PRIVILEGES: Readonly<Record<ObjectType, readonly string[]>> = {
  ACCOUNT: [
    "CREATE DATABASE",
    "CREATE INTEGRATION",
    "CREATE ROLE",
    "CREATE USER",
    "CREATE WAREHOUSE",
    "MANAGE GRANTS",
  ],
  DATABASE: ["CREATE SCHEMA", "MODIFY", "MONITOR", "USAGE"],
  SCHEMA: ["CREATE NETWORK RULE", "CREATE SECRET", "MODIFY", "MONITOR", "USAGE"],
  WAREHOUSE: ["MODIFY", "MONITOR", "OPERATE", "USAGE"],
  SECRET: ["READ", "USAGE"],
  ROLE: ["USAGE"],
  USER: [],
  INTEGRATION: ["USAGE"],
};

/** After `GRANT`. */
export function parseGrant(cursor: Cursor): Grant {
  const subject = parseSubject(cursor);
  cursor.expectWords("TO");
  const grantee = parseGrantee(cursor, subject);
  const ownership = subject.kind === "privileges" && subject.privileges.includes("OWNERSHIP");
  const currentGrants = ownership
    ? cursor.takeWords("COPY", "CURRENT", "GRANTS")
      ? "copy"
      : cursor.takeWords("REVOKE", "CURRENT", "GRANTS")
        ? "revoke"
        : undefined
    : undefined;
  const withGrantOption =
    subject.kind !== "role" && !ownership && cursor.takeWords("WITH", "GRANT", "OPTION");
  return { kind: "GRANT", subject, grantee, withGrantOption, currentGrants };
}

/** After `REVOKE`. */
export function parseRevoke(cursor: Cursor): Revoke {
  const subject = parseSubject(cursor);
  cursor.expectWords("FROM");
  const grantee = parseGrantee(cursor, subject);
  if (!cursor.takeWord("CASCADE")) cursor.takeWord("RESTRICT");
  return { kind: "REVOKE", subject, grantee };
}

/** An object by its type and name, as `GRANT … ON` and `SHOW GRANTS ON` have it. */
export function parseObjectReference(cursor: Cursor): {
  readonly type: ObjectType;
  readonly name: ObjectName;
} {
  const type = cursor.expectOneOf([
    "ACCOUNT",
    "DATABASE",
    "SCHEMA",
    "WAREHOUSE",
    "SECRET",
    "ROLE",
    "INTEGRATION",
  ]);
  if (type === "ACCOUNT") return { type, name: [] };
  return { type, name: cursor.expectName(type === "SECRET" ? 3 : type === "SCHEMA" ? 2 : 1) };
}

function parseSubject(cursor: Cursor): GrantSubject {
  if (cursor.takeWord("ROLE")) return { kind: "role", role: cursor.expectIdentifier() };
  const start = cursor.current;
  const privileges = [parsePrivilege(cursor)];
  while (cursor.takeSymbol(",")) privileges.push(parsePrivilege(cursor));
  cursor.expectWords("ON");
  const future = cursor.takeWords("FUTURE", "SECRETS", "IN") ? parseFutureScope(cursor) : undefined;
  const reference =
    future === undefined ? parseObjectReference(cursor) : { type: "SECRET" as const, name: future.name };
  const known = [...PRIVILEGES[reference.type], ...(reference.type === "ACCOUNT" ? [] : ["OWNERSHIP"])];
  const alone = privileges.length === 1;
  const valid = privileges.every(
    (privilege) => known.includes(privilege) && (privilege !== "OWNERSHIP" || alone),
  );
  if (!valid && !(alone && privileges[0] === "ALL")) {
    throw syntaxError(start.line, start.position, start.text);
  }
  return future === undefined
    ? { kind: "privileges", privileges, ...reference }
    : { kind: "future-privileges", privileges, ...future };
}

/** A schema or database, as `ON FUTURE SECRETS IN` has it. */
function parseFutureScope(cursor: Cursor): { readonly in: "SCHEMA" | "DATABASE"; readonly name: ObjectName } {
  const level = cursor.expectOneOf(["SCHEMA", "DATABASE"]);
  return { in: level, name: cursor.expectName(level === "SCHEMA" ? 2 : 1) };
}

function parsePrivilege(cursor: Cursor): string {
  if (cursor.takeWord("ALL")) {
    cursor.takeWord("PRIVILEGES");
    return "ALL";
  }
  const words = [cursor.expectAnyWord()];
  while (cursor.current.kind === "word" && !cursor.isWord("ON")) words.push(cursor.expectAnyWord());
  return words.join(" ");
}

function parseGrantee(cursor: Cursor, subject: GrantSubject): Grantee {
  if (subject.kind === "role") {
    return { type: cursor.expectOneOf(["ROLE", "USER"]), name: cursor.expectIdentifier() };
  }
  cursor.takeWord("ROLE");
  return { type: "ROLE", name: cursor.expectIdentifier() };
}
