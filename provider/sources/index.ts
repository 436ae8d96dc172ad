import * as z from "zod";
import { isProviderError, ProviderError, toProviderError } from "../core/errors.js";
import type { SecretValue } from "../core/secret-value.js";
import { isKnown } from "../engine/unknown.js";
import { awsSecretsManagerSource } from "./aws-secrets-manager.js";
import { awsSsmSource } from "./aws-ssm.js";
import { commandSource } from "./command.js";
import { dotenvSource } from "./dotenv.js";
import { environmentSource } from "./environment.js";
import { infisicalSource } from "./infisical.js";
import { checkKeyChoice, pickKeys } from "./pick-keys.js";
import type { SourceContext, SourceIds, SourceResult, SourceType, ValueDoubts } from "./source.js";
import { stripSecrets } from "./strip-secrets.js";
import { vaultSource } from "./vault.js";

export type { SourceContext, SourceIds } from "./source.js";

// A new source is a file beside these, its schema here and its line below.
const schemas = [
  infisicalSource.schema,
  awsSecretsManagerSource.schema,
  awsSsmSource.schema,
  dotenvSource.schema,
  environmentSource.schema,
  commandSource.schema,
  vaultSource.schema,
] as const;

/** One element of `sources`, selected by `type`. */
export const sourceArguments = z
  .discriminatedUnion("type", schemas, {
    error: `must be one of ${schemas.map(({ shape }) => shape.type.value).join(", ")}.`,
  })
  .superRefine(checkKeyChoice);

/** One element of `sources` after `sourceArguments`; flags may be known only in `up`. */
export type SourceInputs = z.infer<typeof sourceArguments>;

const sourceTypes: {
  readonly [T in SourceInputs["type"]]: SourceType<z.ZodType<Extract<SourceInputs, { type: T }>>>;
} = {
  infisical: infisicalSource,
  "aws-secrets-manager": awsSecretsManagerSource,
  "aws-ssm": awsSsmSource,
  dotenv: dotenvSource,
  environment: environmentSource,
  command: commandSource,
  vault: vaultSource,
};

// By its type a spec finds the one source type that its own schema belongs to, which the compiler cannot follow.
function getType({ type }: SourceInputs): SourceType<z.ZodType<SourceInputs>> {
  return sourceTypes[type] as unknown as SourceType<z.ZodType<SourceInputs>>;
}

/**
 * What the names of the variables begin with by which this package reaches its services. A program that a source runs
 * does not get them, and a stack with an environment of its own takes none of them from the process.
 */
export const ownVariables: readonly string[] = [
  "PULUMI_",
  "SNOWFLAKE_",
  "PRIVATE_KEY_PASSPHRASE",
  ...new Set(Object.values(sourceTypes).flatMap(({ variables = [] }) => variables)),
  // Identities of workloads, with which Snowflake and Vault are logged in to.
  "ACTIONS_ID_TOKEN_REQUEST_",
  "AZURE_",
  "ARM_",
  "GOOGLE_",
];

/** Whether a variable is one of `ownVariables`; in any case, as on Windows. */
export function isOwnVariable(name: string): boolean {
  return ownVariables.some((start) => name.toUpperCase().startsWith(start));
}

/** The type, and in plans the source, of the values of the program. */
export const programLabel = "program";

/** A secret after all sources were merged. */
export interface MergedEntry {
  readonly value: SecretValue;
  /** The source that won, for people. */
  readonly source: string;
  /** The sources that had the key too and lost, first to last. */
  readonly overrode?: readonly string[];
  readonly doubts?: ValueDoubts;
}

/** What all sources of a sync gave together. */
export interface ResolvedSources {
  readonly entries: ReadonlyMap<string, MergedEntry>;
  readonly ids?: SourceIds;
}

/**
 * Reads every source and merges them in their order; of two with the same key the later wins.
 *
 * @param read for who has read some of them already
 * @throws ProviderError `SOURCE_FAILED` if one of them fails or is empty without its `allowEmpty`: never less than all.
 */
export async function resolveSources(
  specs: readonly SourceInputs[],
  context: SourceContext,
  read = readSource,
): Promise<ResolvedSources> {
  const settled = await Promise.allSettled(specs.map((spec) => read(spec, context)));
  const failures = settled.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason] : []));
  if (failures.length > 0) throw combineFailures(failures);
  const results = settled.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
  const entries = new Map<string, MergedEntry>();
  for (const { key, value, source, doubts } of results.flatMap((result) => result.entries)) {
    const loser = entries.get(key);
    entries.set(key, {
      value,
      source,
      ...(doubts === undefined ? {} : { doubts }),
      ...(loser ? { overrode: [...(loser.overrode ?? []), loser.source] } : {}),
    });
  }
  const ids = chooseIds(results, context);
  return { entries, ...(ids === undefined ? {} : { ids }) };
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

/** What a source is named in plans and messages. */
export function describeSource(
  spec: SourceInputs,
  context: Pick<SourceContext, "environment" | "secretPath">,
): string {
  return getType(spec).describe(spec, context);
}

/** The source's arguments without credentials: what the state may keep, and what a later run without them can use. */
export function stripSourceCredentials(spec: SourceInputs): SourceInputs {
  return stripSecrets(getType(spec).schema, spec);
}

/**
 * Reads one source by itself, as the doctor does.
 *
 * @throws ProviderError `SOURCE_FAILED`
 */
export async function readSource(spec: SourceInputs, context: SourceContext): Promise<SourceResult> {
  const label = describeSource(spec, context);
  if (!isKnown(spec)) {
    throw new ProviderError("SOURCE_FAILED", {
      operation: "the arguments of the source are not known until `pulumi up`",
      target: label,
      hint: "none needed: `pulumi up` reads it.",
    });
  }
  const result = await getType(spec)
    .read(spec, { ...context, isOwnVariable })
    .catch((error: unknown) => {
      throw isProviderError(error) ? error : toProviderError(error, `read source ${label}`);
    });
  const entries = pickKeys(result.entries, spec, label);
  if (entries.length === 0 && spec.allowEmpty !== true) {
    throw new ProviderError("SOURCE_FAILED", {
      operation: "the source is empty",
      target: label,
      hint: `${findEmptyFix(spec)} If it may be empty, set allowEmpty: true on it.`,
    });
  }
  return { ...result, entries };
}

function findEmptyFix(spec: SourceInputs): string {
  const choice = (spec.keys ?? spec.prefix) ? ", keys and prefix," : "";
  return (
    getType(spec).emptyFix ?? `check its path or project${choice} and the permissions of its credentials.`
  );
}

function combineFailures(failures: readonly unknown[]): ProviderError {
  const errors = failures.map((failure) => toProviderError(failure, "read a source"));
  const [first] = errors;
  if (first !== undefined && errors.length === 1) return first;
  return new ProviderError("SOURCE_FAILED", {
    operation: `cannot read ${errors.length} sources`,
    target: errors.map(({ operation, target }) => `${target ?? "a source"} (${operation})`).join("; "),
    hint: [...new Set(errors.map(({ hint }) => hint))].join(" "),
    retryable: errors.every((error) => error.retryable),
  });
}
