import type { ErrorCode } from "../../provider/core/errors.js";
import type { Properties } from "../../provider/engine/resource.js";

/** Stands for a value that a program takes from its config. */
export const secret = "…";

const sync = {
  destinationConfig: { database: "APP", schema: "SECRETS" },
  syncOptions: { initialSyncBehavior: "overwrite-destination" },
};
const destination = { organizationId: "acme" };
const snowflake = {
  account: "acme-prod",
  warehouse: "EXPORT_WH",
  database: "ANALYTICS",
  username: "EXPORT_USER",
};

const { username: _username, ...warehouse } = snowflake;
const oauthClient = {
  ...warehouse,
  authenticator: "OAUTH_CLIENT_CREDENTIALS",
  oauthClientId: "exports",
  oauthClientSecret: secret,
  oauthTokenRequestUrl: "https://login.acme.com/oauth2/token",
  oauthScope: "session:role:EXPORTER",
};

const keyChoice = { keys: ["BILLING_*"], prefix: "BILLING_", rename: { KEY: "API_KEY" } };

const vaultLogins = [
  { method: "token", token: secret },
  { method: "approle", roleId: "7e9c4a60", secretId: secret, mount: "approle-ci" },
  { method: "jwt", role: "ci", jwt: secret, audience: "https://vault.acme.com", mount: "github" },
  { method: "kubernetes", role: "billing", tokenFile: "/var/run/secrets/vault/token", mount: "eks" },
  { method: "aws", role: "ci", serverId: "vault.acme.com", region: "eu-central-1", mount: "aws-prod" },
];

/**
 * Arguments in which every option stands at least once, with a value as a program would give it: the reference shows
 * it. Several for a resource, because some options exclude others.
 */
