import { type Aws, withAws } from "../../aws/with-aws.js";
import { explainError, isProviderError } from "../../core/errors.js";
import { generateFingerprintKey } from "../../core/fingerprint.js";
import type { EngineContext } from "../../engine/context.js";
import { buildCheckFailure, buildFailures, type CheckFailure } from "../../engine/failures.js";
import { createMemoryMap, type Operation } from "../../engine/operation.js";
import { resolveIdentity } from "../../engine/ownership.js";
import type { CheckAnswer, Properties } from "../../engine/resource.js";
import { isKnown, isUnknown, unknownValue } from "../../engine/unknown.js";
import {
  type DestinationArguments,
  type DestinationInputs,
  destinationArguments,
  exportDestinationArguments,
} from "./arguments.js";
import { rememberChecked, rememberReplacement } from "./check-memory.js";
import { type CredentialTraces, checkCredentials } from "./credentials.js";
import { checkPayload } from "./payload.js";

/**
 * Validates the arguments, finds the AWS account, and answers what the engine may show and keep: no field of the
 * credentials that is secret, and keyed fingerprints instead. The credentials are held in memory for `create` and
 * `update` of this operation.
 */
export async function checkDestination(
  olds: Properties,
  given: Properties,
  context: EngineContext | undefined,
  operation: Operation,
): Promise<CheckAnswer> {
  // `ignoreChanges: ["*"]` keeps all the old inputs.
  if (context === undefined) return { inputs: olds, failures: [] };
  const named = { name: context.place.name, ...given };
  try {
    return await checkGiven(olds, named, context, operation);
  } catch (error) {
    // A check that throws is printed twice, with a stack; a failure without a property is printed once.
    if (!isProviderError(error)) throw error;
    return { inputs: {}, failures: [{ property: "", reason: explainError(error) }] };
  }
}

async function checkGiven(
  olds: Properties,
  given: Properties,
  context: EngineContext,
  operation: Operation,
): Promise<CheckAnswer> {
  const { credentials, fingerprintKey: givenKey, ...args } = given;
  const refuse = (...failures: readonly CheckFailure[]): CheckAnswer => ({ inputs: args, failures });
  const identity = resolveIdentity(operation, olds, context);
  rememberChecked(operation, identity.id);
  const fingerprintKey = identity.fingerprintKey || textOr(givenKey, generateFingerprintKey);

  const isSuccessor = identity.predecessor !== undefined;
  if (isSuccessor) rememberReplacement(operation, identity.id);
  const parsed = destinationArguments.safeParse(args);
  const { traces, failures } = checkCredentials(credentials, olds, fingerprintKey, operation);
  if (!parsed.success) {
    const found = [...buildFailures(parsed.error, [], args, exportDestinationArguments), ...failures];
    // Never a failure without a word.
    const fallback = buildCheckFailure([], "the arguments are not of the right form.");
    return refuse(...(found.length > 0 ? found : [fallback]));
  }
  if (traces === undefined) return refuse(...failures);
  const problems = checkPayload(parsed.data, traces, operation);
  if (problems.length > 0) return refuse(...problems);
  const wanted = operation.recall(wantedCredentials);
  if (!isSuccessor) wanted.set(identity.id, traces.credentialsFingerprint);
  else if (wanted.get(identity.id) !== traces.credentialsFingerprint) {
    return refuse(buildCheckFailure(["credentials"], ignoredInReplacement));
  }
  const before = { ...identity.predecessor, ...olds };
  const account = await findAccount(parsed.data.aws, before, context, operation);
  const inputs: DestinationInputs = {
    ...parsed.data,
    ...traces,
    ...account,
    fingerprintKey,
    ownerId: identity.id,
  };
  return { inputs: { ...inputs }, failures: [] };
}

/** The fingerprint of the credentials in the first `check`, by identity. */
const wantedCredentials = createMemoryMap<string, CredentialTraces["credentialsFingerprint"]>();

// To the second check of a replacement the engine gives what `ignoreChanges` holds back.
const ignoredInReplacement =
  "their changes are ignored (ignoreChanges), and a replacement would store the new ones all the same. Take credentials out of ignoreChanges, or leave what replaces the destination as it was.";

type Account = Pick<DestinationInputs, "awsAccountId" | "awsRegion" | "notReadable">;

/** Which account and region the settings lead to; a preview goes on without the answer. */
async function findAccount(
  aws: DestinationArguments["aws"],
  before: Properties,
  { run }: EngineContext,
  operation: Operation,
): Promise<Account> {
  if (isUnknown(aws)) return { awsAccountId: unknownValue, awsRegion: unknownValue };
  const { region, profile, endpoint, assumeRoleArn } = aws ?? {};
  const settings = { region, profile, endpoint, assumeRoleArn };
  if (!isKnown(settings)) return { awsAccountId: unknownValue, awsRegion: region ?? unknownValue };
  try {
    const found = async (aws: Aws) => ({ awsAccountId: aws.accountId, awsRegion: aws.region });
    return await withAws(settings, found, operation);
  } catch (error) {
    if (run === "up" || !isProviderError(error)) throw error;
    const known = (value: unknown) => (typeof value === "string" ? value : undefined);
    const [oldAccountId, oldRegion] = [known(before.awsAccountId), region ?? known(before.awsRegion)];
    if (run === "unknown") {
      const notReadable = { AWS: { what: error.summary, fix: error.hint } };
      return { awsAccountId: oldAccountId ?? "", awsRegion: oldRegion ?? "", notReadable };
    }
    operation.messages.warn(
      `AWS cannot be asked from here, and up will fail where it cannot: ${error.message}`,
    );
    return { awsAccountId: oldAccountId ?? unknownValue, awsRegion: oldRegion ?? unknownValue };
  }
}

function textOr(value: unknown, fallback: () => string): string {
  return typeof value === "string" && value !== "" && !isUnknown(value) ? value : fallback();
}
