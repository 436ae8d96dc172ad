import pLimit from "p-limit";
import type { Glue, LiveRun } from "../aws/glue.js";
import { isProviderError, ProviderError, toProviderError } from "../core/errors.js";
import type { Messages } from "../engine/messages.js";

/** Which jobs are looked at: the `glue` argument. */
export interface WatchedJobs {
  /** Jobs that belong to the destination whatever their arguments say. */
  readonly jobNames?: readonly string[] | undefined;
  /** Whether every job of account and region is looked at. @default true without `jobNames`, false with them */
  readonly scanAllJobs?: boolean | undefined;
}

/** What ties a run of Glue to a destination. */
export interface GuardedDestination {
  /** For the message. */
  readonly name: string;
  readonly watched: WatchedJobs | undefined;
  /** Names and ARNs of the secret and of the claim, as arguments of a job or a run may name them. */
  readonly secretIds: readonly string[];
}

const maxConcurrentCalls = 4;

/**
 * Refuses while a run is live that uses the destination.
 *
 * @throws `EXPORT_RUNNING` with job and run id; `UNPROVEN` if Glue does not tell.
 */
export async function ensureNoLiveRun(
  glue: Glue,
  destination: GuardedDestination,
  messages: Messages,
): Promise<void> {
  const live = await findLiveRuns(glue, destination, messages);
  if (live.length === 0) return;
  const runs = live.map(({ jobName, runId, state }) => `${runId} of job ${jobName} (${state})`).join(", ");
  throw new ProviderError("EXPORT_RUNNING", {
    operation: `an export job is running, so the destination was not disconnected: ${runs}`,
    target: destination.name,
    hint: "wait for the job run to end, or stop it (aws glue batch-stop-job-run). Then run again.",
  });
}

/**
 * The live runs that use the destination: those of the named jobs, and, where all jobs are looked at, those whose
 * arguments, or those of their job, name the secret or the claim.
 *
 * @throws `UNPROVEN` if Glue does not tell.
 */
export async function findLiveRuns(
  glue: Glue,
  destination: GuardedDestination,
  messages: Messages,
): Promise<readonly LiveRun[]> {
  try {
    return await findRuns(glue, destination, messages);
  } catch (error) {
    throw explainBlindness(error, destination);
  }
}

/**
 * Warns of named jobs that Glue does not know: a typing error shows when the destination is made, not when a run fails to
 * hold off its disconnect. The job may come later, so it is no error; nor is a Glue that does not tell.
 *
 * @param told what was watched before: of these jobs nothing is said again
 */
export async function warnOfMissingJobs(
  getGlue: () => Promise<Glue>,
  { name, watched }: Pick<GuardedDestination, "name" | "watched">,
  { warn }: Messages,
  told?: WatchedJobs,
): Promise<void> {
  const names = listNames(watched).filter((job) => !listNames(told).includes(job));
  if (names.length === 0) return;
  try {
    const glue = await getGlue();
    const limit = pLimit(maxConcurrentCalls);
    const known = await Promise.all(names.map((job) => limit(glue.hasJob, job)));
    const missing = names.filter((_, index) => !known[index]);
    if (missing.length === 0) return;
    const jobs = missing.length === 1 ? `job ${missing[0]}` : `jobs ${missing.join(", ")}`;
    warn(
      `export destination ${name}: AWS Glue in this account and region knows no ${jobs}. Runs cannot hold off a disconnect. Fix: check glue.jobNames, unless the job is created later.`,
    );
  } catch (error) {
    const { message } = toProviderError(error, "look for the jobs of Glue");
    warn(`export destination ${name}: whether Glue knows the jobs of glue.jobNames was not seen: ${message}`);
  }
}

/** Whether every job has to be read: that needs `glue:GetJobs` and `glue:GetJobRuns` on all jobs. */
export function looksAtAllJobs(watched: WatchedJobs | undefined): boolean {
  return watched?.scanAllJobs ?? listNames(watched).length === 0;
}

function listNames(watched: WatchedJobs | undefined): readonly string[] {
  return watched?.jobNames ?? [];
}

async function findRuns(
  glue: Glue,
  { watched, secretIds }: GuardedDestination,
  messages: Messages,
): Promise<readonly LiveRun[]> {
  const named = new Set(listNames(watched));
  const jobs = looksAtAllJobs(watched) ? await glue.listJobs() : [];
  const usesSecret = ({ argumentValues }: { readonly argumentValues: readonly string[] }) =>
    argumentValues.some((value) => namesAny(value, secretIds));
  const tied = new Set([...named, ...jobs.filter(usesSecret).map((job) => job.name)]);
  const limit = pLimit(maxConcurrentCalls);
  const look = async (jobName: string): Promise<readonly LiveRun[]> => {
    const runs = await glue.listLiveRuns(jobName);
    if (runs !== "no such job") return runs.filter((run) => tied.has(jobName) || usesSecret(run));
    if (named.has(jobName)) {
      messages.warn(
        `Glue knows no job ${jobName}, so there is no run of it to wait for: check glue.jobNames`,
      );
    }
    return [];
  };
  const all = [...new Set([...tied, ...jobs.map((job) => job.name)])];
  return (await Promise.all(all.map((jobName) => limit(look, jobName)))).flat();
}

/** Whether `text` names one of the secrets, and not one whose name merely begins or ends like it. */
export function namesAny(text: string, secretIds: readonly string[]): boolean {
  return secretIds.some((id) => {
    for (let index = text.indexOf(id); index !== -1; index = text.indexOf(id, index + 1)) {
      const before = text[index - 1] ?? "";
      const after = text[index + id.length] ?? "";
      // "-" may begin the six characters that AWS adds to a name in an ARN.
      if (!/[A-Za-z0-9_/+.@-]/.test(before) && !/[A-Za-z0-9_/+@]/.test(after)) return true;
    }
    return false;
  });
}

function explainBlindness(error: unknown, { name, watched }: GuardedDestination): ProviderError {
  const told = isProviderError(error) ? error : undefined;
  const needs = looksAtAllJobs(watched)
    ? "The identity needs glue:GetJobs and glue:GetJobRuns on all jobs; with glue.jobNames only glue:GetJobRuns on those."
    : `The identity needs glue:GetJobRuns on ${listNames(watched).join(", ")}.`;
  return new ProviderError("UNPROVEN", {
    operation: `AWS Glue could not be read, so it is unknown whether an export job runs, and nothing was disconnected (${told?.summary ?? "Glue could not be asked"})`,
    target: name,
    hint: `${told?.hint ?? "run again."} ${needs}`,
    retryable: told?.retryable ?? false,
  });
}
