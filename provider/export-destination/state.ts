import type { KnownInputs } from "./inputs/arguments.js";
import { type DestinationOutputs, destinationInternals, destinationOutputs } from "./outputs.js";

/** What a destination starts with. */
export const noTexts = { errorMessage: "", egressIp: "", validatedAt: "" };

/** What Pulumi keeps of a destination: the inputs of the last `up` and the outputs. Plain JSON; no key holds undefined. */
export type DestinationState = Omit<KnownInputs, "destinationId" | "notReadable"> & DestinationOutputs;

const outputNames = { ...destinationOutputs.shape, ...destinationInternals.shape };

/** The state with new inputs; an optional one that was taken out of the program goes. */
export function withInputs(
  state: DestinationState,
  { destinationId, ...inputs }: KnownInputs,
): DestinationState {
  const outputs = Object.entries(state).filter(([name]) => Object.hasOwn(outputNames, name));
  return { ...inputs, ...(Object.fromEntries(outputs) as unknown as DestinationOutputs) };
}

/** How many attempts a state remembers; of their status changes, three times as many. */
export const maxRemembered = 20;
