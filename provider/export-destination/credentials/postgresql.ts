import { isIP, Socket } from "node:net";
import type { ClientConfig } from "pg";
import { z } from "zod";
import { buildSafeCause, type ErrorCode, ProviderError } from "../../core/errors.js";
import { guardSocket } from "./bounds.js";
import { requiredText, requiredTrimmedText, unsetWhenEmpty } from "./fields.js";
import { type Probe, probeTimeoutMs } from "./probe.js";

const host = requiredTrimmedText.refine(
  (text) => !/[/@?#\s]/.test(text),
  "must be a host name or an address alone, without scheme, user or path.",
);

/** The credentials of a PostgreSQL server. */
export const postgresqlCredentialsSchema = z
  .strictObject({
    type: z.literal("postgresql"),
    /** Host name or address. */
    host: host.describe("Host name or address."),
    /** The server's port. */
    port: z
      .number("must be a number.")
      .int("must be a whole number.")
      .min(1)
      .max(65_535)
      .default(5432)
      .describe("The server's port."),
    /** The database that exports go to. */
    database: requiredText.describe("The database that exports go to."),
    /** The user who logs in. */
    username: requiredText.describe("The user who logs in."),
    /** The user's password. */
    password: requiredText.describe("The user's password."),
    /**
     * As libpq has it: `disable`, `require` (encrypted, whoever answers), `verify-ca`, `verify-full` (the
     * name in the certificate must be the host's).
     */
    sslMode: z
      .enum(["disable", "require", "verify-ca", "verify-full"])
      .default("require")
      .describe(
        "As libpq has it: `disable`, `require` (encrypted, whoever answers), `verify-ca`, `verify-full` (the name in the certificate must be the host's).",
      ),
    /** The certificate authority of the server as PEM, where it is none that Node trusts. */
    sslRootCertificate: unsetWhenEmpty.describe(
      "The certificate authority of the server as PEM, where it is none that Node trusts.",
    ),
  })
  .meta({ nonSensitiveFields: ["host", "port", "database", "sslMode"] });

export type PostgresqlCredentials = z.output<typeof postgresqlCredentialsSchema>;

/** Logs in and asks the server which address it sees. */
export const probePostgresql: Probe<PostgresqlCredentials> = async (credentials) => {
  const { Client } = await import("pg");
  const client = new Client(buildOptions(credentials));
  // The server may end the connection at any time; without a listener that would end the process.
  client.on("error", () => undefined);
  try {
    await client.connect();
    const answer = await client.query<{ ip: string | null }>("SELECT host(inet_client_addr()) AS ip");
    const ip = answer.rows[0]?.ip;
    return { ...(ip ? { egressIp: ip } : {}), remarks: [] };
  } catch (error) {
    throw explain(error, credentials);
  } finally {
    await client.end().catch(() => undefined);
  }
};

function buildOptions(credentials: PostgresqlCredentials): ClientConfig {
  const { host: name, port, database, username, password, sslMode, sslRootCertificate: ca } = credentials;
  const trust = ca === undefined ? {} : { ca };
  const ssl = {
    disable: false,
    require: { rejectUnauthorized: false },
    "verify-ca": { ...trust, checkServerIdentity: () => undefined },
    "verify-full": trust,
  }[sslMode];
  return {
    host: name,
    port,
    database,
    user: username,
    password,
    ssl,
    stream: () => guardSocket(new Socket()),
    application_name: "pulumi-snowflake-secrets",
    connectionTimeoutMillis: probeTimeoutMs,
    query_timeout: probeTimeoutMs,
    // Not from PGOPTIONS and the like: these credentials are to prove themselves.
    options: "",
  };
}

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const meanings: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  "28P01": ["AUTHENTICATION_FAILED", "check credentials.username and credentials.password."],
  "28000": [
    "AUTHENTICATION_FAILED",
    "check credentials.username, and that the server lets it log in this way.",
  ],
  "3D000": ["NOT_FOUND", "the database does not exist: check credentials.database."],
  "42501": ["PRIVILEGE_MISSING", "run GRANT CONNECT ON DATABASE … TO …."],
  "53300": ["UNREACHABLE", "the server has no connection left: raise its limit, or run again later."],
  "57P03": ["UNREACHABLE", "the server is starting, stopping or stopped: start it, then try again."],
  "57P01": ["UNREACHABLE", "the server was stopped: start it, then try again."],
};

function explain(error: unknown, { host: name, port, database }: PostgresqlCredentials): ProviderError {
  const cause = buildSafeCause(error);
  const code = cause.code ?? "";
  const address = code === "28000" ? findAddress(error) : undefined;
  const [meaning, hint] = meaningOf(error, code, address);
  return new ProviderError(meaning, {
    operation: `log in to PostgreSQL failed (${code || cause.name}${address === undefined ? "" : `, address ${address}`})`,
    target:
      meaning === "NOT_FOUND" || meaning === "PRIVILEGE_MISSING"
        ? `database ${database} on ${name}:${port}`
        : `server ${name}:${port}`,
    hint,
    retryable: meaning === "UNREACHABLE" || meaning === "TIMED_OUT",
    cause,
  });
}

function meaningOf(error: unknown, code: string, address: string | undefined): readonly [ErrorCode, string] {
  if (address !== undefined) {
    return [
      "NETWORK_POLICY",
      "let this address, user and database through in the server's pg_hba.conf or firewall.",
    ];
  }
  const known = meanings[code];
  if (known !== undefined) return known;
  if (/CERT|SSL|TLS|SELF_SIGNED|ISSUER/.test(code)) {
    return [
      "UNREACHABLE",
      "the server's certificate was refused: set credentials.sslRootCertificate, or another credentials.sslMode.",
    ];
  }
  // pg has no code for these two of its own.
  const text = String((error as { message?: unknown }).message ?? "");
  if (/does not support SSL/.test(text)) {
    return [
      "UNREACHABLE",
      "the server offers no TLS: turn it on there, or set credentials.sslMode to disable.",
    ];
  }
  if (/timeout/i.test(text)) {
    return ["TIMED_OUT", "check the address, the firewall and the network path, then try again."];
  }
  return [
    "UNREACHABLE",
    "check credentials.host and credentials.port, the firewall, and that the server runs.",
  ];
}

// A refusal by pg_hba.conf has the same code as other refusals, but names the address.
function findAddress(error: unknown): string | undefined {
  const message = String((error as { message?: unknown }).message ?? "");
  return message.split(/[^0-9a-fA-F.:]+/).find((word) => isIP(word) !== 0);
}
