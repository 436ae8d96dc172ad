import * as z from "zod";
import { loadPostgresqlProbe, postgresqlCredentialsArguments } from "./postgresql.js";
import { powerBiCredentialsArguments, probePowerBi } from "./power-bi.js";
import { type Probe, type ProbeRoute, type ProbeSuccess, probeTimeoutMs } from "./probe.js";
import { probeQlik, qlikCredentialsArguments } from "./qlik.js";
import { loadSnowflakeProbe, snowflakeCredentialsArguments } from "./snowflake.js";
import { withinTime } from "./time-limit.js";

export { probeTimeoutMs } from "./probe.js";
export { isRefusedByService } from "./refusals.js";
export {
  postgresqlCredentialsArguments,
  powerBiCredentialsArguments,
  qlikCredentialsArguments,
  snowflakeCredentialsArguments,
};

const schemas = {
  snowflake: snowflakeCredentialsArguments,
  postgresql: postgresqlCredentialsArguments,
  qlik: qlikCredentialsArguments,
  power_bi: powerBiCredentialsArguments,
} as const satisfies Record<ExportType, z.ZodType>;

/** Every type there is, A to Z. */
export const exportTypes = ["postgresql", "power_bi", "qlik", "snowflake"] as const;

/** A kind of warehouse that exports can go to. */
export type ExportType = (typeof exportTypes)[number];

/**
 * The credentials of an export destination: a strict union on `type`. Parsed once; what is secret comes
 * out as a `SecretValue`, and is opened at the wire only.
 */
export const exportCredentialsArguments = z
  .discriminatedUnion(
    "type",
    [
      snowflakeCredentialsArguments,
      postgresqlCredentialsArguments,
      qlikCredentialsArguments,
      powerBiCredentialsArguments,
    ],
    {
      error: (issue) =>
        issue.code === "invalid_union" ? `must be one of ${exportTypes.join(", ")}.` : undefined,
    },
  )
  .meta({
    id: "ExportCredentials",
    description:
      "The credentials of one of the types; no field of them reaches the state, but as a keyed fingerprint.",
  });

/** The credentials of any type. */
export type ExportCredentials = z.output<typeof exportCredentialsArguments>;

/** The fields that are no secret, as the schema's metadata names them. */
export function listNonSensitiveFields(type: ExportType): readonly string[] {
  return schemas[type].meta()?.nonSensitiveFields as readonly string[];
}

/** The fields that a type knows, without `type` itself. */
export function listFields(type: ExportType): readonly string[] {
  return Object.keys(schemas[type].shape).filter((field) => field !== "type");
}

/** One field by itself, for a preview that does not know the others; undefined where it is unset or wrong. */
export function parseField(type: ExportType, field: string, value: unknown): unknown {
  const shape: Readonly<Record<string, z.ZodType>> = schemas[type].shape;
  return shape[field]?.safeParse(value).data;
}

/**
 * Logs in with the credentials, within 10 seconds in all, and leaves no socket open. The time begins when the driver is
 * loaded: on a busy machine that alone can take longer.
 *
 * @param onBegin is called when the time begins
 * @throws a `ProviderError` that says why they do not work; never a field that is secret.
 */
export function probeCredentials(
  credentials: ExportCredentials,
  route: ProbeRoute,
  onBegin: () => void = () => undefined,
): Promise<ProbeSuccess> {
  const run = async <C>(probe: Probe<C> | Promise<Probe<C>>, own: C, target: string) => {
    const loaded = await probe;
    onBegin();
    return withinTime(target, probeTimeoutMs, (signal) => loaded(own, route, signal));
  };
  switch (credentials.type) {
    case "snowflake":
      return run(loadSnowflakeProbe(), credentials, `account ${credentials.account}`);
    case "postgresql":
      return run(loadPostgresqlProbe(), credentials, `server ${credentials.host}:${credentials.port}`);
    case "qlik":
      return run(probeQlik, credentials, `tenant ${credentials.tenant}`);
    case "power_bi":
      return run(probePowerBi, credentials, `tenant ${credentials.tenant}`);
  }
}
