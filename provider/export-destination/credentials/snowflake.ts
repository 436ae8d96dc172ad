import * as z from "zod";
import { isProviderError, type ProviderError, rewordError } from "../../core/errors.js";
import { findNetworkHint } from "../../core/network-failure.js";
import { findProxy } from "../../core/proxy.js";
import { SecretValue } from "../../core/secret-value.js";
import { isUnknown, unknownValue } from "../../engine/unknown.js";
import { stripAccountUrl } from "../../snowflake/connection/account.js";
import {
  buildAccessUrl,
  type SnowflakeAuthentication,
  type SnowflakeConnection,
} from "../../snowflake/connection/connection.js";
import { readPrivateKey } from "../../snowflake/private-key.js";
import {
  optionalSecret,
  optionalToken,
  requiredName,
  requiredSecretName,
  requiredTrimmedText,
} from "./fields.js";
import { type Probe, type ProbeRoute, probeTimeoutMs } from "./probe.js";
import { hintForRefusal } from "./refusals.js";
import { checkSession, findEgressIp } from "./snowflake-session.js";

const accountForms =
  "write the account identifier alone, as <organization>-<account> or <locator>.<region> (for example xy12345.us-east-1)";

const account = requiredTrimmedText
  .overwrite(stripAccountUrl)
  .refine((text) => !/[:/]|snowflakecomputing/i.test(text), {
    error: `must not be a URL or a host name: ${accountForms}.`,
    abort: true,
  })
  .regex(
    /^[A-Za-z0-9_]+(-[A-Za-z0-9_]+)*(\.[A-Za-z0-9-]+){0,3}$/,
    `is no account identifier: ${accountForms}.`,
  );

/** The credentials of a Snowflake warehouse: exactly one of `password`, `token` and `privateKey`. */
export const snowflakeCredentialsArguments = z
  .strictObject({
    type: z.literal("snowflake"),
    account: account.describe(
      "`<organization>-<account>`, or a locator with its region: `xy12345.us-east-1`.",
    ),
    warehouse: requiredName.describe("The warehouse that exports run in."),
    database: requiredName.describe("The database that exports go to."),
    username: requiredSecretName.describe("The user who logs in."),
    password: optionalSecret.describe("The user's password."),
    token: optionalToken.describe("A programmatic access token."),
    privateKey: optionalSecret.describe(
      "An RSA key as PEM text (PKCS#8 or PKCS#1, encrypted or not); stored as unencrypted PKCS#8.",
    ),
    privateKeyPassphrase: optionalSecret.describe("Opens an encrypted `privateKey`; not stored."),
    role: optionalSecret.describe("Unset if empty, and then not sent."),
  })
  .superRefine(({ password, token, privateKey, privateKeyPassphrase }, context) => {
    const refuse = (field: string, message: string) =>
      context.addIssue({ code: "custom", path: [field], message });
    const ways = [password, token, privateKey].filter((way) => way !== undefined);
    if (ways.length !== 1) {
      refuse(
        "password",
        `exactly one of password, token and privateKey is required; ${ways.length === 0 ? "none" : "more than one"} is given.`,
      );
    }
    if (privateKey === undefined) {
      if (privateKeyPassphrase !== undefined) refuse("privateKeyPassphrase", "goes with privateKey only.");
      return;
    }
    const opened = openPrivateKey(privateKey, privateKeyPassphrase);
    if (opened instanceof SecretValue) {
      context.value = { ...context.value, privateKey: opened, privateKeyPassphrase: undefined };
    } else {
      refuse(...opened);
    }
  })
  .meta({
    id: "SnowflakeExportCredentials",
    description:
      "The credentials of a Snowflake warehouse: exactly one of `password`, `token` and `privateKey`.",
    nonSensitiveFields: ["account", "warehouse", "database"],
  });

/** A parsed `credentials` argument of type `snowflake`. */
export type SnowflakeCredentials = z.output<typeof snowflakeCredentialsArguments>;

/**
 * Loads the driver. The probe logs in, and then asks what the session has: a wrong database or warehouse alone does not
 * fail a log-in.
 */
