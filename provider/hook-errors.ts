import { isProviderError, toProviderError } from "./errors.js";

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
