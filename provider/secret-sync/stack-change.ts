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
    hint: "if the stack was renamed, run `pulumi up` first without other changes. If the state is a copy, run `pulumi state delete` for the sync; the secrets stay.",
  });
}

/** @throws `UNPROVEN` where another stack wrote secrets under the owner id and revision of this state, a copy of it */
export function requireNoCopy(state: SyncState, places: readonly string[]): void {
  const other = places.find((place) => !isSameStack(place, state.place));
  if (other === undefined) return;
  throw new ProviderError("UNPROVEN", {
    operation: `a copy of this state in ${other} has since written secrets of this sync, so nothing was dropped`,
    target: quoteName(state.destinationConfig),
    hint: `keep the sync in one stack. To keep it in ${other}, remove it from this state with \`pulumi state delete\`. To keep it here, put "${state.ownerId}" into syncOptions.takeOver and run pulumi up.`,
  });
}
