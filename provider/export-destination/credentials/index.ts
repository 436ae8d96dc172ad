import { z } from "zod";
import { SecretValue } from "../../core/secret-value.js";
import { withinBounds } from "./bounds.js";
import { postgresqlCredentialsSchema, probePostgresql } from "./postgresql.js";
import { powerBiCredentialsSchema, probePowerBi } from "./power-bi.js";
import type { Probe, ProbeRoute, ProbeSuccess } from "./probe.js";
import { probeQlik, qlikCredentialsSchema } from "./qlik.js";
import { probeSnowflake, snowflakeCredentialsSchema } from "./snowflake.js";

export {
  postgresqlCredentialsSchema,
  powerBiCredentialsSchema,
  qlikCredentialsSchema,
  snowflakeCredentialsSchema,
};

/** The credentials of an export destination: a strict union on `type`. */
export const exportCredentialsSchema = z.discriminatedUnion("type", [
  snowflakeCredentialsSchema,
  postgresqlCredentialsSchema,
  qlikCredentialsSchema,
  powerBiCredentialsSchema,
]);

export type ExportCredentials = z.output<typeof exportCredentialsSchema>;

/** The credentials as a program writes them. */
export type ExportCredentialsInput = z.input<typeof exportCredentialsSchema>;
export type SnowflakeCredentialsInput = z.input<typeof snowflakeCredentialsSchema>;

/** A kind of warehouse that exports can go to. */
export type ExportType = ExportCredentials["type"];

const schemas = {
  snowflake: snowflakeCredentialsSchema,
  postgresql: postgresqlCredentialsSchema,
  qlik: qlikCredentialsSchema,
  power_bi: powerBiCredentialsSchema,
} as const satisfies Record<ExportType, z.ZodType>;

/** Every type there is, A to Z. */
export const exportTypes = [
  "postgresql",
  "power_bi",
  "qlik",
  "snowflake",
] as const satisfies readonly ExportType[];

/** The fields that are no secret, as the schema's metadata names them. */
export function listNonSensitiveFields(type: ExportType): readonly string[] {
  return schemas[type].meta()?.nonSensitiveFields as readonly string[];
}

/** The fields that a type knows, without `type` itself. */
export function listFields(type: ExportType): readonly string[] {
  return Object.keys(schemas[type].shape).filter((field) => field !== "type");
}

/** The text that is stored and fingerprinted: JSON with its keys in order, unset ones left out. */
export function buildPayload(credentials: ExportCredentials): SecretValue {
  const entries = Object.entries(credentials).filter(([, value]) => value !== undefined);
  return new SecretValue(JSON.stringify(Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)))));
}

/** What `buildPayload` wrote, read back. */
export function openPayload(payload: SecretValue): ExportCredentials {
  return exportCredentialsSchema.parse(JSON.parse(payload.expose()));
}

/**
 * Logs in with the credentials, within 10 seconds in all, and leaves no socket open.
 *
 * @throws a `ProviderError` that says why they do not work; never a field that is secret.
 */
export function probeCredentials(credentials: ExportCredentials, route: ProbeRoute): Promise<ProbeSuccess> {
  const run = <C>(probe: Probe<C>, own: C, target: string) => withinBounds(target, () => probe(own, route));
  switch (credentials.type) {
    case "snowflake":
      return run(probeSnowflake, credentials, `account ${credentials.account}`);
    case "postgresql":
      return run(probePostgresql, credentials, `server ${credentials.host}:${credentials.port}`);
    case "qlik":
      return run(probeQlik, credentials, `tenant ${credentials.tenant}`);
    case "power_bi":
      return run(probePowerBi, credentials, `tenant ${credentials.tenant}`);
  }
}
