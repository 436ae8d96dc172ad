// Written by `npm run generate` from the definitions that parse the arguments; a test holds it to them.
import type * as pulumi from "@pulumi/pulumi";

/** The arguments of `SnowflakeSecretSync`. */
export interface SnowflakeSecretSyncArgs {
  /** Slug (a-z, 0-9, -), up to 256 characters. A change is recorded only. @default the resource's name */
  name?: pulumi.Input<string | undefined>;
  /** Up to 256 characters. A change is recorded only. */
  description?: pulumi.Input<string | undefined>;
  /** Slug, up to 64 characters; the default of sources, and `{{environment}}`. @default the stack's name */
  environment?: pulumi.Input<string | undefined>;
  /** The default folder of sources. @default "/" */
  secretPath?: pulumi.Input<string | undefined>;
  /**
   * The schema that holds the secrets. A change replaces: the new schema is filled before the old one is
   * cleaned.
   */
  destinationConfig: pulumi.Input<DestinationConfigArgs>;
  /**
   * Secrets with several parts. Each part names a key of `sources` or `secrets`. That key is then not synced
   * by itself.
   */
  typedSecrets?: pulumi.Input<Record<string, pulumi.Input<PasswordSecretKeysArgs | Oauth2SecretKeysArgs>> | undefined>;
  /** How the sync treats secrets that already exist. */
  syncOptions: pulumi.Input<SyncOptionsArgs>;
  /**
   * Whether every `up` syncs changes. If `false`, only a changed `syncTrigger` or the command `sync` does.
   * @default true
   */
  isAutoSyncEnabled?: pulumi.Input<boolean | undefined>;
  /** Change it to sync now, if auto-sync is off. */
  syncTrigger?: pulumi.Input<string | number | boolean | undefined>;
  /** Change it to write every value again. Pulumi cannot detect a value that someone changed in place. */
  rewriteTrigger?: pulumi.Input<string | number | boolean | undefined>;
  /**
   * How to log in to Snowflake. Fields that are not set here are taken from the provider's settings,
   * `SNOWFLAKE_*` variables or `connections.toml`. It is stored encrypted in the state, because a destroy
   * needs it. Another account replaces the resource. Another user, role or credential writes nothing.
   */
  connection?: pulumi.Input<ConnectionArgs | undefined>;
  /**
   * Where the secrets come from. If two sources have the same key, the later one wins; `secrets` wins over
   * all sources. The state does not store their credentials.
   */
  sources?: pulumi.Input<pulumi.Input<SourceArgs>[] | undefined>;
  /**
   * Secrets from the program, by key. A string is a secret of type GENERIC_STRING; an object is a secret of
   * its `type`. State and preview show a keyed fingerprint in place of the value. A secret whose type changes
   * is created again and loses its grants.
   */
  secrets?: pulumi.Input<Record<string, pulumi.Input<string | PasswordSecretArgs | Oauth2SecretArgs | undefined>> | undefined>;
  /**
   * The key of the fingerprints, at least 32 bytes. You need it only for `preview --save-plan` of a first
   * creation. A change writes every value again and keeps grants.
   * @default a random key, stored as a secret in the state
   */
  fingerprintKey?: pulumi.Input<string | undefined>;
}

/** The schema that holds the secrets, by its exact name. */
export interface DestinationConfigArgs {
  /** The database's exact name, 1 to 255 characters. */
  database: pulumi.Input<string>;
  /** The schema's exact name, 1 to 255 characters. */
  schema: pulumi.Input<string>;
}

/** The keys whose values are the parts of a secret of type "password". */
export interface PasswordSecretKeysArgs {
  type: pulumi.Input<"password">;
  /** The key whose value is the username. */
  username: pulumi.Input<string>;
  /** The key whose value is the password. */
  password: pulumi.Input<string>;
}

/** The keys whose values are the parts of a secret of type "oauth2". */
export interface Oauth2SecretKeysArgs {
  type: pulumi.Input<"oauth2">;
  /**
   * The exact name of the security integration. It is no secret: the state and the statement have it. Another
   * one replaces the secret.
   */
  apiAuthentication: pulumi.Input<string>;
  /** The key whose value is the oauthRefreshToken. */
  oauthRefreshToken?: pulumi.Input<string | undefined>;
  /** The key whose value is the oauthRefreshTokenExpiryTime. */
  oauthRefreshTokenExpiryTime?: pulumi.Input<string | undefined>;
  /** OAUTH_SCOPES in Snowflake, in place of a refresh token; they are no secret. */
  oauthScopes?: pulumi.Input<pulumi.Input<string>[] | undefined>;
}

/** How the sync treats secrets that already exist. */
export interface SyncOptionsArgs {
  /**
   * `overwrite-destination`: drops GENERIC_STRING secrets that match `keySchema` and that no source has, and
   * takes over secrets without an ownership comment. `preserve-destination`: keeps all secrets that this sync
   * did not write. Required, so that no one drops secrets by default.
   */
  initialSyncBehavior: pulumi.Input<InitialSyncBehavior>;
  /**
   * The template of the names in Snowflake: `{{secretKey}}` once, `{{environment}}` any number of times, and
   * letters, digits, `_`, `-`, `/`; up to 255 characters. Only secrets whose names match are altered or
   * dropped. A change creates the new names before it drops the old ones.
   * @default the key itself
   */
  keySchema?: pulumi.Input<string | undefined>;
  /** Never drop a secret. A destroy removes only the ownership comments. @default false */
  disableSecretDeletion?: pulumi.Input<boolean | undefined>;
  /**
   * Which secrets of others this sync may take over: owner ids (32 hex digits), `unmarked` for secrets
   * without an ownership comment, `other-type` for secrets of another type, which are replaced and lose their
   * grants.
   * @default []
   */
  takeOver?: pulumi.Input<pulumi.Input<string>[] | undefined>;
  /**
   * How many secrets an `up` may drop. An `up` that would drop more fails before it writes, and names them.
   * It does not limit a destroy.
   * @default no limit
   */
  maxRemovals?: pulumi.Input<number | undefined>;
}

/**
 * `overwrite-destination`: drops GENERIC_STRING secrets that match `keySchema` and that no source has, and
 * takes over secrets without an ownership comment. `preserve-destination`: keeps all secrets that this sync
 * did not write. Required, so that no one drops secrets by default.
 */
export type InitialSyncBehavior = "overwrite-destination" | "preserve-destination";

/**
 * How to reach Snowflake; what is not given here comes from the provider's settings or Pulumi config,
 * `SNOWFLAKE_*` or `connections.toml`.
 */
