import type { ConnectionField } from "../../provider/snowflake/connection/arguments.js";
import type { SnowflakeAuthentication } from "../../provider/snowflake/connection/connection.js";

/** A way to log in as a person sets it up: what a page shows, and what the tests start from in each of the links. */
export interface LoginExample {
  readonly title: string;
  readonly fields: Readonly<Partial<Record<ConnectionField, string>>>;
  /** What the place of the run has set by itself. */
  readonly env?: Readonly<Record<string, string>>;
  /** A sentence below. */
  readonly note: string;
}

/** Stands for what is secret. */
export const secretExample = "…";

const account = { account: "acme-prod" };
const person = { ...account, user: "PULUMI" };
const oidc = { ...account, authenticator: "WORKLOAD_IDENTITY", workloadIdentityProvider: "OIDC" };

/** At least one for each method. */
export const loginExamples: Readonly<Record<SnowflakeAuthentication["kind"], readonly LoginExample[]>> = {
  "workload-identity": [
    {
      title: "a GitHub workflow",
      fields: oidc,
      env: {
        ACTIONS_ID_TOKEN_REQUEST_URL: "https://token.actions.example/token?api-version=2",
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: secretExample,
      },
      note: "The job needs `permissions: id-token: write` and nothing else: GitHub is asked for a token at each log-in ([guide](guides/continuous-integration.md)).",
    },
    {
      title: "a GitLab job",
      fields: { ...oidc, tokenVariable: "SNOWFLAKE_ID_TOKEN" },
      env: { SNOWFLAKE_ID_TOKEN: secretExample },
      note: "The job declares `id_tokens: { SNOWFLAKE_ID_TOKEN: { aud: snowflakecomputing.com } }`.",
    },
    {
      title: "a token in a file, as in Kubernetes",
      fields: { ...oidc, tokenFilePath: "/var/run/secrets/snowflake/token" },
      note: "The file is read at each log-in, so a token that is replaced in time never expires.",
    },
    {
      title: "a workload on AWS",
      fields: { ...account, authenticator: "WORKLOAD_IDENTITY", workloadIdentityProvider: "AWS" },
      env: { AWS_REGION: "eu-central-1" },
      note: "The driver finds AWS credentials as AWS's own tools do, and signs a request with them that Snowflake carries out. `workloadIdentityImpersonationPath` names roles to assume before.",
    },
    {
      title: "a workload on Azure",
      fields: {
        ...account,
        authenticator: "WORKLOAD_IDENTITY",
        workloadIdentityProvider: "AZURE",
        workloadIdentityAzureClientId: "3c90c3cc-0d44-4b50-8888-8dd25736052a",
      },
      note: "`workloadIdentityAzureClientId` is for a user-assigned managed identity; leave it out for the system-assigned one.",
    },
    {
      title: "a workload on Google Cloud",
      fields: { ...account, authenticator: "WORKLOAD_IDENTITY", workloadIdentityProvider: "GCP" },
      note: "`workloadIdentityImpersonationPath` names service accounts to impersonate.",
    },
  ],
  "key-pair": [
    {
      title: "a key pair",
      fields: { ...person, privateKeyPath: "~/.snowflake/rsa_key.p8" },
      note: "With `privateKeyPassphrase` if the key is encrypted. `privateKey` takes the key itself.",
    },
  ],
  "programmatic-access-token": [
    {
      title: "a programmatic access token",
      fields: { ...account, token: secretExample },
      note: "`tokenFilePath` or `tokenVariable` in place of `token` keep it out of the program.",
    },
  ],
  oauth: [
    {
      title: "an OAuth access token",
      fields: { ...account, authenticator: "OAUTH", token: secretExample },
      note: "For a token that something else gets, and renews.",
    },
  ],
  "oauth-client-credentials": [
    {
      title: "an OAuth client",
      fields: {
        ...account,
        authenticator: "OAUTH_CLIENT_CREDENTIALS",
        oauthClientId: "pulumi",
        oauthClientSecret: secretExample,
        oauthTokenRequestUrl: "https://login.acme.com/oauth2/token",
        oauthScope: "session:role:SYNC_ROLE",
      },
      note: "Each log-in gets a new access token with the client's secret, which is sent to `oauthTokenRequestUrl` alone: redirects are not followed. Snowflake trusts the identity provider through a security integration of type `EXTERNAL_OAUTH`.",
    },
  ],
  password: [
    {
      title: "a password",
      fields: { ...person, password: secretExample },
      note: "Snowflake ends log-ins with a password alone in 2026.",
    },
  ],
  "external-browser": [
    {
      title: "the browser",
      fields: { ...person, authenticator: "EXTERNALBROWSER" },
      note: "A window opens, and the person logs in there as always. See [Log-ins that need a person](#log-ins-that-need-a-person).",
    },
  ],
  "oauth-authorization-code": [
    {
      title: "the browser, by OAuth",
      fields: { ...person, authenticator: "OAUTH_AUTHORIZATION_CODE" },
      note: "This uses Snowflake's own OAuth client. For another identity provider give `oauthClientId`, `oauthClientSecret`, `oauthTokenRequestUrl` and `oauthAuthorizationUrl`.",
    },
    {
      title: "the browser, by OAuth of another identity provider",
      fields: {
        ...person,
        authenticator: "OAUTH_AUTHORIZATION_CODE",
        oauthClientId: "pulumi",
        oauthClientSecret: secretExample,
        oauthTokenRequestUrl: "https://login.acme.com/oauth2/token",
        oauthAuthorizationUrl: "https://login.acme.com/oauth2/authorize",
        oauthRedirectUri: "http://127.0.0.1:8001",
      },
      note: "Snowflake trusts the identity provider through a security integration of type `EXTERNAL_OAUTH`.",
    },
  ],
  "password-mfa": [
    {
      title: "a password and a second factor",
      fields: { ...person, authenticator: "USERNAME_PASSWORD_MFA", password: secretExample },
      note: "Snowflake asks for an approval on the second factor. A passcode is given as environment variable `SNOWFLAKE_PASSCODE`; it is good for one log-in, and a preview and `up` are two, so run `pulumi up --skip-preview`.",
    },
  ],
  okta: [
    {
      title: "Okta",
      fields: { ...person, authenticator: "https://acme.okta.com", password: secretExample },
      note: 'Okta gets the password, Snowflake does not. `authenticator: "OKTA"` with `oktaUrl` says the same. Where Okta asks for a second factor, take `EXTERNALBROWSER`.',
    },
  ],
};
