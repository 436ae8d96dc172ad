import * as z from "zod";
import { type Known, orUnknown } from "../../engine/unknown.js";
import { listAuthenticators } from "./login/index.js";

const text = z.string("must be a string.");
const portNumber = "must be a port number from 1 to 65535.";
const port = orUnknown(
  z.union([
    z.int(portNumber).min(1, portNumber).max(65535, portNumber),
    z.string(portNumber).regex(/^([1-9]\d{0,4})?$/, portNumber),
  ]),
);
const concurrency = "must be a whole number from 1 to 256.";
/** How many statements of a session run at the same time; why so many is in `docs/decisions/statements-at-the-same-time.md`. */
export const defaultConcurrency = 32;

/**
 * The `connection` argument. Every field is optional, because the rest of the chain (Pulumi config, `SNOWFLAKE_*`
 * variables, a profile) fills what is missing; an empty text is the same as none. Names as in `@pulumi/snowflake`.
 * The descriptions are what the editors of every language show.
 */
export const connectionArguments = z
  .strictObject({
    name: text
      .max(256, "must have at most 256 characters.")
      .optional()
      .describe("What the connection is named in outputs. Default: the profile's name, else the account."),
    profile: text
      .optional()
      .describe(
        "A connection of `connections.toml`. It takes precedence over Pulumi config and the environment.",
      ),
    organizationName: text.optional().describe("With `accountName`: the account as `organization-account`."),
    accountName: text.optional().describe("The account's name within its organization."),
    account: text
      .optional()
      .describe("The account identifier in one piece: `organization-account`, or a locator with its region."),
    region: text
      .optional()
      .describe(
        "The region of an account locator that is given without one: `eu-central-1`, `west-europe.azure`.",
      ),
    user: text.optional().describe("The user who logs in."),
    password: text.optional().meta({ description: "The user's password.", secret: true }),
    privateKey: text.optional().meta({
      description: "The private key of a key pair, as PEM text (PKCS#8 or PKCS#1, encrypted or not).",
      secret: true,
    }),
    privateKeyPath: text
      .optional()
      .describe(
        "A file with that text; `~` is the home folder, a relative path starts at the program's folder.",
      ),
    privateKeyPassphrase: text
      .optional()
      .meta({ description: "Opens an encrypted private key.", secret: true }),
    token: text.optional().meta({
      description:
        "A programmatic access token, or what `authenticator` says: an OAuth access token, the identity token of a workload.",
      secret: true,
    }),
    tokenFilePath: text
      .optional()
      .describe(
        "A file with the token: of a workload identity it is read again at each log-in. `~` is the home folder, a relative path starts at the program's folder.",
      ),
    tokenVariable: text
      .optional()
      .describe(
        "The name of an environment variable with the token, such as the one that `id_tokens` of a GitLab job declares.",
      ),
    authenticator: text
      .optional()
      .describe(`${listAuthenticators()}; found from the credential when absent.`),
    workloadIdentityProvider: text
      .optional()
      .describe(
        "Who issues the workload's identity: `OIDC`, `AWS`, `AZURE` or `GCP`. With `OIDC` and no token, a GitHub workflow asks GitHub for one.",
      ),
    workloadIdentityAudience: text
      .optional()
      .describe(
        "The audience of the identity token. Set it where the user's `OIDC_AUDIENCE_LIST` names another one. Default: `snowflakecomputing.com`.",
      ),
    workloadIdentityImpersonationPath: text
      .optional()
      .describe(
        "With `AWS` or `GCP`: the roles or service accounts to impersonate, in this order, separated by commas.",
      ),
    workloadIdentityAwsUseOutboundToken: text
      .optional()
      .describe(
        'With `AWS`: `"true"` sends a token of AWS\'s own issuer (`GetWebIdentityToken`) in place of a signed request.',
      ),
    workloadIdentityAzureClientId: text
      .optional()
      .describe("With `AZURE`: the client id of a user-assigned managed identity."),
    workloadIdentityEntraResource: text
      .optional()
      .describe("With `AZURE`: the application id URI that the token is for. Default: Snowflake's own."),
    oauthClientId: text.optional().describe("The id of an OAuth client."),
    oauthClientSecret: text.optional().meta({ description: "The secret of an OAuth client.", secret: true }),
    oauthTokenRequestUrl: text
      .optional()
      .describe("The `https` address where the OAuth client gets its access token."),
    oauthAuthorizationUrl: text
      .optional()
      .describe(
        "With `OAUTH_AUTHORIZATION_CODE`: the `https` page where the user logs in with the browser. Default: Snowflake's own.",
      ),
    oauthRedirectUri: text
      .optional()
      .describe(
        "With `OAUTH_AUTHORIZATION_CODE`: the address on this machine where the browser brings the code, as the OAuth client allows it. Default: `http://127.0.0.1` with a free port.",
      ),
    oauthScope: text
      .optional()
      .describe(
        "The scope of the OAuth access token. Default: `session:role:<role>` with a `role`, else none.",
      ),
    oktaUrl: text
      .optional()
      .describe(
        "With `OKTA`: the user's page of Okta, `https://acme.okta.com`. `authenticator` may name it instead.",
      ),
    clientStoreTemporaryCredential: text
      .optional()
      .describe(
        'Whether a log-in with the browser is kept for the next process, in a file of the Snowflake driver: `"true"` or `"false"`. Default: `"true"`.',
      ),
    clientRequestMfaToken: text
      .optional()
      .describe(
        'Whether a log-in with a second factor is kept for the next process, in a file of the Snowflake driver: `"true"` or `"false"`. Default: `"true"`.',
      ),
    role: text.optional().describe("The role of the session. Default: the user's own."),
    warehouse: text.optional().describe("The warehouse of the session. Not needed."),
    host: text
      .optional()
      .describe(
        "The host name, if Snowflake has another one in your network. `port` and `protocol` belong to it.",
      ),
    port: port.optional().describe("The port of `host`."),
    protocol: orUnknown(
      z
        .enum(["http", "https", ""], { error: 'must be "https" or "http".' })
        .meta({ id: "ConnectionProtocol", description: "The protocol of `host`: `https` or `http`." }),
    ).optional(),
    proxyHost: text
      .optional()
      .describe(
        "An HTTP proxy for Snowflake alone; the fields that begin with `proxy` belong to it. Default: that of `HTTPS_PROXY`.",
      ),
    proxyPort: port.optional().describe("The port of `proxyHost`."),
    proxyProtocol: text
      .optional()
      .describe("How to speak to `proxyHost`: `http` or `https`. Default: `http`."),
    proxyUser: text.optional().describe("The user of `proxyHost`, where it needs a login."),
    proxyPassword: text.optional().meta({ description: "The password of `proxyUser`.", secret: true }),
    noProxy: text
      .optional()
      .describe(
        "Hosts of Snowflake that are reached without a proxy, as in `NO_PROXY`: `.privatelink.snowflakecomputing.com`.",
      ),
    maxConcurrentStatements: orUnknown(z.int(concurrency).min(1, concurrency).max(256, concurrency))
      .optional()
      .describe(
        `The number of statements that run at the same time in one session, 1 to 256. If Snowflake does not accept so many, the run continues with fewer. Default: ${defaultConcurrency}.`,
      ),
  })
  .meta({
    id: "Connection",
    description:
      "How to reach Snowflake; what is not given here comes from the provider's settings or Pulumi config, `SNOWFLAKE_*` or `connections.toml`.",
  });

/** The `connection` argument after `connectionArguments`; any field may be known only in `up`. */
export type ParsedConnection = z.infer<typeof connectionArguments>;

/** The `connection` argument as plain values. */
export type ConnectionInputs = Known<ParsedConnection>;

/** A field of a connection that a link of the chain can supply. */
export type ConnectionField = keyof ConnectionInputs;

/** Each of them. */
export const connectionFields = Object.keys(connectionArguments.shape) as readonly ConnectionField[];
