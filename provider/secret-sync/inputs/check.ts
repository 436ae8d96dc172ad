import type * as z from "zod";
import { explainError, isProviderError } from "../../core/errors.js";
import { computeFingerprint, deriveFingerprintKey, generateFingerprintKey } from "../../core/fingerprint.js";
import { buildPlaceHint, type EngineContext } from "../../engine/context.js";
import { buildFailures, type CheckFailure } from "../../engine/failures.js";
import type { Operation } from "../../engine/operation.js";
import { type Owner, resolveOwner } from "../../engine/ownership.js";
import { findValue } from "../../engine/pending-values.js";
import type { CheckAnswer, Properties } from "../../engine/resource.js";
import { isUnknown, type Unknown, unknownValue } from "../../engine/unknown.js";
import { connectionArguments } from "../../snowflake/connection/resolve.js";
import { programLabel } from "../../sources/index.js";
import { buildKeySchema, renderNames } from "../plan/key-schema.js";
import {
  fingerprintKeyArgument,
  isPlannable,
  parseArguments,
  type SyncArguments,
  type SyncInputs,
} from "./arguments.js";
import { type CheckedSync, findCheck, rememberCheck } from "./check-memory.js";
import { type CollectedSecrets, collectSecrets, type GivenSecrets } from "./collect.js";
import { requireExpectedState } from "./expected-state.js";
import { parseProgramSecrets } from "./program-secrets.js";
import { requireReplaceable } from "./replaceable.js";
import { reserveNames } from "./reserve-names.js";
import { parseSources } from "./sources.js";

/**
 * Validates the arguments, reads the sources, and answers what the engine may show and keep: no value, and keyed
 * fingerprints instead. The values are held in memory for `create` and `update` of this operation.
 */
export async function checkSync(
  olds: Properties,
  given: Properties,
  context: EngineContext | undefined,
  operation: Operation,
): Promise<CheckAnswer> {
  if (context === undefined) return keepAll(olds, operation);
  const {
    connection,
    sources,
    secrets: names,
    secretValues,
    fingerprintKey,
    keptFingerprintKey,
    ...own
  } = given;
  const parsed = parseArguments(own, context);
  const parsedSources = parseSources(sources);
  const program = parseProgramSecrets(names, secretValues);
  const hasNone = sources === undefined && !isUnknown(program.secrets) && program.secrets.argument === "none";
  const failures = [
    ...parsed.failures,
    ...parsedSources.failures,
    ...findFailures(connectionArguments.optional(), connection, "connection"),
    ...findFailures(fingerprintKeyArgument.optional(), fingerprintKey, "fingerprintKey"),
    ...program.failures,
    ...(hasNone && !isUnknown(program.secrets) && program.secrets.isFresh
      ? [{ property: "", reason: "secrets: there is no source. Give secrets, sources, or both." }]
      : []),
  ];
  if (!parsed.args || failures.length > 0) return { inputs: own, failures };

  try {
    const owner = resolveOwner(operation, olds, context);
    requireExpectedState(owner.id, context.place.name, olds.secrets);
    const inputs = await buildInputs({
      args: parsed.args,
      connection,
      keptSources: parsedSources.kept,
      given: { ...parsedSources, program: program.secrets },
      keys: chooseKeys(fingerprintKey, owner.predecessor ?? olds),
      owner,
      before: olds,
      context,
      operation,
    });
    return { inputs: { ...inputs }, failures: [] };
  } catch (error) {
    // A check that throws is printed twice, with a stack; a failure without a property is printed once.
    if (!isProviderError(error)) throw error;
    return { inputs: own, failures: [{ property: "", reason: explainError(error) }] };
  }
}

type Keys = Pick<SyncInputs, "fingerprintKey" | "keptFingerprintKey">;

/**
 * The key of the fingerprints. Beside a given one the random one of before is kept; with none before, that is said,
 * and not made up for: a preview and its `up` must come to the same.
 */
function chooseKeys(given: unknown, { fingerprintKey: last, keptFingerprintKey: kept }: Properties): Keys {
  const random = typeof kept === "string" ? kept : last;
  if (!isUnknown(given) && !given) return { fingerprintKey: String(random || generateFingerprintKey()) };
  const isSame = typeof kept !== "string" && last === given;
  const keptFingerprintKey = isSame || isUnknown(random) ? "" : String(random ?? "");
  return { fingerprintKey: isUnknown(given) ? given : String(given), keptFingerprintKey };
}

interface Parsed {
  readonly args: SyncArguments;
  readonly connection: unknown;
  readonly keptSources: unknown;
  readonly given: GivenSecrets;
  readonly keys: Keys;
  readonly owner: Owner;
  /** The inputs of the last operation. */
  readonly before: Properties;
  readonly context: EngineContext;
  readonly operation: Operation;
}

