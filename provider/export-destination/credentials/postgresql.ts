import { X509Certificate } from "node:crypto";
import { isIP, Socket } from "node:net";
import type { ClientConfig } from "pg";
import * as z from "zod";
import { buildSafeCause, type ErrorCode, type ProviderError } from "../../core/errors.js";
import { isTlsCode } from "../../core/network-failure.js";
import { isUnknown } from "../../engine/unknown.js";
import {
  optionalSecret,
  requiredName,
  requiredSecret,
  requiredSecretName,
  requiredTrimmedText,
} from "./fields.js";
import { buildRefusal, type Probe } from "./probe.js";
import { credentialRefusals, hintForRefusal } from "./refusals.js";

const host = requiredTrimmedText.refine(
  (text) => !/[/@?#\s]/.test(text),
  "must be a host name or an address alone, without scheme, user or path.",
);

/** The credentials of a PostgreSQL server. */
export const postgresqlCredentialsArguments = z
  .strictObject({
    type: z.literal("postgresql"),
    host: host.describe("Host name or address."),
    port: z
      .number("must be a number.")
      .int("must be a whole number.")
      .min(1, "must be 1 to 65535.")
      .max(65_535, "must be 1 to 65535.")
      .default(5432)
      .describe("The server's port."),
    database: requiredName.describe("The database that exports go to."),
    username: requiredSecretName.describe("The user who logs in."),
    password: requiredSecret.describe("The user's password."),
    sslMode: z
      .enum(
        ["disable", "require", "verify-ca", "verify-full"],
        "must be disable, require, verify-ca or verify-full.",
      )
      .meta({ id: "PostgresqlExportCredentialsSslMode" })
      .default("require")
      .describe(
        "As libpq has it: `disable`, `require` (encrypted, whoever answers; with `sslRootCertificate` as `verify-ca`), `verify-ca`, `verify-full` (the name in the certificate must be the host's).",
      ),
    sslRootCertificate: optionalSecret.describe(
      "The certificate authority of the server as PEM, where it is none that Node trusts.",
    ),
  })
  .superRefine(({ sslMode, sslRootCertificate }, context) => {
    const refuse = (message: string) =>
      context.addIssue({ code: "custom", path: ["sslRootCertificate"], message });
    if (sslRootCertificate === undefined) return;
    if (sslMode === "disable") {
      refuse('goes with an encrypted connection only: leave it out, or set sslMode to "verify-full".');
    } else if (!isUnknown(sslRootCertificate.expose()) && !isCertificates(sslRootCertificate.expose())) {
      refuse(
        "is no certificate: give the PEM text (-----BEGIN CERTIFICATE-----) of one or several, not a file's path.",
      );
    }
  })
  .meta({
    id: "PostgresqlExportCredentials",
    description: "The credentials of a PostgreSQL server.",
    nonSensitiveFields: ["host", "port", "database", "sslMode"],
  });

const pemCertificate = /-----BEGIN ((?:X509 |TRUSTED )?CERTIFICATE)-----[^-]*-----END \1-----/g;

// TLS leaves out without a word what it cannot read, and then trusts nobody or too few.
function isCertificates(text: string): boolean {
  const certificates = text.match(pemCertificate) ?? [];
  const begun = text.split("-----BEGIN").length - 1;
  return certificates.length > 0 && certificates.length === begun && certificates.every(isReadable);
}

function isReadable(certificate: string): boolean {
  try {
    return new X509Certificate(certificate).raw.length > 0;
  } catch {
    return false;
  }
}

/** A parsed `credentials` argument of type `postgresql`. */
export type PostgresqlCredentials = z.output<typeof postgresqlCredentialsArguments>;

/** Loads the driver. The probe logs in and asks the server which address it sees. */
export async function loadPostgresqlProbe(): Promise<Probe<PostgresqlCredentials>> {
  const { Client } = await import("pg");
  return async (credentials, _route, signal) => {
    const client = new Client(buildOptions(credentials, signal));
    // The server may end the connection at any time; without a listener that would end the process.
    client.on("error", () => undefined);
    try {
      await client.connect().catch((error: unknown) => {
        throw explain(error, credentials, "log-in");
      });
      const answer = await client
        .query<{ ip: string | null }>("SELECT host(inet_client_addr()) AS ip")
        .catch((error: unknown) => {
          throw explain(error, credentials, "question");
        });
      const ip = answer.rows[0]?.ip;
      return { ...(ip && isIP(ip) !== 0 ? { egressIp: ip } : {}), remarks: [] };
    } finally {
      await client.end().catch(() => undefined);
    }
  };
}

function buildOptions(credentials: PostgresqlCredentials, signal: AbortSignal): ClientConfig {
  const { host: name, port, database, username, password, sslMode, sslRootCertificate } = credentials;
  const trust = sslRootCertificate === undefined ? {} : { ca: sslRootCertificate.expose() };
  const verifyCa = { ...trust, checkServerIdentity: () => undefined };
  const ssl = {
    disable: false,
    // https://www.postgresql.org/docs/current/libpq-ssl.html: with a root, require is verify-ca.
    require: sslRootCertificate === undefined ? { rejectUnauthorized: false } : verifyCa,
    "verify-ca": verifyCa,
    "verify-full": trust,
  }[sslMode];
  return {
    host: name,
    port,
    database,
    user: username.expose(),
    password: password.expose(),
    ssl,
    stream: () => new Socket({ signal }),
    application_name: "pulumi-snowflake-secrets",
    // Not from PGOPTIONS and the like: these credentials are to prove themselves.
    options: "",
  };
}

type Meaning = readonly [ErrorCode, string];

/** What a server may answer to a log-in that says nothing of the credentials. */
const meanings: Readonly<Record<string, Meaning>> = {
  "3D000": ["NOT_FOUND", "the database does not exist: check credentials.database."],
  "42501": ["PRIVILEGE_MISSING", "run GRANT CONNECT ON DATABASE … TO …."],
  "53300": ["UNREACHABLE", "the server has no connection left: raise its limit, or run again later."],
  "55000": [
    "UNREACHABLE",
    "the database takes no connections now: let it (ALLOW_CONNECTIONS), then try again.",
  ],
  "57P01": ["UNREACHABLE", "the server was stopped: start it, then try again."],
  "57P03": ["UNREACHABLE", "the server is starting, stopping or stopped: start it, then try again."],
};

// Connection, resources, state, operator and system. With 08P01 poolers refuse a user or a password.
const passingClasses = /^(08(?!P01)|53|55|57|58)/;

function explain(
  error: unknown,
  credentials: PostgresqlCredentials,
  step: "log-in" | "question",
): ProviderError {
  const { host: name, port, database, sslMode } = credentials;
  const cause = buildSafeCause(error);
  const code = cause.code ?? "";
  const needsTls = sslMode === "disable" && asksForTls(error);
  const refusedAddress = code === "28000" && !needsTls ? findAddress(error) : undefined;
  const [meaning, hint] = needsTls
    ? tlsOnly
    : refusedAddress === undefined
      ? findMeaning(error, code, step, credentials)
      : explainAddress(sslMode);
  const failed = step === "log-in" ? "log in to PostgreSQL" : "the log-in works, but a first query";
  return buildRefusal(meaning, {
    operation: `${failed} failed (${code || cause.name}${refusedAddress === undefined ? "" : `, address ${refusedAddress}`})`,
    target:
      meaning === "NOT_FOUND" || meaning === "PRIVILEGE_MISSING"
        ? `database ${database} on ${name}:${port}`
        : `server ${name}:${port}`,
    hint,
    cause,
    details: refusedAddress === undefined ? {} : { refusedAddress },
  });
}

const tlsOnly: Meaning = [
  "UNREACHABLE",
  "the server takes encrypted connections only: set credentials.sslMode to require, verify-ca or verify-full.",
];

// Of servers, poolers and proxies alike: in English always, and in other languages the word SSL.
function asksForTls(error: unknown): boolean {
  return isFromServer(error) && /\b(SSL|TLS|encryption|insecure)\b/i.test(messageOf(error));
}

function explainAddress(sslMode: PostgresqlCredentials["sslMode"]): Meaning {
  const open = "let this address, user and database through in the server's pg_hba.conf or firewall";
  // In another language a server that takes encrypted connections only cannot be told from this.
  const encrypt = sslMode === "disable" ? ", or encrypt (credentials.sslMode), if it asks for that" : "";
  return ["NETWORK_POLICY", `${open}${encrypt}.`];
}

function explainTls(code: string, { sslRootCertificate }: PostgresqlCredentials): Meaning {
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return [
      "UNREACHABLE",
      "the server's certificate is for another host: set credentials.host to a name in it, or credentials.sslMode to verify-ca.",
    ];
  }
  return [
    "UNREACHABLE",
    sslRootCertificate === undefined
      ? "the server's certificate was refused: set credentials.sslRootCertificate, or another credentials.sslMode."
      : "the server's certificate has expired, or none of credentials.sslRootCertificate signed it: give its certificate authority.",
  ];
}

