import { CreateJobCommand, GlueClient, StartJobRunCommand } from "@aws-sdk/client-glue";
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  type DescribeSecretCommandOutput,
  GetSecretValueCommand,
  ListSecretsCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  RemoveRegionsFromReplicationCommand,
  ReplicateSecretToRegionsCommand,
  ResourceNotFoundException,
  RestoreSecretCommand,
  SecretsManagerClient,
  TagResourceCommand,
} from "@aws-sdk/client-secrets-manager";
import type { ProxyState } from "./proxy.js";

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

/** The states that a Glue run can be in. */
export type RunState =
  | "STARTING"
  | "RUNNING"
  | "STOPPING"
  | "WAITING"
  | "STOPPED"
  | "SUCCEEDED"
  | "FAILED"
  | "TIMEOUT"
  | "ERROR"
  | "EXPIRED";

/** What a test sees of a secret. */
export interface SeenSecret {
  readonly name: string;
  readonly arn: string;
  readonly description: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  /** Set while the secret is scheduled for deletion. */
  readonly deletedDate: Date | undefined;
  /** The id of the current version. */
  readonly versionId: string | undefined;
  /** Staging labels by version id. */
  readonly versions: Readonly<Record<string, readonly string[]>>;
  /** The current value; undefined while the secret is scheduled for deletion. */
  readonly value: string | undefined;
}

/** A control API for tests to what is in AWS: past the proxy, so neither counted nor hit by faults. */
export interface ControlApi {
  /** All names, also of secrets that are scheduled for deletion, A to Z. */
  secretNames(): Promise<string[]>;
  /** The secret with its value, or undefined if there is none of this name or ARN. */
  secret(nameOrArn: string): Promise<SeenSecret | undefined>;
  /** The value of a version or of a staging label. */
  valueOf(
    nameOrArn: string,
    version: { versionId?: string; versionStage?: string },
  ): Promise<string | undefined>;
  /** Makes a secret as somebody else would. */
  createSecret(name: string, value: string, tags?: Readonly<Record<string, string>>): Promise<void>;
  /** Restores a secret as somebody else would. */
  restoreSecret(nameOrArn: string): Promise<void>;
  /** Changes a value as somebody else would. */
  putValue(nameOrArn: string, value: string): Promise<void>;
  /** Replicates a secret as somebody else would. */
  replicate(nameOrArn: string, regions: readonly string[]): Promise<void>;
  removeReplicas(nameOrArn: string, regions: readonly string[]): Promise<void>;
  /** Sets tags as somebody else would. */
  tag(nameOrArn: string, tags: Readonly<Record<string, string>>): Promise<void>;
  /** Deletes as somebody else would: at once, or scheduled. */
  deleteSecret(nameOrArn: string, how: "at once" | "scheduled"): Promise<void>;
  /** Makes Glue jobs, with room for any number of runs and the given default arguments. */
  createJobs(names: readonly string[], defaultArguments?: Readonly<Record<string, string>>): Promise<void>;
  /** Starts a run and holds it in a state. @returns the run's id */
  startRun(
    jobName: string,
    options?: { readonly state?: RunState; readonly arguments?: Readonly<Record<string, string>> },
  ): Promise<string>;
  setRunState(runId: string, state: RunState): void;
}

