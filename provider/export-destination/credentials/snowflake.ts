import * as z from "zod";
import { isProviderError, type ProviderError, rewordError } from "../../core/errors.js";
import { findNetworkHint } from "../../core/network-failure.js";
import { findProxy } from "../../core/proxy.js";
import { stripAccountUrl } from "../../snowflake/connection/account.js";
import { buildAccessUrl, type SnowflakeConnection } from "../../snowflake/connection/connection.js";
import { optionalSecret, requiredName, requiredSecretName, requiredTrimmedText } from "./fields.js";
import { type Probe, type ProbeRoute, probeTimeoutMs } from "./probe.js";
import { hintForRefusal } from "./refusals.js";
import {
  buildAuthentication,
  completeLogin,
  credentialsDescription,
  loginFields,
} from "./snowflake-login.js";
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

/** The credentials of a Snowflake warehouse, with one way to log in. */
export const snowflakeCredentialsArguments = z
  .strictObject({
    type: z.literal("snowflake"),
    account: account.describe(
      "`<organization>-<account>`, or a locator with its region: `xy12345.us-east-1`.",
    ),
    warehouse: requiredName.describe("The warehouse that exports run in."),
    database: requiredName.describe("The database that exports go to."),
    username: requiredSecretName
      .optional()
      .describe("The user who logs in; a `token` or an OAuth client names its user by itself."),
    ...loginFields,
    role: optionalSecret.describe("Unset if empty, and then not sent."),
  })
  .superRefine((credentials, context) => {
    const login = completeLogin(credentials);
    if ("completed" in login) {
      context.value = { ...context.value, ...login.completed };
      return;
    }
    for (const [field, message] of login.problems)
      context.addIssue({ code: "custom", path: [field], message });
  })
  .meta({
    id: "SnowflakeExportCredentials",
    description: credentialsDescription,
    nonSensitiveFields: ["account", "warehouse", "database", "authenticator", "oauthTokenRequestUrl"],
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
    const session = await openSession(await buildConnection(credentials, route), {
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

/** Keeps the code of a failed log-in and says in words of this resource what to do about it. */
function explainLogin(error: unknown, { account: name, oauthClientSecret }: SnowflakeCredentials): unknown {
  if (!isProviderError(error) || error.details.isOfIdentityProvider) return error;
  // The hints below are about what a user logs in with; the one of a client is there already.
  if (error.code === "AUTHENTICATION_FAILED" && oauthClientSecret !== undefined) return error;
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

async function buildConnection(
  credentials: SnowflakeCredentials,
  route: ProbeRoute,
): Promise<SnowflakeConnection> {
  const { account: name, username, warehouse, database, role } = credentials;
  const url = route.endpoint === undefined ? undefined : new URL(route.endpoint);
  const proxy = findProxy(url ?? buildAccessUrl({ account: name }));
  return {
    account: name,
    ...(username === undefined ? {} : { username: username.expose() }),
    warehouse,
    database,
    authentication: await buildAuthentication(credentials),
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
