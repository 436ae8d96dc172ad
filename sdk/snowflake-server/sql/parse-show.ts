import type { Cursor } from "./cursor.js";
import { parseObjectReference } from "./parse-grant.js";
import { RESERVED_IN_SHOW } from "./reserved-words.js";
import type { ShowFutureGrants, ShowGrants, ShowObjects, ShowParameters, ShowScope } from "./statements.js";

/** After `SHOW`. */
export function parseShow(cursor: Cursor): ShowObjects | ShowParameters | ShowGrants | ShowFutureGrants {
  if (cursor.takeWord("PARAMETERS")) return parseShowParameters(cursor);
  if (cursor.takeWords("FUTURE", "GRANTS")) return parseShowFutureGrants(cursor);
  if (cursor.takeWord("GRANTS")) return parseShowGrants(cursor);
  const objects = cursor.expectOneOf(["SECRETS", "DATABASES", "SCHEMAS", "WAREHOUSES", "ROLES"]);
  const kind = `SHOW ${objects}` as const;
  const like = cursor.takeWord("LIKE") ? cursor.expectString() : undefined;
  const scope = parseScope(cursor, kind);
  // Documented for databases, schemas and roles; SHOW SECRETS and SHOW WAREHOUSES know neither clause.
  const paged = kind === "SHOW DATABASES" || kind === "SHOW SCHEMAS" || kind === "SHOW ROLES";
  const startsWith = paged && cursor.takeWords("STARTS", "WITH") ? cursor.expectString() : undefined;
  return { kind, like, scope, startsWith, limit: paged ? parseLimit(cursor) : undefined };
}

function parseShowParameters(cursor: Cursor): ShowParameters {
  const like = cursor.takeWord("LIKE") ? cursor.expectString() : undefined;
  const isOfAccount = cursor.takeWord("IN") && cursor.expectOneOf(["SESSION", "ACCOUNT"]) === "ACCOUNT";
  return { kind: "SHOW PARAMETERS", like, scope: isOfAccount ? "account" : "session" };
}

function parseLimit(cursor: Cursor): ShowObjects["limit"] {
  if (!cursor.takeWord("LIMIT")) return undefined;
  const rows = cursor.expectInteger();
  return { rows, from: cursor.takeWord("FROM") ? cursor.expectString() : undefined };
}

function parseScope(cursor: Cursor, kind: ShowObjects["kind"]): ShowScope | undefined {
  if (kind === "SHOW WAREHOUSES" || kind === "SHOW ROLES") return undefined;
  if (!cursor.takeWord("IN")) return undefined;
  if (cursor.takeWord("ACCOUNT")) return { in: "account" };
  if (kind === "SHOW DATABASES") throw cursor.unexpected();
  const level = cursor.takeWord("DATABASE")
    ? "database"
    : kind === "SHOW SECRETS" && cursor.takeWord("SCHEMA")
      ? "schema"
      : undefined;
  if (level !== undefined) {
    const named =
      cursor.current.kind === "quoted-identifier" ||
      (cursor.current.kind === "word" && !cursor.isWord("STARTS") && !cursor.isWord("LIMIT"));
    return { in: level, name: named ? cursor.expectName(level === "database" ? 1 : 2) : undefined };
  }
  // Without the word: two parts are a schema; one part is the next level up from what is shown.
  if (cursor.current.kind === "word" && RESERVED_IN_SHOW.has(cursor.current.text.toUpperCase())) {
    throw cursor.unexpected();
  }
  const name = cursor.expectName(kind === "SHOW SECRETS" ? 2 : 1);
  return { in: kind === "SHOW SECRETS" ? "schema" : "database", name };
}

function parseShowFutureGrants(cursor: Cursor): ShowFutureGrants {
  const kind = "SHOW FUTURE GRANTS";
  if (cursor.takeWord("TO")) {
    cursor.expectWords("ROLE");
    return { kind, subject: { toRole: cursor.expectIdentifier() } };
  }
  cursor.expectWords("IN");
  const level = cursor.expectOneOf(["SCHEMA", "DATABASE"]);
  return { kind, subject: { in: level, name: cursor.expectName(level === "SCHEMA" ? 2 : 1) } };
}

function parseShowGrants(cursor: Cursor): ShowGrants {
  if (cursor.atEnd) return { kind: "SHOW GRANTS", subject: { by: "to-current-user" } };
  if (cursor.takeWord("ON")) {
    return { kind: "SHOW GRANTS", subject: { by: "on", ...parseObjectReference(cursor) } };
  }
  if (cursor.takeWord("OF")) {
    cursor.expectWords("ROLE");
    return { kind: "SHOW GRANTS", subject: { by: "of-role", name: cursor.expectIdentifier() } };
  }
  cursor.expectWords("TO");
  const by = cursor.expectOneOf(["ROLE", "USER"]) === "ROLE" ? "to-role" : "to-user";
  return { kind: "SHOW GRANTS", subject: { by, name: cursor.expectIdentifier() } };
}
