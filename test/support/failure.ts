import { inspect } from "node:util";
import { expect } from "vitest";
import { isProviderError, type ProviderError } from "../../provider/core/errors.js";

/** The error with which work fails. Nothing that could be printed of it holds one of these values. */
export async function failureOf(work: Promise<unknown>, values: readonly string[]): Promise<ProviderError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!isProviderError(error)) throw new Error(`expected a ProviderError, got ${inspect(error)}`);
  const shown = [
    error.message,
    error.stack,
    String(error),
    inspect(error, { depth: null, showHidden: true }),
    JSON.stringify(error),
    JSON.stringify(error, Object.getOwnPropertyNames(error)),
  ].join("\n");
  for (const value of values) expect(shown).not.toContain(value);
  return error;
}
