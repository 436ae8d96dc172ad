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

/**
 * Text that this server's parser does not take. Snowflake quotes the token; so does this. Whether Snowflake would take
 * the text is not known here, and the message says so.
 */
export function syntaxError(line: number, position: number, unexpected: string): SqlError {
  return new SqlError(
    "001003",
    "42000",
    `SQL compilation error:\nsyntax error line ${line} at position ${position} unexpected '${unexpected}'.\n` +
      "Either this is not SQL, or the Snowflake server of pulumi-snowflake-secrets does not support it: " +
      "real Snowflake may accept it.",
    { line, position },
  );
}

/** A form of a statement that this server recognizes and does not support. */
export function unsupported(what: string): SqlError {
  return new SqlError(
    "000002",
    "0A000",
    `The Snowflake server of pulumi-snowflake-secrets does not support ${what}. This is not Snowflake's answer.`,
  );
}

/** A limit of this server that Snowflake does not have, or has elsewhere. */
export function exceedsLimit(what: string): SqlError {
  return new SqlError(
    "000002",
    "0A000",
    `The Snowflake server of pulumi-snowflake-secrets takes at most ${what}. This is not Snowflake's answer.`,
  );
}

/** A fault of this server. */
export function internalError(): SqlError {
  return new SqlError(
    "000603",
    "XX000",
    "The Snowflake server of pulumi-snowflake-secrets failed at this statement; its stderr has the details. " +
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

/** 002002: an object of that name exists, visible or not. */
export function alreadyExists(name: string): SqlError {
  return new SqlError("002002", "42710", `SQL compilation error:\nObject '${name}' already exists.`);
}

/** 003001: the role sees the object and may not do this. */
export function insufficientPrivileges(type: string, name: string): SqlError {
  return new SqlError(
    "003001",
    "42501",
    `SQL access control error:\nInsufficient privileges to operate on ${type.toLowerCase()} '${name}'.`,
  );
}

/** 090105 or 090106: a name without its first parts, in a session without a database or schema. */
export function noCurrent(what: "database" | "schema", operation: string): SqlError {
  return new SqlError(
    what === "database" ? "090105" : "090106",
    "22000",
    `Cannot perform ${operation}. This session does not have a current ${what}. ` +
      `Call 'USE ${what.toUpperCase()}', or use a qualified name.`,
  );
}

/** 000606: the statement needs a warehouse. */
export function noActiveWarehouse(): SqlError {
  return new SqlError(
    "000606",
    "57P03",
    "No active warehouse selected in the current session.  Select an active warehouse with the 'use warehouse' command.",
  );
}

/** 090153: a SHOW has more rows than Snowflake answers at once. */
export function tooManyRows(rowCap: number): SqlError {
  return new SqlError(
    "090153",
    "22000",
    `The result set size exceeded the max number of rows(${rowCap}) supported for SHOW statements. ` +
      "Use LIMIT option to limit result set to a smaller number.",
  );
}

/** 001008; `shown` must not be a secret value. */
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

/** 000604: the statement was aborted. */
export function canceled(): SqlError {
  return new SqlError("000604", "57014", "SQL execution canceled");
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1).toLowerCase();
}
