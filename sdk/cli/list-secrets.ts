import type { ObservedSecret } from "../../provider/secret-sync/plan/plan.js";
import type { SnowflakeSession } from "../../provider/snowflake/driver/session.js";
import { quoteName, type SchemaName } from "../../provider/snowflake/statements.js";
import { type Line, type Output, paint } from "./output.js";
import { alignRows } from "./text-layout.js";

/** A secret as a listing shows it; Snowflake never returns a value. */
interface ListedSecret {
  readonly name: string;
  readonly type: string;
  /** The role that owns it. */
  readonly role: string;
  readonly createdAt: string | undefined;
  /** Who manages it, by its mark; absent for one that no sync manages. */
  readonly owner?: { readonly id: string; readonly place: string };
}

/** The secrets of a schema, by who manages them, those that nobody does last. */
export async function tellSecrets(
  session: SnowflakeSession,
  { database, schema }: SchemaName,
  output: Output,
): Promise<void> {
  const { observeDestination } = await import("../../provider/secret-sync/plan/observe.js");
  const place = { database, schema };
  const nothing = { account: undefined, owners: new Map<string, string>() };
  const { secrets } = await observeDestination(session, place, nothing, { prefix: "", isComplete: true });
  const listed = [...secrets].map(describeSecret).sort((a, b) => (a.name < b.name ? -1 : 1));
  const data = { database, schema, secrets: listed };
  if (listed.length === 0)
    output.tellNothing(`no secrets found in ${quoteName(place)} that the role may see`, data);
  else output.tell(renderSecrets(listed), data);
}

function describeSecret([name, { type, mark, owner, createdOn }]: [string, ObservedSecret]): ListedSecret {
  return {
    name,
    type,
    role: owner,
    createdAt: createdOn === undefined ? undefined : new Date(createdOn).toISOString(),
    ...(mark === undefined ? {} : { owner: { id: mark.ownerId, place: mark.place } }),
  };
}

function renderSecrets(secrets: readonly ListedSecret[]): Line[] {
  const groups = new Map<string, ListedSecret[]>();
  for (const secret of secrets) {
    const id = secret.owner?.id ?? "";
    groups.set(id, [...(groups.get(id) ?? []), secret]);
  }
  const sorted = [...groups].sort(([a], [b]) => Number(a === "") - Number(b === ""));
  return sorted.flatMap(([, group], index) => [...(index === 0 ? [] : [""]), ...renderGroup(group)]);
}

function renderGroup(group: readonly ListedSecret[]): Line[] {
  const owner = group[0]?.owner;
  const title =
    owner === undefined
      ? [paint("yellow", "not managed by a sync")]
      : [paint("bold", `managed by ${owner.place}`), `  owner id ${owner.id}`];
  const rows = group.map(({ name, type, createdAt }) => [name, type, createdAt ?? "?"]);
  return [...title, ...alignRows([["NAME", "TYPE", "CREATED"], ...rows], "  ")];
}
