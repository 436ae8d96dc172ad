import { isMap } from "../core/is-map.js";
import type { Properties, Resource } from "../engine/resource.js";
import { splitSecrets } from "../secret-sync/inputs/secrets-on-wire.js";

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
  /** The outputs that an update leaves as they are; the others only `up` knows. */
  findLasting(state: Properties): readonly string[];
}

const secretSync: HostedResource = {
  load: async () => (await import("../secret-sync/resource.js")).secretSync,
  buildArguments: ({ secrets: last }, { secrets, ...news }) => ({ ...news, ...splitSecrets(secrets, last) }),
  secretNames: ["connection", "fingerprintKey"],
  shownNames: ["secrets"],
  repeatingOutputs: {
    secretSync: [
      "name",
      "description",
      "environment",
      "secretPath",
      "sources",
      "destinationConfig",
      "syncOptions",
    ],
    managedSecrets: ["sources", "syncOptions"],
  },
  outputs: [
    "secretSync",
    "syncStatus",
    "lastSyncJobId",
    "lastSyncMessage",
    "lastSyncedAt",
    "managedSecrets",
    "connectionInfo",
  ],
  findLasting: () => ["connectionInfo"],
};

const exportDestination: HostedResource = {
  load: async () => (await import("../export-destination/resource.js")).exportDestination,
  buildArguments: (_olds, news) => news,
  secretNames: ["fingerprintKey"],
  shownNames: ["credentials"],
  repeatingOutputs: {
    secretName: ["name", "organizationId", "secretNamePrefix", "destinationId"],
    secretArn: ["name", "organizationId", "secretNamePrefix", "destinationId"],
    claimName: ["organizationId", "secretNamePrefix"],
    statusHistory: ["destinationId"],
    attempts: ["destinationId"],
  },
  outputs: [
    "destinationId",
    "status",
    "integrationStatus",
    "destinationMetadata",
    "secretArn",
    "secretName",
    "claimName",
    "errorMessage",
    "egressIp",
    "statusHistory",
    "attempts",
    "createdAt",
    "validatedAt",
  ],
  // Until it works, each attempt is a destination of its own.
  findLasting: ({ status }) =>
    status === "Validated"
      ? ["destinationId", "secretArn", "secretName", "claimName", "createdAt", "validatedAt"]
      : ["claimName"],
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
