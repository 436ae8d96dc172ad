import type { z } from "zod";
import { buildFailures, type CheckFailure, holdsUnknown } from "../check-failures.js";
import { contextKey, type EngineContext, isUnknown, takeContext } from "../engine.js";
import { isProviderError } from "../errors.js";
import { deriveFingerprintKey, generateFingerprintKey } from "../fingerprint.js";
import { buildPlaceHint, claimOwnerId } from "../ownership.js";
import { connectionArgsSchema } from "../snowflake/connection-chain.js";
import { claimNames } from "./claim-names.js";
import {
  type CollectedSecrets,
  collectSecrets,
  findMissingValues,
  findWrongValues,
  isFresh,
} from "./collect.js";
import { fingerprintKeySchema, parseArguments, type SyncArguments } from "./inputs.js";
import { buildKeySchema, renderNames } from "./key-schema.js";
import { type ParsedSources, parseSources } from "./parse-sources.js";
import { previewSync } from "./preview.js";
import { requireReplaceable } from "./replaceable.js";
import { type Run, rememberRun, resolveIdentity } from "./run.js";
import type { SyncInputs } from "./state.js";

type Properties = Readonly<Record<string, unknown>>;

export interface CheckResult {
  readonly inputs: Record<string, unknown>;
  readonly failures?: readonly CheckFailure[];
}

/**
 * Validates the arguments, reads the sources, and answers what the engine may show and keep: no value, and keyed
 * fingerprints instead. The values are held in memory for `create` and `update` of this operation.
 */
export async function checkSync(olds: Properties, news: Properties): Promise<CheckResult> {
  if (news[contextKey] === undefined && typeof olds.ownerId === "string") return keepAll(olds.ownerId, olds);
  const { context, args } = takeContext(news);
  const { connection, sources, secrets: names, secretValues, fingerprintKey, ...own } = args;
  const parsed = parseArguments(own, context);
  const parsedSources = parseSources(sources);
  const failures = [
    ...parsed.failures,
    ...parsedSources.failures,
    ...findFailures(connectionArgsSchema.optional(), connection, "connection"),
    ...findFailures(fingerprintKeySchema, fingerprintKey, "fingerprintKey"),
    ...findMissingValues(names, secretValues),
    ...findWrongValues(secretValues),
    ...(secretValues === undefined && sources === undefined && isFresh(names)
      ? [{ property: "", reason: "secrets: there is no source. Give secrets, sources, or both." }]
      : []),
  ];
  if (!parsed.args || failures.length > 0) return { inputs: own, failures };

  const identity = resolveIdentity(olds, context);
  const key = String(fingerprintKey || identity.fingerprintKey || generateFingerprintKey());
  try {
    claimOwnerId(identity.ownerId, context.place, context.instance);
    const given = { ...parsedSources, names, values: secretValues };
    const collected = await collect(given, parsed.args, key, olds.secrets, context);
    const inputs = withoutUndefined({
      ...parsed.args,
      connection,
      sources: parsedSources.kept,
      secrets: collected.secrets,
      fingerprintKey: key,
      ownerId: identity.ownerId,
    }) as unknown as SyncInputs;
    const place = buildPlaceHint(context.place);
    const run: Run = {
      preview: context.preview,
      place,
      sourceOf: collected.sourceOf,
      ignoredKeys: collected.ignoredKeys,
      predecessor: identity.predecessor,
      ids: collected.ids,
    };
    rememberRun(identity.ownerId, run);
    // Here, because the old one may be deleted before `create`.
    if (!context.preview) requireReplaceable(inputs, run);
    if (!holdsUnknown([inputs.environment, inputs.destinationConfig, inputs.syncOptions.keySchema])) {
      const schema = buildKeySchema(inputs.syncOptions.keySchema, inputs.environment);
      const keys = isUnknown(inputs.secrets) ? [] : Object.keys(inputs.secrets);
      await claimNames(inputs, renderNames(schema, keys).keys(), place);
    }
    // For what exists already `diff` looks; a creation has only this hook in a preview.
    if (context.preview && olds.ownerId === undefined) await previewSync(inputs);
    return { inputs: { ...inputs } };
  } catch (error) {
    // A check that throws is printed twice, with a stack; a failure without a property is printed once.
    if (!isProviderError(error)) throw error;
    return { inputs: own, failures: [{ property: "", reason: error.message }] };
  }
}

// `ignoreChanges: ["*"]` puts all the old inputs in the place of the new ones, and takes away what only the shell
// sends.
function keepAll(ownerId: string, olds: Properties): CheckResult {
  const secrets = (olds.secrets ?? {}) as SyncInputs["secrets"];
  rememberRun(ownerId, {
    preview: false,
    place: "",
    sourceOf: new Map(),
    ignoredKeys: new Set(Object.keys(secrets)),
    predecessor: undefined,
    ids: undefined,
  });
  return { inputs: { ...olds } };
}

function collect(
  given: Pick<ParsedSources, "sources" | "unknownSources" | "allowEmptyProgram"> & {
    names: unknown;
    values: unknown;
  },
  { name, environment, secretPath, rewriteTrigger }: SyncArguments,
  key: string,
  before: unknown,
  { preview, place }: EngineContext,
): Promise<CollectedSecrets> {
  return collectSecrets(given, {
    preview,
    label: isUnknown(name) ? place.name : name,
    fingerprintKey:
      isUnknown(key) || isUnknown(rewriteTrigger) ? undefined : deriveFingerprintKey(key, rewriteTrigger),
    source: { environment, secretPath, programDirectory: process.cwd(), env: process.env },
    before,
  });
}

function findFailures(schema: z.ZodType, value: unknown, argument: string): readonly CheckFailure[] {
  const result = schema.safeParse(value);
  return result.success ? [] : buildFailures(result.error, [argument], value);
}

function withoutUndefined(inputs: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(inputs).filter(([, value]) => value !== undefined));
}
