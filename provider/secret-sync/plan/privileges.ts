import { isProviderError, ProviderError, rewordError } from "../../core/errors.js";
import type { Row, SnowflakeSession } from "../../snowflake/driver/session.js";
import {
  buildGrant,
  buildSecondaryRoles,
  buildShowGrantsOnSchema,
  buildShowGrantsToRole,
  quoteIdentifier,
  quoteName,
  type SchemaName,
  type Statement,
  unquoteIdentifier,
} from "../../snowflake/statements.js";
import { type ObservedDestination, readSessionRoles } from "./observe.js";
import type { ObservedSecret, WriteStep } from "./plan.js";

/** A write, as far as its privileges depend on it. */
export interface PrivilegedWrite extends Pick<WriteStep, "name" | "action"> {
  /** Absent where nothing is there yet. */
  readonly observed?: ObservedSecret | undefined;
}

/**
 * Proves, as far as Snowflake lets one see, that the writes are allowed: CREATE SECRET on the schema, of the primary
 * role, for what is created; OWNERSHIP, of any role of the session, of what is altered or dropped. Fails with `PRIVILEGE_MISSING` and the GRANT to run.
 */
export async function ensurePrivileges(
  session: SnowflakeSession,
  schema: SchemaName,
  observed: ObservedDestination,
  writes: readonly PrivilegedWrite[],
): Promise<void> {
  if (writes.some(({ action }) => action === "create" || action === "replace")) {
    await ensureCreateSecret(session, schema, observed);
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
          `${quoteName(schema, name)} of role ${quoteIdentifier(seen?.owner ?? "")}`,
      )
      .join(", "),
    hint: `run ${foreign.map(({ name }) => buildGrant("OWNERSHIP", { ...schema, secret: name }, observed.role)).join(" ")}`,
  });
}

/** What a write that Snowflake refused for want of a privilege lacks, as the GRANT to run. */
export function explainMissingPrivilege(
  error: ProviderError,
  schema: SchemaName,
  { name, action }: PrivilegedWrite,
  role: string,
): ProviderError {
  if (error.code !== "PRIVILEGE_MISSING") return error;
  const create = buildGrant("CREATE SECRET", schema, role);
  const own = buildGrant("OWNERSHIP", { ...schema, secret: name }, role);
  const grants = { create: [create], replace: [create, own], alter: [own], drop: [own] }[action];
  return rewordError(error, { hint: `run ${grants.join(" ")}` });
}

async function ensureCreateSecret(
  session: SnowflakeSession,
  schema: SchemaName,
  observed: ObservedDestination,
): Promise<void> {
  const grants = await executeIfVisible(session, buildShowGrantsOnSchema(schema));
  // A role that may not see the grants may still hold them: then the CREATE itself tells.
  if (!grants) return;
  const holders = grants.filter((row) => ["CREATE SECRET", "OWNERSHIP"].includes(String(row.privilege)));
  // Whether a database role is active cannot be asked for by name alone.
  if (holders.some((row) => row.granted_to !== "ROLE")) return;
  // Lists of grants show a name in quotes where SQL needs them.
  const roles = [...new Set(holders.map((row) => unquoteIdentifier(String(row.grantee_name))))];
  if (roles.some((role) => role === observed.role || role === "PUBLIC")) return;
  const known = await findActiveRoles(session, observed, roles);
  const active = roles.filter((role) => known.has(role));
  if (active.length > 0 && (await inheritsAny(session, observed.role, active))) return;
  const secondary = active.map(quoteIdentifier).join(", ");
  throw new ProviderError("PRIVILEGE_MISSING", {
    operation:
      `role ${quoteIdentifier(observed.role)} may not create secrets in the schema` +
      (secondary === ""
        ? ""
        : `, and the session has ${secondary} only as a secondary role, which does not count for CREATE`),
    target: quoteName(schema),
    hint: `run ${buildGrant("CREATE SECRET", schema, observed.role)}`,
  });
}

/**
 * Whether a primary role inherits one of `roles` that are active in the session. They may be active as secondary roles
 * only (a user's default since 2024), and CREATE takes the primary role's rights alone.
 */
async function inheritsAny(
  session: SnowflakeSession,
  primary: string,
  roles: readonly string[],
): Promise<boolean> {
  const [row = {}] = await session.execute(buildSecondaryRoles());
  // Without a secondary role whatever is active is inherited.
  if (/"roles"\s*:\s*""/.test(String(row.secondary_roles))) return true;
  const inherited = new Set([primary]);
  // A set may grow while it is walked: the walk then reaches what was added.
  for (const role of inherited) {
    const grants = await executeIfVisible(session, buildShowGrantsToRole(role));
    if (!grants) return true;
    for (const { privilege, granted_on, name } of grants) {
      if (privilege === "USAGE" && granted_on === "ROLE") inherited.add(unquoteIdentifier(String(name)));
    }
    if (roles.some((candidate) => inherited.has(candidate))) return true;
  }
  return false;
}

/** The rows of a listing; `undefined` where the role may not see what is asked for. */
export async function executeIfVisible(
  session: SnowflakeSession,
  statement: Statement,
): Promise<readonly Row[] | undefined> {
  return session.execute(statement).catch((error: unknown) => {
    if (isProviderError(error) && (error.code === "PRIVILEGE_MISSING" || error.code === "NOT_FOUND"))
      return undefined;
    throw error;
  });
}

/** The active ones among `roles`, and others; asks only for those of which nothing is known. */
async function findActiveRoles(
  session: SnowflakeSession,
  { activeRoles }: ObservedDestination,
  roles: readonly string[],
): Promise<ReadonlySet<string>> {
  const unknown = roles.filter((role) => !activeRoles.has(role));
  return unknown.length === 0 ? activeRoles : (await readSessionRoles(session, unknown)).activeRoles;
}
