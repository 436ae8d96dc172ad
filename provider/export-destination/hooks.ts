import type { dynamic } from "@pulumi/pulumi";
import { resolveAwsIdentity } from "../aws/clients.js";
import { buildFailures, type CheckFailure, holdsUnknown } from "../check-failures.js";
import { isProviderError, ProviderError } from "../core/errors.js";
import { generateFingerprintKey } from "../core/fingerprint.js";
import type { SecretValue } from "../core/secret-value.js";
import { takeContext, unknownValue } from "../engine.js";
import { guardHooks, markPartlyDone } from "../hook-errors.js";
import { warn } from "../journal.js";
import { buildPlaceHint, claimOwnerId, deriveOwnerId, type Place } from "../ownership.js";
import { checkCredentials, findPayload } from "./credential-inputs.js";
import { compareDestination } from "./differences.js";
import { disconnect } from "./disconnect.js";
import { lookForDrift, refreshState } from "./drift.js";
import { foresee } from "./foresight.js";
import { type CheckedInputs, type DestinationArgs, destinationArgsSchema } from "./inputs.js";
import {
  findNoteByOwner,
  findNoteByPlace,
  findPredecessor,
  forgetPredecessor,
  noteOperation,
  notePredecessor,
} from "./operation-memory.js";
import { type ProvisionOutcome, provision } from "./provision.js";
import type { DestinationState } from "./records.js";
import { buildAttemptFingerprint, buildKnownFailure } from "./rejection.js";
import { applySettings } from "./settings.js";

type Inputs = CheckedInputs & { readonly __provider?: unknown };
type State = DestinationState & { readonly __provider?: unknown };

/** The hooks of `SnowflakeExportDestination` and `ExportDestination`. */
export const exportDestination = guardHooks({
  configure: async () => undefined,
  check,
  diff: (_id: string, olds: State, news: Inputs) => diff(olds, news),
  create,
  read,
  update,
  delete: async (_id: string, state: State) => {
    // The deletion inside a replacement has the successor's `check` before it; a destroy has none.
    await disconnect(stripEngine(state), { isReplaced: findNoteByOwner(state.ownerId) !== undefined });
    forgetPredecessor(state);
  },
}) satisfies dynamic.ResourceProvider<Inputs, State>;

async function check(
  olds: Partial<CheckedInputs>,
  news: Inputs,
): Promise<{ inputs: Inputs; failures: CheckFailure[] }> {
  const { context, args } = takeContext(news as unknown as Record<string, unknown>);
  const { preview, place, instance } = context;
  const { credentials, fingerprintKey: givenKey, ...plainArgs } = args;
  const given = { name: place.name, ...plainArgs };

  const note = findNoteByPlace(place);
  const ownerId = olds.ownerId ?? note?.ownerId ?? deriveOwnerId(place);
  claimOwnerId(ownerId, place, instance);
  const fingerprintKey =
    olds.fingerprintKey || note?.fingerprintKey || textOr(givenKey, generateFingerprintKey);
  noteOperation({ place, preview, ownerId, fingerprintKey });

  const parsed = destinationArgsSchema.safeParse(given);
  const checked = checkCredentials(credentials, olds, fingerprintKey);
  const failures = [...(parsed.success ? [] : buildFailures(parsed.error, [], given)), ...checked.failures];
  // With failures the engine shows these and stops; it wants inputs all the same.
  if (failures.length > 0 || checked.traces === undefined)
    return { inputs: given as unknown as Inputs, failures };
  const known = parsed.success ? parsed.data : (given as unknown as DestinationArgs);
  const identity = await findIdentity(known.aws, olds, preview);
  const inputs: CheckedInputs = { ...known, ...checked.traces, ...identity, fingerprintKey, ownerId };
  // A replacement's second check has no old inputs either; `diff` has looked ahead for it.
  if (preview && olds.ownerId === undefined && findPredecessor(ownerId) === undefined)
    await foresee(inputs, undefined);
  return { inputs: dropUndefined(inputs) as Inputs, failures: [] };
}

/** Which account and region the settings lead to; a preview goes on without the answer. */
async function findIdentity(
  aws: DestinationArgs["aws"],
  olds: Partial<CheckedInputs>,
  preview: boolean,
): Promise<Pick<CheckedInputs, "awsAccountId" | "awsRegion">> {
  const fallback = {
    awsAccountId: olds.awsAccountId ?? unknownValue,
    awsRegion: aws?.region ?? olds.awsRegion ?? unknownValue,
  };
  const { region, profile, endpoint, assumeRoleArn } = aws ?? {};
  if (holdsUnknown(aws) && [region, profile, endpoint, assumeRoleArn].some((part) => part === unknownValue)) {
    return { awsAccountId: unknownValue, awsRegion: region ?? unknownValue };
  }
  try {
    const found = await resolveAwsIdentity({ region, profile, endpoint, assumeRoleArn });
    return { awsAccountId: found.accountId, awsRegion: found.region };
  } catch (error) {
    if (!preview) throw error;
    warn(`AWS cannot be asked from here, and up will fail where it cannot: ${(error as Error).message}`);
    return fallback;
  }
}

