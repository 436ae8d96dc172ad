import { isProviderError, ProviderError } from "../errors.js";
import { listDatabaseNames, listSchemaNames } from "../snowflake/catalog.js";
import type { Row, SnowflakeSession } from "../snowflake/session.js";
import {
  buildGrant,
  buildShowGrantsOnSchema,
  buildShowSecrets,
  buildWhoAmI,
  quoteIdentifier,
  quoteName,
  type SchemaName,
} from "../snowflake/statements.js";
import { parseMark } from "./mark.js";
import type { ObservedSecret, Step } from "./plan.js";

/** What a session sees of a destination. */
export interface ObservedDestination {
  /** Region and locator: `AWS_EU_WEST_1.XY12345`; the account's identity, whatever name reached it. */
  readonly account: string;
  /** The session's role: what it creates belongs to it. */
  readonly role: string;
  /** Roles that are known to be active in the session. */
  readonly activeRoles: ReadonlySet<string>;
  readonly secrets: ReadonlyMap<string, ObservedSecret>;
}

/** What the state knows of a destination: the proof that absence is absence. */
export interface RecordedDestination {
  readonly account: string | undefined;
  /** The roles that own the recorded secrets. */
  readonly ownerRoles: readonly string[];
}

/**
 * Looks at a schema: two statements where all is well.
 *
 * Fails with `WRONG_ACCOUNT` on another account than the recorded one, `UNPROVEN` if a recorded owner role is not
 * active (then absence proves nothing) or the listing cannot be complete, `NOT_FOUND` or `PRIVILEGE_MISSING` if
 * the schema cannot be used.
 */
export async function observeDestination(
  session: SnowflakeSession,
  place: SchemaName,
  recorded: RecordedDestination,
  namePrefix: string,
): Promise<ObservedDestination> {
  const who = await readIdentity(session, recorded.ownerRoles);
  if (recorded.account !== undefined && recorded.account !== who.account) {
    throw new ProviderError("WRONG_ACCOUNT", {
      operation: "the connection reaches another Snowflake account than the recorded one",
      target: `${who.account} instead of ${recorded.account}`,
      hint: "connect to the recorded account: what is kept there can be neither seen nor removed from here.",
    });
  }
  const missing = recorded.ownerRoles.filter((role) => !who.activeRoles.has(role));
  if (missing.length > 0) {
    throw new ProviderError("UNPROVEN", {
      operation: "the role that owns the synced secrets is not active, so what is absent cannot be told from what is hidden",
      target: `${missing.map(quoteIdentifier).join(", ")} is not active for role ${quoteIdentifier(who.role)}`,
      hint: `log in with that role, or run GRANT ROLE ${quoteIdentifier(missing[0] ?? "")} TO ROLE ${quoteIdentifier(who.role)};`,
    });
  }
  const rows = await listSecrets(session, place, who.role, namePrefix);
  return { ...who, secrets: new Map(rows.map(readSecret)) };
}

interface Identity {
  readonly account: string;
  readonly role: string;
  readonly activeRoles: ReadonlySet<string>;
}

// Account and role of a session do not change, so they are asked once; a role that was not active is asked again.
const identities = new WeakMap<SnowflakeSession, Identity>();

async function readIdentity(session: SnowflakeSession, roles: readonly string[]): Promise<Identity> {
  const known = identities.get(session);
  const open = roles.filter((role) => !known?.activeRoles.has(role));
  if (known && open.length === 0) return known;
  const [row = {}] = await session.execute(buildWhoAmI(open));
  const active = open.filter((_, i) => isTrue(row[`role_${i}`]));
  const role = String(row.role ?? "");
  const identity = {
    account: `${row.region}.${row.account}`,
    role,
    activeRoles: new Set([role, ...(known?.activeRoles ?? []), ...active]),
  };
  identities.set(session, identity);
  return identity;
}

function isTrue(cell: unknown): boolean {
  return cell === true || cell === "true" || cell === "TRUE" || cell === 1 || cell === "1";
}

async function listSecrets(
  session: SnowflakeSession,
  place: SchemaName,
  role: string,
  namePrefix: string,
): Promise<readonly Row[]> {
  try {
    return await session.execute(buildShowSecrets(place));
  } catch (error) {
    if (!isProviderError(error)) throw error;
    if (error.code === "NOT_FOUND" || error.code === "PRIVILEGE_MISSING") throw await diagnose(session, place, role, error);
    if (error.code !== "UNPROVEN" || namePrefix === "") throw tooManySecrets(error, place);
  }
  // Too many rows: all that we may touch begins with the key schema's prefix, so that part is enough.
  return session.execute(buildShowSecrets(place, namePrefix)).catch((error) => {
    throw tooManySecrets(error, place);
  });
}

