import { isProviderError, ProviderError } from "../../core/errors.js";
import { computeContentFingerprint } from "../../core/fingerprint.js";
import { isMap } from "../../core/is-map.js";
import type { RunKind } from "../../engine/context.js";
import { createMemoryMap, type Operation } from "../../engine/operation.js";
import { addPendingValue } from "../../engine/pending-values.js";
import { holdsUnknown, isKnown, isUnknown, type Unknown, unknownValue } from "../../engine/unknown.js";
import {
  programLabel,
  resolveSources,
  type SourceContext,
  type SourceIds,
  type SourceInputs,
} from "../../sources/index.js";
import type { SyncArguments, SyncInputs } from "./arguments.js";
import { buildEntries, type Entries, pairSecrets } from "./pair-secrets.js";
import type { ProgramSecrets } from "./program-secrets.js";

/** What the arguments say of where secrets come from. */
export interface GivenSecrets {
  readonly program: ProgramSecrets | Unknown;
  readonly sources: readonly SourceInputs[];
  /** Which keys are parts of a secret. */
  readonly typedSecrets: SyncArguments["typedSecrets"];
  /** How many more sources there are, which cannot be read before `up`. */
  readonly unknownSources: number;
  /** Whether an empty `secrets` argument is meant: `{ type: "program", allowEmpty: true }` among the sources. */
  readonly allowEmptyProgram: boolean;
}

/** The desired keys with their fingerprints, and what could not be read. */
export interface CollectedSecrets extends Pick<SyncInputs, "secrets" | "notReadable"> {
  readonly sourceOf: ReadonlyMap<string, string>;
  readonly ignoredKeys: ReadonlySet<string>;
  readonly ids: SourceIds | undefined;
  /** What `notReadable` says, as an error. */
  readonly readFailure?: ProviderError;
}

/** What the collection of secrets depends on besides the arguments. */
export interface CollectContext {
  readonly run: RunKind;
  /** For messages. */
  readonly label: string;
  /** Unknown where a preview cannot tell it yet: then every fingerprint is unknown. */
  readonly fingerprintKey: string | Unknown;
  readonly source: {
    readonly [K in keyof SourceContext]: K extends "environment" | "secretPath"
      ? SourceContext[K] | Unknown
      : SourceContext[K];
  };
  /** Fingerprints of the last operation. */
  readonly before: unknown;
  readonly operation: Operation;
}

/**
 * Reads all sources, holds the values for the writes of this operation and answers their fingerprints. A source
 * that fails is an error; in a preview it is a warning, and its keys are unknown. Where the host does not tell which
 * of the two it is, the failure is carried along as `notReadable`, beside the old fingerprints.
 */
export async function collectSecrets(
  given: GivenSecrets,
  context: CollectContext,
): Promise<CollectedSecrets> {
  const nothing = { sourceOf: new Map<string, string>(), ignoredKeys: new Set<string>(), ids: undefined };
  const { program } = given;
  if (isUnknown(program)) {
    requirePreview(context, "the secrets argument");
    return { ...nothing, secrets: unknownValue };
  }
  const { ignored } = program;
  const ignoredKeys = new Set(ignored.keys());
  if (!program.isFresh) {
    // An unchanged value is still the one to write, should the secret be gone or the resource be replaced.
    addPendingValues(addProgram(new Map(), program).entries, context);
    return { ...nothing, ignoredKeys, secrets: Object.fromEntries(ignored) };
  }

  const { typedSecrets = {} } = given;
  if (!isKnown(typedSecrets)) {
    requirePreview(context, "typedSecrets");
    return { ...nothing, secrets: unknownValue };
  }
  const read = await readSources(given, program, context);
  const all = addProgram(read.entries, program);
  if (all.unknownKeys.length > 0) requirePreview(context, all.unknownKeys.join(", "));
  if (context.run !== "up") reportOverrides(all.entries, context);
  warnOfDoubts(all.entries, context);
  const { entries, unknownKeys } = pairSecrets(typedSecrets, all, read.missing === undefined);
  const prints = addPendingValues(entries, context);
  const secrets = new Map<string, string | Unknown>();
  for (const key of entries.keys()) secrets.set(key, prints.get(key) ?? unknownValue);
  for (const key of unknownKeys) secrets.set(key, unknownValue);
  if (read.missing !== undefined) {
    const { before } = context;
    const isCarried = read.missing.as === "carried";
    if (!isMap(before) && !isCarried) return { ...nothing, secrets: unknownValue };
    for (const [key, print] of Object.entries(isMap(before) ? before : {})) {
      if (!secrets.has(key)) secrets.set(key, isCarried ? String(print) : unknownValue);
    }
  }
  for (const [key, print] of ignored) secrets.set(key, print);
  const sourceOf = new Map([...entries].map(([key, { source }]) => [key, source]));
  const carried = read.missing?.as === "carried" ? buildNotReadable(read.missing.error) : {};
  return {
    secrets: Object.fromEntries(secrets),
    sourceOf,
    ignoredKeys,
    ids: read.ids,
    ...carried,
  };
}

function buildNotReadable(error: ProviderError): Pick<CollectedSecrets, "notReadable" | "readFailure"> {
  return { notReadable: { [error.target ?? "sources"]: error.message }, readFailure: error };
}

