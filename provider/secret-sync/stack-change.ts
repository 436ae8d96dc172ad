import { ProviderError } from "../core/errors.js";
import { isSameStack } from "../engine/context.js";
import { quoteName } from "../snowflake/statements.js";
import type { SyncState } from "./state.js";

/**
 * Refuses to take secrets away that another stack wrote, as the state says. The stack may have been renamed; but a state
 * that was copied says the same, and then the secrets are those of a live stack.
 *
 * @param here organization/project/stack/name; "" where it is not known
 * @throws `UNPROVEN`
 */
export function requireSameStack({ place, destinationConfig }: SyncState, here: string): void {
  if (here === "" || isSameStack(place, here)) return;
  throw new ProviderError("UNPROVEN", {
    operation: `the state was written by ${place}, and this is ${here}: the secrets may belong to that stack, so they are not removed`,
    target: quoteName(destinationConfig),
    hint: "if the stack was renamed, run pulumi up first without any other change. If the state is a copy, take the sync out of it with pulumi state delete, which leaves the secrets as they are.",
  });
}

/** @throws `UNPROVEN` where another stack wrote secrets under the owner id and revision of this state, a copy of it */
export function requireNoCopy(state: SyncState, places: readonly string[]): void {
  const other = places.find((place) => !isSameStack(place, state.place));
  if (other === undefined) return;
  throw new ProviderError("UNPROVEN", {
    operation: `a copy of this state in ${other} has written secrets of this sync since, so nothing was removed`,
    target: quoteName(state.destinationConfig),
    hint: `one sync belongs in one stack. If it is to stay in ${other}, take it out of this state with pulumi state delete. If it is to stay here, put "${state.ownerId}" into syncOptions.takeOver and run pulumi up.`,
  });
}
