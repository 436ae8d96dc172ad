import type * as credentials from "../provider/export-destination/credentials/index.js";

/** The zod schemas of the credentials, as a union and one by one. */
export interface ExportCredentialSchemas {
  /** The strict union on `type`. */
  readonly exportCredentialsArguments: typeof credentials.exportCredentialsArguments;
  readonly snowflakeCredentialsArguments: typeof credentials.snowflakeCredentialsArguments;
  readonly postgresqlCredentialsArguments: typeof credentials.postgresqlCredentialsArguments;
  readonly qlikCredentialsArguments: typeof credentials.qlikCredentialsArguments;
  readonly powerBiCredentialsArguments: typeof credentials.powerBiCredentialsArguments;
}

/**
 * The schemas that `check` uses, for who builds a form or a policy on them. The metadata of each names the fields that
 * are no secret: `snowflakeCredentialsArguments.meta()?.nonSensitiveFields`.
 */
export async function loadExportCredentialSchemas(): Promise<ExportCredentialSchemas> {
  const {
    exportCredentialsArguments,
    snowflakeCredentialsArguments,
    postgresqlCredentialsArguments,
    qlikCredentialsArguments,
    powerBiCredentialsArguments,
  } = await import("../provider/export-destination/credentials/index.js");
  return {
    exportCredentialsArguments,
    snowflakeCredentialsArguments,
    postgresqlCredentialsArguments,
    qlikCredentialsArguments,
    powerBiCredentialsArguments,
  };
}
