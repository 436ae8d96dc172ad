/** Pulumi's description of a package, from which SDKs are generated. */
export type PackageSpec = Readonly<Record<string, unknown>>;

export function buildSchema(version: string): PackageSpec {
  const resource = { isComponent: false };
  return {
    name: "snowflake-secrets",
    version,
    resources: { "snowflake-secrets:index:SecretSync": resource },
  };
}