export interface ConnectionArgs {
  /** What the connection is named in outputs. @default the profile's name, else the account */
  name?: pulumi.Input<string | undefined>;
  /** A connection of `connections.toml`. It takes precedence over Pulumi config and the environment. */
  profile?: pulumi.Input<string | undefined>;
  /** With `accountName`: the account as `organization-account`. */
  organizationName?: pulumi.Input<string | undefined>;
  /** The account's name within its organization. */
  accountName?: pulumi.Input<string | undefined>;
  /** The account identifier in one piece: `organization-account`, or a locator with its region. */
  account?: pulumi.Input<string | undefined>;
  /** The region of an account locator that is given without one: `eu-central-1`, `west-europe.azure`. */
  region?: pulumi.Input<string | undefined>;
  /** The user who logs in. */
  user?: pulumi.Input<string | undefined>;
  /** The user's password. */
  password?: pulumi.Input<string | undefined>;
  /** The private key of a key pair, as PEM text (PKCS#8 or PKCS#1, encrypted or not). */
  privateKey?: pulumi.Input<string | undefined>;
  /** A file with that text; `~` is the home folder, a relative path starts at the program's folder. */
  privateKeyPath?: pulumi.Input<string | undefined>;
  /** Opens an encrypted private key. */
  privateKeyPassphrase?: pulumi.Input<string | undefined>;
  /**
   * A programmatic access token, or what `authenticator` says: an OAuth access token, the identity token of a
   * workload.
   */
  token?: pulumi.Input<string | undefined>;
  /**
   * A file with the token: of a workload identity it is read again at each log-in. `~` is the home folder, a
   * relative path starts at the program's folder.
   */
  tokenFilePath?: pulumi.Input<string | undefined>;
  /**
   * The name of an environment variable with the token, such as the one that `id_tokens` of a GitLab job
   * declares.
   */
  tokenVariable?: pulumi.Input<string | undefined>;
  /**
   * `WORKLOAD_IDENTITY` (the identity of a workload), `SNOWFLAKE_JWT` (a key pair),
   * `PROGRAMMATIC_ACCESS_TOKEN` (a programmatic access token), `OAUTH` (an OAuth access token),
   * `OAUTH_CLIENT_CREDENTIALS` (an OAuth client), `SNOWFLAKE` (a password), `USERNAME_PASSWORD_MFA` (a
   * password and a second factor), `EXTERNALBROWSER` (the browser), `OAUTH_AUTHORIZATION_CODE` (the browser,
   * by OAuth) or `OKTA` (Okta); found from the credential when absent.
   */
  authenticator?: pulumi.Input<string | undefined>;
  /**
   * Who issues the workload's identity: `OIDC`, `AWS`, `AZURE` or `GCP`. With `OIDC` and no token, a GitHub
   * workflow asks GitHub for one.
   */
  workloadIdentityProvider?: pulumi.Input<string | undefined>;
  /**
   * The audience of the identity token. Set it where the user's `OIDC_AUDIENCE_LIST` names another one.
   * @default `snowflakecomputing.com`
   */
  workloadIdentityAudience?: pulumi.Input<string | undefined>;
  /**
   * With `AWS` or `GCP`: the roles or service accounts to impersonate, in this order, separated by commas.
   */
  workloadIdentityImpersonationPath?: pulumi.Input<string | undefined>;
  /**
   * With `AWS`: `"true"` sends a token of AWS's own issuer (`GetWebIdentityToken`) in place of a signed
   * request.
   */
  workloadIdentityAwsUseOutboundToken?: pulumi.Input<string | undefined>;
  /** With `AZURE`: the client id of a user-assigned managed identity. */
  workloadIdentityAzureClientId?: pulumi.Input<string | undefined>;
  /** With `AZURE`: the application id URI that the token is for. @default Snowflake's own */
  workloadIdentityEntraResource?: pulumi.Input<string | undefined>;
  /** The id of an OAuth client. */
  oauthClientId?: pulumi.Input<string | undefined>;
  /** The secret of an OAuth client. */
  oauthClientSecret?: pulumi.Input<string | undefined>;
  /** The `https` address where the OAuth client gets its access token. */
  oauthTokenRequestUrl?: pulumi.Input<string | undefined>;
  /**
   * With `OAUTH_AUTHORIZATION_CODE`: the `https` page where the user logs in with the browser.
   * @default Snowflake's own
   */
  oauthAuthorizationUrl?: pulumi.Input<string | undefined>;
  /**
   * With `OAUTH_AUTHORIZATION_CODE`: the address on this machine where the browser brings the code, as the
   * OAuth client allows it.
   * @default `http://127.0.0.1` with a free port
   */
  oauthRedirectUri?: pulumi.Input<string | undefined>;
  /** The scope of the OAuth access token. @default `session:role:<role>` with a `role`, else none */
  oauthScope?: pulumi.Input<string | undefined>;
  /** With `OKTA`: the user's page of Okta, `https://acme.okta.com`. `authenticator` may name it instead. */
  oktaUrl?: pulumi.Input<string | undefined>;
  /**
   * Whether a log-in with the browser is kept for the next process, in a file of the Snowflake driver:
   * `"true"` or `"false"`.
   * @default `"true"`
   */
  clientStoreTemporaryCredential?: pulumi.Input<string | undefined>;
  /**
   * Whether a log-in with a second factor is kept for the next process, in a file of the Snowflake driver:
   * `"true"` or `"false"`.
   * @default `"true"`
   */
  clientRequestMfaToken?: pulumi.Input<string | undefined>;
  /** The role of the session. @default the user's own */
  role?: pulumi.Input<string | undefined>;
  /** The warehouse of the session. Not needed. */
  warehouse?: pulumi.Input<string | undefined>;
  /** The host name, if Snowflake has another one in your network. `port` and `protocol` belong to it. */
  host?: pulumi.Input<string | undefined>;
  /** The port of `host`. */
  port?: pulumi.Input<number | string | undefined>;
  /** The protocol of `host`: `https` or `http`. */
  protocol?: pulumi.Input<ConnectionProtocol | undefined>;
  /**
   * An HTTP proxy for Snowflake alone; the fields that begin with `proxy` belong to it.
   * @default that of `HTTPS_PROXY`
   */
  proxyHost?: pulumi.Input<string | undefined>;
  /** The port of `proxyHost`. */
  proxyPort?: pulumi.Input<number | string | undefined>;
  /** How to speak to `proxyHost`: `http` or `https`. @default `http` */
  proxyProtocol?: pulumi.Input<string | undefined>;
  /** The user of `proxyHost`, where it needs a login. */
  proxyUser?: pulumi.Input<string | undefined>;
  /** The password of `proxyUser`. */
  proxyPassword?: pulumi.Input<string | undefined>;
  /**
   * Hosts of Snowflake that are reached without a proxy, as in `NO_PROXY`:
   * `.privatelink.snowflakecomputing.com`.
   */
  noProxy?: pulumi.Input<string | undefined>;
  /**
   * The number of statements that run at the same time in one session, 1 to 256. If Snowflake does not accept
   * so many, the run continues with fewer.
   * @default 32
   */
  maxConcurrentStatements?: pulumi.Input<number | undefined>;
}

/** The protocol of `host`: `https` or `http`. */
export type ConnectionProtocol = "http" | "https" | "";

/** One source of secrets; `{ type: "program", allowEmpty: true }` allows an empty `secrets`. */
export type SourceArgs = InfisicalSourceArgs | AwsSecretsManagerSourceArgs | AwsSsmSourceArgs | DotenvSourceArgs | EnvironmentSourceArgs | CommandSourceArgs | VaultSourceArgs | ProgramSourceArgs;

/** Secrets of an Infisical folder; personal overrides are left out. */
export interface InfisicalSourceArgs {
  type: pulumi.Input<"infisical">;
  /** The project's id. */
  projectId: pulumi.Input<string>;
  /** Environment slug. @default the sync's environment */
  environment?: pulumi.Input<string | undefined>;
  /** Folder. @default the sync's secretPath */
  secretPath?: pulumi.Input<string | undefined>;
  /**
   * Also reads the folders below. If two folders have the same key, the one nearer to `secretPath` wins.
   * @default false
   */
  recursive?: pulumi.Input<boolean | undefined>;
  /**
   * Secret imports too: the folders' own secrets go before them, and a later import before an earlier. With
   * `recursive` the imports of all folders, in Infisical's order: it does not say which folder an import
   * belongs to.
   * @default true
   */
  includeImports?: pulumi.Input<boolean | undefined>;
  /**
   * Expand references to other secrets, on Infisical's side; those of imports are always expanded there.
   * @default true
   */
  expandSecretReferences?: pulumi.Input<boolean | undefined>;
  /** Only secrets with one of these tags. */
  tagSlugs?: pulumi.Input<pulumi.Input<string>[] | undefined>;
  /** A self-hosted Infisical. @default INFISICAL_SITE_URL, else https://app.infisical.com */
  siteUrl?: pulumi.Input<string | undefined>;
  /** How to log in; what is absent comes from the environment. */
  auth?: pulumi.Input<InfisicalAuthArgs | undefined>;
  /**
   * Only these keys, as the source names them; `*` stands for any text. A key without `*` that the source
   * does not have is an error.
   * @default all keys
   */
  keys?: pulumi.Input<pulumi.Input<string>[] | undefined>;
  /**
   * Only keys that begin with this text, which is removed from their names.
   * @default all keys, as they are
   */
  prefix?: pulumi.Input<string | undefined>;
  /**
   * New names, by the name without `prefix`. A key that the source does not have is an error, and so is a
   * name that two keys get.
   */
  rename?: pulumi.Input<Record<string, pulumi.Input<string>> | undefined>;
  /** The source may be empty. Its secrets are then dropped. @default false */
  allowEmpty?: pulumi.Input<boolean | undefined>;
}

/** How to log in to Infisical; what a method lacks comes from the environment. */
export type InfisicalAuthArgs = UniversalInfisicalAuthArgs | TokenInfisicalAuthArgs | OidcInfisicalAuthArgs | AwsInfisicalAuthArgs;

/** Universal auth: `INFISICAL_CLIENT_ID` and `INFISICAL_CLIENT_SECRET`, or `INFISICAL_UNIVERSAL_AUTH_…`. */
export interface UniversalInfisicalAuthArgs {
  method: pulumi.Input<"universal">;
  /** @default INFISICAL_CLIENT_ID */
  clientId?: pulumi.Input<string | undefined>;
  /** @default INFISICAL_CLIENT_SECRET */
  clientSecret?: pulumi.Input<string | undefined>;
}

/** An access token: `INFISICAL_TOKEN`. */
export interface TokenInfisicalAuthArgs {
  method: pulumi.Input<"token">;
  /** @default INFISICAL_TOKEN */
  token?: pulumi.Input<string | undefined>;
}

/** OIDC: `INFISICAL_MACHINE_IDENTITY_ID` and `INFISICAL_JWT`. */
export interface OidcInfisicalAuthArgs {
  method: pulumi.Input<"oidc">;
  /** @default INFISICAL_MACHINE_IDENTITY_ID */
  identityId?: pulumi.Input<string | undefined>;
  /** @default INFISICAL_JWT */
  jwt?: pulumi.Input<string | undefined>;
}

/** AWS IAM: `INFISICAL_MACHINE_IDENTITY_ID` and AWS's own credential chain. */
export interface AwsInfisicalAuthArgs {
  method: pulumi.Input<"aws">;
  /** @default INFISICAL_MACHINE_IDENTITY_ID */
  identityId?: pulumi.Input<string | undefined>;
}

/** One secret of AWS Secrets Manager, as a JSON object or as a plain value under a chosen key. */
export interface AwsSecretsManagerSourceArgs {
  type: pulumi.Input<"aws-secrets-manager">;
  /** Name or ARN. */
  secretId: pulumi.Input<string>;
  /**
   * `json`: an object, one secret per key. `plain`: the whole text as one secret under `key`.
   * @default `json`
   */
  format?: pulumi.Input<AwsSecretsManagerSourceFormat | undefined>;
  /** With `format: "plain"`: the name of the one secret. */
  key?: pulumi.Input<string | undefined>;
  /**
   * Take a value that is an object or a list as its JSON text, in one line. Without it such a value is an
   * error, and null always is.
   * @default false
   */
  objectsAsJson?: pulumi.Input<boolean | undefined>;
  /** Which version of the secret. @default `AWSCURRENT` */
  versionStage?: pulumi.Input<string | undefined>;
  /**
   * Where the secret is; what is absent comes from AWS's own chain (variables, profile, SSO, web identity).
   */
  aws?: pulumi.Input<AwsSettingsArgs | undefined>;
  /**
   * Only these keys, as the source names them; `*` stands for any text. A key without `*` that the source
   * does not have is an error.
   * @default all keys
   */
  keys?: pulumi.Input<pulumi.Input<string>[] | undefined>;
  /**
   * Only keys that begin with this text, which is removed from their names.
   * @default all keys, as they are
   */
  prefix?: pulumi.Input<string | undefined>;
  /**
   * New names, by the name without `prefix`. A key that the source does not have is an error, and so is a
   * name that two keys get.
   */
  rename?: pulumi.Input<Record<string, pulumi.Input<string>> | undefined>;
  /** The source may be empty. Its secrets are then dropped. @default false */
  allowEmpty?: pulumi.Input<boolean | undefined>;
}

