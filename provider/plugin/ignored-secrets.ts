import { ProviderError } from "../core/errors.js";
import { createMemoryMap, type Operation } from "../engine/operation.js";
import type { Properties } from "../engine/resource.js";
import { findIgnored } from "../secret-sync/inputs/secrets-on-wire.js";

const ignoredSecrets = createMemoryMap<string, readonly string[]>();

/** Remembers which keys of `secrets` a check took for ignored ones. */
export function rememberIgnored(operation: Operation, urn: string, { secrets }: Properties): void {
  operation.recall(ignoredSecrets).set(urn, [...findIgnored(secrets).keys()]);
}

/**
 * A check is not told what `ignoreChanges` names, so it takes a value that is its key's last fingerprint for one that
 * was put there. Only `diff` is told: a value that the program itself gave would never be written.
 *
 * @param paths what `ignoreChanges` names
 * @throws `INVALID_INPUT`
 */
export function requireIgnored(operation: Operation, urn: string, paths: readonly string[]): void {
  const keys = operation.recall(ignoredSecrets).get(urn) ?? [];
  const wrong = keys.filter((key) => !paths.some((path) => covers(parsePath(path), ["secrets", key])));
  if (wrong.length === 0) return;
  throw new ProviderError("INVALID_INPUT", {
    operation: "a value is the fingerprint of its own key",
    target: wrong.map((key) => `secrets[${JSON.stringify(key)}]`).join(", "),
    hint: "give another value. To keep the secret unchanged, add the key to ignoreChanges.",
  });
}

function covers(path: readonly string[], target: readonly string[]): boolean {
  return path.length <= target.length && path.every((step, i) => step === "*" || step === target[i]);
}

/** The steps of a property path of the engine: `secrets["A"]`, `secrets.A`, `secrets[*]`. */
function parsePath(path: string): readonly string[] {
  const steps = path.matchAll(/\["((?:[^"\\]|\\.)*)"\]|\[([^\]]*)\]|([^.[]+)/g);
  return [...steps].map(([, quoted, bare, name]) => quoted?.replaceAll('\\"', '"') ?? bare ?? name ?? "");
}
