import { buildRowType, type ResultSet } from "../results.js";
import type { Session } from "../sessions.js";
import type { SqlError } from "../sql-error.js";
import { listParameters } from "../statements/parameters.js";

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

const TOKEN_VALIDITY_SECONDS = 3600;
const MASTER_VALIDITY_SECONDS = 14_400;

export function loginAnswer(session: Session): Answer {
  return success({
    token: session.token,
    masterToken: session.masterToken,
    validityInSeconds: TOKEN_VALIDITY_SECONDS,
    masterValidityInSeconds: MASTER_VALIDITY_SECONDS,
    sessionId: session.id,
    displayUserName: session.user,
    serverVersion: "10.0.0",
    firstLogin: false,
    parameters: listParameters(session.parameters),
    sessionInfo: {
      databaseName: session.database ?? null,
      schemaName: session.schema ?? null,
      warehouseName: session.warehouse ?? null,
      roleName: session.role,
    },
  });
}

export function renewalAnswer(session: Session): Answer {
  return success({
    sessionToken: session.token,
    validityInSecondsST: TOKEN_VALIDITY_SECONDS,
    masterToken: session.masterToken,
    validityInSecondsMT: MASTER_VALIDITY_SECONDS,
    sessionId: session.id,
  });
}

/** The rows of one statement, in the JSON form that every client reads. */
export function resultAnswer(
  session: Session,
  queryId: string,
  result: ResultSet,
  bindCount: number,
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
    statementTypeId: result.statementTypeId,
    version: 1,
    sendResultTime: Date.now(),
    queryResultFormat: "json",
  });
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
    statementTypeId: 40_960,
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
    parameters: listParameters(session.parameters),
    finalDatabaseName: session.database ?? null,
    finalSchemaName: session.schema ?? null,
    finalWarehouseName: session.warehouse ?? null,
    finalRoleName: session.role,
  };
}
