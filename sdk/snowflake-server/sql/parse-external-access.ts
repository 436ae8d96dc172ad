import type { Cursor } from "./cursor.js";
import type {
  AlterExternalAccess,
  CreateExternalAccess,
  CreateNetworkRule,
  DescribeIntegration,
  ExternalAccessProperties,
  NameList,
} from "./statements.js";

/** How many parts a name in each list may have. */
const LISTS = {
  ALLOWED_NETWORK_RULES: 3,
  ALLOWED_AUTHENTICATION_SECRETS: 3,
  ALLOWED_API_AUTHENTICATION_INTEGRATIONS: 1,
} as const;
const LIST_NAMES = Object.keys(LISTS) as readonly (keyof typeof LISTS)[];

/** After `CREATE [OR REPLACE] EXTERNAL ACCESS INTEGRATION`. */
export function parseCreateExternalAccess(cursor: Cursor, orReplace: boolean): CreateExternalAccess {
  const ifNotExists = cursor.takeWords("IF", "NOT", "EXISTS");
  if (ifNotExists && orReplace) throw cursor.unexpected();
  const name = cursor.expectName(1);
  const properties = parseProperties(cursor);
  // Both are required.
  if (!properties.lists.has("ALLOWED_NETWORK_RULES") || properties.enabled === undefined) {
    throw cursor.unexpected();
  }
  return { kind: "CREATE EXTERNAL ACCESS INTEGRATION", name, orReplace, ifNotExists, properties };
}

/** After `ALTER EXTERNAL ACCESS INTEGRATION`. */
export function parseAlterExternalAccess(cursor: Cursor): AlterExternalAccess {
  const kind = "ALTER EXTERNAL ACCESS INTEGRATION";
  const ifExists = cursor.takeWords("IF", "EXISTS");
  const name = cursor.expectName(1);
  if (cursor.takeWord("UNSET")) {
    const property = cursor.expectOneOf([...LIST_NAMES, "COMMENT"]);
    return { kind, name, ifExists, change: { action: "unset", property } };
  }
  cursor.expectWords("SET");
  return { kind, name, ifExists, change: { action: "set", properties: parseProperties(cursor) } };
}

/** After `DESC[RIBE] INTEGRATION`. */
export function parseDescribeIntegration(cursor: Cursor): DescribeIntegration {
  return { kind: "DESCRIBE INTEGRATION", name: cursor.expectName(1) };
}

/** After `CREATE [OR REPLACE] NETWORK RULE`. */
export function parseCreateNetworkRule(cursor: Cursor, orReplace: boolean): CreateNetworkRule {
  const name = cursor.expectName(3);
  cursor.expectWords("TYPE");
  cursor.expectSymbol("=");
  cursor.expectOneOf(["HOST_PORT"]);
  cursor.expectWords("MODE");
  cursor.expectSymbol("=");
  cursor.expectOneOf(["EGRESS"]);
  cursor.expectWords("VALUE_LIST");
  cursor.expectSymbol("=");
  cursor.expectSymbol("(");
  do cursor.expectString();
  while (cursor.takeSymbol(","));
  cursor.expectSymbol(")");
  return { kind: "CREATE NETWORK RULE", name, orReplace };
}

function parseProperties(cursor: Cursor): ExternalAccessProperties {
  const lists = new Map<string, NameList>();
  let enabled: boolean | undefined;
  let comment: string | undefined;
  do {
    const property = cursor.expectOneOf([...LIST_NAMES, "ENABLED", "COMMENT"]);
    cursor.expectSymbol("=");
    if (property === "ENABLED") enabled = cursor.expectOneOf(["TRUE", "FALSE"]) === "TRUE";
    else if (property === "COMMENT") comment = cursor.expectString();
    else lists.set(property, parseNames(cursor, LISTS[property], property));
  } while (!cursor.atEnd && !cursor.isSymbol(";"));
  return { lists, enabled, comment };
}

function parseNames(cursor: Cursor, maxParts: 1 | 3, property: string): NameList {
  cursor.expectSymbol("(");
  const words =
    property === "ALLOWED_AUTHENTICATION_SECRETS" ? (["ALL", "NONE"] as const) : (["NONE"] as const);
  const word = words.find((each) => cursor.takeWord(each));
  const names = word === undefined ? [cursor.expectName(maxParts)] : [];
  while (word === undefined && cursor.takeSymbol(",")) names.push(cursor.expectName(maxParts));
  cursor.expectSymbol(")");
  return word ?? names;
}