export const optionExamples: Readonly<Record<string, readonly Properties[]>> = {
  SnowflakeSecretSync: [
    { ...sync, connection: { profile: "production" }, sources: [{ type: "dotenv" }] },
    {
      ...sync,
      name: "billing-api",
      description: "Secrets of the billing API",
      environment: "prod",
      secretPath: "/billing",
      syncOptions: {
        initialSyncBehavior: "overwrite-destination",
        keySchema: "{{environment}}_{{secretKey}}",
        disableSecretDeletion: true,
        takeOver: ["unmarked"],
        maxRemovals: 5,
      },
      isAutoSyncEnabled: false,
      syncTrigger: "2026-11-25",
      rewriteTrigger: 2,
      connection: {
        name: "production",
        profile: "production",
        organizationName: "acme",
        accountName: "prod",
        account: "acme-prod",
        region: "eu-central-1",
        user: "PULUMI",
        privateKey: secret,
        privateKeyPassphrase: secret,
        authenticator: "SNOWFLAKE_JWT",
        role: "SYNC_ROLE",
        warehouse: "ADMIN_WH",
        host: "acme-prod.privatelink.snowflakecomputing.com",
        port: 443,
        protocol: "https",
        proxyHost: "proxy.acme.com",
        proxyPort: 3128,
        proxyProtocol: "http",
        proxyUser: "pulumi",
        proxyPassword: secret,
        noProxy: ".privatelink.snowflakecomputing.com",
        maxConcurrentStatements: 32,
      },
      sources: [
        {
          type: "infisical",
          projectId: "3c90c3cc-0d44-4b50-8888-8dd25736052a",
          environment: "prod",
          secretPath: "/billing",
          recursive: true,
          includeImports: false,
          expandSecretReferences: false,
          tagSlugs: ["warehouse"],
          siteUrl: "https://infisical.acme.com",
          auth: { method: "token", token: secret },
          ...keyChoice,
          allowEmpty: true,
        },
        {
          type: "infisical",
          projectId: "3c90c3cc-0d44-4b50-8888-8dd25736052a",
          auth: { method: "universal", clientId: secret, clientSecret: secret },
        },
        {
          type: "infisical",
          projectId: "3c90c3cc-0d44-4b50-8888-8dd25736052a",
          auth: { method: "oidc", identityId: secret, jwt: secret },
        },
        {
          type: "infisical",
          projectId: "3c90c3cc-0d44-4b50-8888-8dd25736052a",
          auth: { method: "aws", identityId: secret },
        },
        {
          type: "aws-secrets-manager",
          secretId: "prod/billing",
          format: "plain",
          key: "BILLING",
          versionStage: "AWSPREVIOUS",
          aws: {
            region: "eu-central-1",
            profile: "production",
            endpoint: "https://vpce-0a1b.secretsmanager.eu-central-1.vpce.amazonaws.com",
            assumeRoleArn: "arn:aws:iam::123456789012:role/reader",
          },
          ...keyChoice,
          allowEmpty: true,
        },
        { type: "aws-secrets-manager", secretId: "prod/billing", objectsAsJson: true },
        {
          type: "aws-ssm",
          path: "/prod/billing",
          recursive: true,
          separator: "/",
          aws: { region: "eu-central-1" },
          ...keyChoice,
          allowEmpty: true,
        },
        ...vaultLogins.map((auth) => ({
          type: "vault",
          path: "billing/prod",
          auth,
        })),
        {
          type: "vault",
          address: "https://vault.acme.com:8200",
          namespace: "platform",
          mount: "kv",
          path: "billing",
          recursive: true,
          separator: "/",
          kvVersion: 2,
          caFile: "/etc/ssl/acme.pem",
          objectsAsJson: true,
          ...keyChoice,
          allowEmpty: true,
        },
        { type: "vault", path: "billing/prod", version: 3 },
        { type: "dotenv", path: ".env.production", ...keyChoice, allowEmpty: true },
        {
          type: "environment",
          allowEmptyValues: true,
          ...keyChoice,
          allowEmpty: true,
        },
        {
          type: "command",
          command: ["vault", "kv", "get", "-format=json", "secret/billing"],
          format: "json",
          select: "data.data",
          objectsAsJson: true,
          environment: { VAULT_TOKEN: secret },
          passEnvironment: ["VAULT_*"],
          workingDirectory: "secrets",
          timeoutMs: 10_000,
          ...keyChoice,
          allowEmpty: true,
        },
        { type: "program", allowEmpty: true },
      ],
      secrets: { API_KEY: secret },
      fingerprintKey: secret,
    },
    { ...sync, secrets: { GIT: { type: "password", username: "deploy-bot", password: secret } } },
    {
      ...sync,
      typedSecrets: { GIT: { type: "password", username: "GIT_USERNAME", password: "GIT_TOKEN" } },
    },
    { ...sync, connection: { password: secret } },
    { ...sync, connection: { privateKeyPath: "~/.snowflake/rsa_key.p8" } },
    { ...sync, connection: { token: secret } },
    {
      ...sync,
      connection: {
        authenticator: "WORKLOAD_IDENTITY",
        workloadIdentityProvider: "OIDC",
        workloadIdentityAudience: "snowflakecomputing.com",
        tokenFilePath: "/var/run/secrets/snowflake/token",
      },
    },
    { ...sync, connection: { tokenVariable: "SNOWFLAKE_ID_TOKEN" } },
    {
      ...sync,
      connection: {
        workloadIdentityImpersonationPath: "arn:aws:iam::123456789012:role/snowflake",
        workloadIdentityAwsUseOutboundToken: "true",
      },
    },
    {
      ...sync,
      connection: {
        workloadIdentityAzureClientId: "3c90c3cc-0d44-4b50-8888-8dd25736052a",
        workloadIdentityEntraResource: "api://fd3f753b-eed3-462c-b6a7-a4b5bb650aad",
      },
    },
    {
      ...sync,
      connection: {
        oauthClientId: "pulumi",
        oauthClientSecret: secret,
        oauthTokenRequestUrl: "https://login.acme.com/oauth2/token",
        oauthScope: "session:role:SYNC_ROLE",
        oauthAuthorizationUrl: "https://login.acme.com/oauth2/authorize",
        oauthRedirectUri: "http://127.0.0.1:8001",
        clientStoreTemporaryCredential: "false",
      },
    },
    {
      ...sync,
      connection: { oktaUrl: "https://acme.okta.com", clientRequestMfaToken: "false" },
    },
  ],
  ExportDestination: [
    {
      ...destination,
      aws: { region: "eu-central-1" },
      credentials: { type: "qlik", tenant: "acme.eu.qlikcloud.com", apiKey: secret },
    },
    {
      ...destination,
      name: "nightly",
      secretNamePrefix: "prod/exports",
      destinationId: "warehouse-1",
      aws: {
        region: "eu-central-1",
        profile: "production",
        endpoint: "https://vpce-0a1b.secretsmanager.eu-central-1.vpce.amazonaws.com",
        assumeRoleArn: "arn:aws:iam::123456789012:role/exports",
        kmsKeyId: "alias/exports",
        tags: { team: "data" },
        recoveryWindowInDays: 14,
      },
      glue: { jobNames: ["nightly-export"], scanAllJobs: true },
      onPendingDeletion: "restore",
      egressIpService: "https://checkip.amazonaws.com",
      validation: {
        endpoint: "https://api.powerbigov.us",
        authorityEndpoint: "https://login.microsoftonline.us",
      },
      payloadFormat: "custom",
      payloadNames: { username: "DB_USER", privateKey: "DB_KEY", role: "DB_ROLE" },
      retryTrigger: "2026-11-25",
      credentials: {
        type: "snowflake",
        ...snowflake,
        privateKey: secret,
        privateKeyPassphrase: secret,
        role: "EXPORTER",
      },
    },
    { ...destination, credentials: { type: "snowflake", ...snowflake, password: secret } },
    { ...destination, credentials: { type: "snowflake", ...snowflake, token: secret } },
    { ...destination, credentials: { type: "snowflake", ...oauthClient } },
    {
      ...destination,
      credentials: {
        type: "postgresql",
        host: "db.acme.com",
        port: 5432,
        database: "analytics",
        username: "export",
        password: secret,
        sslMode: "verify-full",
        sslRootCertificate: "-----BEGIN CERTIFICATE-----\nMIID",
      },
    },
    {
      ...destination,
      credentials: {
        type: "qlik",
        tenant: "acme.eu.qlikcloud.com",
        clientId: "b1946ac9",
        clientSecret: secret,
      },
    },
    {
      ...destination,
      credentials: {
        type: "power_bi",
        tenant: "acme.onmicrosoft.com",
        workspace: "f089354e-8366-4e18-aea3-4cb4a3a50b48",
        clientId: "b1946ac9-2492-4d23-a7e0-5f1e2d3c4b5a",
        clientSecret: secret,
      },
    },
  ],
  SnowflakeExportDestination: [
    {
      ...destination,
      credentials: {
        ...snowflake,
        privateKey: secret,
        privateKeyPassphrase: secret,
        role: "EXPORTER",
      },
    },
    { ...destination, credentials: { ...snowflake, password: secret } },
    { ...destination, credentials: { ...snowflake, token: secret } },
    { ...destination, credentials: oauthClient },
  ],
};

