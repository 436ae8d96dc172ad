import { SecretValue } from "../core/secret-value.js";
import { isUnknown } from "../engine.js";
import type { SourceEntry } from "./source.js";

/** How the values of the program are called in plans. */
export const programLabel = "program";

/** Splits the `secrets` argument into what is known and the names whose values only `up` knows. */
export function readProgramSecrets(secrets: Readonly<Record<string, string>>): {
  entries: SourceEntry[];
  unknownKeys: string[];
} {
  const all = Object.entries(secrets);
  return {
    entries: all
      .filter(([, value]) => !isUnknown(value))
      .map(([key, value]) => ({ key, value: new SecretValue(value), source: programLabel })),
    unknownKeys: all.filter(([, value]) => isUnknown(value)).map(([key]) => key),
  };
}
