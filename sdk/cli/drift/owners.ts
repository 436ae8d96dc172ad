import { isProviderError, type ProviderError } from "../../../provider/core/errors.js";
import type { ObservedSecret } from "../../../provider/secret-sync/plan/plan.js";
import type { SchemaName } from "../../../provider/snowflake/statements.js";
import type { LookedAtStack } from "./look-at-stack.js";

/**
 * Who owns secrets of a schema.
 *
 * - `managed`: a sync that was looked at, whose state records them.
 * - `unrecorded`: a sync that was looked at, whose state does not record them.
 * - `orphaned`: a stack that was looked at, and has no such sync.
 * - `stack gone`: a stack that the backend does not have; nor has any other stack of the project the sync.
 * - `unknown`: somebody else; `because` says why it is not known whether the stack exists.
 * - `unmanaged`: nobody, as they have no ownership comment.
 */
export type Ownership = "managed" | "unrecorded" | "orphaned" | "stack gone" | "unknown" | "unmanaged";

/** Secrets of a schema with the same owner. */
export interface OwnerReport {
  readonly ownership: Ownership;
  /** Absent for `unmanaged`. */
  readonly ownerId?: string;
  /** As the ownership comment names it: `organization/project/stack/name`. */
  readonly place?: string;
  /** The syncs that have this owner id: `project/stack: name`. More than one after a state was copied. */
  readonly syncs?: readonly string[];
  /** With `unknown`. */
  readonly because?: string;
  /** A to Z. */
  readonly secrets: readonly string[];
}

/** Who owns what in a schema. */
export interface SchemaReport extends SchemaName {
  readonly account: string;
  readonly owners: readonly OwnerReport[];
  /** Why not all of it is known. */
  readonly error?: ProviderError;
}

/** A project of which stacks were looked at. */
export interface LookedAtProject {
  readonly name: string;
  /** Whether all of its stacks in its backend were chosen. */
  readonly isWhole: boolean;
}

interface MergedSchema {
  readonly account: string;
  readonly schema: SchemaName;
  readonly secrets: Map<string, ObservedSecret>;
  error?: ProviderError;
}

/** Puts together what the stacks' sessions saw: what one of them sees is there. */
export function reportOwners(
  stacks: readonly LookedAtStack[],
  projects: readonly LookedAtProject[],
): readonly SchemaReport[] {
  const schemas = new Map<string, MergedSchema>();
  for (const { account, schema, secrets } of stacks.flatMap((each) => each.schemas)) {
    const { database, schema: name } = schema;
    const key = JSON.stringify([account, database, name]);
    const found: MergedSchema = schemas.get(key) ?? {
      account,
      schema: { database, schema: name },
      secrets: new Map(),
    };
    if (isProviderError(secrets)) found.error ??= secrets;
    else for (const [secret, seen] of secrets) found.secrets.set(secret, seen);
    schemas.set(key, found);
  }
  const describe = describeOwner(stacks, projects);
  return [...schemas.values()].map(({ account, schema, secrets, error }) => {
    const groups = new Map<string, Omit<OwnerReport, "secrets"> & { secrets: string[] }>();
    for (const [name, seen] of [...secrets].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const owner = describe(name, seen);
      const key = JSON.stringify(owner);
      const group = groups.get(key) ?? { ...owner, secrets: [] };
      group.secrets.push(name);
      groups.set(key, group);
    }
    const owners = [...groups.values()].sort((a, b) => rank(a) - rank(b));
    return { account, ...schema, owners, ...(error && { error }) };
  });
}

const order: readonly Ownership[] = [
  "managed",
  "unrecorded",
  "orphaned",
  "stack gone",
  "unknown",
  "unmanaged",
];
const rank = ({ ownership }: Pick<OwnerReport, "ownership">) => order.indexOf(ownership);

type DescribeOwner = (name: string, seen: ObservedSecret) => Omit<OwnerReport, "secrets">;

function describeOwner(
  stacks: readonly LookedAtStack[],
  projects: readonly LookedAtProject[],
): DescribeOwner {
  const holders = stacks.flatMap(({ report, syncs }) =>
    syncs.map(({ name, state }) => ({ label: `${report.project}/${report.stack}: ${name}`, state })),
  );
  return (name, { mark }) => {
    if (mark === undefined) return { ownership: "unmanaged" };
    const { ownerId, place } = mark;
    const known = { ownerId, place };
    const holding = holders.filter(({ state }) => state.ownerId === ownerId);
    if (holding.length === 0) return { ...known, ...findStack(place, stacks, projects) };
    const isRecorded = holding.some(
      ({ state }) =>
        Object.hasOwn(state.managedSecrets, name) && state.managedSecrets[name]?.fingerprint !== "",
    );
    const syncs = holding.map(({ label }) => label);
    return { ownership: isRecorded ? "managed" : "unrecorded", ...known, syncs };
  };
}

/** That nothing was found proves nothing but for what was looked through whole. */
function findStack(
  place: string,
  stacks: readonly LookedAtStack[],
  projects: readonly LookedAtProject[],
): Pick<OwnerReport, "ownership" | "because"> {
  const [organization = "", projectName = "", stackName = ""] = place.split("/");
  const unknown = (because: string) => ({ ownership: "unknown" as const, because });
  const own = projects.filter(({ name }) => name === projectName);
  if (own.length === 0) return unknown(`project ${projectName} was not looked at`);
  const ofProject = stacks.filter(({ report }) => report.project === projectName);
  const named = ofProject.filter(({ report }) => report.stack.split("/").at(-1) === stackName);
  const isUnread = ({ report }: LookedAtStack) => report.error !== undefined;
  if (named.some(isUnread)) return unknown(`stack ${stackName} could not be read`);
  if (named.length === 0 && !own.every(({ isWhole }) => isWhole))
    return unknown(`stack ${stackName} was not looked at`);
  const unread = ofProject.find(isUnread);
  if (named.length === 0 && unread !== undefined)
    return unknown(`stack ${unread.report.stack} could not be read`);
  // Backends of files have one organization for all.
  const organizations = new Set((named.length > 0 ? named : ofProject).map(findOrganization));
  if (!organizations.has(organization)) return unknown(`organization ${organization} was not looked at`);
  return { ownership: named.length > 0 ? "orphaned" : "stack gone" };
}

/** A listing leaves it out where it is the current one; then the stack's own syncs tell it. */
function findOrganization({ report, syncs }: LookedAtStack): string {
  const parts = report.stack.split("/");
  const told = parts.length > 1 ? parts[0] : syncs[0]?.state.place.split("/")[0];
  return told || oneForAll;
}

const oneForAll = "organization";
