import type { Aws } from "./aws.js";
import type { AwsCall } from "./proxy.js";

/** A policy document of IAM, as far as ours go: statements that allow, without conditions. */
export interface PolicyDocument {
  readonly Statement: readonly {
    readonly Effect: "Allow";
    readonly Action: string | readonly string[];
    readonly Resource: string;
  }[];
}

/** The actions that a policy names. */
export function listActions(policy: PolicyDocument): readonly string[] {
  return policy.Statement.flatMap(({ Action }) => Action);
}

/** The policy without one of its actions. */
export function withoutAction(policy: PolicyDocument, action: string): PolicyDocument {
  return {
    Statement: policy.Statement.map((statement) => ({
      ...statement,
      Action: [statement.Action].flat().filter((each) => each !== action),
    })),
  };
}

const account = "123456789012";
/** Of these AWS asks for no permission. */
const free = new Set(["GetCallerIdentity"]);

/** Refuses every call that a policy does not allow, in AWS's words, until `aws.faults.clear()`. */
export function enforcePolicy(aws: Aws, policy: PolicyDocument): void {
  for (const service of ["secretsmanager", "glue"]) {
    for (const operation of operations[service as keyof typeof operations]) {
      if (free.has(operation)) continue;
      const action = `${service}:${operation}`;
      aws.faults.add({
        operation,
        matches: (body) =>
          !neededFor(action, body).every((each) => isAllowed(policy, each, body, aws.region)),
        times: Number.POSITIVE_INFINITY,
        effect: {
          kind: "error",
          code: "AccessDeniedException",
          message: `User is not authorized to perform: ${action} because no identity-based policy allows the action`,
        },
      });
    }
  }
}

/** Whether AWS would take the call under the policy. */
export function isAllowed(
  policy: PolicyDocument,
  action: string,
  body: AwsCall["body"],
  region: string,
): boolean {
  const resource = resourceOf(action, body, region);
  return policy.Statement.some(
    ({ Action, Resource }) =>
      [Action].flat().includes(action) && (Resource === "*" || matchesPattern(Resource, resource)),
  );
}

/** Who gives tags to a new secret needs the right to tag. */
function neededFor(action: string, body: AwsCall["body"]): readonly string[] {
  const isTagged = action === "secretsmanager:CreateSecret" && Array.isArray(body.Tags);
  return isTagged ? [action, "secretsmanager:TagResource"] : [action];
}

/** The ARN that AWS compares; a list has none. */
function resourceOf(action: string, body: AwsCall["body"], region: string): string {
  if (action === "glue:GetJobRuns") return `arn:aws:glue:${region}:${account}:job/${body.JobName}`;
  const name = body.SecretId ?? body.Name;
  if (name === undefined) return "*";
  return String(name).startsWith("arn:")
    ? String(name)
    : `arn:aws:secretsmanager:${region}:${account}:secret:${name}-??????`;
}

function matchesPattern(pattern: string, text: string): boolean {
  const escaped = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${escaped}$`).test(text);
}

/** What AWS can be asked; an action that is missing here would go through, so a test compares it with the calls. */
const operations = {
  secretsmanager: [
    "CreateSecret",
    "DeleteSecret",
    "DescribeSecret",
    "GetSecretValue",
    "ListSecrets",
    "PutSecretValue",
    "RestoreSecret",
    "TagResource",
    "UntagResource",
    "UpdateSecret",
    "UpdateSecretVersionStage",
  ],
  glue: ["GetJobs", "GetJobRuns"],
} as const;

/** The calls that `enforcePolicy` knows, with those that need no permission. */
export const knownOperations: ReadonlySet<string> = new Set([...Object.values(operations).flat(), ...free]);