/** The values of the program come last, so they win; a key of which only `up` knows the value is in no entry. */
function addProgram(
  read: Entries,
  { values }: ProgramSecrets,
): { readonly entries: Entries; readonly unknownKeys: readonly string[] } {
  const entries = new Map(read);
  const unknownKeys: string[] = [];
  for (const [key, value] of values) {
    const loser = entries.get(key);
    if (isUnknown(value)) {
      unknownKeys.push(key);
      entries.delete(key);
    } else {
      const overrode = loser && { overrode: [...(loser.overrode ?? []), loser.source] };
      entries.set(key, { content: value, source: programLabel, ...overrode });
    }
  }
  return { entries, unknownKeys };
}

const told = createMemoryMap<string, true>();

/** Says which source won where several have a key: in a preview, and where nobody tells that from an `up`. */
function reportOverrides(entries: Entries, context: CollectContext): void {
  const overrides = [...entries].flatMap(([key, { source, overrode = [], doubts }]) => {
    const losers = overrode.filter((loser) => !doubts?.otherFolders?.includes(loser));
    return losers.length === 0 ? [] : [[`${source} wins over ${losers.join(", ")}`, key] as const];
  });
  tellKeys(overrides, context, context.operation.messages.report);
}

/** Says of which values a person should look at the source. */
function warnOfDoubts(entries: Entries, context: CollectContext): void {
  const equalKeys = [...entries].flatMap(([key, { source, doubts: { otherFolders = [] } = {} }]) => {
    const all = [source, ...otherFolders].join(" and ");
    const phrase = `${all} have the same keys, and the values of ${source} are used`;
    return otherFolders.length === 0 ? [] : [[phrase, key] as const];
  });
  const references = [...entries].flatMap(([key, { source, doubts }]) => {
    const phrase = `${source}: references that were not expanded are stored as text`;
    return doubts?.holdsReference === true ? [[phrase, key] as const] : [];
  });
  tellKeys([...equalKeys, ...references], context, context.operation.messages.warn);
}

/** Tells each phrase with all of its keys, once, although a replacement is checked twice. */
function tellKeys(
  found: readonly (readonly [phrase: string, key: string])[],
  { label, operation }: CollectContext,
  tell: (line: string) => void,
): void {
  const keysOf = new Map<string, string[]>();
  for (const [phrase, key] of found) keysOf.set(phrase, [...(keysOf.get(phrase) ?? []), JSON.stringify(key)]);
  const toldHere = operation.recall(told);
  for (const [phrase, keys] of keysOf) {
    const line = `${label}: ${phrase}: ${keys.join(", ")}`;
    if (!toldHere.has(line)) tell(line);
    toldHere.set(line, true);
  }
}

function addPendingValues(
  entries: Entries,
  { fingerprintKey, operation }: CollectContext,
): ReadonlyMap<string, string> {
  if (isUnknown(fingerprintKey)) return new Map();
  return new Map(
    [...entries].map(([key, { content }]) => {
      const print = computeContentFingerprint(fingerprintKey, key, content);
      addPendingValue(operation, print, content);
      return [key, print];
    }),
  );
}

interface ReadSources {
  readonly entries: Entries;
  readonly ids?: SourceIds | undefined;
  /** There is more, which cannot be read: unknown until `up`, or carried along to what writes. */
  readonly missing?: { readonly as: "unknown" } | { readonly as: "carried"; readonly error: ProviderError };
}

async function readSources(
  { sources, unknownSources, allowEmptyProgram }: GivenSecrets,
  { argument }: ProgramSecrets,
  context: CollectContext,
): Promise<ReadSources> {
  const { run, label, source, operation } = context;
  const { warn } = operation.messages;
  const isEmpty = argument === "empty" || (argument === "none" && sources.length + unknownSources === 0);
  if (!allowEmptyProgram && isEmpty) {
    throw new ProviderError("SOURCE_FAILED", {
      operation: "the source is empty",
      target: `secrets of ${label}`,
      hint: 'add a secret. If there shall be none, add { type: "program", allowEmpty: true } to sources.',
    });
  }
  const { environment, secretPath } = source;
  const defaults = isUnknown(environment) || isUnknown(secretPath) ? undefined : { environment, secretPath };
  const known = defaults ? sources.filter((spec) => !holdsUnknown(spec)) : [];
  const total = sources.length + unknownSources;
  const rest = total - known.length;
  if (rest > 0) {
    requirePreview(context, "an argument of a source");
    warn(
      `${label}: ${rest} of ${total} sources cannot be read before up, because an argument is not known yet.`,
    );
  }
  const missing = rest > 0 ? { missing: { as: "unknown" } as const } : {};
  if (!defaults) return { entries: new Map(), ...missing };
  try {
    const { entries, ids } = await resolveSources(known, { ...source, ...defaults });
    return { entries: buildEntries(entries), ids, ...missing };
  } catch (error) {
    if (run === "up" || !isProviderError(error) || error.code === "INVALID_INPUT") throw error;
    if (run === "unknown" && rest === 0) {
      return { entries: new Map(), missing: { as: "carried", error } };
    }
    warn(`${label}: ${error.message} The preview shows its keys as unknown; pulumi up would fail.`);
    return { entries: new Map(), missing: { as: "unknown" } };
  }
}

// Outside of a preview the engine's mark can only be a value that happens to look like it.
function requirePreview({ run, label }: Pick<CollectContext, "run" | "label">, what: string): void {
  if (run !== "up") return;
  throw new ProviderError("INVALID_INPUT", {
    operation: "a value is the text that Pulumi uses for unknown values",
    target: `${what} of ${label}`,
    hint: "change the value.",
  });
}
