import { z } from "zod";
import { isProviderError, ProviderError, toProviderError } from "../core/errors.js";
import type { SecretValue } from "../core/secret-value.js";
import { isUnknown } from "../engine.js";
import { awsSecretsManagerSource } from "./aws-secrets-manager.js";
import { dotenvSource } from "./dotenv.js";
import { environmentSource } from "./environment.js";
import { infisicalSource } from "./infisical.js";
import { readProgramSecrets } from "./program.js";
import type { SourceContext, SourceIds, SourceResult, SourceType } from "./source.js";

export type { SourceContext, SourceIds } from "./source.js";

// A new source is a file beside these and its line here.
const sourceTypes = [infisicalSource, awsSecretsManagerSource, dotenvSource, environmentSource] as const;

type Schemas<T extends readonly { schema: unknown }[]> = { -readonly [K in keyof T]: T[K]["schema"] };

/** One element of `sources`, selected by `type`. */
export const sourceArgsSchema = z.discriminatedUnion(
  "type",
  sourceTypes.map((type) => type.schema) as unknown as Schemas<typeof sourceTypes>,
  { error: `give a source with a type: ${sourceTypes.map(getTypeName).join(", ")}.` },
);

/** One element of `sources` as plain values. */
export type SourceInputs = z.infer<typeof sourceArgsSchema>;

/** A secret after all sources were merged. */
export interface MergedEntry {
  readonly value: SecretValue;
  /** The source that won, for people. */
  readonly source: string;
  /** The sources that had the key too and lost, first to last. */
  readonly overrode?: readonly string[];
}

export interface ResolvedSources {
  readonly entries: ReadonlyMap<string, MergedEntry>;
  /** Keys of the program whose values only `up` knows; they are not in `entries`. */
  readonly unknownKeys: ReadonlySet<string>;
  readonly ids?: SourceIds;
}

/**
 * Reads every source and merges them in their order, the values of the program last; of two with the same key the
 * later wins.
 *
 * @throws ProviderError `SOURCE_FAILED` if one of them fails or is empty without its `allowEmpty`: never less than all.
 */
export async function resolveSources(
  specs: readonly SourceInputs[],
  context: SourceContext,
  programSecrets: Readonly<Record<string, string>> = {},
): Promise<ResolvedSources> {
  const settled = await Promise.allSettled(specs.map((spec) => readSource(spec, context)));
  const failures = settled.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
  if (failures.length > 0) throw combineFailures(failures);
  const results = settled.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
  const program = readProgramSecrets(programSecrets);

  const entries = new Map<string, MergedEntry>();
  for (const { key, value, source } of [...results.flatMap((result) => result.entries), ...program.entries]) {
    const loser = entries.get(key);
    entries.set(key, {
      value,
      source,
      ...(loser ? { overrode: [...(loser.overrode ?? []), loser.source] } : {}),
    });
  }
  for (const key of program.unknownKeys) entries.delete(key);
  const ids = chooseIds(results, context);
  return { entries, unknownKeys: new Set(program.unknownKeys), ...(ids === undefined ? {} : { ids }) };
}

// The sync's own folder if it is among the sources, else the strongest source that has ids.
function chooseIds(
  results: readonly SourceResult[],
  { environment, secretPath }: Pick<SourceContext, "environment" | "secretPath">,
): SourceIds | undefined {
  const all = results.flatMap(({ ids }) => (ids === undefined ? [] : [ids]));
  const own = all.findLast((ids) => ids.environment?.slug === environment && ids.folder?.path === secretPath);
  return own ?? all.at(-1);
}

/** How a source is called in plans and messages. */
export function describeSource(
  spec: SourceInputs,
  context: Pick<SourceContext, "environment" | "secretPath">,
): string {
  return getType(spec).describe(spec, context);
}

/** The source's arguments without credentials: what the state may keep. */
export function stripSourceCredentials(spec: SourceInputs): SourceInputs {
  return getType(spec).withoutCredentials(spec);
}

/** Reads one source by itself, as the doctor does. */
export async function readSource(spec: SourceInputs, context: SourceContext): Promise<SourceResult> {
  const label = describeSource(spec, context);
  if (holdsUnknown(spec)) {
    throw new ProviderError("SOURCE_FAILED", {
      operation: "read a source whose arguments are known only in up",
      target: label,
      hint: "nothing to do in a preview; up reads it.",
    });
  }
  const result = await getType(spec)
    .open(spec)
    .resolve(context)
    .catch((error: unknown) => {
      throw isProviderError(error) ? error : toProviderError(error, `read source ${label}`);
    });
  if (result.entries.length === 0 && spec.allowEmpty !== true) {
    throw new ProviderError("SOURCE_FAILED", {
      operation: "refuse an empty source",
      target: label,
      hint: "check its place and what the credentials may see; if it is meant to be empty, set allowEmpty on it.",
    });
  }
  return result;
}

function getTypeName({ schema }: (typeof sourceTypes)[number]): string {
  return schema.shape.type.value;
}

// That the schema found by the name fits the spec was proved when the spec was parsed.
function getType(spec: SourceInputs): SourceType<z.ZodType<SourceInputs>> {
  const found = sourceTypes.find((type) => getTypeName(type) === spec.type) ?? sourceTypes[0];
  return found as unknown as SourceType<z.ZodType<SourceInputs>>;
}

function holdsUnknown(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.values(value).some(holdsUnknown);
  return isUnknown(value);
}

function combineFailures(failures: readonly unknown[]): ProviderError {
  const errors = failures.map((failure) => toProviderError(failure, "read a source"));
  const [first] = errors;
  if (first !== undefined && errors.length === 1) return first;
  return new ProviderError("SOURCE_FAILED", {
    operation: `read ${errors.length} sources`,
    target: errors.map((error) => error.target ?? error.operation).join("; "),
    hint: errors.map((error) => error.message).join(" | "),
    retryable: errors.every((error) => error.retryable),
  });
}