function findMeaning(
  error: unknown,
  code: string,
  step: "log-in" | "question",
  credentials: PostgresqlCredentials,
): Meaning {
  const known = meanings[code];
  if (known !== undefined) return known;
  if (isFromServer(error)) {
    const isRefusal = step === "log-in" && !passingClasses.test(code);
    if (isRefusal || Object.hasOwn(credentialRefusals.postgresql, code)) {
      return ["AUTHENTICATION_FAILED", hintForRefusal("postgresql", code)];
    }
    return [
      "UNREACHABLE",
      "the server does not serve now: look the code up, check its state, then try again.",
    ];
  }
  if (isTlsCode(code)) return explainTls(code, credentials);
  // A text of the driver itself, which has no code for it.
  if (/does not support SSL/.test(messageOf(error))) {
    return [
      "UNREACHABLE",
      "the server offers no TLS: turn it on there, or set credentials.sslMode to disable.",
    ];
  }
  return [
    "UNREACHABLE",
    "check credentials.host and credentials.port, the firewall, and that the server runs.",
  ];
}

// What the server sends has a severity; the driver's and Node's errors have none.
function isFromServer(error: unknown): boolean {
  return typeof (error as { severity?: unknown } | null)?.severity === "string";
}

// A refusal by pg_hba.conf has the same code as other refusals, but names the address.
function findAddress(error: unknown): string | undefined {
  return messageOf(error)
    .split(/[^0-9a-fA-F.:]+/)
    .find((word) => isIP(word) !== 0);
}

function messageOf(error: unknown): string {
  return String((error as { message?: unknown } | null)?.message ?? "");
}
