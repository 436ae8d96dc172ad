import { z } from "zod";
import { buildCheckFailure, buildFailures, type CheckFailure } from "../check-failures.js";
import { type EngineContext, isUnknown, takeContext } from "../engine.js";
import { isProviderError, ProviderError } from "../errors.js";
import { deriveFingerprintKey, generateFingerprintKey } from "../fingerprint.js";
import { createOperationMap } from "../operation.js";
import { buildPlaceHint, claimOwnerId } from "../ownership.js";
import { type ConnectionInputs, connectionArgsSchema } from "../snowflake/connection-chain.js";
import { quoteName } from "../snowflake/statements.js";
import { type SourceInputs, sourceArgsSchema, stripSourceCredentials } from "../sources/index.js";
import { collectSecrets, findMissingValues } from "./collect.js";
import { parseArguments } from "./inputs.js";
import { buildKeySchema, renderNames } from "./key-schema.js";
import { previewSync } from "./preview.js";
import { rememberRun, resolveIdentity } from "./run.js";
import type { SyncInputs } from "./state.js";

type Properties = Readonly<Record<string, unknown>>;

export interface CheckResult {
  readonly inputs: Record<string, unknown>;
  readonly failures?: readonly CheckFailure[];
}

const programSourceSchema = z.strictObject({
  type: z.literal("program"),
  allowEmpty: z.boolean({ error: "give true or false." }).optional(),
});

const fingerprintKeySchema = z.string({ error: "give a text." });

/**
 * Validates the arguments, reads the sources, and answers what the engine may show and keep: no value, and keyed
 * fingerprints instead. The values are held in memory for `create` and `update` of this operation.
 */
export async function checkSync(olds: Properties, news: Properties): Promise<CheckResult> {
  const { context, args } = takeContext(news);
  const { connection, sources, secrets: names, secretValues, fingerprintKey, ...own } = args;
  const identity = resolveIdentity(olds, context);
  const parsed = parseArguments(own, context);
  const parsedSources = parseSources(sources);
  const failures = [
    ...(parsed.kind === "failed" ? parsed.failures : []),
    ...parsedSources.failures,
    ...parseWith(connectionArgsSchema.optional(), connection, ["connection"]),
    ...parseWith(fingerprintKeySchema, fingerprintKey, ["fingerprintKey"]),
    ...findMissingValues(names, secretValues, ["secrets"]),
    ...findWrongValues(secretValues),
    ...(secretValues === undefined && sources === undefined && isLive(names)
      ? [{ property: "", reason: "secrets: there is no source. Give secrets, sources, or both." }]
      : []),
  ];
  if (parsed.kind === "failed" || failures.length > 0) return { inputs: own, failures };

  const plain = parsed.kind === "parsed" ? parsed.args : parsed.raw;
  const key = String(fingerprintKey || identity.fingerprintKey || generateFingerprintKey());
  try {
    claimOwnerId(identity.ownerId, context.place);
    const collected = await collectSecrets(
      {
        names,
        values: secretValues,
        sources: parsedSources.sources,
        allowEmptyProgram: parsedSources.allowEmptyProgram,
      },
      {
        preview: context.preview,
        label: String(plain.name),
        fingerprintKey: deriveFingerprintKey(key, plain.rewriteTrigger as string | undefined),
        source: {
          environment: String(plain.environment),
          secretPath: String(plain.secretPath ?? "/"),
          programDirectory: process.cwd(),
          env: process.env,
        },
        before: olds.secrets,
      },
    );
    const inputs = dropUndefined({
      ...plain,
      connection,
      sources: parsedSources.kept,
      secrets: collected.secrets,
      fingerprintKey: key,
      ownerId: identity.ownerId,
    });
    rememberRun(identity.ownerId, {
      preview: context.preview,
      place: buildPlaceHint(context.place),
      isReplacement: identity.isReplacement,
      sourceOf: collected.sourceOf,
      ids: collected.ids,
    });
    if (parsed.kind === "parsed") await finishCheck(inputs as unknown as SyncInputs, olds, context);
    return { inputs };
  } catch (error) {
    // A check that throws is printed twice, with a stack; a failure without a property is printed once.
    if (!isProviderError(error)) throw error;
    return { inputs: own, failures: [{ property: "", reason: error.message }] };
  }
}

