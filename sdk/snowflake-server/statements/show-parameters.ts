import { buildLike } from "../like.js";
import { type Column, column, type ResultSet } from "../results.js";
import type { ShowParameters } from "../sql/statements.js";
import type { StatementContext } from "./context.js";
import { listDefaults } from "./parameters.js";

const PARAMETER_COLUMNS = ["key", "value", "default", "level", "description", "type"].map((name) =>
  column(name),
);

/** SHOW PARAMETERS of the session or the account. */
export function showParameters(
  { session, catalog }: StatementContext,
  { like, scope }: ShowParameters,
): ResultSet {
  const fits = like === undefined ? () => true : buildLike(like);
  const rows = listDefaults().flatMap(([name, initial]) => {
    if (!fits(name)) return [];
    const ofAccount = catalog.parameters.get(name);
    const value = scope === "account" ? (ofAccount ?? initial) : (session.parameters.get(name) ?? initial);
    const level = value === initial ? "" : value === ofAccount ? "ACCOUNT" : "SESSION";
    return [[name, String(value), String(initial), level, "", (typeof initial).toUpperCase()]];
  });
  return { columns: PARAMETER_COLUMNS, rows };
}

/** What SHOW PARAMETERS answers with. */
export function parameterColumns(): readonly Column[] {
  return PARAMETER_COLUMNS;
}
