import { isProviderError, type ProviderError, toProviderError } from "./core/errors.js";

type Hook = (...args: never[]) => unknown;

/**
 * The boundary to the engine: whatever a hook throws leaves it as a `ProviderError` without a stack. The engine
 * prints message and stack of what check, diff, read and delete throw, and a foreign error may quote a value.
 */
export function guardHooks<T extends object>(hooks: T): T {
  const guarded = Object.entries(hooks as Record<string, Hook>).map(([name, hook]) => [
    name,
    async (...args: never[]) => {
      try {
        return await hook(...args);
      } catch (error) {
        const safe = isProviderError(error) ? error : toProviderError(error, `hook ${name}`);
        safe.stack = "";
        // The second print is `toString`; the whole text stands in the first.
        safe.toString = () => `[${safe.code}]`;
        throw safe;
      }
    },
  ]);
  return Object.fromEntries(guarded) as T;
}

/** What the engine records of a resource that is there but not right yet. */
export interface PartlyDone {
  readonly id: string;
  /** The state; next time the engine calls `update` with it. */
  readonly properties: object;
  /** Printed as bullets. */
  readonly reasons: readonly string[];
}

/**
 * Makes `error` say that a hook was partly done. The state may hold the credentials of a connection, so whatever
 * prints or walks an error must not come by it; `__provider` of the inputs goes in, because without it the engine
 * could not call `update`.
 */
export function markPartlyDone(
  error: ProviderError,
  inputs: object,
  { id, properties, reasons }: PartlyDone,
): ProviderError {
  const provider = "__provider" in inputs ? { __provider: inputs.__provider } : {};
  return Object.defineProperties(error, {
    id: { value: id },
    properties: { value: { ...properties, ...provider } },
    reasons: { value: reasons },
  });
}
