import { ProviderError } from "../../core/errors.js";
import type { SnowflakeSession } from "../../snowflake/driver/session.js";
import {
  buildGrant,
  buildRevokeFutureOwnership,
  buildShowFutureGrants,
  quoteIdentifier,
  quoteName,
  type SchemaName,
} from "../../snowflake/statements.js";
import { executeIfVisible } from "../plan/privileges.js";
import { listNames } from "../preview/messages.js";
import type { Outcomes } from "./apply.js";

/**
 * Explains secrets that this sync created and cannot see: a future grant gives their ownership to another role. They
 * share one error, so that it is told once. Without such a grant the outcomes stay as they are.
 *
 * @param hidden names that were created and are not listed, or that are taken and were never listed
 */
export async function explainFutureOwner(
  session: SnowflakeSession,
  schema: SchemaName,
  role: string,
  outcomes: Outcomes,
  hidden: readonly string[],
): Promise<Outcomes> {
  if (hidden.length === 0) return outcomes;
  const found = await findFutureOwner(session, schema);
  if (found === undefined || found.owner === role) return outcomes;
  const error = new ProviderError("PRIVILEGE_MISSING", {
    operation: `a future grant makes role ${quoteIdentifier(found.owner)} the owner of every new secret, so role ${quoteIdentifier(role)} cannot see the secrets that it creates`,
    target: `${hidden.length} in ${quoteName(schema)}: ${listNames(hidden)}`,
    hint: `run ${buildRevokeFutureOwnership(found.on, found.owner)} and, for each of these secrets, ${buildGrant("OWNERSHIP", { ...schema, secret: hidden[0] ?? "" }, role)}`,
  });
  return new Map([...outcomes, ...hidden.map((name) => [name, error] as const)]);
}

type Scope = SchemaName | { readonly database: string };

/** Future grants of the schema stand in place of those of its database. */
async function findFutureOwner(
  session: SnowflakeSession,
  schema: SchemaName,
): Promise<{ readonly on: Scope; readonly owner: string } | undefined> {
  for (const on of [schema, { database: schema.database }]) {
    const grants = (await executeIfVisible(session, buildShowFutureGrants(on))) ?? [];
    const ofSecrets = grants.filter((row) => String(row.grant_on).toUpperCase() === "SECRET");
    const ownership = ofSecrets.find((row) => row.privilege === "OWNERSHIP");
    if (ownership !== undefined) return { on, owner: String(ownership.grantee_name) };
    if (ofSecrets.length > 0) return undefined;
  }
  return undefined;
}
