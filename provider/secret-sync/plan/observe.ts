import { isProviderError, ProviderError } from "../../core/errors.js";
import { listDatabaseNames, listSchemaNames } from "../../snowflake/catalog.js";
import type { Row, SnowflakeSession } from "../../snowflake/driver/session.js";
import {
  buildGrant,
  buildGrantRole,
  buildShowAllSecrets,
  buildShowSecrets,
  buildShowSecretsNamed,
  buildWhoAmI,
  quoteIdentifier,
  quoteName,
  type SchemaName,
} from "../../snowflake/statements.js";
import { forgetAccountVariable } from "./forgotten-account.js";
import { type OwnershipComment, parseOwnershipComment } from "./ownership-comment.js";
import type { ObservedSecret } from "./plan.js";

/** What a session sees of a destination. */
export interface ObservedDestination {
  /** Region and locator: `AWS_EU_WEST_1.XY12345`; what the account is, whatever name reached it. */
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
  /** The role that owns each recorded secret, by name; "" where it is not known. */
  readonly owners: ReadonlyMap<string, string>;
}

/** Which secrets must be seen, beside the recorded ones. */
export interface Scope {
  /** What the names within reach begin with; may be empty. */
  readonly prefix: string;
  /** Whether all of them must be seen, or the recorded ones are enough. */
  readonly isComplete: boolean;
}

/**
 * Looks at a schema: two statements where all is well.
 *
 * Fails with `WRONG_ACCOUNT` on another account than the recorded one, `UNPROVEN` if a recorded secret is not listed
 * and its owner role is not active (then absence proves nothing) or the listing cannot be complete, `NOT_FOUND` or `PRIVILEGE_MISSING` if
 * the schema cannot be used.
 */
export async function observeDestination(
  session: SnowflakeSession,
  schema: SchemaName,
  recorded: RecordedDestination,
  scope: Scope,
): Promise<ObservedDestination> {
  const ownerRoles = [...new Set(recorded.owners.values())].filter((role) => role !== "").sort();
  const names = [...recorded.owners.keys()];
  // Together, as each takes a round trip; whose account it is decides first.
  const [roles, listing] = await Promise.allSettled([
    readSessionRoles(session, ownerRoles),
    listSecrets(session, schema, names, scope),
  ]);
  const who = unwrap(roles);
  if (recorded.account !== undefined && recorded.account !== who.account) {
    throw new ProviderError("WRONG_ACCOUNT", {
      operation: "the connection leads to another Snowflake account than the one in the state",
      target: `${who.account} instead of ${recorded.account}`,
      hint: `connect to the recorded account, or move the sync while both accounts can be reached: the recorded one with the connection that the state holds. If it is gone for good, run pulumi up (or destroy) once with ${forgetAccountVariable}=${recorded.account}, which forgets what it held.`,
    });
  }
  if (listing.status === "rejected" && isOfSchema(listing.reason)) {
    throw await diagnose(session, schema, who.role, listing.reason);
  }
  const secrets = unwrap(listing);
  requireProvenAbsence(recorded, secrets, who);
  return { ...who, secrets };
}

function unwrap<T>(settled: PromiseSettledResult<T>): T {
  if (settled.status === "rejected") throw settled.reason;
  return settled.value;
}

function isOfSchema(error: unknown): error is ProviderError {
  return isProviderError(error) && (error.code === "NOT_FOUND" || error.code === "PRIVILEGE_MISSING");
}

/** What is there needs no proof; what is not there is absent only if the role that owned it would see it. */
function requireProvenAbsence(
  { owners }: RecordedDestination,
  secrets: ReadonlyMap<string, ObservedSecret>,
  { role, activeRoles }: SessionRoles,
): void {
  const absent = [...owners].filter(([name]) => !secrets.has(name));
  const inactive = [...new Set(absent.map(([, owner]) => owner))]
    .filter((owner) => owner !== "" && !activeRoles.has(owner))
    .sort();
  if (inactive.length === 0) return;
  throw new ProviderError("UNPROVEN", {
    operation:
      "the role that owns the synced secrets is not active, so hidden secrets look like dropped ones",
    target: `${inactive.map(quoteIdentifier).join(", ")} is not active for role ${quoteIdentifier(role)}`,
    hint: inactive.some((owner) => systemRoles.has(owner))
      ? "log in with that role for this run (connection.role). Do not grant a system role to another role."
      : `log in with that role, or run ${inactive.map((owner) => buildGrantRole(owner, role)).join(" ")}`,
  });
}

/** Roles of every account, whose rights reach far beyond a schema. */
const systemRoles: ReadonlySet<string> = new Set([
  "ACCOUNTADMIN",
  "GLOBALORGADMIN",
  "ORGADMIN",
  "SECURITYADMIN",
  "SYSADMIN",
  "USERADMIN",
]);

interface SessionRoles {
  readonly account: string;
  readonly role: string;
  readonly activeRoles: ReadonlySet<string>;
}

// Account and role of a session do not change, so they are asked once; a role that was not active is asked again.
const rolesOf = new WeakMap<SnowflakeSession, SessionRoles>();