function tooManySecrets(error: unknown, place: SchemaName): unknown {
  if (!isProviderError(error) || error.code !== "UNPROVEN") return error;
  return new ProviderError("UNPROVEN", {
    operation: "the schema holds more secrets than Snowflake lists in one piece, so the list is not complete",
    target: quoteName(place),
    hint: "set syncOptions.keySchema with a prefix that fewer secrets share, or use a schema of its own.",
    ...(error.cause ? { cause: error.cause as never } : {}),
  });
}

/** Snowflake says "does not exist or not authorized"; the listings tell how much of that we can tell apart. */
async function diagnose(
  session: SnowflakeSession,
  place: SchemaName,
  role: string,
  original: ProviderError,
): Promise<ProviderError> {
  const usage = [buildGrant("USAGE", { database: place.database }, role), buildGrant("USAGE", place, role)];
  const describe = (what: string, name: string, seen: readonly string[]) => {
    const other = seen.find((candidate) => candidate.toUpperCase() === name.toUpperCase());
    return new ProviderError("NOT_FOUND", {
      operation: `${what} does not exist, or role ${quoteIdentifier(role)} may not see it`,
      target: what === "database" ? quoteIdentifier(place.database) : quoteName(place),
      hint:
        other === undefined
          ? `check the exact name; if it exists, run ${usage.join(" ")}`
          : `did you mean ${quoteIdentifier(other)}? Names are exact, upper and lower case included.`,
    });
  };
  try {
    const databases = await listDatabaseNames(session);
    if (!databases.includes(place.database)) return describe("database", place.database, databases);
    const schemas = await listSchemaNames(session, place.database);
    if (!schemas.includes(place.schema)) return describe("schema", place.schema, schemas);
  } catch (error) {
    if (!isProviderError(error)) throw error;
    return original;
  }
  return new ProviderError("PRIVILEGE_MISSING", {
    operation: `role ${quoteIdentifier(role)} may not use the schema`,
    target: quoteName(place),
    hint: `run ${usage.join(" ")}`,
  });
}

function readSecret(row: Row): [string, ObservedSecret] {
  return [
    String(row.name),
    { type: String(row.secret_type), mark: parseMark(row.comment as string | null), owner: String(row.owner) },
  ];
}

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
  const unknown = [...owners].filter((owner) => !observed.activeRoles.has(owner));
  const { activeRoles } = unknown.length > 0 ? await readIdentity(session, unknown) : observed;
  const foreign = writes.find(({ observed: seen }) => seen && unknown.includes(seen.owner) && !activeRoles.has(seen.owner));
  if (foreign?.observed) {
    throw new ProviderError("PRIVILEGE_MISSING", {
      operation: `role ${quoteIdentifier(observed.role)} does not own a secret that it must change`,
      target: quoteName(place, foreign.name),
      hint: `it belongs to role ${quoteIdentifier(foreign.observed.owner)}: run ${buildGrant("OWNERSHIP", { ...place, secret: foreign.name }, observed.role)}`,
    });
  }
}

async function ensureCreateSecret(
  session: SnowflakeSession,
  place: SchemaName,
  observed: ObservedDestination,
): Promise<void> {
  const grants = await session.execute(buildShowGrantsOnSchema(place)).catch((error: unknown) => {
    // A role that may not see the grants may still hold them: then the CREATE itself tells.
    if (isProviderError(error) && (error.code === "PRIVILEGE_MISSING" || error.code === "NOT_FOUND")) return undefined;
    throw error;
  });
  if (!grants) return;
  const holders = grants.filter((row) => ["CREATE SECRET", "OWNERSHIP"].includes(String(row.privilege)));
  // Whether a database role is active cannot be asked for by name alone.
  if (holders.some((row) => row.granted_to !== "ROLE")) return;
  const roles = [...new Set(holders.map((row) => String(row.grantee_name)))];
  if (roles.some((role) => observed.activeRoles.has(role))) return;
  const { activeRoles } = roles.length > 0 ? await readIdentity(session, roles) : observed;
  if (roles.some((role) => activeRoles.has(role))) return;
  throw new ProviderError("PRIVILEGE_MISSING", {
    operation: `role ${quoteIdentifier(observed.role)} may not create secrets in the schema`,
    target: quoteName(place),
    hint: `run ${buildGrant("CREATE SECRET", place, observed.role)}`,
  });
}
