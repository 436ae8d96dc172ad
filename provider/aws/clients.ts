import type { GlueClient } from "@aws-sdk/client-glue";
import type { SecretsManagerClient, SecretsManagerClientConfig } from "@aws-sdk/client-secrets-manager";
import { ProviderError } from "../core/errors.js";
import { mapAwsError } from "./aws-errors.js";

// On Node 20 the SDK would print seven lines into every preview; this package says itself which Node it needs.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

/** Where AWS is, and as whom we call it. What is absent comes from the environment, as for every AWS tool. */
export interface AwsSettings {
  readonly region?: string | undefined;
  /** A profile of the shared configuration files. */
  readonly profile?: string | undefined;
  /** The address of every service, in place of AWS's own (an interface endpoint, an emulator). */
  readonly endpoint?: string | undefined;
  /** A role to assume with the credentials found. */
  readonly assumeRoleArn?: string | undefined;
}

type AwsCredentials = NonNullable<SecretsManagerClientConfig["credentials"]>;

/** What the clients of the AWS SDK are built with. */
export interface AwsClientConfig {
  readonly region?: string;
  readonly profile?: string;
  readonly endpoint?: string;
  readonly credentials?: AwsCredentials;
  readonly maxAttempts: number;
  readonly requestHandler: { readonly connectionTimeout: number; readonly requestTimeout: number };
}

/** How often the SDK tries a call that failed for a passing reason, with its own back-off. */
const maxAttempts = 4;
const connectionTimeoutMs = 5_000;
const requestTimeoutMs = 15_000;

/** The configuration for a client of any AWS service. */
export async function buildAwsConfig(settings: AwsSettings): Promise<AwsClientConfig> {
  const { region, profile, endpoint, assumeRoleArn } = settings;
  return {
    ...(region === undefined ? {} : { region }),
    ...(profile === undefined ? {} : { profile }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(assumeRoleArn === undefined && profile === undefined
      ? {}
      : { credentials: await buildCredentials(settings) }),
    maxAttempts,
    requestHandler: { connectionTimeout: connectionTimeoutMs, requestTimeout: requestTimeoutMs },
  };
}

async function buildCredentials(settings: AwsSettings): Promise<AwsCredentials> {
  const { region, profile, endpoint, assumeRoleArn } = settings;
  const { fromNodeProviderChain, fromTemporaryCredentials } = await import("@aws-sdk/credential-providers");
  const own = fromNodeProviderChain({ ...(profile === undefined ? {} : { profile }) });
  if (assumeRoleArn === undefined) return own;
  return fromTemporaryCredentials({
    masterCredentials: own,
    params: { RoleArn: assumeRoleArn, RoleSessionName: "pulumi-snowflake-secrets" },
    clientConfig: {
      ...(region === undefined ? {} : { region }),
      ...(endpoint === undefined ? {} : { endpoint }),
    },
  });
}

/** The clients of one operation; `close` ends their sockets. */
export interface AwsClients {
  readonly region: string;
  readonly accountId: string;
  readonly secretsManager: SecretsManagerClient;
  glue(): Promise<GlueClient>;
}

/**
 * Runs `work` with clients for the account that the settings lead to, and closes them.
 *
 * @throws `AWS_FAILED` when region or credentials are missing, or AWS cannot be reached.
 */
export async function withAwsClients<T>(
  settings: AwsSettings,
  work: (clients: AwsClients) => Promise<T>,
): Promise<T> {
  const config = await buildAwsConfig(settings);
  const [{ SecretsManagerClient }, identity] = await Promise.all([
    import("@aws-sdk/client-secrets-manager"),
    readIdentity(config),
  ]);
  const secretsManager = new SecretsManagerClient(config);
  let glueClient: GlueClient | undefined;
  try {
    return await work({
      ...identity,
      secretsManager,
      glue: async () => {
        const { GlueClient } = await import("@aws-sdk/client-glue");
        glueClient ??= new GlueClient(config);
        return glueClient;
      },
    });
  } finally {
    secretsManager.destroy();
    glueClient?.destroy();
  }
}

/** The account and the region that the settings lead to. */
export async function resolveAwsIdentity(
  settings: AwsSettings,
): Promise<{ accountId: string; region: string }> {
  return readIdentity(await buildAwsConfig(settings));
}

async function readIdentity(config: AwsClientConfig): Promise<{ accountId: string; region: string }> {
  const { STSClient, GetCallerIdentityCommand } = await import("@aws-sdk/client-sts");
  const client = new STSClient(config);
  try {
    const region = await resolveRegion(() => client.config.region());
    const { Account } = await client.send(new GetCallerIdentityCommand({}));
    if (Account === undefined) throw new Error("no account");
    return { accountId: Account, region };
  } catch (error) {
    throw mapAwsError(error, {
      operation: "find out the AWS account",
      target: config.endpoint ?? config.region ?? "AWS",
      action: "sts:GetCallerIdentity",
    });
  } finally {
    client.destroy();
  }
}

async function resolveRegion(read: () => Promise<string>): Promise<string> {
  try {
    return await read();
  } catch {
    throw new ProviderError("INVALID_INPUT", {
      operation: "no AWS region is set",
      target: "aws.region",
      hint: "set aws.region, AWS_REGION, or a region in the profile.",
    });
  }
}
