import { isProviderError, ProviderError, rewordError } from "../errors.js";
import type { SnowflakeSession } from "../snowflake/session.js";
import {
  buildGrant,
  buildShowGrantsOnSchema,
  quoteIdentifier,
  quoteName,
  type SchemaName,
} from "../snowflake/statements.js";
import { type ObservedDestination, readIdentity } from "./destination.js";
import type { Step } from "./plan.js";

/**
 * Proves, as far as Snowflake lets one see, that the writes are allowed: CREATE SECRET on the schema for what is
 * created, OWNERSHIP of what is altered or dropped. Fails with `PRIVILEGE_MISSING` and the GRANT to run.
 */
export async function ensurePrivileges(
  session: SnowflakeSession,
  place: SchemaName,
  observed: ObservedDestination,
  writes: readonly Step[],
): Promise<void> {
  if (writes.some(({ action }) => action === "create" || action === "replace")) {
    await ensureCreateSecret(session, place, observed);
  }
  const owners = new Set(writes.flatMap(({ observed: seen }) => (seen ? [seen.owner] : [])));
  const active = await findActiveRoles(session, observed, [...owners]);
  const foreign = writes.filter(({ observed: seen }) => seen && !active.has(seen.owner));
  if (foreign.length === 0) return;
  throw new ProviderError("PRIVILEGE_MISSING", {
    operation: `role ${quoteIdentifier(observed.role)} does not own ${foreign.length} of the secrets that it must change`,
    target: foreign
      .map(
        ({ name, observed: seen }) =>
          `${quoteName(place, name)} of role ${quoteIdentifier(seen?.owner ?? "")}`,
      )
      .join(", "),
    hint: `run ${foreign.map(({ name }) => buildGrant("OWNERSHIP", { ...place, secret: name }, observed.role)).join(" ")}`,
  });
}

/** What a write that Snowflake refused for want of a privilege lacks, as the GRANT to run. */
export function explainMissingPrivilege(
  error: ProviderError,
  place: SchemaName,
  { name, action }: Pick<Step, "name" | "action">,
  role: string,
): ProviderError {
  if (error.code !== "PRIVILEGE_MISSING") return error;
  const create = buildGrant("CREATE SECRET", place, role);
  const own = buildGrant("OWNERSHIP", { ...place, secret: name }, role);
  const grants = { create: [create], replace: [create, own] }[action as string] ?? [own];
  return rewordError(error, { hint: `run ${grants.join(" ")}` });
}

async function ensureCreateSecret(
  session: SnowflakeSession,
  place: SchemaName,
  observed: ObservedDestination,
): Promise<void> {
  const grants = await session.execute(buildShowGrantsOnSchema(place)).catch((error: unknown) => {
    // A role that may not see the grants may still hold them: then the CREATE itself tells.
    if (isProviderError(error) && (error.code === "PRIVILEGE_MISSING" || error.code === "NOT_FOUND"))
      return undefined;
    throw error;
  });
  if (!grants) return;
  const holders = grants.filter((row) => ["CREATE SECRET", "OWNERSHIP"].includes(String(row.privilege)));
  // Whether a database role is active cannot be asked for by name alone.
  if (holders.some((row) => row.granted_to !== "ROLE")) return;
  const roles = [...new Set(holders.map((row) => unquote(String(row.grantee_name))))];
  if (roles.some((role) => observed.activeRoles.has(role))) return;
  const active = await findActiveRoles(session, observed, roles);
  if (roles.some((role) => active.has(role))) return;
  throw new ProviderError("PRIVILEGE_MISSING", {
    operation: `role ${quoteIdentifier(observed.role)} may not create secrets in the schema`,
    target: quoteName(place),
    hint: `run ${buildGrant("CREATE SECRET", place, observed.role)}`,
  });
}

/** The active ones among `roles`, and others; asks only for those of which nothing is known. */
async function findActiveRoles(
  session: SnowflakeSession,
  { activeRoles }: ObservedDestination,
  roles: readonly string[],
): Promise<ReadonlySet<string>> {
  const unknown = roles.filter((role) => !activeRoles.has(role));
  return unknown.length === 0 ? activeRoles : (await readIdentity(session, unknown)).activeRoles;
}

// Lists of grants show a name as SQL would have it: in quotes where it needs them.
function unquote(name: string): string {
  return /^".*"$/s.test(name) ? name.slice(1, -1).replaceAll('""', '"') : name;
}
