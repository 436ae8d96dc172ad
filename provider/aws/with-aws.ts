import type { GlueClient } from "@aws-sdk/client-glue";
import { ProviderError } from "../core/errors.js";
import type { Memory, Operation } from "../engine/operation.js";
import { type AwsClientConfig, type AwsSettings, buildAwsConfig } from "./aws-config.js";
import { mapAwsError } from "./aws-errors.js";
import { type Glue, openGlue } from "./glue.js";
import { defaultProfile, findProfileName } from "./profile.js";
import { openSecretsManager, type SecretsManager } from "./secrets-manager.js";

/** AWS as some settings lead to it: one account and region, and its services in the words of this package. */
export interface Aws {
  readonly accountId: string;
  readonly region: string;
  readonly secrets: SecretsManager;
  /** Opened when it is first asked for. */
  glue(): Promise<Glue>;
}

interface OpenAws extends Aws {
  /** Ends the sockets. */
  close(): void;
}

/** By settings; who the settings make us is asked once an operation, and so is a failure to find out. */
const connections: Memory<Map<string, Promise<OpenAws>>> = {
  create: () => new Map(),
  end: async (known) => {
    for (const opened of await Promise.allSettled(known.values())) {
      if (opened.status === "fulfilled") opened.value.close();
    }
  },
};

/**
 * Runs `work` with the account that the settings lead to. Within an operation whoever has the same settings shares the
 * connection, which ends with the operation; without one it ends with `work`.
 *
 * @throws `INVALID_INPUT` when no region is set, `AWS_FAILED` when credentials are missing or AWS cannot be reached.
 */
export async function withAws<T>(
  settings: AwsSettings,
  work: (aws: Aws) => Promise<T>,
  operation?: Operation,
): Promise<T> {
  if (operation !== undefined) return work(await recallAws(settings, operation));
  const aws = await openAws(settings);
  try {
    return await work(aws);
  } finally {
    aws.close();
  }
}

function recallAws(settings: AwsSettings, operation: Operation): Promise<OpenAws> {
  const known = operation.recall(connections);
  const found = known.get(keyOf(settings));
  if (found !== undefined) return found;
  const opened = openAws(settings);
  known.set(keyOf(settings), opened);
  // Who asks later names the region that was found here.
  return opened.then((aws) => {
    known.set(keyOf({ ...settings, region: aws.region }), opened);
    return aws;
  });
}

function keyOf({ region, profile, endpoint, assumeRoleArn }: AwsSettings): string {
  return JSON.stringify([region, profile, endpoint, assumeRoleArn]);
}

async function openAws(settings: AwsSettings): Promise<OpenAws> {
  const config = await buildAwsConfig(settings);
  const [{ SecretsManagerClient }, account] = await Promise.all([
    import("@aws-sdk/client-secrets-manager"),
    readAccount(config, settings),
  ]);
  const secretsClient = new SecretsManagerClient(config);
  let glueClient: GlueClient | undefined;
  return {
    ...account,
    secrets: await openSecretsManager(secretsClient),
    glue: async () => {
      const { GlueClient } = await import("@aws-sdk/client-glue");
      glueClient ??= new GlueClient(config);
      return openGlue(glueClient);
    },
    close: () => {
      secretsClient.destroy();
      glueClient?.destroy();
    },
  };
}

/**
 * What is denied where AWS does not tell who we are. It tells everybody, so it is the role on the way there; without
 * one only the network in between can refuse the call.
 */
function describeRight({ profile, assumeRoleArn }: AwsSettings): string {
  const name = findProfileName(profile);
  if (assumeRoleArn === undefined && name === defaultProfile) return "sts:GetCallerIdentity";
  const role = assumeRoleArn ?? `the role of profile ${JSON.stringify(name)}`;
  return `sts:AssumeRole on ${role}, also in the role's trust policy,`;
}

async function readAccount(
  config: AwsClientConfig,
  settings: AwsSettings,
): Promise<Pick<Aws, "accountId" | "region">> {
  const { STSClient, GetCallerIdentityCommand } = await import("@aws-sdk/client-sts");
  const client = new STSClient(config);
  let region: string | undefined;
  try {
    region = await resolveRegion(() => client.config.region());
    const { Account } = await client.send(new GetCallerIdentityCommand({}));
    if (Account === undefined) throw new Error("no account");
    return { accountId: Account, region };
  } catch (error) {
    throw mapAwsError(error, {
      operation: "find out the AWS account",
      target: config.endpoint ?? region ?? "AWS",
      action: describeRight(settings),
      profile: findProfileName(settings.profile),
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
      hint: "set AWS_REGION, aws.region (--aws-region on the command line), or a region in the AWS profile.",
    });
  }
}
