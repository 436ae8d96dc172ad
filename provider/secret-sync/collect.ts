import { buildCheckFailure, type CheckFailure, holdsUnknown } from "../check-failures.js";
import { isUnknown, unknownValue } from "../engine.js";
import { isProviderError, ProviderError } from "../errors.js";
import { fingerprint } from "../fingerprint.js";
import { report, warn } from "../journal.js";
import { createOperationMap } from "../operation.js";
import {
  type ResolvedSources,
  resolveSources,
  type SourceContext,
  type SourceIds,
  type SourceInputs,
} from "../sources/index.js";
import { holdValue } from "../write-only.js";

/** What the shell sends of the secrets: names in one input, values in another. */
export interface GivenSecrets {
  /** `{KEY: ""}` and the sentinel `{"": ""}`; `ignoreChanges` puts old fingerprints in the place of either. */
  readonly names: unknown;
  /** Of the `secrets` argument; undefined where there is none. */
  readonly values: unknown;
  readonly sources: readonly SourceInputs[];
  /** How many more sources there are, which cannot be read before `up`. */
  readonly unknownSources: number;
  /** Whether an empty `secrets` argument is meant: `{ type: "program", allowEmpty: true }` among the sources. */
  readonly allowEmptyProgram: boolean;
}

export interface CollectedSecrets {
  /** Fingerprint by source key; unknown ones, or the whole, as the engine's mark for unknown. */
  readonly secrets: Readonly<Record<string, string>> | typeof unknownValue;
  readonly sourceOf: ReadonlyMap<string, string>;
  readonly ignoredKeys: ReadonlySet<string>;
  readonly ids: SourceIds | undefined;
}

export interface CollectContext {
  readonly preview: boolean;
  /** For messages. */
  readonly label: string;
  /** Undefined where a preview cannot tell it yet: then every fingerprint is unknown. */
  readonly fingerprintKey: string | undefined;
  readonly source: SourceContext;
  /** Fingerprints of the last operation. */
  readonly before: unknown;
}

/** Whether the map is fresh; without its sentinel it is an old one, because all its changes are ignored. */
export function isFresh(names: unknown): boolean {
  return !isMap(names) || Object.hasOwn(names, "");
}

/** Keys of the program whose value is `undefined`: an error, as a removal would look just like a mistake. */
export function findMissingValues(names: unknown, values: unknown): readonly CheckFailure[] {
  if (!isMap(names) || isUnknown(values)) return [];
  const given = isMap(values) ? values : {};
  return Object.entries(names)
    .filter(([key, kept]) => key !== "" && kept === "" && (!Object.hasOwn(given, key) || given[key] === null))
    .map(([key]) =>
      buildCheckFailure(
        ["secrets", key],
        "it has no value (undefined). Give one, or remove the key to remove the secret.",
      ),
    );
}

/** Values of the program that are no texts. */
export function findWrongValues(values: unknown): readonly CheckFailure[] {
  if (values === undefined || isUnknown(values)) return [];
  if (!isMap(values) || Array.isArray(values)) {
    return [buildCheckFailure(["secrets"], "give a map of names to texts.")];
  }
  return Object.entries(values)
    .filter(([, value]) => typeof value !== "string" && value !== null)
    .map(([key, value]) => buildCheckFailure(["secrets", key], `give a text; it is ${describeKind(value)}.`));
}