export type AwsSecretsManagerSourceFormat = "json" | "plain";

/** Which AWS, and as whom, for what only reads. */
export interface AwsSettingsArgs {
  /** @default AWS_REGION, or the profile's */
  region?: pulumi.Input<string | undefined>;
  /** A profile of AWS's configuration files. */
  profile?: pulumi.Input<string | undefined>;
  /** The address of every service, in place of AWS's own: an https:// URL (http:// on this machine only). */
  endpoint?: pulumi.Input<string | undefined>;
  /** A role to assume. */
  assumeRoleArn?: pulumi.Input<string | undefined>;
}

/**
 * The parameters of AWS Systems Manager Parameter Store under a path, decrypted; a `StringList` as its text.
 * AWS takes one call for ten of them, and does not tell a path that does not exist from an empty one.
 */
export interface AwsSsmSourceArgs {
  type: pulumi.Input<"aws-ssm">;
  /** The path of the parameters, such as `/prod/billing`. */
  path: pulumi.Input<string>;
  /** Also reads the paths below. @default false */
  recursive?: pulumi.Input<boolean | undefined>;
  /**
   * What stands in a name for each `/` after the path: with `/prod` as the path, `/prod/db/password` is
   * `db_password`. Two parameters with one name are an error.
   * @default `_`
   */
  separator?: pulumi.Input<string | undefined>;
  /**
   * Where the parameters are; what is absent comes from AWS's own chain (variables, profile, SSO, web
   * identity).
   */
  aws?: pulumi.Input<AwsSettingsArgs | undefined>;
  /**
   * Only these keys, as the source names them; `*` stands for any text. A key without `*` that the source
   * does not have is an error.
   * @default all keys
   */
  keys?: pulumi.Input<pulumi.Input<string>[] | undefined>;
  /**
   * Only keys that begin with this text, which is removed from their names.
   * @default all keys, as they are
   */
  prefix?: pulumi.Input<string | undefined>;
  /**
   * New names, by the name without `prefix`. A key that the source does not have is an error, and so is a
   * name that two keys get.
   */
  rename?: pulumi.Input<Record<string, pulumi.Input<string>> | undefined>;
  /** The source may be empty. Its secrets are then dropped. @default false */
  allowEmpty?: pulumi.Input<boolean | undefined>;
}

/** A dotenv file; `$` in a value stays as it is. */
export interface DotenvSourceArgs {
  type: pulumi.Input<"dotenv">;
  /** The file, in UTF-8; a relative path starts at the program's folder. @default `.env` */
  path?: pulumi.Input<string | undefined>;
  /**
   * Only these keys, as the source names them; `*` stands for any text. A key without `*` that the source
   * does not have is an error.
   * @default all keys
   */
  keys?: pulumi.Input<pulumi.Input<string>[] | undefined>;
  /**
   * Only keys that begin with this text, which is removed from their names.
   * @default all keys, as they are
   */
  prefix?: pulumi.Input<string | undefined>;
  /**
   * New names, by the name without `prefix`. A key that the source does not have is an error, and so is a
   * name that two keys get.
   */
  rename?: pulumi.Input<Record<string, pulumi.Input<string>> | undefined>;
  /** The source may be empty. Its secrets are then dropped. @default false */
  allowEmpty?: pulumi.Input<boolean | undefined>;
}

/** Variables of the process that runs the provider: `keys` or `prefix` says which. */
export interface EnvironmentSourceArgs {
  type: pulumi.Input<"environment">;
  /**
   * Take variables that are set to an empty text as values. Without it they are an error, because CI systems
   * set a secret that a run may not have to an empty text.
   * @default false
   */
  allowEmptyValues?: pulumi.Input<boolean | undefined>;
  /**
   * Only these keys, as the source names them; `*` stands for any text. A key without `*` that the source
   * does not have is an error.
   * @default all keys
   */
  keys?: pulumi.Input<pulumi.Input<string>[] | undefined>;
  /**
   * Only keys that begin with this text, which is removed from their names.
   * @default all keys, as they are
   */
  prefix?: pulumi.Input<string | undefined>;
  /**
   * New names, by the name without `prefix`. A key that the source does not have is an error, and so is a
   * name that two keys get.
   */
  rename?: pulumi.Input<Record<string, pulumi.Input<string>> | undefined>;
  /** The source may be empty. Its secrets are then dropped. @default false */
  allowEmpty?: pulumi.Input<boolean | undefined>;
}

/** What a program prints: the command line of Vault, SOPS, 1Password, Doppler and others. */
export interface CommandSourceArgs {
  type: pulumi.Input<"command">;
  /**
   * The program and its arguments, as a list: no shell reads them. A name is looked for in `PATH`; a path may
   * be relative to the program's folder. Arguments are kept in the state and shown by the system, so none may
   * be a secret.
   */
  command: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * What it prints. `json`: an object of texts, numbers and booleans. `dotenv`: lines `KEY=value`.
   * @default `json`
   */
  format?: pulumi.Input<CommandSourceFormat | undefined>;
  /** With `json`: the keys that lead to the object, joined by dots, such as `"data.data"`. */
  select?: pulumi.Input<string | undefined>;
  /**
   * Take a value that is an object or a list as its JSON text, in one line. Without it such a value is an
   * error, and null always is.
   * @default false
   */
  objectsAsJson?: pulumi.Input<boolean | undefined>;
  /**
   * Variables for the program, beside those of this process. They are never kept, so auto-sync runs it
   * without them.
   */
  environment?: pulumi.Input<Record<string, pulumi.Input<string>> | undefined>;
  /**
   * Names of variables by which Pulumi, Snowflake, a cloud or another source is reached, and which the
   * program shall get all the same; `*` stands for any text, as in `VAULT_*`.
   * @default it gets none of these
   */
  passEnvironment?: pulumi.Input<pulumi.Input<string>[] | undefined>;
  /** Where it runs; a relative path starts at the program's folder. @default the program's folder */
  workingDirectory?: pulumi.Input<string | undefined>;
  /** @default 30000 */
  timeoutMs?: pulumi.Input<number | undefined>;
  /**
   * Only these keys, as the source names them; `*` stands for any text. A key without `*` that the source
   * does not have is an error.
   * @default all keys
   */
  keys?: pulumi.Input<pulumi.Input<string>[] | undefined>;
  /**
   * Only keys that begin with this text, which is removed from their names.
   * @default all keys, as they are
   */
  prefix?: pulumi.Input<string | undefined>;
  /**
   * New names, by the name without `prefix`. A key that the source does not have is an error, and so is a
   * name that two keys get.
   */
  rename?: pulumi.Input<Record<string, pulumi.Input<string>> | undefined>;
  /** The source may be empty. Its secrets are then dropped. @default false */
  allowEmpty?: pulumi.Input<boolean | undefined>;
}

export type CommandSourceFormat = "json" | "dotenv";

/**
 * A secret of HashiCorp Vault or OpenBao, or all of a folder, by the KV engine of version 2 or 1: texts,
 * numbers as they are written, and booleans.
 */
export interface VaultSourceArgs {
  type: pulumi.Input<"vault">;
  /** The server. @default VAULT_ADDR, or BAO_ADDR */
  address?: pulumi.Input<string | undefined>;
  /** @default VAULT_NAMESPACE, or BAO_NAMESPACE; else the root namespace */
  namespace?: pulumi.Input<string | undefined>;
  /** Where the KV engine is mounted. @default `secret` */
  mount?: pulumi.Input<string | undefined>;
  /** The secret below the mount, as `vault kv get` names it: without `data/`. With `recursive`: a folder. */
  path: pulumi.Input<string>;
  /** All secrets of the folder `path` and of the folders below. @default false */
  recursive?: pulumi.Input<boolean | undefined>;
  /**
   * With `recursive`: what stands in a name for each `/` after the folder, and before the key: with `prod` as
   * the path, the key `PASSWORD` of `prod/db` is `db_PASSWORD`. Two keys with one name are an error.
   * @default `_`
   */
  separator?: pulumi.Input<string | undefined>;
  /** Of KV version 2: which version of the secret. @default the newest */
  version?: pulumi.Input<number | undefined>;
  /** The version of the KV engine. @default what Vault says of the mount */
  kvVersion?: pulumi.Input<1 | 2 | undefined>;
  /**
   * A file with the certificates (PEM) of the authorities to trust in place of Node's own.
   * @default VAULT_CACERT, or all files of the folder VAULT_CAPATH
   */
  caFile?: pulumi.Input<string | undefined>;
  /**
   * Take a value that is an object or a list as its JSON text, in one line. Without it such a value is an
   * error, and null always is.
   * @default false
   */
  objectsAsJson?: pulumi.Input<boolean | undefined>;
  /** How to log in. @default a token */
  auth?: pulumi.Input<VaultAuthArgs | undefined>;
  /**
   * Only these keys, as the source names them; `*` stands for any text. A key without `*` that the source
   * does not have is an error.
   * @default all keys
   */
  keys?: pulumi.Input<pulumi.Input<string>[] | undefined>;
  /**
   * Only keys that begin with this text, which is removed from their names.
   * @default all keys, as they are
   */
  prefix?: pulumi.Input<string | undefined>;
  /**
   * New names, by the name without `prefix`. A key that the source does not have is an error, and so is a
   * name that two keys get.
   */
  rename?: pulumi.Input<Record<string, pulumi.Input<string>> | undefined>;
  /** The source may be empty. Its secrets are then dropped. @default false */
  allowEmpty?: pulumi.Input<boolean | undefined>;
}

