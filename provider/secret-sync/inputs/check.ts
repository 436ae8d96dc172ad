import type * as z from "zod";
import { explainError, isProviderError, ProviderError } from "../../core/errors.js";
import { deriveFingerprintKey, generateFingerprintKey } from "../../core/fingerprint.js";
import { buildPlaceHint, describePlace, type EngineContext } from "../../engine/context.js";
import { buildFailures, type CheckFailure } from "../../engine/failures.js";
import type { Memory, Operation } from "../../engine/operation.js";
import { type ResourceIdentity, resolveIdentity } from "../../engine/ownership.js";
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
import { requireExpectedState, requireReplaceable, reserveNames } from "./guards.js";
import { parseProgramSecrets } from "./program-secrets.js";
import { foretellSecretIds } from "./secret-ids.js";
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
  const { connection, sources, secrets, secretValues, fingerprintKey, ...own } = given;
  const parsed = parseArguments(own, context);
  const parsedSources = parseSources(sources);
  const program = parseProgramSecrets({ secrets, secretValues });
  const hasNone = sources === undefined && !isUnknown(program.secrets) && program.secrets.argument === "none";
  const failures = [
    ...parsed.failures,
    ...parsedSources.failures,
    ...findFailures(connectionArguments.optional(), connection, "connection"),
    ...findFailures(fingerprintKeyArgument, fingerprintKey, "fingerprintKey"),
    ...program.failures,
    ...(hasNone && !isUnknown(program.secrets) && program.secrets.isFresh
      ? [{ property: "", reason: "secrets: there is no source. Give secrets, sources, or both." }]
      : []),
  ];
  if (!parsed.args || failures.length > 0) return { inputs: own, failures };

  try {
    const identity = resolveIdentity(operation, olds, context);
    requireExpectedState(identity.id, context.place.name, olds.secrets);
    const inputs = await buildInputs({
      args: parsed.args,
      connection,
      keptSources: parsedSources.kept,
      given: { ...parsedSources, program: program.secrets, typedSecrets: parsed.args.typedSecrets },
      fingerprintKey: chooseFingerprintKey(fingerprintKey, identity.predecessor ?? olds),
      identity,
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

/** Ends the programs of sources with the operation. */
const cancellation: Memory<AbortController> = {
  create: () => new AbortController(),
  stop: (controller) => controller.abort(),
  end: async (controller) => controller.abort(),
};

/** A given key, else the one of before, else a random one. */
function chooseFingerprintKey(given: unknown, { fingerprintKey: last }: Properties): string | Unknown {
  return isUnknown(given) ? given : String(given || last || generateFingerprintKey());
}

interface Parsed {
  readonly args: SyncArguments;
  readonly connection: unknown;
  readonly keptSources: unknown;
  readonly given: GivenSecrets;
  readonly fingerprintKey: string | Unknown;
  readonly identity: ResourceIdentity;
  /** The inputs of the last operation. */
  readonly before: Properties;
  readonly context: EngineContext;
  readonly operation: Operation;
}

async function buildInputs(parsed: Parsed): Promise<SyncInputs> {
  const { args, connection, keptSources, given, fingerprintKey, identity, before, context, operation } =
    parsed;
  const { environment, secretPath, rewriteTrigger } = args;
  const label = isUnknown(args.name) ? context.place.name : args.name;
  const collected = await collectSecrets(given, {
    run: context.run,
    label,
    fingerprintKey:
      isUnknown(fingerprintKey) || isUnknown(rewriteTrigger)
        ? unknownValue
        : deriveFingerprintKey(fingerprintKey, rewriteTrigger),
    source: {
      environment,
      secretPath,
      programDirectory: process.cwd(),
      env: process.env,
      // The program says which; it runs here, too.
      mayRun: () => true,
      signal: operation.recall(cancellation).signal,
    },
    before: before.secrets,
    operation,
  });
  const { secrets, ignoredKeys, notReadable, readFailure, sourceOf, ids } = collected;
  const first = identity.predecessor && findCheck(operation, identity.id);
  if (first !== undefined) requireNothingIgnored(collected, first, label, operation);
  const inputs: SyncInputs = {
    ...withoutUndefined(args),
    ...(connection === undefined ? {} : { connection }),
    ...(keptSources === undefined ? {} : { sources: keptSources }),
    secrets,
    fingerprintKey,
    ownerId: identity.id,
    secretIds: foretellSecretIds({ ...args, secrets }),
    ...(notReadable === undefined ? {} : { notReadable }),
  };
  const place = buildPlaceHint(context.place);
  const predecessor = identity.predecessor && { syncTrigger: identity.predecessor.syncTrigger };
  const checked = {
    label,
    run: context.run,
    place,
    connection,
    sourceOf,
    secrets,
    ignoredKeys,
    predecessor,
    readFailure,
    ids,
  };
  rememberCheck(operation, identity.id, checked);
  // Here, because the old one may be deleted before `create`.
  if (context.run !== "preview") requireReplaceable(inputs, checked);
  if (isPlannable(inputs)) {
    const keySchema = buildKeySchema(inputs.syncOptions.keySchema, inputs.environment);
    const keys = isUnknown(inputs.secrets) ? [] : Object.keys(inputs.secrets);
    await reserveNames(operation, inputs, renderNames(keySchema, keys).keys(), describePlace(context.place));
  }
  return inputs;
}

/**
 * Refuses a replacement that `ignoreChanges` would have write other values than the program's. To its second check
 * the engine gives the program's own map: what was ignored as a whole in the first one would be written all the same,
 * and of a single key there is no value.
 *
 * @throws INVALID_INPUT
 */
function requireNothingIgnored(
  { secrets, ignoredKeys, sourceOf }: CollectedSecrets,
  first: CheckedSync,
  label: string,
  operation: Operation,
): void {
  if (isUnknown(secrets) || isUnknown(first.secrets)) return;
  const before = first.secrets;
  const isIgnored = (key: string) => {
    const now = secrets[key];
    if (isUnknown(now)) return false;
    if (ignoredKeys.has(key)) return now === undefined || findValue(operation, now) === undefined;
    return before[key] !== now && (first.ignoredKeys.has(key) || sourceOf.get(key) === programLabel);
  };
  const ignored = [...new Set([...first.ignoredKeys, ...Object.keys(secrets)])].filter(isIgnored);
  if (ignored.length === 0) return;
  throw new ProviderError("INVALID_INPUT", {
    operation: `a replacement needs values that ignoreChanges ignores: ${ignored.map((key) => JSON.stringify(key)).join(", ")}`,
    target: label,
    hint: "remove these keys from ignoreChanges, or undo the change that replaces the sync.",
  });
}

// `ignoreChanges: ["*"]` keeps all the old inputs.
function keepAll(olds: Properties, operation: Operation): CheckAnswer {
  rememberCheck(operation, String(olds.ownerId), {
    label: String(olds.name),
    run: "up",
    place: "",
    connection: olds.connection,
    sourceOf: new Map(),
    secrets: olds.secrets as SyncInputs["secrets"],
    ignoredKeys: new Set(Object.keys((olds.secrets ?? {}) as object)),
    predecessor: undefined,
    ids: undefined,
  });
  return { inputs: olds, failures: [] };
}

function findFailures(shape: z.ZodType, value: unknown, argument: string): readonly CheckFailure[] {
  if (isUnknown(value)) return [];
  const result = shape.safeParse(value);
  return result.success ? [] : buildFailures(result.error, [argument], value, shape);
}

function withoutUndefined<T extends object>(inputs: T): T {
  return Object.fromEntries(Object.entries(inputs).filter(([, value]) => value !== undefined)) as T;
}