interface Connection {
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

export function openControlApi(state: ProxyState, connection: Connection): ControlApi & { close(): void } {
  const settings = { ...connection, endpoint: state.upstream };
  const secrets = new SecretsManagerClient(settings);
  const glue = new GlueClient(settings);

  async function secretNames(): Promise<string[]> {
    const names: string[] = [];
    let token: string | undefined;
    do {
      const page = await secrets.send(
        new ListSecretsCommand({ IncludePlannedDeletion: true, NextToken: token }),
      );
      for (const entry of page.SecretList ?? []) if (entry.Name !== undefined) names.push(entry.Name);
      token = page.NextToken;
    } while (token !== undefined);
    return names.sort();
  }

  async function secret(nameOrArn: string): Promise<SeenSecret | undefined> {
    const described = await orUndefined(secrets.send(new DescribeSecretCommand({ SecretId: nameOrArn })));
    if (described === undefined) return undefined;
    const marked = described.DeletedDate !== undefined;
    const current = marked
      ? undefined
      : await orUndefined(secrets.send(new GetSecretValueCommand({ SecretId: nameOrArn })));
    const listed = marked
      ? undefined
      : await secrets.send(new ListSecretVersionIdsCommand({ SecretId: nameOrArn, IncludeDeprecated: true }));
    const versions: Record<string, readonly string[]> = {};
    for (const { VersionId, VersionStages } of listed?.Versions ?? []) {
      if (VersionId !== undefined) versions[VersionId] = VersionStages ?? [];
    }
    return {
      name: described.Name ?? "",
      arn: described.ARN ?? "",
      description: described.Description,
      tags: tagsOf(described),
      deletedDate: described.DeletedDate,
      versionId: current?.VersionId,
      versions,
      value: current?.SecretString,
    };
  }

  return {
    secretNames,
    secret,
    valueOf: async (nameOrArn, { versionId, versionStage }) => {
      const request = { SecretId: nameOrArn, VersionId: versionId, VersionStage: versionStage };
      return (await orUndefined(secrets.send(new GetSecretValueCommand(request))))?.SecretString;
    },
    createSecret: async (name, value, tags = {}) => {
      const Tags = toTagList(tags);
      await secrets.send(new CreateSecretCommand({ Name: name, SecretString: value, Tags }));
    },
    restoreSecret: async (nameOrArn) => {
      await secrets.send(new RestoreSecretCommand({ SecretId: nameOrArn }));
    },
    putValue: async (nameOrArn, value) => {
      await secrets.send(new PutSecretValueCommand({ SecretId: nameOrArn, SecretString: value }));
    },
    replicate: async (nameOrArn, regions) => {
      const AddReplicaRegions = regions.map((Region) => ({ Region }));
      await secrets.send(new ReplicateSecretToRegionsCommand({ SecretId: nameOrArn, AddReplicaRegions }));
    },
    removeReplicas: async (nameOrArn, regions) => {
      const RemoveReplicaRegions = [...regions];
      await secrets.send(
        new RemoveRegionsFromReplicationCommand({ SecretId: nameOrArn, RemoveReplicaRegions }),
      );
    },
    tag: async (nameOrArn, tags) => {
      await secrets.send(new TagResourceCommand({ SecretId: nameOrArn, Tags: toTagList(tags) }));
    },
    deleteSecret: async (nameOrArn, how) => {
      const ForceDeleteWithoutRecovery = how === "at once";
      state.deletions.add(connection.region);
      await secrets.send(new DeleteSecretCommand({ SecretId: nameOrArn, ForceDeleteWithoutRecovery }));
    },
    createJobs: async (names, defaultArguments) => {
      for (const name of names) {
        await glue.send(
          new CreateJobCommand({
            Name: name,
            Role: "arn:aws:iam::123456789012:role/export",
            Command: { Name: "glueetl", ScriptLocation: "s3://scripts/export.py" },
            ExecutionProperty: { MaxConcurrentRuns: 1000 },
            DefaultArguments: { ...defaultArguments },
          }),
        );
      }
    },
    startRun: async (jobName, options) => {
      const run = await glue.send(
        new StartJobRunCommand({ JobName: jobName, Arguments: { ...options?.arguments } }),
      );
      if (run.JobRunId === undefined) throw new Error(`The run of ${jobName} has no id.`);
      state.runStates.set(run.JobRunId, options?.state ?? "RUNNING");
      return run.JobRunId;
    },
    setRunState: (runId, runState) => {
      state.runStates.set(runId, runState);
    },
    close: () => {
      secrets.destroy();
      glue.destroy();
    },
  };
}

async function orUndefined<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}

function toTagList(tags: Readonly<Record<string, string>>): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

function tagsOf(described: DescribeSecretCommandOutput): Record<string, string> {
  const tags: Record<string, string> = {};
  for (const { Key, Value } of described.Tags ?? []) if (Key !== undefined) tags[Key] = Value ?? "";
  return tags;
}