/** How to log in to Vault. @default a token */
export type VaultAuthArgs = TokenVaultAuthArgs | AppRoleVaultAuthArgs | JwtVaultAuthArgs | KubernetesVaultAuthArgs | AwsVaultAuthArgs;

/** A token: `VAULT_TOKEN`, or the file `~/.vault-token`. */
export interface TokenVaultAuthArgs {
  method: pulumi.Input<"token">;
  /** @default VAULT_TOKEN, else the file `~/.vault-token` */
  token?: pulumi.Input<string | undefined>;
}

/** AppRole: `VAULT_ROLE_ID` and `VAULT_SECRET_ID`. */
export interface AppRoleVaultAuthArgs {
  method: pulumi.Input<"approle">;
  /** @default VAULT_ROLE_ID */
  roleId?: pulumi.Input<string | undefined>;
  /** @default VAULT_SECRET_ID; none where the role asks for none */
  secretId?: pulumi.Input<string | undefined>;
  /** Where the auth method is mounted. @default `approle` */
  mount?: pulumi.Input<string | undefined>;
}

/** JWT or OIDC, such as the identity of GitHub Actions. */
export interface JwtVaultAuthArgs {
  method: pulumi.Input<"jwt">;
  /** The role of the auth method. */
  role: pulumi.Input<string>;
  /** @default VAULT_JWT, else the identity token of the job of GitHub Actions */
  jwt?: pulumi.Input<string | undefined>;
  /** The audience of GitHub's token. @default the address of Vault */
  audience?: pulumi.Input<string | undefined>;
  /** Where the auth method is mounted. @default `jwt` */
  mount?: pulumi.Input<string | undefined>;
}

/** The service account of a pod in Kubernetes. */
export interface KubernetesVaultAuthArgs {
  method: pulumi.Input<"kubernetes">;
  /** The role of the auth method. */
  role: pulumi.Input<string>;
  /** The service account's token. @default `/var/run/secrets/kubernetes.io/serviceaccount/token` */
  tokenFile?: pulumi.Input<string | undefined>;
  /** Where the auth method is mounted. @default `kubernetes` */
  mount?: pulumi.Input<string | undefined>;
}

/** AWS IAM, with the credentials of AWS's own chain. */
export interface AwsVaultAuthArgs {
  method: pulumi.Input<"aws">;
  /** The role of the auth method. */
  role: pulumi.Input<string>;
  /** The value of the header `X-Vault-AWS-IAM-Server-ID`, if Vault requires it. */
  serverId?: pulumi.Input<string | undefined>;
  /** The region of the STS that this Vault asks: its `sts_region`. @default the global endpoint, as Vault */
  region?: pulumi.Input<string | undefined>;
  /** Where the auth method is mounted. @default `aws` */
  mount?: pulumi.Input<string | undefined>;
}

/** What is said of `secrets` as a source. */
export interface ProgramSourceArgs {
  type: pulumi.Input<"program">;
  /** An empty `secrets` is meant, and removes what it supplied before. @default false */
  allowEmpty?: pulumi.Input<boolean | undefined>;
}

/** A secret of type PASSWORD: what a Git repository and `get_username_password` of Snowpark read. */
export interface PasswordSecretArgs {
  type: pulumi.Input<"password">;
  /** USERNAME in Snowflake. Kept as secret as the password. */
  username: pulumi.Input<string>;
  /** PASSWORD in Snowflake; of a Git repository the access token. */
  password: pulumi.Input<string>;
}

/**
 * A secret of type OAUTH2: a refresh token with its expiry, or scopes. `get_oauth_access_token` of Snowpark
 * reads it.
 */
export interface Oauth2SecretArgs {
  type: pulumi.Input<"oauth2">;
  /**
   * The exact name of the security integration. It is no secret: the state and the statement have it. Another
   * one replaces the secret.
   */
  apiAuthentication: pulumi.Input<string>;
  /** OAUTH_REFRESH_TOKEN in Snowflake. */
  oauthRefreshToken?: pulumi.Input<string | undefined>;
  /** OAUTH_REFRESH_TOKEN_EXPIRY_TIME in Snowflake, such as `2027-01-31` or `2027-01-31 12:00:00`. */
  oauthRefreshTokenExpiryTime?: pulumi.Input<string | undefined>;
  /** OAUTH_SCOPES in Snowflake, in place of a refresh token; they are no secret. */
  oauthScopes?: pulumi.Input<pulumi.Input<string>[] | undefined>;
}

/** The arguments of `ExportDestination`. */
export interface ExportDestinationArgs {
  /** Display name: letters, digits, `-`, `_`, `.`. A change replaces. @default the resource's name */
  name?: pulumi.Input<string | undefined>;
  /**
   * The organization that the destination belongs to: letters, digits, `-`, `_`, `.`, at most 256 characters.
   * A change replaces.
   */
  organizationId: pulumi.Input<string>;
  /**
   * A prefix of the names of secret and claim. Use one per environment if several environments share an AWS
   * account. A change replaces.
   * @default none
   */
  secretNamePrefix?: pulumi.Input<string | undefined>;
  /**
   * A fixed id: letters, digits, `-`, `_`, `.`, at most 256 characters; with it, the ARN stays the same when
   * the credentials change. A change replaces.
   * @default a derived id with a revision number
   */
  destinationId?: pulumi.Input<string | undefined>;
  /**
   * The AWS account, region and identity. Fields that are not set are taken from the environment, as by every
   * AWS tool.
   */
  aws?: pulumi.Input<ExportAwsArgs | undefined>;
  /** Which AWS Glue jobs prevent a disconnect while they run. */
  glue?: pulumi.Input<ExportGlueArgs | undefined>;
  /**
   * What to do if a secret of this destination with the same name is scheduled for deletion: fail with the
   * date, or restore and overwrite it. The secret of an active destination is always restored. A change only
   * updates the state.
   * @default "fail"
   */
  onPendingDeletion?: pulumi.Input<OnPendingDeletion | undefined>;
  /**
   * A service that returns this machine's public address as text. It is asked if the server does not report
   * the address, for the event `export_secret_ip_check`. `false` asks no service. A change only updates the
   * state.
   * @default https://checkip.amazonaws.com
   */
  egressIpService?: pulumi.Input<false | string | undefined>;
  /** Other addresses for the login that checks the credentials. A change is used by the next check. */
  validation?: pulumi.Input<ExportValidationArgs | undefined>;
  /**
   * Under which names the secret holds the credentials: `default` (the names of `credentials`), `glue` and
   * `athena` (the Snowflake connections of AWS Glue and Amazon Athena), `rds` (the names of Amazon RDS, for
   * PostgreSQL), or `custom` (those of `payloadNames`). A change replaces a working destination without a
   * gap, as changed credentials do.
   * @default `default`
   */
  payloadFormat?: pulumi.Input<PayloadFormat | undefined>;
  /**
   * With `payloadFormat: "custom"`, the name of each field of `credentials` in the secret: `{ username:
   * "DB_USER" }`. Letters, digits, `-`, `_`, `.`, at most 256 characters. Each secret field needs a name. Any
   * other field without a name is not stored. A change replaces, as one of `payloadFormat`.
   */
  payloadNames?: pulumi.Input<Record<string, pulumi.Input<string>> | undefined>;
  /**
   * Change it to try refused credentials (user, password, key, token) once more, for example after you
   * attached the key to the user. Refused credentials are not sent again by themselves, because services lock
   * accounts. Any other failure is tried again by the next `up`. On a working destination, a change only
   * updates the state.
   */
  retryTrigger?: pulumi.Input<string | number | boolean | undefined>;
  /**
   * The credentials for the export jobs. The state stores only keyed fingerprints of secret fields. A change
   * replaces a working destination without a gap: the new credentials are checked and stored, the claim
   * moves, then the old destination is disconnected. A failed destination is tried again in place.
   */
  credentials: pulumi.Input<ExportCredentialsArgs>;
}

/**
 * The AWS account, region and identity. Fields that are not set are taken from the environment, as by every
 * AWS tool.
 */
export interface ExportAwsArgs {
  /** A change replaces. @default AWS_REGION, or the profile's */
  region?: pulumi.Input<string | undefined>;
  /**
   * A profile of AWS's configuration files. A change is recorded; one that leads to another account replaces.
   */
  profile?: pulumi.Input<string | undefined>;
  /** The address of every service, an https:// URL (http:// on this machine only). A change replaces. */
  endpoint?: pulumi.Input<string | undefined>;
  /** A role to assume. A change is recorded; one that leads to another account replaces. */
  assumeRoleArn?: pulumi.Input<string | undefined>;
  /**
   * The key that encrypts the secret. A change updates. If you remove the argument, the secret keeps its key.
   * @default AWS's own key
   */
  kmsKeyId?: pulumi.Input<string | undefined>;
  /** Up to 35 tags of the secret, beside those of this package. A change updates. */
  tags?: pulumi.Input<Record<string, pulumi.Input<string>> | undefined>;
  /**
   * How many days, 7 to 30, a deleted secret can be restored. A change updates, and counts for the next
   * deletion.
   * @default 30
   */
  recoveryWindowInDays?: pulumi.Input<number | undefined>;
}

