import type { Token } from "./tokenizer.js";

/** Words of Snowflake's SQL that this server has nothing for, each list by the place where they stand. */
const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

const COMMANDS =
  words(`CALL COMMENT COPY DECLARE DELETE EXECUTE EXPLAIN GET INSERT LIST LS MERGE PUT REMOVE RM SET
  TRUNCATE UNDROP UNSET UPDATE WITH`);
const MODIFIERS =
  words(`OR REPLACE ALTER IF NOT EXISTS TRANSIENT TEMPORARY TEMP LOCAL GLOBAL VOLATILE SECURE RECURSIVE
  TERSE HYBRID DYNAMIC EVENT ICEBERG`);
const OBJECTS =
  words(`ACCOUNT AGGREGATION ALERT API APPLICATION AUTHENTICATION CATALOG COMPUTE CONNECTION CORTEX
  DATASET EXTERNAL FAILOVER FILE FUNCTION GIT IMAGE INTEGRATION JOIN LISTING MANAGED MASKING MATERIALIZED MODEL NETWORK
  NOTEBOOK NOTIFICATION ORGANIZATION PACKAGES PASSWORD PIPE PRIVACY PROCEDURE PROJECTION REPLICATION RESOURCE ROW
  SEMANTIC SEQUENCE SERVICE SESSION SHARE SNAPSHOT STAGE STORAGE STREAM STREAMLIT TABLE TAG TASK TYPE VIEW
  SECURITY`);
const SHOWN =
  words(`ACCOUNTS ALERTS APPLICATIONS APPLICATION API AUTHENTICATION CHANNELS CLASSES COLUMNS COMPUTE
  CONNECTIONS CORTEX DATABASE DATASETS DELEGATED EXTERNAL FAILOVER FILE FUNCTIONS GIT GLOBAL HYBRID ICEBERG IMAGE
  IMPORTED INTEGRATIONS KEYS LISTINGS LOCKS MANAGED MASKING MATERIALIZED MODELS NETWORK NOTEBOOKS NOTIFICATION OBJECTS
  ORGANIZATION PACKAGES PARAMETERS PASSWORD PIPES PRIMARY PRIVACY PROCEDURES PROJECTION REGIONS REPLICATION RESOURCE ROW
  SECURITY SEQUENCES SERVICES SESSION SHARES SNAPSHOTS STAGES STORAGE STREAMS STREAMLITS TABLES TAGS TASKS TERSE
  TRANSACTIONS UNIQUE USER USERS VARIABLES VERSIONS VIEWS WAREHOUSE DYNAMIC EVENT`);
/** Of lists that this server has. */
const SHOW_CLAUSES = words("HISTORY APPLICATION SHARE");
/** Objects that this server has, with options or changes that it does not. */
const OWN_OBJECTS = words("DATABASE SCHEMA ROLE USER WAREHOUSE");
const OPTIONS =
  words(`ALLOWED_AUTHENTICATION_POLICIES AUTO_SUSPEND CATALOG CLONE COMPUTE_POOL DATA_RETENTION_TIME_IN_DAYS
  DAYS_TO_EXPIRY DEFAULT_DDL_COLLATION DEFAULT_NAMESPACE DISPLAY_NAME EMAIL ENABLE_QUERY_ACCELERATION EXTERNAL_VOLUME
  FIRST_NAME FROM GENERATION LAST_NAME LOGIN_NAME LOG_LEVEL MAX_CLUSTER_COUNT MAX_CONCURRENCY_LEVEL
  MAX_DATA_EXTENSION_TIME_IN_DAYS MIDDLE_NAME MINS_TO_BYPASS_MFA MINS_TO_UNLOCK MIN_CLUSTER_COUNT MUST_CHANGE_PASSWORD
  NETWORK_POLICY QUERY_ACCELERATION_MAX_SCALE_FACTOR RESOURCE_MONITOR RSA_PUBLIC_KEY_2 SCALING_POLICY
  STATEMENT_QUEUED_TIMEOUT_IN_SECONDS STATEMENT_TIMEOUT_IN_SECONDS STORAGE_SERIALIZATION_POLICY TAG TRACE_LEVEL
  WAIT_FOR_COMPLETION WAREHOUSE_TYPE WITH`);
