import { createPrivateKey } from "node:crypto";
import { z } from "zod";
import { isProviderError, type ProviderError, rewordError } from "../../core/errors.js";
import { SecretValue } from "../../core/secret-value.js";
import { isUnknown } from "../../engine/unknown.js";
import type { SnowflakeAuthentication, SnowflakeConnection } from "../../snowflake/connection.js";
import type { Row } from "../../snowflake/session.js";
import { requiredText, requiredTrimmedText, unsetWhenEmpty } from "./fields.js";
import { buildRefusal, type Probe, type ProbeRoute, probeTimeoutMs } from "./probe.js";

const accountForms =
  "write the account identifier alone, as <organization>-<account> or <locator>.<region> (for example xy12345.us-east-1)";

function opens(privateKey: string, passphrase: string | undefined): boolean {
  try {
    createPrivateKey({ key: privateKey, format: "pem", ...(passphrase === undefined ? {} : { passphrase }) });
    return true;
  } catch {
    return false;
  }
}

const account = requiredTrimmedText
  .refine((text) => !/[:/]|snowflakecomputing/i.test(text), {
    error: `must not be a URL or a host name: ${accountForms}.`,
    abort: true,
  })
  .regex(
    /^[A-Za-z0-9_]+(-[A-Za-z0-9_]+)*(\.[A-Za-z0-9-]+){0,3}$/,
    `is no account identifier: ${accountForms}.`,
  );

/** The credentials of a Snowflake warehouse: exactly one of `password`, `token` and `privateKey`. */
export const snowflakeCredentialsSchema = z
  .strictObject({
    type: z.literal("snowflake"),
    /** `<organization>-<account>`, or a locator with its region: `xy12345.us-east-1`. */
    account: account.describe(
      "`<organization>-<account>`, or a locator with its region: `xy12345.us-east-1`.",
    ),
    /** The warehouse that exports run in. */
    warehouse: requiredText.describe("The warehouse that exports run in."),
    /** The database that exports go to. */
    database: requiredText.describe("The database that exports go to."),
    /** The user who logs in. */
    username: requiredText.describe("The user who logs in."),
    /** The user's password. */
    password: unsetWhenEmpty.describe("The user's password."),
    /** A programmatic access token. */
    token: unsetWhenEmpty.describe("A programmatic access token."),
    /** A PEM text, PKCS#8, encrypted or not. */
    privateKey: unsetWhenEmpty.describe("A PEM text, PKCS#8, encrypted or not."),
    /** Opens an encrypted `privateKey`. */
    privateKeyPassphrase: unsetWhenEmpty.describe("Opens an encrypted `privateKey`."),
    /** Unset if empty, and then not sent. */
    role: unsetWhenEmpty.describe("Unset if empty, and then not sent."),
  })
  .superRefine((credentials, context) => {
    const ways = [credentials.password, credentials.token, credentials.privateKey].filter(
      (way) => way !== undefined,
    );
    if (ways.length !== 1) {
      context.addIssue({
        code: "custom",
        path: ["password"],
        message: `exactly one of password, token and privateKey is required; ${ways.length === 0 ? "none" : "more than one"} is given.`,
      });
    }
    const { privateKey, privateKeyPassphrase: passphrase } = credentials;
    if (
      privateKey !== undefined &&
      !isUnknown(privateKey) &&
      !isUnknown(passphrase) &&
      !opens(privateKey, passphrase)
    ) {
      context.addIssue({
        code: "custom",
        path: ["privateKey"],
        message:
          "is no private key that opens: give its PEM text (PKCS#8) and, if it is encrypted, privateKeyPassphrase.",
      });
    }
    if (credentials.privateKeyPassphrase !== undefined && credentials.privateKey === undefined) {
      context.addIssue({
        code: "custom",
        path: ["privateKeyPassphrase"],
        message: "goes with privateKey only.",
      });
    }
  })
  .meta({ nonSensitiveFields: ["account", "warehouse", "database"] });

export type SnowflakeCredentials = z.output<typeof snowflakeCredentialsSchema>;

/** Logs in, and then asks what the session has: a wrong database or warehouse alone does not fail a log-in. */
export const probeSnowflake: Probe<SnowflakeCredentials> = async (credentials, route) => {
  const target = `account ${credentials.account}`;
  const started = Date.now();
  // Loaded here, because the driver's settings in the environment must not be touched by whoever reads a schema.
  const [{ openSession }, { buildSessionContext, buildShowWarehouses }] = await Promise.all([
    import("../../snowflake/session.js"),
    import("../../snowflake/statements.js"),
  ]);
  const remainingMs = () => Math.max(1, probeTimeoutMs - (Date.now() - started));
  const session = await openSession(buildConnection(credentials, route), {
    loginTimeoutMs: remainingMs(),
    statementTimeoutMs: remainingMs(),
  }).catch((error: unknown) => {
    throw explainLogin(error, target);
  });
  try {
    const [context, warehouses] = await Promise.all([
      session.execute(buildSessionContext()),
      session.execute(buildShowWarehouses(credentials.warehouse)),
    ]);
    const remarks = checkContext(credentials, context[0] ?? {}, warehouses);
    const ip = textOf(context[0] ?? {}, "ip");
    return { ...(ip === undefined ? {} : { egressIp: ip }), remarks };
  } finally {
    await session.close();
  }
};