/** Which AWS Glue jobs prevent a disconnect while they run. */
export interface ExportGlueArgs {
  /**
   * Jobs whose runs prevent a disconnect, whatever their arguments are. With names, only the runs of these
   * jobs are read, which needs `glue:GetJobRuns` on them. A change updates.
   */
  jobNames?: pulumi.Input<pulumi.Input<string>[] | undefined>;
  /**
   * Also reads the runs of all other jobs in the account and region. A run prevents a disconnect if its
   * arguments, or those of its job, name the secret or the claim. Needs `glue:GetJobs` and `glue:GetJobRuns`
   * on all jobs. A change updates.
   * @default true without `jobNames`, false with them
   */
  scanAllJobs?: pulumi.Input<boolean | undefined>;
}

export type OnPendingDeletion = "fail" | "restore";

/** Where the log-in goes in place of the service's public address. */
export interface ExportValidationArgs {
  /**
   * The service's address, an https:// URL (http:// on this machine only): private link, a national cloud.
   */
  endpoint?: pulumi.Input<string | undefined>;
  /** The address of the log-in, where it is another one (Power BI: Entra). */
  authorityEndpoint?: pulumi.Input<string | undefined>;
}

export type PayloadFormat = "default" | "glue" | "athena" | "rds" | "custom";

/** The credentials of one of the types; no field of them reaches the state, but as a keyed fingerprint. */
export type ExportCredentialsArgs = SnowflakeExportCredentialsArgs | PostgresqlExportCredentialsArgs | QlikExportCredentialsArgs | PowerBiExportCredentialsArgs;

/**
 * The credentials of a Snowflake warehouse: exactly one of `password`, `token`, `privateKey` and
 * `oauthClientSecret`.
 */
export interface SnowflakeExportCredentialsArgs {
  type: pulumi.Input<"snowflake">;
  /** `<organization>-<account>`, or a locator with its region: `xy12345.us-east-1`. */
  account: pulumi.Input<string>;
  /** The warehouse that exports run in. */
  warehouse: pulumi.Input<string>;
  /** The database that exports go to. */
  database: pulumi.Input<string>;
  /** The user who logs in; a `token` or an OAuth client names its user by itself. */
  username?: pulumi.Input<string | undefined>;
  /**
   * `SNOWFLAKE_JWT` (a key pair), `PROGRAMMATIC_ACCESS_TOKEN` (a programmatic access token),
   * `OAUTH_CLIENT_CREDENTIALS` (an OAuth client) or `SNOWFLAKE` (a password); found from the credential when
   * absent.
   */
  authenticator?: pulumi.Input<string | undefined>;
  /** The user's password. */
  password?: pulumi.Input<string | undefined>;
  /** A programmatic access token. */
  token?: pulumi.Input<string | undefined>;
  /** An RSA key as PEM text (PKCS#8 or PKCS#1, encrypted or not); stored as unencrypted PKCS#8. */
  privateKey?: pulumi.Input<string | undefined>;
  /** Opens an encrypted `privateKey`; not stored. */
  privateKeyPassphrase?: pulumi.Input<string | undefined>;
  /** The id of an OAuth client. */
  oauthClientId?: pulumi.Input<string | undefined>;
  /** The secret of the OAuth client. */
  oauthClientSecret?: pulumi.Input<string | undefined>;
  /** The `https` address where the OAuth client gets its access token. */
  oauthTokenRequestUrl?: pulumi.Input<string | undefined>;
  /** The scope of the OAuth access token. @default `session:role:<role>` with a `role`, else none */
  oauthScope?: pulumi.Input<string | undefined>;
  /** Unset if empty, and then not sent. */
  role?: pulumi.Input<string | undefined>;
}

/** The credentials of a PostgreSQL server. */
export interface PostgresqlExportCredentialsArgs {
  type: pulumi.Input<"postgresql">;
  /** Host name or address. */
  host: pulumi.Input<string>;
  /** The server's port. @default 5432 */
  port?: pulumi.Input<number | undefined>;
  /** The database that exports go to. */
  database: pulumi.Input<string>;
  /** The user who logs in. */
  username: pulumi.Input<string>;
  /** The user's password. */
  password: pulumi.Input<string>;
  /**
   * As libpq has it: `disable`, `require` (encrypted, whoever answers; with `sslRootCertificate` as
   * `verify-ca`), `verify-ca`, `verify-full` (the name in the certificate must be the host's).
   * @default "require"
   */
  sslMode?: pulumi.Input<PostgresqlExportCredentialsSslMode | undefined>;
  /** The certificate authority of the server as PEM, where it is none that Node trusts. */
  sslRootCertificate?: pulumi.Input<string | undefined>;
}

export type PostgresqlExportCredentialsSslMode = "disable" | "require" | "verify-ca" | "verify-full";

/** The credentials of a Qlik Cloud tenant: an API key, or an OAuth client (`clientId` and `clientSecret`). */
export interface QlikExportCredentialsArgs {
  type: pulumi.Input<"qlik">;
  /** The tenant's host: `acme.eu.qlikcloud.com`. */
  tenant: pulumi.Input<string>;
  /** An API key, in place of an OAuth client. */
  apiKey?: pulumi.Input<string | undefined>;
  /** The id of an OAuth client, with `clientSecret`. */
  clientId?: pulumi.Input<string | undefined>;
  /** The secret of the OAuth client. */
  clientSecret?: pulumi.Input<string | undefined>;
}

/** The credentials of a Power BI workspace: an app registration (service principal) of Entra. */
export interface PowerBiExportCredentialsArgs {
  type: pulumi.Input<"power_bi">;
  /** The directory (tenant) id, or one of its domains. */
  tenant: pulumi.Input<string>;
  /** The workspace's id. */
  workspace: pulumi.Input<string>;
  /** The app registration's id. */
  clientId: pulumi.Input<string>;
  /** The app registration's secret. */
  clientSecret: pulumi.Input<string>;
}

/** The arguments of `SnowflakeExportDestination`. */
export interface SnowflakeExportDestinationArgs {
  /** Display name: letters, digits, `-`, `_`, `.`. A change replaces. @default the resource's name */
  name?: pulumi.Input<string | undefined>;
  /**
   * The organization that the destination belongs to: letters, digits, `-`, `_`, `.`, at most 256 characters.
   * A change replaces.
   */
  organizationId: pulumi.Input<string>;
  /**
   * A prefix of the names of secret and claim. Use one per environment if several environments share an AWS
   * account. A change replaces.
   * @default none
   */
  secretNamePrefix?: pulumi.Input<string | undefined>;
  /**
   * A fixed id: letters, digits, `-`, `_`, `.`, at most 256 characters; with it, the ARN stays the same when
   * the credentials change. A change replaces.
   * @default a derived id with a revision number
   */
  destinationId?: pulumi.Input<string | undefined>;
  /**
   * The AWS account, region and identity. Fields that are not set are taken from the environment, as by every
   * AWS tool.
   */
  aws?: pulumi.Input<ExportAwsArgs | undefined>;
  /** Which AWS Glue jobs prevent a disconnect while they run. */
  glue?: pulumi.Input<ExportGlueArgs | undefined>;
  /**
   * What to do if a secret of this destination with the same name is scheduled for deletion: fail with the
   * date, or restore and overwrite it. The secret of an active destination is always restored. A change only
   * updates the state.
   * @default "fail"
   */
  onPendingDeletion?: pulumi.Input<OnPendingDeletion | undefined>;
  /**
   * A service that returns this machine's public address as text. It is asked if the server does not report
   * the address, for the event `export_secret_ip_check`. `false` asks no service. A change only updates the
   * state.
   * @default https://checkip.amazonaws.com
   */
  egressIpService?: pulumi.Input<false | string | undefined>;
  /** Other addresses for the login that checks the credentials. A change is used by the next check. */
  validation?: pulumi.Input<ExportValidationArgs | undefined>;
  /**
   * Under which names the secret holds the credentials: `default` (the names of `credentials`), `glue` and
   * `athena` (the Snowflake connections of AWS Glue and Amazon Athena), `rds` (the names of Amazon RDS, for
   * PostgreSQL), or `custom` (those of `payloadNames`). A change replaces a working destination without a
   * gap, as changed credentials do.
   * @default `default`
   */
  payloadFormat?: pulumi.Input<PayloadFormat | undefined>;
  /**
   * With `payloadFormat: "custom"`, the name of each field of `credentials` in the secret: `{ username:
   * "DB_USER" }`. Letters, digits, `-`, `_`, `.`, at most 256 characters. Each secret field needs a name. Any
   * other field without a name is not stored. A change replaces, as one of `payloadFormat`.
   */
  payloadNames?: pulumi.Input<Record<string, pulumi.Input<string>> | undefined>;
  /**
   * Change it to try refused credentials (user, password, key, token) once more, for example after you
   * attached the key to the user. Refused credentials are not sent again by themselves, because services lock
   * accounts. Any other failure is tried again by the next `up`. On a working destination, a change only
   * updates the state.
   */
  retryTrigger?: pulumi.Input<string | number | boolean | undefined>;
  /**
   * The credentials for the export jobs. The state stores only keyed fingerprints of secret fields. A change
   * replaces a working destination without a gap: the new credentials are checked and stored, the claim
   * moves, then the old destination is disconnected. A failed destination is tried again in place.
   */
  credentials: pulumi.Input<SnowflakeCredentialsArgs>;
}

/**
 * The credentials of a Snowflake warehouse: exactly one of `password`, `token`, `privateKey` and
 * `oauthClientSecret`.
 */