function describeKind(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/**
 * Reads all sources, holds the values for the writes of this operation and answers their fingerprints. A source
 * that fails is an error; in a preview it is a warning, and its keys are unknown.
 */
export async function collectSecrets(
  given: GivenSecrets,
  context: CollectContext,
): Promise<CollectedSecrets> {
  const nothing = { sourceOf: new Map<string, string>(), ignoredKeys: new Set<string>(), ids: undefined };
  if (isUnknown(given.names) || isUnknown(given.values)) {
    requirePreview(context, "the secrets argument");
    return { ...nothing, secrets: unknownValue };
  }
  const names = (isMap(given.names) ? given.names : {}) as Record<string, string>;
  const ignored = Object.entries(names).filter(([, print]) => print !== "");
  const ignoredKeys = new Set(ignored.map(([key]) => key));
  const own = selectProgramValues(names, given.values);
  if (!isFresh(names)) {
    // An unchanged value is still the one to write, should the secret be gone or the resource be replaced.
    if (context.fingerprintKey !== undefined)
      holdValues(context.fingerprintKey, (await resolveSources([], context.source, own)).entries);
    return { ...nothing, ignoredKeys, secrets: names };
  }

  const { entries, unknownKeys, ids, isIncomplete } = await readSources(given, own, context);
  if (unknownKeys.size > 0) requirePreview(context, [...unknownKeys].join(", "));
  if (context.preview) reportOverrides(context.label, entries);
  const prints =
    context.fingerprintKey === undefined ? undefined : holdValues(context.fingerprintKey, entries);
  const secrets = new Map<string, string>();
  for (const key of entries.keys()) secrets.set(key, prints?.get(key) ?? unknownValue);
  for (const key of unknownKeys) secrets.set(key, unknownValue);
  if (isIncomplete) {
    if (!isMap(context.before)) return { ...nothing, secrets: unknownValue };
    for (const key of Object.keys(context.before)) if (!secrets.has(key)) secrets.set(key, unknownValue);
  }
  for (const [key, print] of ignored) secrets.set(key, print);
  const sourceOf = new Map([...entries].map(([key, { source }]) => [key, source]));
  return { secrets: Object.fromEntries(secrets), sourceOf, ignoredKeys, ids };
}

const told = createOperationMap<string, true>();

/** Says which source won where several have a key, once, although a replacement is checked twice. */
function reportOverrides(label: string, entries: ResolvedSources["entries"]): void {
  const keysOf = new Map<string, string[]>();
  for (const [key, { source, overrode = [] }] of entries) {
    if (overrode.length === 0) continue;
    const winner = `${source} wins over ${overrode.join(", ")}`;
    keysOf.set(winner, [...(keysOf.get(winner) ?? []), JSON.stringify(key)]);
  }
  for (const [winner, keys] of keysOf) {
    const line = `${label}: ${winner}: ${keys.join(", ")}`;
    if (!told.has(line)) report(line);
    told.set(line, true);
  }
}

function holdValues(
  fingerprintKey: string,
  entries: ResolvedSources["entries"],
): ReadonlyMap<string, string> {
  return new Map(
    [...entries].map(([key, { value }]) => {
      const print = fingerprint(fingerprintKey, key, value);
      holdValue(print, value);
      return [key, print];
    }),
  );
}

// The names decide: a key whose addition is ignored has a value, but is not in the map.
function selectProgramValues(
  names: Readonly<Record<string, string>>,
  values: unknown,
): Record<string, string> {
  const entries = Object.entries((values ?? {}) as Record<string, string>);
  return Object.fromEntries(entries.filter(([key]) => Object.hasOwn(names, key)));
}

async function readSources(
  { sources, unknownSources, values, allowEmptyProgram }: GivenSecrets,
  own: Readonly<Record<string, string>>,
  { preview, label, source }: CollectContext,
) {
  if (
    !allowEmptyProgram &&
    (values === undefined ? sources.length + unknownSources === 0 : isEmpty(values))
  ) {
    throw new ProviderError("SOURCE_FAILED", {
      operation: "refuse an empty source",
      target: `the secrets argument of ${label}`,
      hint: 'if no secret is meant, add { type: "program", allowEmpty: true } to sources.',
    });
  }
  if (!preview && unknownSources === 0) {
    return { ...(await resolveSources(sources, source, own)), isIncomplete: false };
  }
  const hasUnknownDefaults = isUnknown(source.environment) || isUnknown(source.secretPath);
  const known = hasUnknownDefaults ? [] : sources.filter((spec) => !holdsUnknown(spec));
  const total = sources.length + unknownSources;
  const rest = total - known.length;
  if (rest > 0) {
    requirePreview({ preview, label }, "an argument of a source");
    warn(
      `${label}: ${rest} of ${total} sources cannot be read before up, because an argument is not known yet.`,
    );
  }
  try {
    return { ...(await resolveSources(known, source, own)), isIncomplete: rest > 0 };
  } catch (error) {
    if (!isProviderError(error) || error.code === "INVALID_INPUT") throw error;
    warn(`${label}: ${error.message} In up this is an error; the keys it supplies are shown as unknown.`);
    return { ...(await resolveSources([], source, own)), isIncomplete: true };
  }
}

// Outside of a preview the engine's mark can only be a value that happens to look like it.
function requirePreview({ preview, label }: Pick<CollectContext, "preview" | "label">, what: string): void {
  if (preview) return;
  throw new ProviderError("INVALID_INPUT", {
    operation: "use a value that is not known although this is no preview",
    target: `${what} of ${label}`,
    hint: "Pulumi marks unknown values with a fixed text, and this value is that text: change it.",
  });
}

function isEmpty(values: unknown): boolean {
  return isMap(values) && Object.keys(values).length === 0;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
