import { isDeepStrictEqual } from "node:util";
import { type ProviderError, toProviderError } from "../../../provider/core/errors.js";
import type { Memory } from "../../../provider/engine/operation.js";
import { Operation } from "../../../provider/engine/operation.js";
import {
  describeDrift as describeDestinationDrift,
  lookForDrift as lookAtDestination,
} from "../../../provider/export-destination/drift.js";
import { connect } from "../../../provider/secret-sync/connect.js";
import { lookForDrift } from "../../../provider/secret-sync/look-for-drift.js";
import type { Drift } from "../../../provider/secret-sync/plan/drift.js";
import { listSecrets } from "../../../provider/secret-sync/plan/observe.js";
import type { ObservedSecret } from "../../../provider/secret-sync/plan/plan.js";
import { describeDrift } from "../../../provider/secret-sync/preview/messages.js";
import { quoteName, type SchemaName } from "../../../provider/snowflake/statements.js";
import type { Bound } from "../auto-sync/environment.js";
import type { FollowedStack } from "../auto-sync/followed-stacks.js";
import { openStack } from "../stack-access.js";
import { createLockError } from "../stack-lock.js";
import { type RecordedResource, readRecorded } from "./recorded.js";
import { shareAnswers } from "./share-answers.js";

/** What was found of one resource. */
export interface ResourceReport {
  readonly urn: string;
  /** The logical name. */
  readonly name: string;
  readonly kind: RecordedResource["kind"];
  /** The schema, or the AWS secret. */
  readonly where: string;
  readonly status: "ok" | "drift" | "skipped" | "failed";
  /** What differs, or why it was not looked at: a sentence each. */
  readonly texts: readonly string[];
  /** By name in Snowflake. */
  readonly secrets?: Readonly<Record<string, Drift>>;
  /** With `failed`. */
  readonly error?: ProviderError;
}

/** What was found of one stack. */
export interface StackReport {
  readonly project: string;
  readonly stack: string;
  readonly resources: readonly ResourceReport[];
  /** Why nothing of it is known. */
  readonly error?: ProviderError;
}

/** A schema as a sync's own session sees it. */
export interface SeenSchema {
  readonly account: string;
  readonly schema: SchemaName;
  /** Or why it is not known which secrets it has. */
  readonly secrets: ReadonlyMap<string, ObservedSecret> | ProviderError;
}

/** What a look leaves for the question who owns what. */
export interface LookedAtStack {
  readonly report: StackReport;
  readonly syncs: readonly Extract<RecordedResource, { kind: "sync" }>[];
  readonly schemas: readonly SeenSchema[];
}

/** What all stacks of one environment share: log-ins to Snowflake and AWS, and the number of engines. */
export interface SharedLooks {
  readonly operation: Operation;
  readonly engines: Bound;
}

/** The operation of one resource: what it remembers is the run's, so that log-ins are shared. */
class LookOperation extends Operation {
  readonly #run: Operation;

  constructor(run: Operation, { settings }: RecordedResource, programDirectory: string) {
    super(run.messages);
    this.#run = run;
    this.config = settings;
    this.programDirectory = programDirectory;
  }

  override recall<T>(memory: Memory<T>): T {
    return this.#run.recall(memory);
  }
}

/** Compares the state of a stack with Snowflake and AWS. Changes nothing, and never throws. */
export async function lookAtStack(stack: FollowedStack, shared: SharedLooks): Promise<LookedAtStack> {
  const named = { project: stack.project.name, stack: stack.stackName };
  const { engines } = shared;
  try {
    const access = await openStack(stack);
    const resources = await engines(access.readResources);
    const recorded = readRecorded(resources, await engines(access.readConfig));
    const looks = await Promise.all(recorded.map((each) => look(each, access.programDirectory, shared)));
    const reports = looks.map(({ report }) => report);
    const mayBeNew = reports.some(({ status }) => status === "drift");
    if (mayBeNew && !(await engines(async () => isUnchanged(access, resources)))) {
      throw createLockError(stack.stackName);
    }
    return {
      report: { ...named, resources: reports },
      syncs: recorded.filter((each) => each.kind === "sync"),
      schemas: looks.flatMap(({ seen }) => (seen === undefined ? [] : [seen])),
    };
  } catch (error) {
    const failed = toProviderError(error, "look at the stack");
    return { report: { ...named, resources: [], error: failed }, syncs: [], schemas: [] };
  }
}

/** What an update writes meanwhile is no drift: a state that is still the same proves that there was none. */
async function isUnchanged(
  access: Awaited<ReturnType<typeof openStack>>,
  resources: Awaited<ReturnType<typeof access.readResources>>,
): Promise<boolean> {
  return !(await access.isUpdating()) && isDeepStrictEqual(await access.readResources(), resources);
}

interface Look {
  readonly report: ResourceReport;
  readonly seen?: SeenSchema;
}

async function look(
  resource: RecordedResource,
  programDirectory: string,
  shared: SharedLooks,
): Promise<Look> {
  const { urn, name, kind, state } = resource;
  const where = kind === "sync" ? quoteName(state.destinationConfig) : (state.secretName ?? state.claimName);
  const known = { urn, name, kind, where };
  const operation = new LookOperation(shared.operation, resource, programDirectory);
  try {
    const found = kind === "sync" ? await lookAtSync(state, operation) : await lookAtAws(state, operation);
    const { texts, status = texts.length === 0 ? "ok" : "drift", secrets, seen } = found;
    return {
      report: { ...known, status, texts, ...(secrets && { secrets }) },
      ...(seen && { seen }),
    };
  } catch (error) {
    const failed = toProviderError(error, `look at ${kind} ${name}`);
    return { report: { ...known, status: "failed", texts: [], error: failed } };
  }
}

interface Found {
  readonly texts: readonly string[];
  readonly status?: "skipped";
  readonly secrets?: Readonly<Record<string, Drift>>;
  readonly seen?: SeenSchema;
}

async function lookAtSync(
  state: Extract<RecordedResource, { kind: "sync" }>["state"],
  operation: Operation,
): Promise<Found> {
  const session = shareAnswers((await connect(operation, state.connection)).session);
  const { observed, drifts } = await lookForDrift(state, session);
  const schema = state.destinationConfig;
  const secrets = await listSecrets(session, schema, [], { prefix: "", isComplete: true }).catch(
    (error: unknown) => toProviderError(error, "list the secrets"),
  );
  return {
    texts: describeDrift(schema, drifts),
    ...(drifts.size > 0 && { secrets: Object.fromEntries(drifts) }),
    seen: { account: observed.account, schema, secrets },
  };
}

async function lookAtAws(
  state: Extract<RecordedResource, { kind: "destination" }>["state"],
  operation: Operation,
): Promise<Found> {
  if (state.status !== "Validated") {
    return {
      status: "skipped",
      texts: [`not looked at: its credentials are ${state.status}, and AWS has none`],
    };
  }
  const drift = await lookAtDestination(state, operation);
  return { texts: drift.length === 0 ? [] : [describeDestinationDrift(drift)] };
}