async function diff(olds: State, news: Inputs): Promise<dynamic.DiffResult> {
  const { changes, replaces } = compareDestination(olds, news);
  const preview = findNoteByOwner(news.ownerId)?.preview === true;
  if (olds.status !== "Failed") notePredecessor(olds);
  else if (preview && isSameAttempt(olds, news)) {
    warn(`export destination ${news.name} is Failed, and up will not log in again with the same credentials`);
  }
  if (preview && replaces.length > 0) await foresee(stripEngine(news), findPredecessor(news.ownerId));
  const isSettled = olds.status === "Validated" && !changes && replaces.length === 0;
  return {
    changes: changes || (isSettled && (await hasDrifted(olds, preview))),
    replaces: [...replaces],
    deleteBeforeReplace: false,
  };
}

/** Whether AWS, as it is now, differs from the state: also after an operation that was cut off. */
async function hasDrifted(olds: State, preview: boolean): Promise<boolean> {
  try {
    const drift = await lookForDrift(stripEngine(olds));
    if (drift.length > 0) warn(`export destination ${olds.name}: ${drift.join("; ")}; up repairs it`);
    return drift.length > 0;
  } catch (error) {
    if (!preview || !isProviderError(error)) throw error;
    warn(`export destination ${olds.name}: AWS was not looked at: ${error.message}`);
    return false;
  }
}

async function create(news: Inputs): Promise<{ id: string; outs: State }> {
  const { inputs, payload, placeHint } = prepare(news);
  const predecessor = findPredecessor(inputs.ownerId);
  const outcome = await provision({ inputs, payload, placeHint, predecessor });
  if (outcome.kind === "connected") return { id: outcome.state.destinationId, outs: outcome.state };
  // Within a replacement a partly done one would take the place of the old one, which the next `up` would delete.
  if (outcome.keepsOld) throw outcome.error;
  throw buildPartlyDone(outcome.state.destinationId, news, outcome);
}

async function update(id: string, olds: State, news: Inputs): Promise<{ outs: State }> {
  if (olds.status === "Validated") {
    const inputs = stripEngine(news);
    const outs = await applySettings(stripEngine(olds), inputs, () => prepare(news));
    return { outs };
  }
  if (olds.status === "Failed" && isSameAttempt(olds, news)) {
    const { at } = olds.statusHistory.at(-1) ?? { at: olds.createdAt };
    const error = buildKnownFailure(news, {
      at,
      errorCode: olds.errorCode ?? "INTERNAL",
      errorMessage: olds.errorMessage ?? "",
    });
    // What else was changed counts for the next attempt, and the record stays what it was.
    const state = { ...stripEngine(olds), ...stripEngine(news), destinationId: olds.destinationId };
    throw buildPartlyDone(id, news, { state, error });
  }
  const { inputs, payload, placeHint } = prepare(news);
  const outcome = await provision({ inputs, payload, placeHint, previous: stripEngine(olds) });
  if (outcome.kind === "connected") return { outs: outcome.state };
  throw buildPartlyDone(id, news, outcome);
}

async function read(id: string, state: State | undefined): Promise<{ id: string; props: State }> {
  if (state === undefined || state.stateVersion === undefined) {
    throw new ProviderError("INVALID_INPUT", {
      operation: "an export destination cannot be imported",
      target: id,
      hint: "declare it: create takes up what the same owner left in AWS.",
    });
  }
  return { id, props: await refreshState(stripEngine(state)) };
}

function prepare(news: Inputs): { inputs: CheckedInputs; payload: SecretValue; placeHint: string } {
  const inputs = stripEngine(news);
  const payload = findPayload(inputs);
  if (payload === undefined) {
    throw new ProviderError("INVALID_INPUT", {
      operation: "the credentials are needed now, and this operation did not get them",
      target: inputs.name,
      hint: "take credentials out of ignoreChanges for this update.",
    });
  }
  const place: Place | undefined = findNoteByOwner(inputs.ownerId)?.place;
  return { inputs, payload, placeHint: place === undefined ? "" : buildPlaceHint(place) };
}

function isSameAttempt(olds: State, news: Inputs): boolean {
  return buildAttemptFingerprint(olds) === buildAttemptFingerprint(news);
}

function buildPartlyDone(
  id: string,
  news: Inputs,
  { state, error }: Pick<Exclude<ProvisionOutcome, { kind: "connected" }>, "state" | "error">,
): ProviderError {
  return markPartlyDone(error, news, { id, properties: dropUndefined(state), reasons: [error.message] });
}

function stripEngine<T extends object>(value: T): Omit<T, "__provider"> {
  const { __provider, ...kept } = value as T & { __provider?: unknown };
  return kept as Omit<T, "__provider">;
}

// The engine's wire format has no undefined.
function dropUndefined<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

function textOr(value: unknown, fallback: () => string): string {
  return typeof value === "string" && value !== "" && value !== unknownValue ? value : fallback();
}
