import type * as z from "zod";
import { findFields } from "../core/field-meta.js";
import { isMap } from "../core/is-map.js";
import type { Properties, Resource } from "../engine/resource.js";
import * as destination from "../export-destination/inputs/arguments.js";
import { destinationOutputs } from "../export-destination/outputs.js";
import * as sync from "../secret-sync/inputs/arguments.js";
import { splitSecrets } from "../secret-sync/inputs/secrets-on-wire.js";
import { syncOutputs } from "../secret-sync/outputs.js";

/** A resource as a host sees it: what the engine keeps of every one of ours. */
interface Owned {
  readonly ownerId: string;
}

/** What this host knows of a resource beside its definition. */
export interface HostedResource {
  load(): Promise<Resource<Owned, Owned>>;
  /** The arguments as `check` wants them. */
  buildArguments(olds: Properties, news: Properties): Properties;
  /** Secret in every answer. */
  readonly secretNames: readonly string[];
  /** Never secret in an answer, though the program gave a secret: keyed fingerprints stand there. */
  readonly shownNames: readonly string[];
  /** Outputs that repeat arguments, and so are as secret as these. */
  readonly repeatingOutputs: Readonly<Record<string, readonly string[]>>;
  readonly outputs: readonly string[];
  /** Those that list the values of a map, by name the map's. */
  readonly listingOutputs: Readonly<Record<string, string>>;
  /** The outputs that an update leaves as they are; the others only `up` knows. */
  findLasting(state: Properties): readonly string[];
}

interface Definitions {
  /** What a program gives, and what `check` adds. */
  readonly inputs: readonly z.ZodObject[];
  readonly outputs: z.ZodObject;
}

/** What the definitions say of secrets and of outputs. */
function readDefinitions({ inputs, outputs }: Definitions): Omit<HostedResource, "load" | "buildArguments"> {
  const listInputs = (isSo: (meta: z.GlobalMeta) => boolean) =>
    inputs.flatMap((object) => findFields(object, isSo));
  const lasting = findFields(outputs, ({ lasts }) => lasts === "always");
  const lastingOnceValidated = findFields(outputs, ({ lasts }) => lasts !== undefined);
  return {
    secretNames: listInputs(({ secret, leaves }) => secret === true && leaves === undefined),
    shownNames: listInputs(({ leaves }) => leaves === "fingerprints"),
    repeatingOutputs: Object.fromEntries(
      Object.entries(outputs.shape).map(([name, output]) => [name, output.meta()?.repeats ?? []]),
    ),
    outputs: Object.keys(outputs.shape),
    listingOutputs: Object.fromEntries(
      Object.entries(outputs.shape).flatMap(([name, output]) => {
        const map = output.meta()?.valuesOf;
        return map === undefined ? [] : [[name, map]];
      }),
    ),
    findLasting: ({ status }) => (status === "Validated" ? lastingOnceValidated : lasting),
  };
}

const secretSync: HostedResource = {
  load: async () => (await import("../secret-sync/resource.js")).secretSync,
  buildArguments: ({ secrets: last }, { secrets, ...news }) => ({ ...news, ...splitSecrets(secrets, last) }),
  ...readDefinitions({ inputs: [sync.programArguments, sync.addedInputs], outputs: syncOutputs }),
};

const exportDestination: HostedResource = {
  load: async () => (await import("../export-destination/resource.js")).exportDestination,
  buildArguments: (_olds, news) => news,
  ...readDefinitions({
    inputs: [destination.exportDestinationArguments, destination.addedInputs],
    outputs: destinationOutputs,
  }),
};

/** By type token; a resource that was moved from the dynamic host may be deleted under its former one. */
export const hostedResources: Readonly<Record<string, HostedResource>> = {
  "snowflake-secrets:index:SnowflakeSecretSync": secretSync,
  "snowflake-secrets:index:ExportDestination": exportDestination,
  "pulumi-nodejs:dynamic/snowflake:SnowflakeSecretSync": secretSync,
  "pulumi-nodejs:dynamic/snowflake:ExportDestination": exportDestination,
  "snowflake-secrets:index:SnowflakeExportDestination": {
    ...exportDestination,
    load: async () => (await import("../export-destination/resource.js")).snowflakeExportDestination,
    buildArguments: (_olds, { credentials, ...news }) => ({
      ...news,
      ...(credentials === undefined ? {} : { credentials: addType(credentials) }),
    }),
  },
};

function addType(credentials: unknown): unknown {
  return isMap(credentials) ? { type: "snowflake", ...credentials } : credentials;
}
