import * as z from "zod";
import { ProviderError } from "../../provider/core/errors.js";
import { parseUrn } from "../../provider/plugin/urn.js";
import { type PairedSecrets, pairedSecret } from "../../provider/secret-sync/secret-types.js";
import { programLabel, type SourceInputs, sourceArguments } from "../../provider/sources/index.js";
import { secretSyncTypes } from "./resource-types.js";

/** A sync as the state of a stack holds it; no value of a secret is in there. */
export interface StackSync {
  readonly urn: string;
  /** The logical name, which people and `--resource` use. */
  readonly resource: string;
  /** The sync's own name, by which the hooks know it. */
  readonly name: string;
  readonly isAutoSyncEnabled: boolean;
  readonly environment: string;
  readonly secretPath: string;
  readonly sources: readonly SourceInputs[];
  readonly typedSecrets: PairedSecrets;
  /** Fingerprint by source key, as the last operation recorded it. */
  readonly secrets: Readonly<Record<string, string>>;
  /** The keys that the program supplies; auto-sync cannot read them and leaves them alone. */
  readonly programKeys: ReadonlySet<string>;
  readonly fingerprintKey: string;
  /** What the marks of its secrets carry. */
  readonly ownerId: string;
  readonly rewriteTrigger: string | number | boolean | undefined;
  readonly syncStatus: string;
  readonly destination: { readonly database: string; readonly schema: string };
  readonly protect: boolean;
}

const stateShape = z.object({
  inputs: z.object({
    name: z.string(),
    isAutoSyncEnabled: z.boolean().default(true),
    environment: z.string(),
    secretPath: z.string().default("/"),
    sources: z.array(z.looseObject({ type: z.string() })).default([]),
    typedSecrets: z.record(z.string(), pairedSecret).default({}),
    secrets: z.record(z.string(), z.string()).default({}),
    fingerprintKey: z.string().min(1),
    ownerId: z.string(),
    rewriteTrigger: z.union([z.string(), z.number(), z.boolean()]).optional(),
    destinationConfig: z.object({ database: z.string(), schema: z.string() }),
  }),
  outputs: z.object({
    syncStatus: z.string().default("pending"),
    managedSecrets: z.record(z.string(), z.object({ sourceKey: z.string(), source: z.string() })).default({}),
  }),
});

/** A resource of `pulumi stack export --show-secrets`, as far as it is read here. */
export interface ExportedResource {
  readonly urn: string;
  readonly type: string;
  readonly delete?: boolean;
  readonly protect?: boolean;
  /** URN and id of its provider, `urn::id`. */
  readonly provider?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

/** The live syncs of a stack. @throws ProviderError `INVALID_INPUT` for a state that is not of our making. */
export function readStackSyncs(resources: readonly ExportedResource[]): StackSync[] {
  return resources
    .filter(({ type, delete: isOld }) => secretSyncTypes.has(type) && isOld !== true)
    .map(readSync);
}

function readSync({ urn, inputs, outputs, protect }: ExportedResource): StackSync {
  const parsed = stateShape.safeParse(revealSecrets({ inputs, outputs: outputs ?? {} }));
  if (!parsed.success) throw explainUnreadable(urn, parsed.error);
  const state = parsed.data;
  const entries = Object.values(state.outputs.managedSecrets);
  return {
    urn,
    resource: parseUrn(urn).name,
    name: state.inputs.name,
    isAutoSyncEnabled: state.inputs.isAutoSyncEnabled,
    environment: state.inputs.environment,
    secretPath: state.inputs.secretPath,
    sources: state.inputs.sources
      .filter((source) => source.type !== programLabel)
      .map((source) => sourceArguments.parse(source)),
    typedSecrets: state.inputs.typedSecrets,
    secrets: state.inputs.secrets,
    programKeys: new Set(
      entries.filter(({ source }) => source === programLabel).map(({ sourceKey }) => sourceKey),
    ),
    fingerprintKey: state.inputs.fingerprintKey,
    ownerId: state.inputs.ownerId,
    rewriteTrigger: state.inputs.rewriteTrigger,
    syncStatus: state.outputs.syncStatus,
    destination: state.inputs.destinationConfig,
    protect: protect ?? false,
  };
}

/** Says that a resource of the state is not of our making. */
export function explainUnreadable(urn: string, { issues }: z.ZodError): ProviderError {
  return new ProviderError("INVALID_INPUT", {
    operation: "the stack's state holds a resource that this version cannot read",
    target: `${urn}: ${issues.map((issue) => issue.path.join(".")).join(", ")}`,
    hint: "run `pulumi up` once with this version of the package.",
  });
}

// How Pulumi marks a secret in an export; with --show-secrets it carries its plain text as JSON.
const secretSignature = "4dabf18193072939515e22adb298388d";

/** Takes Pulumi's marks of secrets off, in memory. */
export function revealSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revealSecrets);
  if (typeof value !== "object" || value === null) return value;
  const fields = value as Record<string, unknown>;
  if (Object.hasOwn(fields, secretSignature) && typeof fields.plaintext === "string") {
    return revealSecrets(JSON.parse(fields.plaintext));
  }
  return Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, revealSecrets(field)]));
}