const login: readonly ErrorCode[] = ["AUTHENTICATION_FAILED", "NETWORK_POLICY"];
const validation: readonly ErrorCode[] = [
  "CREDENTIALS_REJECTED",
  "NETWORK_POLICY",
  "UNREACHABLE",
  "TIMED_OUT",
];

/** What else an option may come to, once its value is well formed: by type and option. */
export const optionErrors: Readonly<Record<string, readonly ErrorCode[]>> = {
  "SnowflakeSecretSync.connection": [
    "CONNECTION_INCOMPLETE",
    ...login,
    "UNREACHABLE",
    "TIMED_OUT",
    "WRONG_ACCOUNT",
  ],
  "SnowflakeSecretSync.destinationConfig": ["NOT_FOUND", "PRIVILEGE_MISSING", "NOT_OURS"],
  "SnowflakeSecretSync.sources": ["SOURCE_FAILED"],
  "SnowflakeSecretSync.secrets": ["PARTLY_DONE", "STATEMENT_FAILED"],
  "DestinationConfig.database": ["NOT_FOUND"],
  "DestinationConfig.schema": ["NOT_FOUND", "PRIVILEGE_MISSING"],
  "SyncOptions.takeOver": ["NOT_OURS"],
  "SyncOptions.maxRemovals": ["REMOVAL_LIMIT"],
  "Connection.profile": ["CONNECTION_INCOMPLETE"],
  "Connection.account": ["UNREACHABLE", "WRONG_ACCOUNT"],
  "Connection.user": login,
  "Connection.password": login,
  "Connection.privateKey": login,
  "Connection.privateKeyPath": login,
  "Connection.token": login,
  "Connection.tokenFilePath": login,
  "Connection.tokenVariable": login,
  "Connection.workloadIdentityProvider": login,
  "Connection.workloadIdentityAudience": login,
  "Connection.oauthClientSecret": login,
  "Connection.authenticator": login,
  "Connection.oktaUrl": login,
  "Connection.oauthAuthorizationUrl": ["TIMED_OUT"],
  "Connection.oauthTokenRequestUrl": [...login, "UNREACHABLE"],
  "Connection.role": ["PRIVILEGE_MISSING"],
  "Connection.host": ["UNREACHABLE"],
  "InfisicalSource.auth": ["SOURCE_FAILED"],
  "InfisicalSource.projectId": ["SOURCE_FAILED"],
  "InfisicalSource.siteUrl": ["SOURCE_FAILED"],
  "AwsSecretsManagerSource.secretId": ["SOURCE_FAILED"],
  "AwsSsmSource.path": ["SOURCE_FAILED"],
  "DotenvSource.path": ["SOURCE_FAILED"],
  "EnvironmentSource.keys": ["SOURCE_FAILED"],
  "CommandSource.command": ["SOURCE_FAILED"],
  "ExportDestination.organizationId": ["INTEGRATION_EXISTS"],
  "ExportDestination.credentials": validation,
  "ExportDestination.destinationId": ["NOT_OURS"],
  "ExportDestination.onPendingDeletion": ["PENDING_DELETION"],
  "ExportDestination.aws": ["AWS_FAILED", "WRONG_ACCOUNT"],
  "ExportDestination.glue": ["EXPORT_RUNNING", "UNPROVEN"],
  "ExportDestination.validation": ["UNREACHABLE"],
  "ExportDestination.payloadFormat": validation,
  "ExportDestination.payloadNames": validation,
  "ExportDestination.retryTrigger": ["CREDENTIALS_REJECTED"],
  "ExportAws.kmsKeyId": ["AWS_FAILED"],
  "ExportAws.assumeRoleArn": ["AWS_FAILED", "WRONG_ACCOUNT"],
  "ExportGlue.jobNames": ["EXPORT_RUNNING"],
};
