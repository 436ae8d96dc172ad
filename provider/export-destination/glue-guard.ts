import pLimit from "p-limit";
import type { Glue, LiveRun } from "../aws/glue.js";
import { isProviderError, ProviderError } from "../core/errors.js";
import type { Messages } from "../engine/messages.js";

/** What ties a run of Glue to a destination. */
export interface GuardedDestination {
  /** For the message. */
  readonly name: string;
  /** Jobs that belong to the destination whatever their arguments say. */
  readonly jobNames: readonly string[];
  /** Names and ARNs of the secret and of the claim, as arguments of a job or a run may name them. */
  readonly secretIds: readonly string[];
}

const maxConcurrentCalls = 4;

/**
 * Refuses while a run is live that uses the destination: a run of a named job, or one whose arguments, or those of
 * its job, name the secret or the claim.
 *
 * @throws `EXPORT_RUNNING` with job and run id; `UNPROVEN` if Glue does not tell.
 */
export async function ensureNoLiveRun(
  glue: Glue,
  destination: GuardedDestination,
  messages: Messages,
): Promise<void> {
  const live = await findLiveRuns(glue, destination, messages).catch((error: unknown) => {
    throw explainBlindness(error, destination);
  });
  if (live.length === 0) return;
  const runs = live.map(({ jobName, runId, state }) => `${runId} of job ${jobName} (${state})`).join(", ");
  throw new ProviderError("EXPORT_RUNNING", {
    operation: `the destination cannot be disconnected while an export job runs: ${runs}`,
    target: destination.name,
    hint: "wait for the run to end, or stop it (aws glue batch-stop-job-run), then run again.",
  });
}

async function findLiveRuns(
  glue: Glue,
  { jobNames, secretIds }: GuardedDestination,
  messages: Messages,
): Promise<readonly LiveRun[]> {
  const jobs = await glue.listJobs();
  const tied = new Set(jobNames);
  for (const job of jobs)
    if (job.argumentValues.some((value) => namesAny(value, secretIds))) tied.add(job.name);
  const limit = pLimit(maxConcurrentCalls);
  const all = [...new Set([...tied, ...jobs.map((job) => job.name)])];
  const found = await Promise.all(
    all.map((jobName) =>
      limit(async () => {
        const runs = await glue.listLiveRuns(jobName);
        if (runs === "no such job") {
          if (tied.has(jobName))
            messages.warn(`Glue knows no job ${jobName}, so there is no run of it to wait for`);
          return [];
        }
        return runs.filter(
          (run) => tied.has(jobName) || run.argumentValues.some((value) => namesAny(value, secretIds)),
        );
      }),
    ),
  );
  return found.flat();
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

function explainBlindness(error: unknown, { name }: GuardedDestination): ProviderError {
  const told = isProviderError(error) ? error : undefined;
  return new ProviderError("UNPROVEN", {
    operation: `whether an export job runs is not known, so nothing was disconnected (${told?.operation ?? "Glue could not be asked"})`,
    target: name,
    hint: `${told?.hint ?? "run again."} The identity needs glue:GetJobs and glue:GetJobRuns.`,
    retryable: told?.retryable ?? false,
  });
}
