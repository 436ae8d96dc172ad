// Written by `npm run generate` from the definitions that parse the arguments; a test holds it to them.

/** The outputs of a resource, as its classes name them to the engine: one that is not named is none. */
export const outputs = {
  SnowflakeSecretSync: { secretSync: undefined, syncStatus: undefined, lastSyncJobId: undefined, lastSyncMessage: undefined, lastSyncedAt: undefined, managedSecrets: undefined, secretIds: undefined, secretIdList: undefined, connectionInfo: undefined },
  ExportDestination: { destinationId: undefined, status: undefined, integrationStatus: undefined, destinationMetadata: undefined, secretArn: undefined, secretName: undefined, claimName: undefined, errorMessage: undefined, egressIp: undefined, statusHistory: undefined, attempts: undefined, createdAt: undefined, validatedAt: undefined },
};

/** The arguments that hold a secret. */
export const secretArguments = {
  SnowflakeSecretSync: ["connection","sources","secrets","fingerprintKey"],
  ExportDestination: ["credentials"],
  SnowflakeExportDestination: ["credentials"],
};

/** Those of them that the state keeps, encrypted; of the others `check` leaves no secret. */
export const keptSecrets = {
  SnowflakeSecretSync: ["connection","fingerprintKey"],
  ExportDestination: [],
  SnowflakeExportDestination: [],
};

/** The secrets that `check` adds, for the state to keep encrypted. */
export const addedSecrets = {
  SnowflakeSecretSync: [],
  ExportDestination: ["fingerprintKey"],
  SnowflakeExportDestination: ["fingerprintKey"],
};

/** The settings of a `Provider` that hold a secret. */
export const secretSettings: readonly string[] = ["password","privateKey","privateKeyPassphrase","token","oauthClientSecret","proxyPassword"];
