import { buildBindType, buildRowType, type ResultSet } from "../results.js";
import type { Session, TokenValidity } from "../sessions.js";
import type { SqlError } from "../sql-error.js";
import { SEVERAL_STATEMENTS_TYPE_ID } from "../statements/execute.js";

/** A JSON answer with its HTTP status. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** The envelope of every success. */
export function success(data: unknown, code: string | null = null): Answer {
  return { status: 200, body: { success: true, code, message: null, data } };
}

/** The envelope of a refusal before a statement was looked at: log-in, tokens. */
export function failure(code: string, message: string, status = 200): Answer {
  return { status, body: { success: false, code, message, data: { nextAction: "RETRY_LOGIN" } } };
}

/** The answer to a log-in that succeeded. */
export function loginAnswer(
  session: Session,
  validity: TokenValidity,
  kept: { readonly idToken?: string | undefined; readonly mfaToken?: string | undefined } = {},
): Answer {
  return success({
    token: session.token,
    masterToken: session.masterToken,
    validityInSeconds: validity.tokenSeconds,
    masterValidityInSeconds: validity.masterSeconds,
    sessionId: session.id,
    displayUserName: session.user,
    ...kept,
    serverVersion: "10.0.0",
    firstLogin: false,
    parameters: session.parameters.list(),
    sessionInfo: {
      databaseName: session.database ?? null,
      schemaName: session.schema ?? null,
      warehouseName: session.warehouse ?? null,
      roleName: session.role,
    },
  });
}

/** The answer to a renewal that succeeded. */
export function renewalAnswer(session: Session, validity: TokenValidity): Answer {
  return success({
    sessionToken: session.token,
    validityInSecondsST: validity.tokenSeconds,
    masterToken: session.masterToken,
    validityInSecondsMT: validity.masterSeconds,
    sessionId: session.id,
  });
}

/** What drivers are told of a statement beside its rows. */
export interface StatementFacts {
  readonly statementTypeId: number;
  readonly bindCount: number;
}

/** The rows of one statement, in the JSON form that every client reads. */
export function resultAnswer(
  session: Session,
  queryId: string,
  result: ResultSet,
  { statementTypeId, bindCount }: StatementFacts,
  more: Readonly<Record<string, unknown>> = {},
): Answer {
  return success({
    ...finalContext(session),
    rowtype: result.columns.map(buildRowType),
    rowset: result.rows,
    total: result.rows.length,
    returned: result.rows.length,
    queryId,
    databaseProvider: null,
    numberOfBinds: bindCount,
    arrayBindSupported: false,
    statementTypeId,
    version: 1,
    sendResultTime: Date.now(),
    queryResultFormat: "json",
    ...more,
  });
}

/** The columns of a statement that was only described, and its binds, each with a type: JDBC counts those. */
export function describeAnswer(
  session: Session,
  queryId: string,
  result: ResultSet,
  facts: StatementFacts,
): Answer {
  const metaDataOfBinds = Array.from({ length: facts.bindCount }, (_, index) => buildBindType(index + 1));
  return resultAnswer(session, queryId, result, facts, { metaDataOfBinds });
}

/** The answer to several statements at once: where to fetch the result of each. */
export function multiStatementAnswer(
  session: Session,
  queryId: string,
  results: readonly { readonly queryId: string; readonly statementTypeId: number }[],
): Answer {
  return success({
    ...finalContext(session),
    rowtype: [buildRowType({ name: "multiple statement execution", type: "text" })],
    rowset: [["Multiple statements executed successfully."]],
    total: 1,
    returned: 1,
    queryId,
    statementTypeId: SEVERAL_STATEMENTS_TYPE_ID,
    resultIds: results.map((result) => result.queryId).join(","),
    resultTypes: results.map((result) => result.statementTypeId).join(","),
    version: 1,
    queryResultFormat: "json",
  });
}

/** An answer that says: not ready, ask again. */
export function inProgressAnswer(queryId: string): Answer {
  return success(
    { queryId, getResultUrl: `/queries/${queryId}/result`, queryAbortsAfterSecs: 300 },
    "333334",
  );
}

/** A refused statement. Without sqlState the Node driver would ask once more for the error. */
export function sqlErrorAnswer(queryId: string, error: SqlError): Answer {
  return {
    status: 200,
    body: {
      success: false,
      code: error.code,
      message: error.message,
      data: {
        internalError: false,
        errorCode: error.code,
        age: 0,
        sqlState: error.sqlState,
        queryId,
        line: error.place?.line ?? -1,
        pos: error.place?.position ?? -1,
        type: "COMPILATION",
      },
    },
  };
}

function finalContext(session: Session): Record<string, unknown> {
  return {
    parameters: session.parameters.list(),
    finalDatabaseName: session.database ?? null,
    finalSchemaName: session.schema ?? null,
    finalWarehouseName: session.warehouse ?? null,
    finalRoleName: session.role,
  };
}
