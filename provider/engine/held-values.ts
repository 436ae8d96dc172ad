import type { SecretValue } from "../core/secret-value.js";
import { createMemoryMap, type Operation } from "./operation.js";

/**
 * Values that `check` hands to `create` and `update` of the same operation in memory, so that only their keyed
 * fingerprints travel through the engine. A fingerprint covers name and value, so it finds the value.
 */
const heldValues = createMemoryMap<string, SecretValue>();

export function holdValue(operation: Operation, fingerprint: string, value: SecretValue): void {
  operation.recall(heldValues).set(fingerprint, value);
}

export function findValue(operation: Operation, fingerprint: string): SecretValue | undefined {
  return operation.recall(heldValues).get(fingerprint);
}
