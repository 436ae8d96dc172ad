import { listInWords } from "../../../provider/core/list-in-words.js";
import { observeDestination, readSessionRoles } from "../../../provider/secret-sync/plan/observe.js";
import {
  ensurePrivileges,
  executeIfVisible,
  type PrivilegedWrite,
} from "../../../provider/secret-sync/plan/privileges.js";
import { defaultAudience } from "../../../provider/snowflake/connection/login/workload-identity.js";
import {
  type ConnectionSources,
  type ResolvedConnection,
  resolveConnection,
} from "../../../provider/snowflake/connection/resolve.js";
import type { IdentityClaims } from "../../../provider/snowflake/driver/identity-token.js";
import {
  describeIdentity,
  openSession,
  type SnowflakeSession,
} from "../../../provider/snowflake/driver/session.js";
import {
  buildCreateWorkloadUser,
  buildGrantFutureReads,
  buildSessionContext,
  buildShowFutureGrants,
  quoteName,
  type SchemaName,
} from "../../../provider/snowflake/statements.js";
import { asBadCheck, type Check } from "./check.js";
import { checkDeeply, type DeepOptions } from "./deep.js";

/** What lets a role use a secret: https://docs.snowflake.com/en/sql-reference/sql/create-secret */
const readingPrivileges: ReadonlySet<unknown> = new Set(["READ", "USAGE"]);

/** A schema to look at, and the owner ids of the syncs that write there. */
export interface ExaminedSchema {
  readonly place: SchemaName;
  readonly ownerIds: ReadonlySet<string>;
}

/** The connection and by which way, the log-in, the egress address, the role, and the privileges on each schema. */
export async function checkSnowflake(
  sources: ConnectionSources,
  places: readonly ExaminedSchema[],
  deep?: DeepOptions,
): Promise<Check[]> {
  const checks: Check[] = [];
  let session: SnowflakeSession | undefined;
  try {
    const resolved = await resolveConnection(sources);
    if (resolved.unknown) return [];
    const { account, username, authentication } = resolved.connection;
    checks.push({
      area: "connection",
      status: "ok",
      detail: `${account}${username === undefined ? "" : ` as ${username}`}, by ${authentication.kind.replaceAll("-", " ")} (${describeLinks(resolved.links)})`,
    });
    const identity = await describeIdentity(resolved.connection);
    if (identity !== undefined) checks.push(buildIdentityCheck(identity, resolved.connection.role));
    session = await openSession(resolved.connection, {
      loginTimeoutMs: 10_000,
      statementTimeoutMs: 20_000,
      // No value of a secret is held here, but of those of --deep, which protect nothing.
      isSafeToPrint: () => true,
    });
    checks.push(...(await checkSession(session)));
    for (const examined of places) {
      checks.push(await checkPrivileges(session, examined), await findReaders(session, examined.place));
    }
    if (deep !== undefined) {
      const { role } = await readSessionRoles(session, []);
      checks.push(...(await checkDeeply(session, role, deep)));
    }
    if (places.length === 0) {
      checks.push({
        area: "privileges",
        status: "skipped",
        detail: "not checked: give --database and --schema, or a stack with a sync",
      });
    }
  } catch (error) {
    checks.push(asBadCheck(session === undefined && checks.length === 0 ? "connection" : "log-in", error));
  } finally {
    await session?.close();
  }
  return checks;
}

function buildIdentityCheck({ issuer, subject, audiences }: IdentityClaims, role: string | undefined): Check {
  const [audience] = audiences.includes(defaultAudience) ? [] : audiences;
  return {
    area: "identity",
    status: "ok",
    detail: `issuer ${issuer}, subject ${subject}, audience ${audiences.join(", ")}. Its user: ${buildCreateWorkloadUser({ issuer, subject, audience }, role)}`,
  };
}

// "account, user: Pulumi config; password: the environment".
function describeLinks(links: ResolvedConnection["links"]): string {
  const byLink = new Map<string, string[]>();
  for (const [field, link] of Object.entries(links)) byLink.set(link, [...(byLink.get(link) ?? []), field]);
  return [...byLink].map(([link, fields]) => `${fields.join(", ")}: ${link}`).join("; ");
}

async function checkSession(session: SnowflakeSession): Promise<Check[]> {
  const [row = {}] = await session.execute(buildSessionContext());
  const text = (key: string) =>
    typeof row[key] === "string" && row[key] !== "" ? String(row[key]) : undefined;
  return [
    { area: "log-in", status: "ok", detail: `from address ${text("ip") ?? "?"}, as Snowflake sees it` },
    {
      area: "role",
      status: text("role") === undefined ? "bad" : "ok",
      detail: text("role") ?? "no role is active",
      ...(text("role") === undefined
        ? { fix: "set a default role for the user, or role in the connection." }
        : {}),
    },
  ];
}

async function checkPrivileges(
  session: SnowflakeSession,
  { place, ownerIds }: ExaminedSchema,
): Promise<Check> {
  const area = "privileges";
  try {
    const recorded = { account: undefined, owners: new Map() };
    const observed = await observeDestination(session, place, recorded, { prefix: "", isComplete: false });
    const ours = [...observed.secrets].filter(
      ([, { mark }]) => mark !== undefined && ownerIds.has(mark.ownerId),
    );
    // What the syncs would need most: to create, and to alter each of their secrets. Nothing is carried out.
    const writes: PrivilegedWrite[] = [
      { name: "", action: "create" },
      ...ours.map(([name, seen]): PrivilegedWrite => ({ name, action: "alter", observed: seen })),
    ];
    await ensurePrivileges(session, place, observed, writes);
    const owned = ours.length === 0 ? "" : `, OWNERSHIP of ${ours.length} synced secrets`;
    return { area, status: "ok", detail: `${quoteName(place)}: USAGE, CREATE SECRET${owned}` };
  } catch (error) {
    return asBadCheck(area, error);
  }
}

/** Which roles can use what is created in the schema from now on. */
async function findReaders(session: SnowflakeSession, place: SchemaName): Promise<Check> {
  const check = { area: "readers", status: "skipped" } as const;
  const schema = quoteName(place);
  try {
    const rows = await executeIfVisible(session, buildShowFutureGrants(place));
    if (rows === undefined) return { ...check, detail: `${schema}: the role cannot see its future grants` };
    const grants = rows
      .filter(
        (row) => String(row.grant_on).toUpperCase() === "SECRET" && readingPrivileges.has(row.privilege),
      )
      .map(({ privilege, grant_to, grantee_name }) => `${privilege} to ${grant_to} ${grantee_name}`);
    if (grants.length > 0) {
      return { ...check, status: "ok", detail: `${schema}: new secrets grant ${listInWords(grants, "and")}` };
    }
    const grant = buildGrantFutureReads(place);
    return { ...check, detail: `${schema}: no role may read new secrets. To let one: ${grant}` };
  } catch (error) {
    return asBadCheck(check.area, error);
  }
}