/** Who the session is, and which of `roles` are active in it. */
export async function readSessionRoles(
  session: SnowflakeSession,
  roles: readonly string[],
): Promise<SessionRoles> {
  const known = rolesOf.get(session);
  const open = roles.filter((role) => !known?.activeRoles.has(role));
  if (known && open.length === 0) return known;
  const [row = {}] = await session.execute(buildWhoAmI(open));
  const active = open.filter((_, i) => isTrue(row[`role_${i}`]));
  const role = String(row.role ?? "");
  const found = {
    account: `${row.region}.${row.account}`,
    role,
    activeRoles: new Set([role, ...(known?.activeRoles ?? []), ...active]),
  };
  rolesOf.set(session, found);
  return found;
}

function isTrue(cell: unknown): boolean {
  return cell === true || cell === "true" || cell === "TRUE" || cell === 1 || cell === "1";
}

/**
 * The secrets of the schema; where they are too many for one listing, those that begin with the prefix, and each
 * recorded one outside of it by its name.
 */
export async function listSecrets(
  session: SnowflakeSession,
  schema: SchemaName,
  names: readonly string[],
  { prefix, isComplete }: Scope,
): Promise<ReadonlyMap<string, ObservedSecret>> {
  const list = (part?: string) => session.execute(buildShowSecrets(schema, part)).catch(undefinedIfTooMany);
  const all = await list();
  if (all) return new Map(all.map(readSecret));
  const reach = prefix === "" ? undefined : await list(prefix);
  if (!reach && isComplete) {
    throw new ProviderError("UNPROVEN", {
      operation: "the schema holds more secrets than Snowflake lists, so the list is incomplete",
      target: quoteName(schema),
      hint: "set syncOptions.keySchema with a prefix that fewer secrets share, or use a schema of its own.",
    });
  }
  const rest = reach ? names.filter((name) => !name.startsWith(prefix)) : names;
  const found = await Promise.all(rest.map((name) => session.execute(buildShowSecretsNamed(schema, name))));
  return new Map([...(reach ?? []), ...found.flat()].map(readSecret));
}

/** A secret of the account that carries an owner id. */
interface MarkedSecret {
  readonly schema: SchemaName;
  readonly name: string;
  readonly mark: OwnershipComment;
}

/** The secrets of the whole account that carry an owner id, as far as the role sees them. */
export async function listMarked(
  session: SnowflakeSession,
  ownerId: string,
): Promise<readonly MarkedSecret[]> {
  const rows = await session.execute(buildShowAllSecrets());
  return rows.flatMap((row) => {
    const mark = parseOwnershipComment(row.comment as string | null);
    const schema = { database: String(row.database_name), schema: String(row.schema_name) };
    return mark?.ownerId === ownerId ? [{ schema, name: String(row.name), mark }] : [];
  });
}

function undefinedIfTooMany(error: unknown): undefined {
  if (!isProviderError(error) || error.code !== "UNPROVEN") throw error;
}

function readSecret(row: Row): [string, ObservedSecret] {
  return [
    String(row.name),
    {
      type: String(row.secret_type),
      mark: parseOwnershipComment(row.comment as string | null),
      owner: String(row.owner),
      createdOn: readEpochMs(row.created_on),
    },
  ];
}

// The driver gives a date.
function readEpochMs(cell: unknown): number | undefined {
  const epochMs = Number(cell ?? Number.NaN);
  return Number.isFinite(epochMs) ? epochMs : undefined;
}

/** Snowflake says "does not exist or not authorized"; the listings tell how much of that we can tell apart. */
async function diagnose(
  session: SnowflakeSession,
  location: SchemaName,
  role: string,
  original: ProviderError,
): Promise<ProviderError> {
  const onDatabase = buildGrant("USAGE", { database: location.database }, role);
  const onSchema = buildGrant("USAGE", location, role);
  const notFound = (what: "database" | "schema", seen: readonly string[], grants: readonly string[]) => {
    const name = location[what];
    const other = seen.find((candidate) => candidate.toUpperCase() === name.toUpperCase());
    return new ProviderError("NOT_FOUND", {
      operation: `${what} does not exist, or role ${quoteIdentifier(role)} may not see it`,
      target: what === "database" ? quoteIdentifier(name) : quoteName(location),
      hint:
        other === undefined
          ? `check the exact name; if it exists, run ${grants.join(" ")}`
          : `did you mean ${quoteIdentifier(other)}? Names are exact, upper and lower case included.`,
    });
  };
  const notUsable = (what: "database" | "schema", grant: string) =>
    new ProviderError("PRIVILEGE_MISSING", {
      operation: `role ${quoteIdentifier(role)} may not use the ${what}`,
      target: what === "database" ? quoteIdentifier(location.database) : quoteName(location),
      hint: `run ${grant}`,
    });
  try {
    const databases = await listDatabaseNames(session);
    if (!databases.includes(location.database))
      return notFound("database", databases, [onDatabase, onSchema]);
    const schemas = await listSchemaNames(session, location.database).catch((error: unknown) => {
      if (isProviderError(error)) return undefined;
      throw error;
    });
    if (!schemas) return notUsable("database", onDatabase);
    return schemas.includes(location.schema)
      ? notUsable("schema", onSchema)
      : notFound("schema", schemas, [onSchema]);
  } catch (error) {
    if (!isProviderError(error)) throw error;
    return original;
  }
}
