import * as z from "zod";
import type { ConfigReader } from "../../../provider/engine/operation.js";
import { requireKnownState } from "../../../provider/engine/state-version.js";
import { destinationInternals, destinationOutputs } from "../../../provider/export-destination/outputs.js";
import type { DestinationState } from "../../../provider/export-destination/state.js";
import { chooseSettings, ProviderSettings, settingsOrigin } from "../../../provider/plugin/settings.js";
import { parseUrn } from "../../../provider/plugin/urn.js";
import { syncInternals, syncOutputs } from "../../../provider/secret-sync/outputs.js";
import type { SyncState } from "../../../provider/secret-sync/state.js";
import { destinationTypes, secretSyncTypes } from "../resource-types.js";
import type { StackConfig } from "../stack-access.js";
import { type ExportedResource, explainUnreadable, revealSecrets } from "../stack-syncs.js";

/** A resource of ours as the state of a stack has it. */
export type RecordedResource = {
  readonly urn: string;
  /** The logical name. */
  readonly name: string;
  /** Where its connection comes from, beside its arguments. */
  readonly settings: ConfigReader;
} & (
  | { readonly kind: "sync"; readonly state: SyncState }
  | { readonly kind: "destination"; readonly state: DestinationState }
);

// As far as a look at the world depends on it; the rest is the resources' own.
const syncShape = z.looseObject({
  ...syncOutputs.pick({ connectionInfo: true, managedSecrets: true }).shape,
  ...syncInternals.pick({ place: true }).shape,
  destinationConfig: z.looseObject({ database: z.string(), schema: z.string() }),
  environment: z.string(),
  ownerId: z.string(),
  syncOptions: z.looseObject({ keySchema: z.string().optional() }),
});
const destinationShape = z.looseObject({
  ...destinationOutputs.pick({ claimName: true, secretName: true, status: true }).shape,
  ...destinationInternals.pick({ place: true }).shape,
  awsAccountId: z.string(),
  awsRegion: z.string(),
  ownerId: z.string(),
});

/**
 * The live resources of a stack, for memory only: a state may hold credentials of a connection.
 *
 * @throws ProviderError `INVALID_INPUT` for a state that is not of our making, `UNPROVEN` for one of a newer release
 */
export function readRecorded(
  resources: readonly ExportedResource[],
  config: StackConfig,
): readonly RecordedResource[] {
  const live = resources.filter(({ delete: isOld }) => isOld !== true);
  return live.flatMap((resource): readonly RecordedResource[] => {
    const { urn, type } = resource;
    const known = { urn, name: parseUrn(urn).name, settings: findSettings(resource, resources, config) };
    if (secretSyncTypes.has(type)) {
      return [{ ...known, kind: "sync", state: readState(resource, syncShape) as unknown as SyncState }];
    }
    if (!destinationTypes.has(type)) return [];
    const state = readState(resource, destinationShape) as unknown as DestinationState;
    return [{ ...known, kind: "destination", state }];
  });
}

function readState({ urn, outputs }: ExportedResource, shape: z.ZodType): unknown {
  const { __provider, ...state } = revealSecrets(outputs ?? {}) as Record<string, unknown>;
  requireKnownState(state);
  const parsed = shape.safeParse(state);
  if (parsed.success) return state;
  throw explainUnreadable(urn, parsed.error);
}

/** A dynamic resource goes by the stack's config, one of the plugin by its provider. */
function findSettings(
  { type, provider = "" }: ExportedResource,
  resources: readonly ExportedResource[],
  config: StackConfig,
): ConfigReader {
  const [ofPlugin] = type.split(":index:");
  if (ofPlugin === type || ofPlugin === undefined) return config;
  const urn = provider.slice(0, provider.lastIndexOf("::"));
  const registered = resources.find((each) => each.urn === urn && each.delete !== true);
  const inputs = revealSecrets(registered?.inputs ?? {}) as Record<string, unknown>;
  const name = registered && parseUrn(registered.urn).name;
  const settings = new ProviderSettings(chooseSettings(name, inputs, config.ofPackage(ofPlugin)));
  return { get: (key) => settings.get(key), origin: settingsOrigin };
}
