/** A statement that Snowflake refuses: becomes an answer with HTTP status 200 and `success: false`. */
export class SqlError extends Error {
  override readonly name = "SqlError";

  constructor(
    readonly code: string,
    readonly sqlState: string,
    message: string,
    /** One-based line and zero-based column, where the error has a place in the text. */
    readonly place?: { readonly line: number; readonly position: number },
  ) {
    super(message);
  }
}

/** Text that is no statement of this server's language. Snowflake quotes the token; so does this. */
export function syntaxError(line: number, position: number, unexpected: string): SqlError {
  return new SqlError(
    "001003",
    "42000",
    `SQL compilation error:\nsyntax error line ${line} at position ${position} unexpected '${unexpected}'.`,
    { line, position },
  );
}

/** What Snowflake documents and this server does not have: said in words that nobody takes for Snowflake's. */
export function notKnownHere(what: string): SqlError {
  return new SqlError(
    "000002",
    "0A000",
    `pulumi-snowflake-secrets' own Snowflake server does not know ${what}. This is not Snowflake's answer.`,
  );
}

/** A bound of this server that Snowflake does not have, or has elsewhere. */
export function beyondBound(what: string): SqlError {
  return new SqlError(
    "000002",
    "0A000",
    `pulumi-snowflake-secrets' own Snowflake server stops at ${what}. This is not Snowflake's answer.`,
  );
}

/** A fault of this server. */
export function internalError(): SqlError {
  return new SqlError(
    "000603",
    "XX000",
    "pulumi-snowflake-secrets' own Snowflake server failed at this statement, and says more on its stderr. " +
      "This is not Snowflake's answer.",
  );
}

/** A named object that is missing, or that the role may not see: Snowflake does not tell which. */
export function doesNotExist(type: string, name: string): SqlError {
  return new SqlError(
    "002003",
    "02000",
    `SQL compilation error:\n${capitalized(type)} '${name}' does not exist or not authorized.`,
  );
}

/** The same for `SHOW … IN` and `USE`, which answer without the object's name. */
export function objectDoesNotExist(): SqlError {
  return new SqlError(
    "002043",
    "02000",
    "SQL compilation error:\nObject does not exist, or operation cannot be performed.",
  );
}

export function alreadyExists(name: string): SqlError {
  return new SqlError("002002", "42710", `SQL compilation error:\nObject '${name}' already exists.`);
}

export function insufficientPrivileges(type: string, name: string): SqlError {
  return new SqlError(
    "003001",
    "42501",
    `SQL access control error:\nInsufficient privileges to operate on ${type.toLowerCase()} '${name}'.`,
  );
}

export function noCurrent(what: "database" | "schema", operation: string): SqlError {
  return new SqlError(
    what === "database" ? "090105" : "090106",
    "22000",
    `Cannot perform ${operation}. This session does not have a current ${what}. ` +
      `Call 'USE ${what.toUpperCase()}', or use a qualified name.`,
  );
}

export function noActiveWarehouse(): SqlError {
  return new SqlError(
    "000606",
    "57P03",
    "No active warehouse selected in the current session.  Select an active warehouse with the 'use warehouse' command.",
  );
}

export function tooManyRows(rowCap: number): SqlError {
  return new SqlError(
    "090153",
    "22000",
    `The result set size exceeded the max number of rows(${rowCap}) supported for SHOW statements. ` +
      "Use LIMIT option to limit result set to a smaller number.",
  );
}

export function invalidValue(shown: string, parameter: string): SqlError {
  return new SqlError(
    "001008",
    "22023",
    `SQL compilation error:\ninvalid value [${shown}] for parameter '${parameter}'`,
  );
}

/** A query id that is not of this user, or not known any more. */
export function statementNotFound(queryId: string): SqlError {
  return new SqlError("000709", "02000", `Statement ${queryId} not found`);
}

export function canceled(): SqlError {
  return new SqlError("000604", "57014", "SQL execution canceled");
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1).toLowerCase();
}
