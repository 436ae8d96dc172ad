import { isProviderError } from "../../core/errors.js";
import type { SnowflakeSession } from "../../snowflake/driver/session.js";
import { buildShowGrantsOnSecret, quoteName, type SchemaName } from "../../snowflake/statements.js";
import type { Step } from "./plan.js";

/**
 * The grants that go because a secret is recreated in the place of another one, a line each secret: "… has READ to
 * ROLE ANALYST". What may not be seen is left out.
 */
export function findDroppedGrants(
  session: SnowflakeSession,
  schema: SchemaName,
  steps: readonly Step[],
): Promise<readonly string[]> {
  const replaced = steps.filter(({ action }) => action === "replace");
  return Promise.all(replaced.map(({ name }) => describeGrants(session, schema, name))).then((lines) =>
    lines.flat(),
  );
}

async function describeGrants(
  session: SnowflakeSession,
  schema: SchemaName,
  name: string,
): Promise<readonly string[]> {
  try {
    const rows = await session.execute(buildShowGrantsOnSecret(schema, name));
    const grants = rows
      .filter(({ privilege }) => privilege !== "OWNERSHIP")
      .map(({ privilege, granted_to, grantee_name }) => `${privilege} to ${granted_to} ${grantee_name}`);
    return grants.length === 0 ? [] : [`${quoteName(schema, name)} has ${grants.join(", ")}`];
  } catch (error) {
    if (!isProviderError(error)) throw error;
    return [];
  }
}