const PRIVILEGE_WORDS =
  words(`ADD APPLY ATTACH AUDIT BIND CANCEL DELETE EVOLVE EXECUTE FAILOVER IMPORT IMPORTED INSERT
  INSTALL MANAGE OVERRIDE PURCHASE REBUILD REFERENCES REFERENCE_USAGE REPLICATE RESOLVE SELECT TRUNCATE UPDATE WRITE`);
/** What may not begin a value of a SELECT. */
const CLAUSES = words(
  "AS BY FROM GROUP HAVING INTO ON OR AND ORDER QUALIFY SET TO UNION VALUES WHERE LIMIT USING",
);

/**
 * Whether a statement that did not parse may still be Snowflake's SQL: it begins as something that Snowflake documents
 * and this server does not have. What follows is not looked at, so that nothing is said of whether Snowflake would
 * take it.
 *
 * @param tokens the statement's own, with the one that ends it
 * @param failedAt the token at which this server's parser gave up
 */
export function isBeyondThisServer(tokens: readonly Token[], failedAt: number): boolean {
  if (!isBalanced(tokens)) return false;
  const [first = "", ...rest] = tokens.map(wordOf);
  // A head alone is no statement of anybody's.
  if (COMMANDS.has(first)) return tokens.length > 2;
  if (first === "SELECT") return mayBeSelect(tokens, failedAt);
  const afterModifiers = rest.findIndex((word) => !MODIFIERS.has(word));
  const object = rest[afterModifiers] ?? "";
  const isComplete = tokens.length > 3;
  const failed = wordOf(tokens[failedAt]);
  switch (first) {
    case "CREATE":
      return isComplete && (OBJECTS.has(object) || (OWN_OBJECTS.has(object) && OPTIONS.has(failed)));
    case "ALTER":
      if (object === "SESSION") return rest.includes("POLICY");
      return isComplete && (OBJECTS.has(object) || (OWN_OBJECTS.has(object) && tokens.length > 4));
    case "DROP":
      return isComplete && OBJECTS.has(object);
    case "SHOW":
      return (SHOWN.has(rest[0] ?? "") && failedAt <= 1) || SHOW_CLAUSES.has(failed);
    case "DESCRIBE":
    case "DESC":
      return isComplete && (OBJECTS.has(object) || OWN_OBJECTS.has(object));
    case "GRANT":
    case "REVOKE":
      return mayBeGrant(rest);
    default:
      return false;
  }
}

/** Only of privileges or objects that this server has none of; a made-up privilege stays a syntax error. */
function mayBeGrant(rest: readonly string[]): boolean {
  const on = rest.indexOf("ON");
  const [first = "", second = ""] = rest;
  if (first === "DATABASE" && second === "ROLE") return true;
  if (on < 1) return false;
  const object = rest[on + 1] ?? "";
  if (OBJECTS.has(object) || ["ALL", "FUTURE", "USER"].includes(object)) return true;
  return PRIVILEGE_WORDS.has(first) || (first === "CREATE" && OBJECTS.has(second));
}

/** Where the parser gave up at the beginning of a value, or after one, at something that may go on. */
function mayBeSelect(tokens: readonly Token[], failedAt: number): boolean {
  const failed = tokens[failedAt];
  if (failed === undefined || failed.kind === "end" || failed.text === ";") return false;
  const before = tokens[failedAt - 1];
  const wantsValue = before?.text === "," || wordOf(before) === "SELECT";
  if (wantsValue) return !CLAUSES.has(wordOf(failed)) && ![",", ")", "="].includes(failed.text);
  // Two values beside each other are nothing; a value and an operator, a clause or an opening bracket may be.
  if (failed.kind === "string" || failed.kind === "number" || failed.kind === "bind") return false;
  return failed.text !== "," && !(failed.kind === "symbol" && failed.text === ")");
}

function isBalanced(tokens: readonly Token[]): boolean {
  let depth = 0;
  for (const { kind, text } of tokens) {
    if (kind !== "symbol") continue;
    if (text === "(") depth += 1;
    if (text === ")") depth -= 1;
    if (depth < 0) return false;
  }
  return depth === 0;
}

function wordOf(token: Token | undefined): string {
  return token?.kind === "word" ? token.text.toUpperCase() : "";
}
