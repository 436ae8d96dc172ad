import type { SecretValue } from "./core/secret-value.js";
import { createOperationMap } from "./operation.js";

/**
 * Hands values from `check` to `create` and `update` of the same operation in memory, so that only their keyed
 * fingerprints travel through the engine. A fingerprint covers name and value, so it finds the value.
 */
const held = createOperationMap<string, SecretValue>();

export function holdValue(fingerprint: string, value: SecretValue): void {
  held.set(fingerprint, value);
}

export function findValue(fingerprint: string): SecretValue | undefined {
  return held.get(fingerprint);
}