async function buildInputs(parsed: Parsed): Promise<SyncInputs> {
  const { args, connection, keptSources, given, keys, owner, before, context, operation } = parsed;
  const { environment, secretPath, rewriteTrigger } = args;
  const { fingerprintKey } = keys;
  const label = isUnknown(args.name) ? context.place.name : args.name;
  const collected = await collectSecrets(given, {
    preview: context.preview,
    label,
    fingerprintKey:
      isUnknown(fingerprintKey) || isUnknown(rewriteTrigger)
        ? unknownValue
        : deriveFingerprintKey(fingerprintKey, rewriteTrigger),
    source: { environment, secretPath, programDirectory: process.cwd(), env: process.env },
    before: before.secrets,
    operation,
  });
  const { notReadable, readFailure, sourceOf, ids } = collected;
  const first = owner.predecessor && findCheck(operation, owner.id);
  const { secrets, ignoredKeys } = first === undefined ? collected : holdBack(collected, first);
  const inputs: SyncInputs = {
    ...withoutUndefined(args),
    ...(connection === undefined ? {} : { connection }),
    ...(keptSources === undefined ? {} : { sources: keptSources }),
    secrets,
    ...keys,
    ownerId: owner.id,
    ...(notReadable === undefined ? {} : { notReadable }),
  };
  const place = buildPlaceHint(context.place);
  const predecessor = owner.predecessor && { syncTrigger: owner.predecessor.syncTrigger };
  const checked = {
    label,
    preview: context.preview,
    place,
    sourceOf,
    secrets,
    formerFingerprints: findFormerFingerprints(inputs, before, operation),
    ignoredKeys,
    predecessor,
    readFailure,
    ids,
  };
  rememberCheck(operation, owner.id, checked);
  // Here, because the old one may be deleted before `create`.
  if (context.preview !== true) requireReplaceable(inputs, checked, operation);
  if (isPlannable(inputs)) {
    const schema = buildKeySchema(inputs.syncOptions.keySchema, inputs.environment);
    const keys = isUnknown(inputs.secrets) ? [] : Object.keys(inputs.secrets);
    await reserveNames(operation, inputs, renderNames(schema, keys).keys(), place);
  }
  return inputs;
}

/**
 * To the second check of a replacement the engine gives the program's own map: what `ignoreChanges` held back in the
 * first one is held back here too. A value that is the same as the kept one is at hand.
 */
function holdBack({ secrets, ignoredKeys, sourceOf }: CollectedSecrets, first: CheckedSync): HeldBack {
  if (isUnknown(secrets) || isUnknown(first.secrets)) return { secrets, ignoredKeys };
  const before = first.secrets;
  const kept = [...first.ignoredKeys].flatMap((key): [string, string | Unknown][] => {
    const print = before[key];
    return print === undefined || print === secrets[key] ? [] : [[key, print]];
  });
  // The addition of a key is ignored where the first check did not get it.
  const given = Object.entries(secrets).filter(
    ([key]) => sourceOf.get(key) !== programLabel || Object.hasOwn(before, key),
  );
  return {
    secrets: Object.fromEntries([...given, ...kept]),
    ignoredKeys: new Set([...ignoredKeys, ...kept.map(([key]) => key)]),
  };
}

type HeldBack = Pick<CollectedSecrets, "secrets" | "ignoredKeys">;

/**
 * What the last operation would have made of the same values, where it had another key: by that a value is proved to be
 * the same, and its mark alone is renewed. Another `rewriteTrigger` makes others, so that every value is written.
 */
function findFormerFingerprints(
  { secrets, fingerprintKey, rewriteTrigger }: SyncInputs,
  { fingerprintKey: last }: Properties,
  operation: Operation,
): ReadonlyMap<string, string> {
  if (isUnknown(secrets) || isUnknown(rewriteTrigger)) return new Map();
  if (typeof last !== "string" || last === "" || last === fingerprintKey) return new Map();
  const key = deriveFingerprintKey(last, rewriteTrigger);
  return new Map(
    Object.entries(secrets).flatMap(([name, print]): [string, string][] => {
      const value = isUnknown(print) ? undefined : findValue(operation, print);
      return value === undefined ? [] : [[name, computeFingerprint(key, name, value)]];
    }),
  );
}

// `ignoreChanges: ["*"]` keeps all the old inputs.
function keepAll(olds: Properties, operation: Operation): CheckAnswer {
  rememberCheck(operation, String(olds.ownerId), {
    label: String(olds.name),
    preview: false,
    place: "",
    sourceOf: new Map(),
    secrets: olds.secrets as SyncInputs["secrets"],
    ignoredKeys: new Set(Object.keys((olds.secrets ?? {}) as object)),
    predecessor: undefined,
    ids: undefined,
  });
  return { inputs: olds, failures: [] };
}

function findFailures(schema: z.ZodType, value: unknown, argument: string): readonly CheckFailure[] {
  if (isUnknown(value)) return [];
  const result = schema.safeParse(value);
  return result.success ? [] : buildFailures(result.error, [argument], value);
}

function withoutUndefined<T extends object>(inputs: T): T {
  return Object.fromEntries(Object.entries(inputs).filter(([, value]) => value !== undefined)) as T;
}
