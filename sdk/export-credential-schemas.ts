/** A schema of credentials: one of zod's, as far as this package promises it. */
export interface CredentialsSchema {
  /** The credentials after the check; what is secret in them prints as `[secret]`. @throws ZodError */
  parse(given: unknown): Readonly<Record<string, unknown>>;
  safeParse(given: unknown): {
    readonly success: boolean;
    readonly data?: Readonly<Record<string, unknown>>;
    readonly error?: {
      readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
    };
  };
  /** `nonSensitiveFields`: the names of the fields that are no secret. */
  meta(): { readonly nonSensitiveFields?: readonly string[] } | undefined;
}

/** The zod schemas of the credentials, as a union and one by one. */
export interface ExportCredentialSchemas {
  /** The strict union on `type`. */
  readonly exportCredentialsArguments: CredentialsSchema;
  readonly snowflakeCredentialsArguments: CredentialsSchema;
  readonly postgresqlCredentialsArguments: CredentialsSchema;
  readonly qlikCredentialsArguments: CredentialsSchema;
  readonly powerBiCredentialsArguments: CredentialsSchema;
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
