import type { Cursor } from "./cursor.js";
import {
  type AlterUser,
  type CreateUser,
  publicKeyProperties,
  type UserProperties,
  WORKLOAD_TYPES,
  type WorkloadProperties,
} from "./statements.js";

/** A user's properties that this server takes, and the words that each may be; none for a text. */
const USER_PROPERTIES: Readonly<Record<string, readonly string[] | "text" | "name">> = {
  PASSWORD: "text",
  ...Object.fromEntries(publicKeyProperties.map((property) => [property, "text" as const])),
  COMMENT: "text",
  DEFAULT_ROLE: "name",
  DEFAULT_WAREHOUSE: "name",
  TYPE: ["PERSON", "SERVICE"],
  DISABLED: ["TRUE", "FALSE"],
};

/** After `CREATE [OR REPLACE] USER [IF NOT EXISTS]`. */
export function parseCreateUser(cursor: Cursor): Omit<CreateUser, "orReplace" | "ifNotExists"> {
  return { kind: "CREATE USER", name: cursor.expectName(1), properties: parseProperties(cursor) };
}

/** After `ALTER USER`. */
export function parseAlterUser(cursor: Cursor): AlterUser {
  const ifExists = cursor.takeWords("IF", "EXISTS");
  const name = cursor.expectName(1);
  const altered = (change: AlterUser["change"]): AlterUser => ({
    kind: "ALTER USER",
    name,
    ifExists,
    change,
  });
  if (cursor.takeWords("ADD", "WORKLOAD", "IDENTITY")) {
    const identity = cursor.expectIdentifier();
    return altered({ action: "add-workload", identity, properties: parseWorkload(cursor) });
  }
  if (cursor.takeWords("REMOVE", "WORKLOAD", "IDENTITY")) {
    return altered({ action: "remove-workload", identity: cursor.expectIdentifier() });
  }
  if (cursor.takeWord("UNSET")) {
    return altered({ action: "unset", property: cursor.expectOneOf(UNSETTABLE) });
  }
  cursor.expectWords("SET");
  const properties = parseProperties(cursor);
  if (properties.texts.size === 0 && properties.workload === undefined) throw cursor.unexpected();
  return altered({ action: "set", properties });
}

const UNSETTABLE = ["PASSWORD", ...publicKeyProperties, "COMMENT", "WORKLOAD_IDENTITY"] as const;

/** `NAME = value` pairs, in any order, each once, with commas between them or not. */
function parseProperties(cursor: Cursor): UserProperties {
  const texts = new Map<string, string>();
  let workload: WorkloadProperties | undefined;
  while (!cursor.atEnd) {
    cursor.takeSymbol(",");
    if (cursor.takeWord("DEFAULT_SECONDARY_ROLES")) {
      texts.set("DEFAULT_SECONDARY_ROLES", parseSecondaryRoles(cursor));
      continue;
    }
    if (workload === undefined && cursor.takeWord("WORKLOAD_IDENTITY")) {
      cursor.expectSymbol("=");
      cursor.expectSymbol("(");
      workload = parseWorkload(cursor);
      cursor.expectSymbol(")");
      continue;
    }
    const property = cursor.expectOneOf(Object.keys(USER_PROPERTIES));
    cursor.expectSymbol("=");
    texts.set(property, parseUserProperty(cursor, USER_PROPERTIES[property] ?? "text"));
  }
  return { texts, workload };
}

/** `TYPE = OIDC ISSUER = '…' SUBJECT = '…' OIDC_AUDIENCE_LIST = ('…', …)`, in any order. */
function parseWorkload(cursor: Cursor): WorkloadProperties {
  let type: WorkloadProperties["type"] | undefined;
  const texts = new Map<string, string>();
  let audiences: readonly string[] | undefined;
  while (!cursor.atEnd && !cursor.isSymbol(")")) {
    cursor.takeSymbol(",");
    const property = cursor.expectOneOf(["TYPE", "ARN", "ISSUER", "SUBJECT", "OIDC_AUDIENCE_LIST"]);
    cursor.expectSymbol("=");
    if (property === "TYPE") type = cursor.expectOneOf(WORKLOAD_TYPES);
    else if (property === "OIDC_AUDIENCE_LIST") audiences = parseTexts(cursor);
    else texts.set(property, cursor.expectString());
  }
  if (type === undefined) throw cursor.unexpected();
  return { type, texts, audiences };
}

function parseTexts(cursor: Cursor): readonly string[] {
  cursor.expectSymbol("(");
  const texts: string[] = [];
  while (!cursor.takeSymbol(")")) {
    if (texts.length > 0) cursor.expectSymbol(",");
    texts.push(cursor.expectString());
  }
  return texts;
}

function parseUserProperty(cursor: Cursor, takes: readonly string[] | "text" | "name"): string {
  if (takes === "text") return cursor.expectString();
  if (takes === "name") {
    return cursor.current.kind === "string" ? cursor.expectString().toUpperCase() : cursor.expectIdentifier();
  }
  return cursor.expectOneOf(takes);
}

/** `('ALL')` or `()`. */
function parseSecondaryRoles(cursor: Cursor): "ALL" | "NONE" {
  cursor.expectSymbol("=");
  cursor.expectSymbol("(");
  if (cursor.takeSymbol(")")) return "NONE";
  if (cursor.current.text.toUpperCase() !== "ALL") throw cursor.unexpected();
  cursor.expectString();
  cursor.expectSymbol(")");
  return "ALL";
}
