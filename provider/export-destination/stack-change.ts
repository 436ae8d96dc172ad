import { ProviderError } from "../core/errors.js";
import { isSameStack } from "../engine/context.js";
import type { DestinationState } from "./state.js";

/** Whether another stack wrote a state than the one that it is in: after a rename, or in a copy of the state. */
export function isOfAnotherStack({ place }: Pick<DestinationState, "place">, here: string): boolean {
  return place !== "" && here !== "" && !isSameStack(place, here);
}

/**
 * The refusal to take a destination away, or to replace it, where another stack wrote the state. The stack may have been
 * renamed; but a state that was copied says the same, and then the destination is that of a live stack.
 *
 * @param here organization/project/stack/name
 */
export function buildOtherStack({ place, name }: DestinationState, here: string): ProviderError {
  return new ProviderError("UNPROVEN", {
    operation: `the state was written by ${place}, and this is ${here}: the destination may belong to that stack, so it is not disconnected`,
    target: name,
    hint: "if the stack was renamed, run `pulumi up` first without other changes. If the state is a copy, run `pulumi state delete` for the destination; AWS stays unchanged.",
  });
}
