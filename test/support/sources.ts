import { expect } from "vitest";
import type { ProviderError } from "../../provider/core/errors.js";
import type { resolveSources, SourceContext } from "../../provider/sources/index.js";
import { failureOf } from "./failure.js";

/** Where a source is read from, unless a test says otherwise. */
export const sourceContext: SourceContext = {
  environment: "dev",
  secretPath: "/",
  programDirectory: ".",
  env: {},
};

/** What sources resolve to, by key. */
export async function valuesOf(
  resolving: ReturnType<typeof resolveSources>,
): Promise<Readonly<Record<string, string>>> {
  const { entries } = await resolving;
  return Object.fromEntries([...entries].map(([key, { value }]) => [key, value.expose()]));
}

/** The error with which the reading of sources fails; it holds none of these values. */
export async function sourceFailureOf(
  reading: Promise<unknown>,
  values: readonly string[],
): Promise<ProviderError> {
  const error = await failureOf(reading, values);
  expect(error.code).toBe("SOURCE_FAILED");
  return error;
}
