/** Of a sync, as both of its classes name them to the engine: one that is not named there is no output. */
export const syncOutputs = {
  secretSync: undefined,
  syncStatus: undefined,
  lastSyncJobId: undefined,
  lastSyncMessage: undefined,
  lastSyncedAt: undefined,
  managedSecrets: undefined,
  connectionInfo: undefined,
};

/** Of every export destination. */
export const destinationOutputs = {
  destinationId: undefined,
  status: undefined,
  integrationStatus: undefined,
  destinationMetadata: undefined,
  secretArn: undefined,
  secretName: undefined,
  claimName: undefined,
  errorMessage: undefined,
  egressIp: undefined,
  statusHistory: undefined,
  attempts: undefined,
  createdAt: undefined,
  validatedAt: undefined,
};