export interface SnowflakeCredentialsArgs {
  /** Implied. */
  type?: pulumi.Input<"snowflake" | undefined>;
  /** `<organization>-<account>`, or a locator with its region: `xy12345.us-east-1`. */
  account: pulumi.Input<string>;
  /** The warehouse that exports run in. */
  warehouse: pulumi.Input<string>;
  /** The database that exports go to. */
  database: pulumi.Input<string>;
  /** The user who logs in; a `token` or an OAuth client names its user by itself. */
  username?: pulumi.Input<string | undefined>;
  /**
   * `SNOWFLAKE_JWT` (a key pair), `PROGRAMMATIC_ACCESS_TOKEN` (a programmatic access token),
   * `OAUTH_CLIENT_CREDENTIALS` (an OAuth client) or `SNOWFLAKE` (a password); found from the credential when
   * absent.
   */
  authenticator?: pulumi.Input<string | undefined>;
  /** The user's password. */
  password?: pulumi.Input<string | undefined>;
  /** A programmatic access token. */
  token?: pulumi.Input<string | undefined>;
  /** An RSA key as PEM text (PKCS#8 or PKCS#1, encrypted or not); stored as unencrypted PKCS#8. */
  privateKey?: pulumi.Input<string | undefined>;
  /** Opens an encrypted `privateKey`; not stored. */
  privateKeyPassphrase?: pulumi.Input<string | undefined>;
  /** The id of an OAuth client. */
  oauthClientId?: pulumi.Input<string | undefined>;
  /** The secret of the OAuth client. */
  oauthClientSecret?: pulumi.Input<string | undefined>;
  /** The `https` address where the OAuth client gets its access token. */
  oauthTokenRequestUrl?: pulumi.Input<string | undefined>;
  /** The scope of the OAuth access token. @default `session:role:<role>` with a `role`, else none */
  oauthScope?: pulumi.Input<string | undefined>;
  /** Unset if empty, and then not sent. */
  role?: pulumi.Input<string | undefined>;
}

/** The outputs of `SnowflakeSecretSync`. */
export interface SnowflakeSecretSyncOutputs {
  /** The record in the shape of Infisical's API. */
  readonly secretSync: pulumi.Output<SecretSyncRecord>;
  /** How the last sync ended. `pending`: changes wait for a manual sync. */
  readonly syncStatus: pulumi.Output<SyncStatus>;
  /** The id of the last sync that wrote, or tried to. Empty if there was none. */
  readonly lastSyncJobId: pulumi.Output<string>;
  /** Why the last sync failed, by key. Empty if it succeeded. */
  readonly lastSyncMessage: pulumi.Output<string>;
  /** The time of the last write (ISO 8601). Empty at first. */
  readonly lastSyncedAt: pulumi.Output<string>;
  /** The secrets of this sync, by their name in Snowflake. */
  readonly managedSecrets: pulumi.Output<Record<string, ManagedSecret>>;
  /**
   * The full name of each secret in Snowflake, by source key: `"DB"."SCHEMA"."NAME"`. Known in a preview if
   * the keys are known. It includes secrets that wait for a manual sync.
   */
  readonly secretIds: pulumi.Output<Record<string, string>>;
  /** The full names of all secrets, A to Z, for `ALLOWED_AUTHENTICATION_SECRETS` of an integration. */
  readonly secretIdList: pulumi.Output<string[]>;
  /** The connection that was used, without credentials. */
  readonly connectionInfo: pulumi.Output<ConnectionInfo>;
}

/** The record in the shape of Infisical's API. */
export interface SecretSyncRecord {
  readonly id: string;
  readonly name: string;
  readonly description: string | null;
  readonly isAutoSyncEnabled: boolean;
  readonly projectId: string | null;
  readonly folderId: string | null;
  readonly connectionId: string;
  /** ISO 8601. */
  readonly createdAt: string;
  /** ISO 8601. */
  readonly updatedAt: string;
  /** How the last sync ended. `pending`: changes wait for a manual sync. */
  readonly syncStatus: SyncStatus;
  readonly lastSyncJobId: string | null;
  readonly lastSyncMessage: string | null;
  readonly lastSyncedAt: string | null;
  /** How the sync treats secrets that already exist. */
  readonly syncOptions: SyncOptions;
  readonly connection: SecretSyncRecordConnection;
  readonly environment: SecretSyncRecordEnvironment;
  readonly folder: SecretSyncRecordFolder;
  readonly destination: "snowflake";
  /**
   * The schema that holds the secrets. A change replaces: the new schema is filled before the old one is
   * cleaned.
   */
  readonly destinationConfig: DestinationConfig;
}

/** How the last sync ended. `pending`: changes wait for a manual sync. */
export type SyncStatus = "succeeded" | "failed" | "pending";

/** How the sync treats secrets that already exist. */
export interface SyncOptions {
  /**
   * `overwrite-destination`: drops GENERIC_STRING secrets that match `keySchema` and that no source has, and
   * takes over secrets without an ownership comment. `preserve-destination`: keeps all secrets that this sync
   * did not write. Required, so that no one drops secrets by default.
   */
  readonly initialSyncBehavior: InitialSyncBehavior;
  /**
   * The template of the names in Snowflake: `{{secretKey}}` once, `{{environment}}` any number of times, and
   * letters, digits, `_`, `-`, `/`; up to 255 characters. Only secrets whose names match are altered or
   * dropped. A change creates the new names before it drops the old ones.
   * @default the key itself
   */
  readonly keySchema?: string | undefined;
  /** Never drop a secret. A destroy removes only the ownership comments. @default false */
  readonly disableSecretDeletion: boolean;
  /**
   * Which secrets of others this sync may take over: owner ids (32 hex digits), `unmarked` for secrets
   * without an ownership comment, `other-type` for secrets of another type, which are replaced and lose their
   * grants.
   * @default []
   */
  readonly takeOver: string[];
  /**
   * How many secrets an `up` may drop. An `up` that would drop more fails before it writes, and names them.
   * It does not limit a destroy.
   * @default no limit
   */
  readonly maxRemovals?: number | undefined;
}

export interface SecretSyncRecordConnection {
  readonly app: "snowflake";
  readonly name: string;
  readonly id: string;
}

export interface SecretSyncRecordEnvironment {
  readonly slug: string;
  readonly name: string;
  readonly id: string | null;
}

export interface SecretSyncRecordFolder {
  readonly id: string | null;
  readonly path: string;
}

/** The schema that holds the secrets, by its exact name. */
export interface DestinationConfig {
  /** The database's exact name, 1 to 255 characters. */
  readonly database: string;
  /** The schema's exact name, 1 to 255 characters. */
  readonly schema: string;
}

/** What the state says of one name in Snowflake. */
export interface ManagedSecret {
  /** The key at the source. */
  readonly sourceKey: string;
  /** Which source supplied it. */
  readonly source: string;
  /** Keyed, of the value that was last written; empty if none was. */
  readonly fingerprint: string;
  /**
   * `synced`: Snowflake holds the wanted value. `failed`: the last write did not succeed. `waiting`:
   * auto-sync is off. `ignored`: under ignoreChanges. `kept`: gone from the source; deletion is disabled.
   * After a refresh `drifted` (somebody changed it) or `missing` (not seen).
   */
  readonly state: ManagedSecretState;
  /** The role that owns it in Snowflake; empty if nothing was written. */
  readonly owner: string;
  /** The type in Snowflake. @default GENERIC_STRING */
  readonly type?: string | undefined;
  /** Of an OAUTH2 secret: its integration and which parts it has, which no ALTER changes. */
  readonly fixed?: string | undefined;
  /** When Snowflake made it, in epoch milliseconds, as it was read back. */
  readonly createdOn?: number | undefined;
}

/**
 * `synced`: Snowflake holds the wanted value. `failed`: the last write did not succeed. `waiting`: auto-sync
 * is off. `ignored`: under ignoreChanges. `kept`: gone from the source; deletion is disabled. After a refresh
 * `drifted` (somebody changed it) or `missing` (not seen).
 */
export type ManagedSecretState = "synced" | "failed" | "waiting" | "ignored" | "kept" | "drifted" | "missing";

/** The connection that was used, without credentials. */
export interface ConnectionInfo {
  readonly name: string;
  /** Region and locator, as Snowflake tells them. */
  readonly account: string;
  /** Which link of the connection chain supplied each field. */
  readonly provenance: Record<string, string>;
}

/** The outputs of `ExportDestination`. */
export interface ExportDestinationOutputs {
  /** The destination's id. After a failed attempt it differs from the resource's `id`. */
  readonly destinationId: pulumi.Output<string>;
  /** The status of the check. */
  readonly status: pulumi.Output<Status>;
  /** The status of the integration. */
  readonly integrationStatus: pulumi.Output<IntegrationStatus>;
  /** The non-sensitive fields of the credentials. */
  readonly destinationMetadata: pulumi.Output<Record<string, string | number>>;
  /** Absent until the credentials are stored. */
  readonly secretArn: pulumi.Output<string | undefined>;
  /**
   * `[<prefix>/]exports/org_<organizationId>/<name>_<destinationId>`; absent until the credentials are
   * stored.
   */
  readonly secretName: pulumi.Output<string | undefined>;
  /**
   * The name of the claim, which never changes: a secret without credentials. Its version stage `HOLDER`
   * names the active destination and its ARN.
   */
  readonly claimName: pulumi.Output<string>;
  /** Why the check failed, or what someone else changed. Empty if neither. */
  readonly errorMessage: pulumi.Output<string>;
  /** The public address of the machine that ran the last check. Empty if unknown. */
  readonly egressIp: pulumi.Output<string>;
  /** The newest is last. Old entries are removed. */
  readonly statusHistory: pulumi.Output<StatusChange[]>;
  /** The attempts to check credentials. The newest is last. Old entries are removed. */
  readonly attempts: pulumi.Output<Attempt[]>;
  /** ISO 8601. */
  readonly createdAt: pulumi.Output<string>;
  /** ISO 8601. Empty until the first successful check. */
  readonly validatedAt: pulumi.Output<string>;
}

