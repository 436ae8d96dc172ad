import { buildCheckFailure, type CheckFailure, holdsUnknown } from "../check-failures.js";
import { isUnknown, unknownValue } from "../engine.js";
import { isProviderError, ProviderError } from "../errors.js";
import { fingerprint } from "../fingerprint.js";
import { warn } from "../journal.js";
import { resolveSources, type SourceContext, type SourceInputs } from "../sources/index.js";
import { holdValue } from "../write-only.js";
import type { SourceIds } from "./run.js";

/** What the shell sends of the secrets: names in one input, values in another. */
export interface GivenSecrets {
  /** `{KEY: ""}` and the sentinel `{"": ""}`; `ignoreChanges` puts old fingerprints in the place of either. */
  readonly names: unknown;
  /** Of the `secrets` argument; undefined where there is none. */
  readonly values: unknown;
  readonly sources: readonly SourceInputs[];
  /** Whether an empty `secrets` argument is meant: `{ type: "program", allowEmpty: true }` among the sources. */
  readonly allowEmptyProgram: boolean;
}

export interface CollectedSecrets {
  /** Fingerprint by source key; unknown ones, or the whole, as the engine's mark for unknown. */
  readonly secrets: Readonly<Record<string, string>> | typeof unknownValue;
  readonly sourceOf: ReadonlyMap<string, string>;
  readonly ids: SourceIds | undefined;
}

export interface CollectContext {
  readonly preview: boolean;
  /** For messages. */
  readonly label: string;
  readonly fingerprintKey: string;
  readonly source: SourceContext;
  /** Fingerprints of the last operation. */
  readonly before: unknown;
}

/** Keys of the program whose value is `undefined`: an error, as a removal would look just like a mistake. */
export function findMissingValues(names: unknown, values: unknown, path: readonly string[]): readonly CheckFailure[] {
  if (!isMap(names) || isUnknown(values)) return [];
  const given = isMap(values) ? values : {};
  return Object.entries(names)
    .filter(([key, kept]) => key !== "" && kept === "" && (!Object.hasOwn(given, key) || given[key] === null))
    .map(([key]) =>
      buildCheckFailure([...path, key], "it has no value (undefined). Give one, or remove the key to remove the secret."),
    );
}

/**
 * Reads all sources, holds the values for the writes of this operation and answers their fingerprints. A source
 * that fails is an error; in a preview it is a warning, and its keys are unknown.
 */
export async function collectSecrets(given: GivenSecrets, context: CollectContext): Promise<CollectedSecrets> {
  const nothing = { sourceOf: new Map<string, string>(), ids: undefined };
  if (isUnknown(given.names) || isUnknown(given.values)) return { ...nothing, secrets: unknownValue };
  const names = isMap(given.names) ? given.names : {};
  // Without the sentinel the whole map is an old one: all changes are ignored.
  if (!Object.hasOwn(names, "")) return { ...nothing, secrets: names as Record<string, string> };

  const { entries, unknownKeys, ids, isIncomplete } = await readSources(given, context);
  const secrets = new Map<string, string>();
  for (const [key, { value }] of entries) {
    const print = fingerprint(context.fingerprintKey, key, value);
    holdValue(print, value);
    secrets.set(key, print);
  }
  for (const key of unknownKeys) secrets.set(key, unknownValue);
  if (isIncomplete) {
    if (!isMap(context.before)) return { ...nothing, secrets: unknownValue };
    for (const key of Object.keys(context.before)) if (!secrets.has(key)) secrets.set(key, unknownValue);
  }
  for (const [key, kept] of Object.entries(names)) if (kept !== "") secrets.set(key, String(kept));
  const sourceOf = new Map([...entries].map(([key, { source }]) => [key, source]));
  return { secrets: Object.fromEntries(secrets), sourceOf, ids };
}

async function readSources(given: GivenSecrets, { preview, label, source }: CollectContext) {
  const own = (given.values ?? {}) as Record<string, string>;
  if (given.values !== undefined && Object.keys(own).length === 0 && !given.allowEmptyProgram) {
    throw new ProviderError("SOURCE_FAILED", {
      operation: "refuse an empty source",
      target: `the secrets argument of ${label}`,
      hint: 'if no secret is meant, add { type: "program", allowEmpty: true } to sources.',
    });
  }
  if (!preview) return { ...(await resolveSources(given.sources, source, own)), isIncomplete: false };
  const known = given.sources.filter((spec) => !holdsUnknown(spec));
  const rest = given.sources.length - known.length;
  if (rest > 0) {
    warn(`${label}: ${rest} of ${given.sources.length} sources cannot be read before up, because an argument is not known yet.`);
  }
  try {
    return { ...(await resolveSources(known, source, own)), isIncomplete: rest > 0 };
  } catch (error) {
    if (!isProviderError(error) || error.code === "INVALID_INPUT") throw error;
    warn(`${label}: ${error.message} In up this is an error; the keys it supplies are shown as unknown.`);
    return { ...(await resolveSources([], source, own)), isIncomplete: true };
  }
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
