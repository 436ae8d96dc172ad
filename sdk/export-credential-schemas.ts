import type * as credentials from "../provider/export-destination/credentials/index.js";

/** The zod schemas of the credentials, as a union and one by one. */
export interface ExportCredentialSchemas {
  /** The strict union on `type`. */
  readonly exportCredentialsSchema: typeof credentials.exportCredentialsSchema;
  readonly snowflakeCredentialsSchema: typeof credentials.snowflakeCredentialsSchema;
  readonly postgresqlCredentialsSchema: typeof credentials.postgresqlCredentialsSchema;
  readonly qlikCredentialsSchema: typeof credentials.qlikCredentialsSchema;
  readonly powerBiCredentialsSchema: typeof credentials.powerBiCredentialsSchema;
}

/**
 * The schemas that `check` uses, for who builds a form or a policy on them. The metadata of each names the fields that
 * are no secret: `snowflakeCredentialsSchema.meta()?.nonSensitiveFields`.
 */
export async function loadExportCredentialSchemas(): Promise<ExportCredentialSchemas> {
  const {
    exportCredentialsSchema,
    snowflakeCredentialsSchema,
    postgresqlCredentialsSchema,
    qlikCredentialsSchema,
    powerBiCredentialsSchema,
  } = await import("../provider/export-destination/credentials/index.js");
  return {
    exportCredentialsSchema,
    snowflakeCredentialsSchema,
    postgresqlCredentialsSchema,
    qlikCredentialsSchema,
    powerBiCredentialsSchema,
  };
}