/** The status of the check. */
export type Status = "Pending" | "Testing" | "Validated" | "Failed";

/** The status of the integration. */
export type IntegrationStatus = "Connected" | "Error" | "Disconnected";

/** An entry of `statusHistory`. */
export interface StatusChange {
  readonly destinationId: string;
  /** The status of the check. */
  readonly status: Status;
  /** The status of the integration. */
  readonly integrationStatus: IntegrationStatus;
  /** ISO 8601. */
  readonly at: string;
  readonly message?: string | undefined;
}

/** One try to validate credentials. */
export interface Attempt {
  readonly destinationId: string;
  readonly revision: number;
  /** The status of the check. */
  readonly status: Status;
  /** ISO 8601. */
  readonly startedAt: string;
  /** ISO 8601. */
  readonly endedAt?: string | undefined;
  readonly errorCode?: string | undefined;
  readonly errorMessage?: string | undefined;
  readonly egressIp?: string | undefined;
}

/**
 * How to reach Snowflake; what is not given here comes from the provider's settings or Pulumi config,
 * `SNOWFLAKE_*` or `connections.toml`.
 */
export interface Connection {
  /** What the connection is named in outputs. @default the profile's name, else the account */
  readonly name?: string | undefined;
  /** A connection of `connections.toml`. It takes precedence over Pulumi config and the environment. */
  readonly profile?: string | undefined;
  /** With `accountName`: the account as `organization-account`. */
  readonly organizationName?: string | undefined;
  /** The account's name within its organization. */
  readonly accountName?: string | undefined;
  /** The account identifier in one piece: `organization-account`, or a locator with its region. */
  readonly account?: string | undefined;
  /** The region of an account locator that is given without one: `eu-central-1`, `west-europe.azure`. */
  readonly region?: string | undefined;
  /** The user who logs in. */
  readonly user?: string | undefined;
  /** The user's password. */
  readonly password?: string | undefined;
  /** The private key of a key pair, as PEM text (PKCS#8 or PKCS#1, encrypted or not). */
  readonly privateKey?: string | undefined;
  /** A file with that text; `~` is the home folder, a relative path starts at the program's folder. */
  readonly privateKeyPath?: string | undefined;
  /** Opens an encrypted private key. */
  readonly privateKeyPassphrase?: string | undefined;
  /**
   * A programmatic access token, or what `authenticator` says: an OAuth access token, the identity token of a
   * workload.
   */
  readonly token?: string | undefined;
  /**
   * A file with the token: of a workload identity it is read again at each log-in. `~` is the home folder, a
   * relative path starts at the program's folder.
   */
  readonly tokenFilePath?: string | undefined;
  /**
   * The name of an environment variable with the token, such as the one that `id_tokens` of a GitLab job
   * declares.
   */
  readonly tokenVariable?: string | undefined;
  /**
   * `WORKLOAD_IDENTITY` (the identity of a workload), `SNOWFLAKE_JWT` (a key pair),
   * `PROGRAMMATIC_ACCESS_TOKEN` (a programmatic access token), `OAUTH` (an OAuth access token),
   * `OAUTH_CLIENT_CREDENTIALS` (an OAuth client), `SNOWFLAKE` (a password), `USERNAME_PASSWORD_MFA` (a
   * password and a second factor), `EXTERNALBROWSER` (the browser), `OAUTH_AUTHORIZATION_CODE` (the browser,
   * by OAuth) or `OKTA` (Okta); found from the credential when absent.
   */
  readonly authenticator?: string | undefined;
  /**
   * Who issues the workload's identity: `OIDC`, `AWS`, `AZURE` or `GCP`. With `OIDC` and no token, a GitHub
   * workflow asks GitHub for one.
   */
  readonly workloadIdentityProvider?: string | undefined;
  /**
   * The audience of the identity token. Set it where the user's `OIDC_AUDIENCE_LIST` names another one.
   * @default `snowflakecomputing.com`
   */
  readonly workloadIdentityAudience?: string | undefined;
  /**
   * With `AWS` or `GCP`: the roles or service accounts to impersonate, in this order, separated by commas.
   */
  readonly workloadIdentityImpersonationPath?: string | undefined;
  /**
   * With `AWS`: `"true"` sends a token of AWS's own issuer (`GetWebIdentityToken`) in place of a signed
   * request.
   */
  readonly workloadIdentityAwsUseOutboundToken?: string | undefined;
  /** With `AZURE`: the client id of a user-assigned managed identity. */
  readonly workloadIdentityAzureClientId?: string | undefined;
  /** With `AZURE`: the application id URI that the token is for. @default Snowflake's own */
  readonly workloadIdentityEntraResource?: string | undefined;
  /** The id of an OAuth client. */
  readonly oauthClientId?: string | undefined;
  /** The secret of an OAuth client. */
  readonly oauthClientSecret?: string | undefined;
  /** The `https` address where the OAuth client gets its access token. */
  readonly oauthTokenRequestUrl?: string | undefined;
  /**
   * With `OAUTH_AUTHORIZATION_CODE`: the `https` page where the user logs in with the browser.
   * @default Snowflake's own
   */
  readonly oauthAuthorizationUrl?: string | undefined;
  /**
   * With `OAUTH_AUTHORIZATION_CODE`: the address on this machine where the browser brings the code, as the
   * OAuth client allows it.
   * @default `http://127.0.0.1` with a free port
   */
  readonly oauthRedirectUri?: string | undefined;
  /** The scope of the OAuth access token. @default `session:role:<role>` with a `role`, else none */
  readonly oauthScope?: string | undefined;
  /** With `OKTA`: the user's page of Okta, `https://acme.okta.com`. `authenticator` may name it instead. */
  readonly oktaUrl?: string | undefined;
  /**
   * Whether a log-in with the browser is kept for the next process, in a file of the Snowflake driver:
   * `"true"` or `"false"`.
   * @default `"true"`
   */
  readonly clientStoreTemporaryCredential?: string | undefined;
  /**
   * Whether a log-in with a second factor is kept for the next process, in a file of the Snowflake driver:
   * `"true"` or `"false"`.
   * @default `"true"`
   */
  readonly clientRequestMfaToken?: string | undefined;
  /** The role of the session. @default the user's own */
  readonly role?: string | undefined;
  /** The warehouse of the session. Not needed. */
  readonly warehouse?: string | undefined;
  /** The host name, if Snowflake has another one in your network. `port` and `protocol` belong to it. */
  readonly host?: string | undefined;
  /** The port of `host`. */
  readonly port?: number | string | undefined;
  /** The protocol of `host`: `https` or `http`. */
  readonly protocol?: ConnectionProtocol | undefined;
  /**
   * An HTTP proxy for Snowflake alone; the fields that begin with `proxy` belong to it.
   * @default that of `HTTPS_PROXY`
   */
  readonly proxyHost?: string | undefined;
  /** The port of `proxyHost`. */
  readonly proxyPort?: number | string | undefined;
  /** How to speak to `proxyHost`: `http` or `https`. @default `http` */
  readonly proxyProtocol?: string | undefined;
  /** The user of `proxyHost`, where it needs a login. */
  readonly proxyUser?: string | undefined;
  /** The password of `proxyUser`. */
  readonly proxyPassword?: string | undefined;
  /**
   * Hosts of Snowflake that are reached without a proxy, as in `NO_PROXY`:
   * `.privatelink.snowflakecomputing.com`.
   */
  readonly noProxy?: string | undefined;
  /**
   * The number of statements that run at the same time in one session, 1 to 256. If Snowflake does not accept
   * so many, the run continues with fewer.
   * @default 32
   */
  readonly maxConcurrentStatements?: number | undefined;
}

/** What `listExportDestinations` is asked. */
export interface ListExportDestinationsQuery {
  /** The organization of the destinations. */
  readonly organizationId: string;
  /** Only of this type. @default every type */
  readonly type?: ExportType | undefined;
  /** Only with this prefix. @default those without one */
  readonly secretNamePrefix?: string | undefined;
  /**
   * The AWS account, region and identity. Fields that are not set are taken from the environment, as by every
   * AWS tool.
   */
  readonly aws?: AwsSettings | undefined;
}

/** A kind of warehouse that exports can go to. */
export type ExportType = "postgresql" | "power_bi" | "qlik" | "snowflake";

/** Which AWS, and as whom, for what only reads. */
export interface AwsSettings {
  /** @default AWS_REGION, or the profile's */
  readonly region?: string | undefined;
  /** A profile of AWS's configuration files. */
  readonly profile?: string | undefined;
  /** The address of every service, in place of AWS's own: an https:// URL (http:// on this machine only). */
  readonly endpoint?: string | undefined;
  /** A role to assume. */
  readonly assumeRoleArn?: string | undefined;
}

/** The same for the plugin's `listExportDestinations`. */
export interface ListExportDestinationsArgs {
  /** The organization of the destinations. */
  organizationId: pulumi.Input<string>;
  /** Only of this type. @default every type */
  type?: pulumi.Input<ExportType | undefined>;
  /** Only with this prefix. @default those without one */
  secretNamePrefix?: pulumi.Input<string | undefined>;
  /**
   * The AWS account, region and identity. Fields that are not set are taken from the environment, as by every
   * AWS tool.
   */
  aws?: pulumi.Input<AwsSettingsArgs | undefined>;
}

