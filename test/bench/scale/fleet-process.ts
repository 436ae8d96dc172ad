import { createEventLog } from "../../../sdk/cli/auto-sync/event-log.js";
import type { FollowedStack } from "../../../sdk/cli/auto-sync/followed-stacks.js";
import { runService } from "../../../sdk/cli/auto-sync/service.js";
import { listenForSignals } from "../../../sdk/cli/auto-sync/signals.js";
import { createOutput } from "../../../sdk/cli/output.js";
import { parseEnginePlan } from "../../../sdk/cli/plan-guard.js";
import type { StackAccess } from "../../../sdk/cli/stack-access.js";
import type { ExportedResource } from "../../../sdk/cli/stack-syncs.js";
import type { EngineAnswer, EngineCall, Start } from "./messages.js";

// auto-sync as its command runs it, in a process of its own, but for Pulumi's engine, which the parent stands in for.

const calls = new Map<number, (answer: EngineAnswer) => void>();
let lastId = 0;

function callEngine(stack: string, step: EngineCall["step"]): Promise<EngineAnswer> {
  lastId += 1;
  const id = lastId;
  return new Promise((resolve, reject) => {
    calls.set(id, (answer) => {
      calls.delete(id);
      if (answer.problem === undefined) resolve(answer);
      else reject(new Error(answer.problem));
    });
    process.send?.({ id, stack, step } satisfies EngineCall);
  });
}

function openStack(stackName: string, state: ExportedResource): StackAccess {
  let resource = state;
  let writes = 0;
  return {
    stackName,
    programDirectory: ".",
    mayRun: () => false,
    engineVersion: "",
    readResources: async () => [resource],
    readStamp: async () => String(writes),
    isUpdating: async () => false,
    readConfig: async () => ({ get: () => undefined, ofPackage: () => ({}) }),
    runPlanned: async ([urn = ""], { judge }) => {
      const { secrets } = await callEngine(stackName, "preview");
      const goal = { inputDiff: { updates: { secrets } } };
      const plan = { resourcePlans: { [urn]: { steps: ["update"], goal } } };
      if (!judge(parseEnginePlan(JSON.stringify(plan)), [resource])) return "declined";
      const written = await callEngine(stackName, "up");
      resource = written.resource ?? resource;
      writes += 1;
      return "done";
    },
  };
}

async function follow({ stacks, intervalMs, concurrency }: Start): Promise<void> {
  // A process with real stacks has it in memory.
  await import("@pulumi/pulumi/automation/index.js");
  const project = { name: "scale", directory: "", programDirectory: ".", backend: undefined };
  const followed = Object.keys(stacks).map((stackName) => ({
    key: stackName,
    stackName,
    isNamed: true,
    project: project as FollowedStack["project"],
    allowedCommands: [],
    environment: undefined,
  }));
  const signals = listenForSignals();
  await runService({
    find: async () => followed,
    open: async ({ stackName }) => {
      const state = stacks[stackName];
      if (state === undefined) throw new Error(`There is no stack ${stackName}.`);
      return openStack(stackName, state);
    },
    waitsForStacks: false,
    intervalMs,
    concurrency,
    listen: { host: "127.0.0.1", port: 0 },
    monitor: { host: "127.0.0.1", port: 0 },
    signals,
    log: createEventLog(createOutput(true), "info"),
  });
  signals.release();
  process.disconnect();
}

process.once("message", (start: Start) => {
  process.on("message", (answer: EngineAnswer) => calls.get(answer.id)?.(answer));
  void follow(start);
});