function checkContext(credentials: SnowflakeCredentials, context: Row, warehouses: readonly Row[]): string[] {
  const refuse = (
    code: "NOT_FOUND" | "PRIVILEGE_MISSING",
    operation: string,
    target: string,
    hint: string,
  ): never => {
    throw buildRefusal(code, { operation, target, hint });
  };
  const { account: name, database, warehouse, role } = credentials;
  if (textOf(context, "database") === undefined) {
    refuse(
      "NOT_FOUND",
      `the log-in works, but the session has no database in account ${name}`,
      `database ${database}`,
      "the database does not exist or the role has no USAGE on it: check its name, or grant it.",
    );
  }
  const current = textOf(context, "warehouse");
  if (current === undefined) {
    refuse(
      "NOT_FOUND",
      `the log-in works, but the session has no warehouse in account ${name}`,
      `warehouse ${warehouse}`,
      "the warehouse does not exist or the role has no USAGE on it: check its name, or grant it.",
    );
  }
  const actualRole = textOf(context, "role");
  if (role !== undefined && actualRole === undefined) {
    refuse(
      "PRIVILEGE_MISSING",
      `the log-in works, but the session has no role in account ${name}`,
      "the role",
      "the role does not exist or is not granted to the user: check its name, or run GRANT ROLE … TO USER ….",
    );
  }
  const row = warehouses.find((found) => sameIdentifier(textOf(found, "name"), current));
  const state = row && textOf(row, "state")?.toUpperCase();
  if (state === undefined || !/SUSPEND/.test(state)) return [];
  if (/^(true|y|yes|1)$/i.test(String(row?.auto_resume ?? ""))) {
    return [`warehouse ${warehouse} is suspended and resumes with the first query`];
  }
  throw buildRefusal("UNREACHABLE", {
    operation: `the log-in works, but the warehouse is suspended and does not resume by itself in account ${name}`,
    target: `warehouse ${warehouse}`,
    hint: "resume it (ALTER WAREHOUSE … RESUME), or let it resume by itself (AUTO_RESUME = TRUE).",
  });
}

/** Keeps the code of a failed log-in and says in words of this resource what to do about it. */
function explainLogin(error: unknown, target: string): ProviderError {
  if (!isProviderError(error)) throw error;
  const hints: Partial<Record<string, string>> = {
    UNREACHABLE: `check the account locator: ${accountForms}; then the network path and Snowflake's status.`,
    AUTHENTICATION_FAILED:
      "check credentials.username and the password, token or key; reset it in Snowflake if it is lost or expired.",
    NETWORK_POLICY:
      "ask whoever runs the Snowflake account to let this address through in its network policy (a token of a service user needs such a policy).",
    TIMED_OUT:
      "check Snowflake's status and the network path; resume or scale up the warehouse if it is cold.",
  };
  const hint = hints[error.code];
  return hint === undefined ? error : rewordError(error, { target, hint });
}

function buildConnection(credentials: SnowflakeCredentials, route: ProbeRoute): SnowflakeConnection {
  const { account: name, username, warehouse, database, role } = credentials;
  const url = route.endpoint === undefined ? undefined : new URL(route.endpoint);
  return {
    account: name,
    username,
    warehouse,
    database,
    authentication: buildAuthentication(credentials),
    maxConcurrentStatements: 2,
    ...(role === undefined ? {} : { role }),
    ...(url === undefined
      ? {}
      : {
          host: url.hostname,
          protocol: url.protocol === "http:" ? ("http" as const) : ("https" as const),
          ...(url.port === "" ? {} : { port: Number(url.port) }),
        }),
  };
}

function buildAuthentication(credentials: SnowflakeCredentials): SnowflakeAuthentication {
  const { password, token, privateKey, privateKeyPassphrase } = credentials;
  if (token !== undefined) return { kind: "programmatic-access-token", token: new SecretValue(token) };
  if (privateKey !== undefined) {
    return {
      kind: "key-pair",
      privateKey: new SecretValue(privateKey),
      ...(privateKeyPassphrase === undefined ? {} : { passphrase: new SecretValue(privateKeyPassphrase) }),
    };
  }
  return { kind: "password", password: new SecretValue(password ?? "") };
}

function textOf(row: Row, column: string): string | undefined {
  const value = row[column];
  return typeof value === "string" && value !== "" ? value : undefined;
}

// Snowflake upper-cases an unquoted name, and answers a quoted one without its quotes.
function sameIdentifier(one: string | undefined, other: string | undefined): boolean {
  return one !== undefined && one.toUpperCase() === other?.toUpperCase();
}
