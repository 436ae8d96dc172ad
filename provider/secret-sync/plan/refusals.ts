import { ProviderError } from "../../core/errors.js";
import { quoteName } from "../../snowflake/statements.js";
import type { KnownInputs, PlannableInputs } from "../inputs/arguments.js";
import { describeRefusals, listNames } from "../preview/messages.js";
import type { ObservedDestination } from "./observe.js";
import { findRefused, findWrites, type Step, type WriteStep } from "./plan.js";
import type { Resumption } from "./resumption.js";

/** How many names an error gives; of the rest their number. */
const maxShownNames = 10;

/**
 * Refuses secrets that carry this sync's owner id where neither the state nor their age proves that it wrote them.
 *
 * @throws `UNPROVEN`
 */
export function requireResumable(
  { destinationConfig, ownerId }: PlannableInputs,
  resumption: Resumption,
): void {
  if (resumption.kind !== "refused") return;
  const { names, because } = resumption;
  throw new ProviderError("UNPROVEN", {
    operation: `nothing was written, because ${names.length} of the secrets carry this sync's owner id, but the state records none of them: ${because}`,
    target: `${quoteName(destinationConfig)}: ${listNames(names)}`,
    hint: `if the state was lost (or --replace made this a new sync) and no other stack has this sync, put "${ownerId}" into syncOptions.takeOver. Otherwise the secrets belong to a sync of the same name in another stack or backend: give this sync another name.`,
  });
}

/**
 * Refuses steps that may not be done, and more removals than are allowed.
 *
 * @throws `NOT_OURS`, `REMOVAL_LIMIT`
 */
export function requireAllowed(inputs: KnownInputs, steps: readonly Step[], place: string): void {
  const { destinationConfig: schema, syncOptions } = inputs;
  const refused = findRefused(steps);
  if (refused.length > 0) {
    throw new ProviderError("NOT_OURS", {
      operation: `nothing was written, because ${refused.length} of ${steps.length} secrets must not be changed`,
      target: [
        ...describeRefusals(schema, refused.slice(0, maxShownNames), place),
        ...(refused.length > maxShownNames ? [`And ${refused.length - maxShownNames} more.`] : []),
      ]
        .join(" ")
        .replace(/\.$/, ""),
      hint: "do what is said for each secret above, then run `pulumi up` again.",
    });
  }
  requireFewRemovals(syncOptions.maxRemovals, findWrites(steps));
}

/**
 * Refuses more removals than `maxRemovals`: a source may answer with less than it has, and say nothing of it.
 *
 * @throws `REMOVAL_LIMIT`
 */
export function requireFewRemovals(maxRemovals: number | undefined, writes: readonly WriteStep[]): void {
  const removals = writes.filter(({ action }) => action === "drop");
  if (maxRemovals === undefined || removals.length <= maxRemovals) return;
  const names = listNames(
    removals.map(({ name }) => name),
    maxShownNames,
  );
  throw new ProviderError("REMOVAL_LIMIT", {
    operation: `this update would drop ${removals.length} secrets, and syncOptions.maxRemovals allows ${maxRemovals}`,
    hint: `to drop them, set maxRemovals to ${removals.length} or more. To keep them, add them to their source again. The secrets are ${names}.`,
  });
}

/** What Snowflake lists in one piece: https://docs.snowflake.com/en/sql-reference/sql/show-secrets */
const maxListed = 10_000;

/**
 * Refuses to write more secrets than Snowflake lists: the next run could not see them all, and would refuse to go on.
 *
 * @throws `UNPROVEN`
 */
export function requireListable(
  { destinationConfig }: PlannableInputs,
  prefix: string,
  { secrets }: ObservedDestination,
  writes: readonly WriteStep[],
): void {
  const after = new Set(secrets.keys());
  for (const { name, action } of writes) {
    if (action === "drop") after.delete(name);
    else after.add(name);
  }
  const within = [...after].filter((name) => name.startsWith(prefix)).length;
  if (within <= maxListed) return;
  throw new ProviderError("UNPROVEN", {
    operation: `the schema would hold ${within} secrets ${prefix === "" ? "" : `that begin with ${JSON.stringify(prefix)} `}after this update, and Snowflake lists at most ${maxListed}, so nothing was written`,
    target: quoteName(destinationConfig),
    hint: "use several syncs, each with its own prefix in syncOptions.keySchema or its own schema.",
  });
}
