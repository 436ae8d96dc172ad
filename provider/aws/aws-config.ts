import type { Agent as HttpAgent } from "node:http";
import type { SecretsManagerClientConfig } from "@aws-sdk/client-secrets-manager";
import { hasProxy } from "../core/proxy.js";

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
  readonly requestHandler: {
    readonly connectionTimeout: number;
    readonly requestTimeout: number;
    readonly throwOnRequestTimeout: true;
    readonly httpAgent?: HttpAgent;
    readonly httpsAgent?: HttpAgent;
  };
}

/** How often the SDK tries a call that failed for a passing reason, with its own back-off. */
const maxAttempts = 4;
const connectionTimeoutMs = 5_000;
const requestTimeoutMs = 15_000;

/** The configuration for a client of any AWS service. */
export async function buildAwsConfig(settings: AwsSettings): Promise<AwsClientConfig> {
  const { region, profile, endpoint, assumeRoleArn } = settings;
  const requestHandler = await buildRequestHandler();
  return {
    ...(region === undefined ? {} : { region }),
    ...(profile === undefined ? {} : { profile }),
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(assumeRoleArn === undefined && profile === undefined
      ? {}
      : { credentials: await buildCredentials(settings, requestHandler) }),
    maxAttempts,
    requestHandler,
  };
}

/** What the SDK builds each client's own handler with. It knows no proxy by itself. */
async function buildRequestHandler(): Promise<AwsClientConfig["requestHandler"]> {
  const limits = {
    connectionTimeout: connectionTimeoutMs,
    requestTimeout: requestTimeoutMs,
    // Without it the SDK writes a warning to stderr, and waits on.
    throwOnRequestTimeout: true,
  } as const;
  if (!hasProxy()) return limits;
  const { ProxyAgent } = await import("../core/proxy-agent.js");
  const agent = new ProxyAgent({ keepAlive: true });
  return { ...limits, httpAgent: agent, httpsAgent: agent };
}

async function buildCredentials(
  settings: AwsSettings,
  requestHandler: AwsClientConfig["requestHandler"],
): Promise<AwsCredentials> {
  const { region, profile, endpoint, assumeRoleArn } = settings;
  const { fromNodeProviderChain, fromTemporaryCredentials } = await import("@aws-sdk/credential-providers");
  const own = fromNodeProviderChain({
    ...(profile === undefined ? {} : { profile }),
    clientConfig: { requestHandler },
  });
  if (assumeRoleArn === undefined) return own;
  return fromTemporaryCredentials({
    masterCredentials: own,
    params: { RoleArn: assumeRoleArn, RoleSessionName: "pulumi-snowflake-secrets" },
    clientConfig: {
      ...(region === undefined ? {} : { region }),
      ...(endpoint === undefined ? {} : { endpoint }),
      requestHandler,
    },
  });
}