export async function loadSnowflakeProbe(): Promise<Probe<SnowflakeCredentials>> {
  const [{ loadDriver, openSession }, { buildSessionContext, buildShowWarehouses }] = await Promise.all([
    import("../../snowflake/driver/session.js"),
    import("../../snowflake/statements.js"),
  ]);
  await loadDriver();
  return async (credentials, route, signal) => {
    const session = await openSession(buildConnection(credentials, route), {
      loginTimeoutMs: probeTimeoutMs,
      statementTimeoutMs: probeTimeoutMs,
      signal,
    }).catch((error: unknown) => {
      throw explainLogin(error, credentials);
    });
    try {
      const [context = [], warehouses] = await Promise.all([
        session.execute(buildSessionContext()),
        session.execute(buildShowWarehouses(credentials.warehouse)),
      ]);
      const remarks = checkSession(credentials, context[0] ?? {}, warehouses);
      const egressIp = findEgressIp(context[0] ?? {});
      return { ...(egressIp === undefined ? {} : { egressIp }), remarks };
    } finally {
      await session.close();
    }
  };
}

/** The key as it is stored, or which field is wrong, and how; unknown while what opens it is. */
function openPrivateKey(
  privateKey: SecretValue,
  passphrase: SecretValue | undefined,
): SecretValue | readonly [field: string, message: string] {
  if (isUnknown(privateKey.expose())) return privateKey;
  const isPassphraseUnknown = isUnknown(passphrase?.expose());
  const reading = readPrivateKey(privateKey, isPassphraseUnknown ? undefined : passphrase);
  if ("key" in reading) return reading.key;
  const { problem, hint, fault } = reading;
  if (fault === "passphrase") return ["privateKeyPassphrase", "does not open privateKey: give its own."];
  if (fault !== "no passphrase") return ["privateKey", `${problem}: ${hint}`];
  return isPassphraseUnknown
    ? new SecretValue(String(unknownValue))
    : ["privateKey", `${problem}: give privateKeyPassphrase.`];
}

/** Keeps the code of a failed log-in and says in words of this resource what to do about it. */
function explainLogin(error: unknown, { account: name }: SnowflakeCredentials): unknown {
  if (!isProviderError(error)) return error;
  const hint = findHint(error);
  return hint === undefined ? error : rewordError(error, { target: `account ${name}`, hint });
}

function findHint({ code, cause, details }: ProviderError): string | undefined {
  if (details.isOfProxy || findNetworkHint({ code: details.networkCode }) !== undefined) return undefined;
  switch (code) {
    case "AUTHENTICATION_FAILED":
      return hintForRefusal("snowflake", cause?.code ?? "");
    case "UNREACHABLE":
      return `check the account locator: ${accountForms}; then the network path and Snowflake's status.`;
    case "NETWORK_POLICY":
      return cause?.code === "390432"
        ? "a token of a service user needs a network policy: ask whoever runs the Snowflake account to attach one to the user or the account."
        : "ask whoever runs the Snowflake account to let this address through in its network policy.";
    default:
      return undefined;
  }
}

function buildConnection(credentials: SnowflakeCredentials, route: ProbeRoute): SnowflakeConnection {
  const { account: name, username, warehouse, database, role } = credentials;
  const url = route.endpoint === undefined ? undefined : new URL(route.endpoint);
  const proxy = findProxy(url ?? buildAccessUrl({ account: name }));
  return {
    account: name,
    username: username.expose(),
    warehouse,
    database,
    authentication: buildAuthentication(credentials),
    maxConcurrentStatements: 2,
    ...(role === undefined ? {} : { role: role.expose() }),
    ...(proxy === undefined ? {} : { proxy }),
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
  const { password, token, privateKey } = credentials;
  if (token !== undefined) return { kind: "programmatic-access-token", token };
  if (privateKey !== undefined) return { kind: "key-pair", privateKey };
  // The schema sees to it that one of the three is there.
  if (password === undefined) throw new TypeError("credentials without a way to log in");
  return { kind: "password", password };
}
