import { isProviderError, ProviderError } from "../../core/errors.js";
import {
  buildExactNames,
  buildNameProbe,
  hasQuotedName,
  isRead,
  type SelfNaming,
  type Statement,
} from "../statements.js";

type Send<Row> = (statement: Statement) => Promise<readonly Row[]>;

/**
 * Keeps a session to exact names. Where account or user have QUOTED_IDENTIFIERS_IGNORE_CASE = TRUE, `"app"` means APP:
 * another schema would be listed and written, and columns come back under other names. The first SELECT shows it by the
 * case of its own columns, so no statement is sent for it; only then is the session's parameter set.
 *
 * Until that is known, reads are sent, but what they find is held back and, if the session had to be corrected, thrown
 * away and asked for again; what changes something waits.
 *
 * @throws STATEMENT_FAILED when the session may not be corrected
 */
export function keepNamesExact<Row extends object>(send: Send<Row>): Send<Row> {
  let isProven = false;
  /** Whether the session had to be corrected, once that is known. */
  let proof: Promise<boolean> | undefined;

  const prove = (statement: SelfNaming): Promise<readonly Row[]> => {
    const proven = proveExactNames(send, statement);
    const current = proven.then(({ wasCorrected }) => wasCorrected);
    proof = current;
    current.then(
      () => {
        isProven = true;
      },
      () => {
        // Told to whoever waits for it; the next statement tries again.
        proof = undefined;
      },
    );
    return proven.then(({ rows }) => rows);
  };

  return async (statement) => {
    if (isProven || !hasQuotedName(statement)) return send(statement);
    if (proof === undefined && isSelfNaming(statement)) return prove(statement);
    if (proof === undefined) prove(buildNameProbe()).catch(() => undefined);
    if (!isRead(statement)) {
      await proof;
      return send(statement);
    }
    const [found, wasCorrected] = await Promise.allSettled([send(statement), proof]);
    if (wasCorrected.status === "rejected") throw wasCorrected.reason;
    if (wasCorrected.value === true) return send(statement);
    if (found.status === "rejected") throw found.reason;
    return found.value;
  };
}

async function proveExactNames<Row extends object>(
  send: Send<Row>,
  statement: SelfNaming,
): Promise<{ readonly rows: readonly Row[]; readonly wasCorrected: boolean }> {
  const rows = await send(statement);
  if (hasItsColumns(statement, rows)) return { rows, wasCorrected: false };
  await send(buildExactNames()).catch((error: unknown) => {
    throw isRefusal(error) ? buildNotExact(error) : error;
  });
  const corrected = await send(statement);
  if (!hasItsColumns(statement, corrected)) throw buildNotExact();
  return { rows: corrected, wasCorrected: true };
}

function isSelfNaming(statement: Statement): statement is SelfNaming {
  return statement.columns !== undefined;
}

function hasItsColumns({ columns }: SelfNaming, [row]: readonly object[]): boolean {
  return row !== undefined && columns.every((column) => Object.hasOwn(row, column));
}

function isRefusal(error: unknown): error is ProviderError {
  return isProviderError(error) && (error.code === "STATEMENT_FAILED" || error.code === "PRIVILEGE_MISSING");
}

function buildNotExact(refusal?: ProviderError): ProviderError {
  return new ProviderError("STATEMENT_FAILED", {
    operation:
      "parameter QUOTED_IDENTIFIERS_IGNORE_CASE is TRUE, so names are not exact, and this session could not set it to FALSE",
    target: "session",
    hint: "run ALTER USER … SET QUOTED_IDENTIFIERS_IGNORE_CASE = FALSE; for the user of the connection.",
    ...(refusal?.cause === undefined ? {} : { cause: refusal.cause }),
  });
}
