import type { GlueClient, Job, JobRun } from "@aws-sdk/client-glue";
import { type AwsOperation, isAwsError, mapAwsError } from "./aws-errors.js";

/** A Glue job with the arguments that its runs get unless they are started with others. */
export interface GlueJob {
  readonly name: string;
  readonly argumentValues: readonly string[];
}

/** A run that has not ended. */
export interface LiveRun {
  readonly jobName: string;
  readonly runId: string;
  readonly state: string;
  /** The values of the arguments that this run was started with. */
  readonly argumentValues: readonly string[];
}

/** Glue in the words of this package; rejects with a `ProviderError`. */
export interface Glue {
  /** Every job of account and region, all pages. */
  listJobs(): Promise<readonly GlueJob[]>;
  /** Whether there is a job of this name; by the permission that its runs need. */
  hasJob(jobName: string): Promise<boolean>;
  /** The live runs of a job, all pages; `no such job` where Glue knows none of this name. */
  listLiveRuns(jobName: string): Promise<readonly LiveRun[] | "no such job">;
}

/** https://docs.aws.amazon.com/glue/latest/dg/aws-glue-api-jobs-runs.html */
const liveStates: ReadonlySet<string> = new Set(["STARTING", "RUNNING", "STOPPING", "WAITING"]);

/** Opens Glue behind a client of the AWS SDK. */
export async function openGlue(client: GlueClient): Promise<Glue> {
  const sdk = await import("@aws-sdk/client-glue");
  return {
    listJobs: async () => {
      try {
        const jobs: GlueJob[] = [];
        for await (const page of sdk.paginateGetJobs({ client }, {}))
          jobs.push(...(page.Jobs ?? []).map(toJob));
        return jobs;
      } catch (error) {
        throw mapAwsError(error, call("list the jobs of Glue", "all jobs", "glue:GetJobs"));
      }
    },
    hasJob: async (jobName) => {
      try {
        await client.send(new sdk.GetJobRunsCommand({ JobName: jobName, MaxResults: 1 }));
        return true;
      } catch (error) {
        if (isAwsError(error, "EntityNotFoundException")) return false;
        throw mapAwsError(error, call("look for Glue job", jobName, "glue:GetJobRuns"));
      }
    },
    listLiveRuns: async (jobName) => {
      try {
        const runs: LiveRun[] = [];
        for await (const page of sdk.paginateGetJobRuns({ client }, { JobName: jobName })) {
          for (const run of page.JobRuns ?? [])
            if (liveStates.has(run.JobRunState ?? "")) runs.push(toRun(jobName, run));
        }
        return runs;
      } catch (error) {
        if (isAwsError(error, "EntityNotFoundException")) return "no such job";
        throw mapAwsError(error, call("list the runs of Glue job", jobName, "glue:GetJobRuns"));
      }
    },
  };
}

function call(operation: string, target: string, action: string): AwsOperation {
  return { operation, target, action };
}

function toJob(job: Job): GlueJob {
  return {
    name: job.Name ?? "",
    argumentValues: [
      ...Object.values(job.DefaultArguments ?? {}),
      ...Object.values(job.NonOverridableArguments ?? {}),
    ],
  };
}

function toRun(jobName: string, run: JobRun): LiveRun {
  return {
    jobName,
    runId: run.Id ?? "",
    state: run.JobRunState ?? "",
    argumentValues: Object.values(run.Arguments ?? {}),
  };
}