/** A destination as a listing shows it; it holds no field that is secret. */
export interface ListedDestination {
  readonly destinationId: string;
  readonly revision: number;
  readonly name: string;
  readonly organizationId: string;
  /** A kind of warehouse that exports can go to. */
  readonly type: ExportType;
  /**
   * `Connected`: the active destination. `Error`: stored, but not named by the claim, because an operation
   * was interrupted.
   */
  readonly integrationStatus: IntegrationStatus;
  readonly isArchived: boolean;
  /** The resource that created it, `organization/project/stack/name`. Absent if only tags are left. */
  readonly place?: string | undefined;
  /** The non-sensitive fields of the credentials. */
  readonly destinationMetadata: Record<string, string | number>;
  readonly secretName: string;
  /** Absent after the secret was deleted. */
  readonly secretArn?: string | undefined;
  /** ISO 8601. */
  readonly createdAt?: string | undefined;
  /** ISO 8601. */
  readonly archivedAt?: string | undefined;
  /** ISO 8601. */
  readonly disconnectedAt?: string | undefined;
  /** When the secret will be, or was, deleted. */
  readonly deletionDate?: string | undefined;
}

/** What `getExportDestination` is asked. */
export interface GetExportDestinationQuery {
  /** The organization of the destinations. */
  readonly organizationId: string;
  /** Only of this type. @default every type */
  readonly type?: ExportType | undefined;
  /** Only with this prefix. @default those without one */
  readonly secretNamePrefix?: string | undefined;
  /**
   * The AWS account, region and identity. Fields that are not set are taken from the environment, as by every
   * AWS tool.
   */
  readonly aws?: AwsSettings | undefined;
  /** The destination's id. */
  readonly destinationId: string;
}

/** The same for the plugin's `getExportDestination`. */
export interface GetExportDestinationArgs {
  /** The organization of the destinations. */
  organizationId: pulumi.Input<string>;
  /** Only of this type. @default every type */
  type?: pulumi.Input<ExportType | undefined>;
  /** Only with this prefix. @default those without one */
  secretNamePrefix?: pulumi.Input<string | undefined>;
  /**
   * The AWS account, region and identity. Fields that are not set are taken from the environment, as by every
   * AWS tool.
   */
  aws?: pulumi.Input<AwsSettingsArgs | undefined>;
  /** The destination's id. */
  destinationId: pulumi.Input<string>;
}

/** The arguments of a `Provider`, of the plugin. */
export interface ProviderArgs {
  /** A connection of `connections.toml`. It takes precedence over Pulumi config and the environment. */
  profile?: pulumi.Input<string | undefined>;
  /** With `accountName`: the account as `organization-account`. */
  organizationName?: pulumi.Input<string | undefined>;
  /** The account's name within its organization. */
  accountName?: pulumi.Input<string | undefined>;
  /** The account identifier in one piece: `organization-account`, or a locator with its region. */
  account?: pulumi.Input<string | undefined>;
  /** The region of an account locator that is given without one: `eu-central-1`, `west-europe.azure`. */
  region?: pulumi.Input<string | undefined>;
  /** The user who logs in. */
  user?: pulumi.Input<string | undefined>;
  /** The user's password. */
  password?: pulumi.Input<string | undefined>;
  /** The private key of a key pair, as PEM text (PKCS#8 or PKCS#1, encrypted or not). */
  privateKey?: pulumi.Input<string | undefined>;
  /** A file with that text; `~` is the home folder, a relative path starts at the program's folder. */
  privateKeyPath?: pulumi.Input<string | undefined>;
  /** Opens an encrypted private key. */
  privateKeyPassphrase?: pulumi.Input<string | undefined>;
  /**
   * A programmatic access token, or what `authenticator` says: an OAuth access token, the identity token of a
   * workload.
   */
  token?: pulumi.Input<string | undefined>;
  /**
   * A file with the token: of a workload identity it is read again at each log-in. `~` is the home folder, a
   * relative path starts at the program's folder.
   */
  tokenFilePath?: pulumi.Input<string | undefined>;
  /**
   * The name of an environment variable with the token, such as the one that `id_tokens` of a GitLab job
   * declares.
   */
  tokenVariable?: pulumi.Input<string | undefined>;
  /**
   * `WORKLOAD_IDENTITY` (the identity of a workload), `SNOWFLAKE_JWT` (a key pair),
   * `PROGRAMMATIC_ACCESS_TOKEN` (a programmatic access token), `OAUTH` (an OAuth access token),
   * `OAUTH_CLIENT_CREDENTIALS` (an OAuth client), `SNOWFLAKE` (a password), `USERNAME_PASSWORD_MFA` (a
   * password and a second factor), `EXTERNALBROWSER` (the browser), `OAUTH_AUTHORIZATION_CODE` (the browser,
   * by OAuth) or `OKTA` (Okta); found from the credential when absent.
   */
  authenticator?: pulumi.Input<string | undefined>;
  /**
   * Who issues the workload's identity: `OIDC`, `AWS`, `AZURE` or `GCP`. With `OIDC` and no token, a GitHub
   * workflow asks GitHub for one.
   */
  workloadIdentityProvider?: pulumi.Input<string | undefined>;
  /**
   * The audience of the identity token. Set it where the user's `OIDC_AUDIENCE_LIST` names another one.
   * @default `snowflakecomputing.com`
   */
  workloadIdentityAudience?: pulumi.Input<string | undefined>;
  /**
   * With `AWS` or `GCP`: the roles or service accounts to impersonate, in this order, separated by commas.
   */
  workloadIdentityImpersonationPath?: pulumi.Input<string | undefined>;
  /**
   * With `AWS`: `"true"` sends a token of AWS's own issuer (`GetWebIdentityToken`) in place of a signed
   * request.
   */
  workloadIdentityAwsUseOutboundToken?: pulumi.Input<string | undefined>;
  /** With `AZURE`: the client id of a user-assigned managed identity. */
  workloadIdentityAzureClientId?: pulumi.Input<string | undefined>;
  /** With `AZURE`: the application id URI that the token is for. @default Snowflake's own */
  workloadIdentityEntraResource?: pulumi.Input<string | undefined>;
  /** The id of an OAuth client. */
  oauthClientId?: pulumi.Input<string | undefined>;
  /** The secret of an OAuth client. */
  oauthClientSecret?: pulumi.Input<string | undefined>;
  /** The `https` address where the OAuth client gets its access token. */
  oauthTokenRequestUrl?: pulumi.Input<string | undefined>;
  /**
   * With `OAUTH_AUTHORIZATION_CODE`: the `https` page where the user logs in with the browser.
   * @default Snowflake's own
   */
  oauthAuthorizationUrl?: pulumi.Input<string | undefined>;
  /**
   * With `OAUTH_AUTHORIZATION_CODE`: the address on this machine where the browser brings the code, as the
   * OAuth client allows it.
   * @default `http://127.0.0.1` with a free port
   */
  oauthRedirectUri?: pulumi.Input<string | undefined>;
  /** The scope of the OAuth access token. @default `session:role:<role>` with a `role`, else none */
  oauthScope?: pulumi.Input<string | undefined>;
  /** With `OKTA`: the user's page of Okta, `https://acme.okta.com`. `authenticator` may name it instead. */
  oktaUrl?: pulumi.Input<string | undefined>;
  /**
   * Whether a log-in with the browser is kept for the next process, in a file of the Snowflake driver:
   * `"true"` or `"false"`.
   * @default `"true"`
   */
  clientStoreTemporaryCredential?: pulumi.Input<string | undefined>;
  /**
   * Whether a log-in with a second factor is kept for the next process, in a file of the Snowflake driver:
   * `"true"` or `"false"`.
   * @default `"true"`
   */
  clientRequestMfaToken?: pulumi.Input<string | undefined>;
  /** The role of the session. @default the user's own */
  role?: pulumi.Input<string | undefined>;
  /** The warehouse of the session. Not needed. */
  warehouse?: pulumi.Input<string | undefined>;
  /** The host name, if Snowflake has another one in your network. `port` and `protocol` belong to it. */
  host?: pulumi.Input<string | undefined>;
  /** The port of `host`. */
  port?: pulumi.Input<number | string | undefined>;
  /** The protocol of `host`: `https` or `http`. */
  protocol?: pulumi.Input<ConnectionProtocol | undefined>;
  /**
   * An HTTP proxy for Snowflake alone; the fields that begin with `proxy` belong to it.
   * @default that of `HTTPS_PROXY`
   */
  proxyHost?: pulumi.Input<string | undefined>;
  /** The port of `proxyHost`. */
  proxyPort?: pulumi.Input<number | string | undefined>;
  /** How to speak to `proxyHost`: `http` or `https`. @default `http` */
  proxyProtocol?: pulumi.Input<string | undefined>;
  /** The user of `proxyHost`, where it needs a login. */
  proxyUser?: pulumi.Input<string | undefined>;
  /** The password of `proxyUser`. */
  proxyPassword?: pulumi.Input<string | undefined>;
  /**
   * Hosts of Snowflake that are reached without a proxy, as in `NO_PROXY`:
   * `.privatelink.snowflakecomputing.com`.
   */
  noProxy?: pulumi.Input<string | undefined>;
  /**
   * The number of statements that run at the same time in one session, 1 to 256. If Snowflake does not accept
   * so many, the run continues with fewer.
   * @default 32
   */
  maxConcurrentStatements?: pulumi.Input<number | undefined>;
  /**
   * The Pulumi organization of the stack. Pulumi does not tell it to a plugin, and it is a part of the owner
   * id.
   * @default `organization`, the name that a file or bucket backend uses
   */
  organization?: pulumi.Input<string | undefined>;
}
