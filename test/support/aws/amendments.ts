import {
  type AwsAnswer,
  type AwsCall,
  errorAnswer,
  type ProxyState,
  parseObject,
  regionOf,
} from "./proxy.js";

/** Where moto's answers differ from AWS's, and what AWS answers. */

/** Calls that AWS refuses for a secret that is marked for deletion. */
const refusedWhileMarked = new Set([
  "PutSecretValue",
  "UpdateSecret",
  "UpdateSecretVersionStage",
  "TagResource",
  "UntagResource",
  "PutResourcePolicy",
  "DeleteResourcePolicy",
  "GetSecretValue",
  "RotateSecret",
]);

/** AWS's answer where moto would carry the call out; undefined if the call may go on to moto. */
export async function answerOfAws(state: ProxyState, call: AwsCall): Promise<AwsAnswer | undefined> {
  if (call.operation === "CreateSecret" && (await isMarkedForDeletion(state, call, call.body.Name))) {
    return errorAnswer(
      "InvalidRequestException",
      "You can't create this secret because a secret with this name is already scheduled for deletion.",
    );
  }
  if (
    refusedWhileMarked.has(call.operation) &&
    (await isMarkedForDeletion(state, call, call.body.SecretId))
  ) {
    return errorAnswer(
      "InvalidRequestException",
      "You can't perform this operation on the secret because it was marked for deletion.",
    );
  }
  if (call.operation === "UpdateSecretVersionStage" && call.body.RemoveFromVersionId === undefined) {
    return answerToAttach(state, call);
  }
  return undefined;
}

/** Moto attaches a label without looking: twice to one version, or to a second one. */
async function answerToAttach(state: ProxyState, call: AwsCall): Promise<AwsAnswer | undefined> {
  const { body } = call;
  const { VersionIdsToStages, ARN, Name } = await describe(state, call, body.SecretId);
  const stages = Object.entries((VersionIdsToStages ?? {}) as Record<string, readonly string[]>);
  const holder = stages.find(([, labels]) => labels.includes(String(body.VersionStage)))?.[0];
  if (holder === undefined) return undefined;
  if (holder !== body.MoveToVersionId) {
    return errorAnswer(
      "InvalidParameterException",
      `The parameter RemoveFromVersionId can't be empty. Staging label ${body.VersionStage} is currently attached to version ${holder}.`,
    );
  }
  const headers = { "content-type": "application/x-amz-json-1.1" };
  return { status: 200, headers, body: JSON.stringify({ ARN, Name }) };
}

/** The answer with the Glue run states that a test has set in place of moto's. */
export function amendAnswer(state: ProxyState, call: AwsCall, answer: AwsAnswer): AwsAnswer {
  if (state.runStates.size === 0 || answer.status !== 200) return answer;
  if (call.operation === "GetJobRun") {
    const body = parseObject(answer.body);
    return { ...answer, body: JSON.stringify({ ...body, JobRun: withState(state, body.JobRun) }) };
  }
  if (call.operation === "GetJobRuns") {
    const body = parseObject(answer.body);
    const runs = Array.isArray(body.JobRuns) ? body.JobRuns.map((run) => withState(state, run)) : [];
    return { ...answer, body: JSON.stringify({ ...body, JobRuns: runs }) };
  }
  return answer;
}

function withState(state: ProxyState, run: unknown): unknown {
  if (typeof run !== "object" || run === null || !("Id" in run)) return run;
  const runState = state.runStates.get(String(run.Id));
  return runState === undefined ? run : { ...run, JobRunState: runState };
}

async function isMarkedForDeletion(state: ProxyState, call: AwsCall, secretId: unknown): Promise<boolean> {
  if (!state.deletions.has(regionOf(call))) return false;
  // moto sends null for a secret that was restored.
  return typeof (await describe(state, call, secretId)).DeletedDate === "number";
}

/** What moto says of a secret in the account and region of the call; nothing if there is none. */
async function describe(
  state: ProxyState,
  { authorization }: AwsCall,
  secretId: unknown,
): Promise<Record<string, unknown>> {
  const answered = await fetch(state.upstream, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "secretsmanager.DescribeSecret",
      authorization,
    },
    body: JSON.stringify({ SecretId: secretId }),
  });
  return answered.ok ? parseObject(await answered.text()) : {};
}
