import type { dynamic } from "@pulumi/pulumi";
import { configure } from "../engine.js";
import { isProviderError, ProviderError } from "../errors.js";
import { guardHooks, markPartlyDone } from "../hook-errors.js";
import { report } from "../journal.js";
import { checkSync } from "./check.js";
import { getConnection } from "./connect.js";
import { changeOf, findChanges, wantsWrite } from "./decide.js";
import { previewSync } from "./preview.js";
import { readSync } from "./read.js";
import {
  buildBefore,
  generateGeneration,
  isCheckedHere,
  nothingBefore,
  planAgainst,
  reconcile,
  type SyncResult,
} from "./reconcile.js";
import { buildState, describeFailures } from "./record.js";
import { removeSync } from "./remove.js";
import { findRun, isReplacing } from "./run.js";
import type { SyncInputs, SyncState } from "./state.js";

/**
 * The hooks of `SnowflakeSecretSync`. Their names, and the subpath of the package under which they are found, are
 * a permanent interface: the state of every stack calls them.
 */
export const secretSync = guardHooks({
  configure: async (request) => configure(request),

  check: (olds: SyncInputs, news: SyncInputs) =>
    checkSync(olds as never, news as never) as unknown as Promise<dynamic.CheckResult<SyncInputs>>,

  async diff(_id, olds, news) {
    const state = olds as SyncState;
    const changes = findChanges(state, news);
    const replaces: string[] = changes.filter((argument) => changeOf[argument] === "replace");
    // The successor is planned by its own creation; the old place is looked at when it is cleaned.
    if (replaces.length > 0) return { changes: true, replaces };
    try {
      return { changes: (await hasWork(news, state)) || changes.length > 0 };
    } catch (error) {
      if (!isProviderError(error) || error.code !== "WRONG_ACCOUNT") throw error;
      report(
        `${news.name}: the connection reaches ${error.target}, so the sync is replaced: filled there, then removed from the recorded account, which must be reachable for that with the connection of the state.`,
      );
      return { changes: true, replaces: ["connection"] };
    }
  },

  async create(inputs) {
    const { session, resolved } = await getConnection(inputs.connection);
    const run = findRun(inputs.ownerId);
    const writer = { generation: generateGeneration(), place: run?.place ?? "" };
    const result = await reconcile(session, inputs, nothingBefore, {
      run,
      writer,
      wantsWrite: wantsWrite(inputs, run?.predecessor),
    });
    const outs = buildState(inputs, undefined, result, { resolved, writer, ids: run?.ids });
    const id = `${inputs.ownerId}-${writer.generation}`;
    const failure = findFailure(inputs, result);
    if (failure) {
      // In a replacement a half-made successor would doom its predecessor; the marks let the next `up` resume.
      const wroteNothing = [...result.outcomes.values()].every((error) => error !== undefined);
      throw wroteNothing || isReplacing(inputs.ownerId)
        ? failure.error
        : markPartlyDone(failure.error, inputs, { id, properties: outs, reasons: failure.reasons });
    }
    reportResult(inputs, result);
    return { id, outs };
  },

  read: (id, props) => readSync(id ?? "", props as SyncState),

  async update(id, olds, news) {
    const state = olds as SyncState;
    const { session, resolved } = await getConnection(news.connection);
    const run = findRun(news.ownerId);
    const writer = { generation: state.generation, place: run?.place || state.place };
    const result = await reconcile(session, news, buildBefore(state), {
      run,
      writer,
      wantsWrite: wantsWrite(news, state),
    });
    const outs = buildState(news, state, result, { resolved, writer, ids: run?.ids });
    const failure = findFailure(news, result);
    if (failure)
      throw markPartlyDone(failure.error, news, { id, properties: outs, reasons: failure.reasons });
    reportResult(news, result);
    return { outs };
  },

  delete: (_id, props) => removeSync(props as SyncState),
} satisfies dynamic.ResourceProvider<SyncInputs, SyncInputs | SyncState>);

/** Whether Snowflake, as it is now, differs from what is wanted. */
async function hasWork(inputs: SyncInputs, state: SyncState): Promise<boolean> {
  const run = findRun(inputs.ownerId);
  if (!isCheckedHere(inputs, run)) return false;
  const planned = run.preview
    ? await previewSync(inputs, state)
    : await planAgainst((await getConnection(inputs.connection)).session, inputs, buildBefore(state), run);
  if (state.syncStatus === "failed") return true;
  if (!planned || !wantsWrite(inputs, state)) return false;
  return planned.steps.some(({ action }) => action !== "leave");
}

interface Failure {
  readonly error: ProviderError;
  readonly reasons: readonly string[];
}

function findFailure(inputs: SyncInputs, { outcomes }: SyncResult): Failure | undefined {
  const reasons = describeFailures(outcomes);
  if (reasons.length === 0) return undefined;
  const error = new ProviderError("PARTLY_DONE", {
    operation: `sync ${inputs.name}: ${reasons.length} of ${outcomes.size} writes failed`,
    target: reasons.join(" ").replace(/\.$/, ""),
    hint: "mend the causes and run again: the next up does exactly the rest.",
    retryable: true,
  });
  return { error, reasons };
}

function reportResult(inputs: SyncInputs, { outcomes, steps, managedSecrets }: SyncResult): void {
  if (outcomes.size === 0) return;
  const done = steps.filter(({ name }) => outcomes.has(name));
  const count = (action: string) => done.filter((step) => step.action === action).length;
  report(
    `${inputs.name}: ${count("create")} created, ${count("alter")} altered, ${count("replace")} replaced, ${count("drop")} dropped; ${Object.keys(managedSecrets).length} managed`,
  );
}