async function finishCheck(inputs: SyncInputs, olds: Properties, context: EngineContext): Promise<void> {
  if (!isUnknown(inputs.secrets)) {
    const schema = buildKeySchema(inputs.syncOptions.keySchema, inputs.environment);
    claimNames(inputs, [...renderNames(schema, Object.keys(inputs.secrets)).keys()], buildPlaceHint(context.place));
  }
  // For what exists already `diff` looks; a creation has only this hook in a preview.
  if (context.preview && olds.ownerId === undefined) await previewSync(inputs);
}

const claimedNames = createOperationMap<string, string>();

/** Refuses two syncs of one operation that want the same name, before either writes. */
function claimNames({ connection, destinationConfig }: SyncInputs, names: readonly string[], place: string): void {
  const { account, accountName, profile } = (connection ?? {}) as ConnectionInputs;
  for (const name of names) {
    const key = JSON.stringify([account, accountName, profile, destinationConfig, name]);
    const other = claimedNames.get(key);
    if (other !== undefined && other !== place) {
      throw new ProviderError("NOT_OURS", {
        operation: `two syncs want the same secret: ${other} and ${place}`,
        target: quoteName(destinationConfig, name),
        hint: "give them different keySchemas, or schemas of their own.",
      });
    }
    claimedNames.set(key, place);
  }
}

function parseWith(schema: z.ZodType, value: unknown, path: readonly string[]): readonly CheckFailure[] {
  const result = schema.safeParse(value);
  return result.success ? [] : buildFailures(result.error, path, value);
}

function parseSources(given: unknown): {
  sources: readonly SourceInputs[];
  /** What the state keeps of them. */
  kept: unknown;
  allowEmptyProgram: boolean;
  failures: readonly CheckFailure[];
} {
  const nothing = { sources: [], kept: undefined, allowEmptyProgram: false, failures: [] };
  if (given === undefined) return nothing;
  if (isUnknown(given)) return { ...nothing, kept: given };
  if (!Array.isArray(given)) return { ...nothing, failures: [{ property: "", reason: "sources: give a list of sources." }] };
  const sources: SourceInputs[] = [];
  const kept: unknown[] = [];
  const failures: CheckFailure[] = [];
  let allowEmptyProgram = false;
  for (const [i, spec] of given.entries()) {
    const isProgram = spec?.type === "program";
    const result = (isProgram ? programSourceSchema : sourceArgsSchema).safeParse(spec);
    if (!result.success) {
      failures.push(...buildFailures(result.error, ["sources", i], spec));
    } else if (result.data.type === "program") {
      allowEmptyProgram = result.data.allowEmpty === true;
      kept.push(result.data);
    } else {
      sources.push(result.data);
      kept.push(stripSourceCredentials(result.data));
    }
  }
  return { sources, kept, allowEmptyProgram, failures };
}

function findWrongValues(values: unknown): readonly CheckFailure[] {
  if (values === undefined || isUnknown(values)) return [];
  if (typeof values !== "object" || values === null || Array.isArray(values)) {
    return [{ property: "", reason: "secrets: give a map of names to texts." }];
  }
  return Object.entries(values)
    .filter(([, value]) => typeof value !== "string" && value !== null)
    .map(([key, value]) => buildCheckFailure(["secrets", key], `give a text; it is a ${typeof value}.`));
}

// Under `ignoreChanges` the map holds what was, and needs no source.
function isLive(names: unknown): boolean {
  return typeof names !== "object" || names === null || Object.hasOwn(names, "");
}

function dropUndefined(inputs: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(inputs).filter(([, value]) => value !== undefined));
}
