import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseEnginePlan } from "../../../sdk/cli/plan-guard.js";
import { isStackLocked, type StackAccess } from "../../../sdk/cli/stack-access.js";
import { type ExportedResource, readStackSyncs } from "../../../sdk/cli/stack-syncs.js";
import { runSync, type SyncMemory } from "../../../sdk/cli/sync-run.js";
import { buildResource, print } from "./exported-sync.js";

/** A stack whose engine does what its program says: the secrets that are given here, and nothing else. */
class FakeStack implements StackAccess {
  readonly stackName = "dev";
  readonly programDirectory = ".";
  readonly mayRun = () => false;
  readonly engineVersion = "0";
  resource = buildResource();
  others: ExportedResource[] = [];
  program: Record<string, string> = {};
  /** What somebody else does while the preview runs. */
  onPreview = () => {};
  readonly calls: string[] = [];

  readResources = async (): Promise<readonly ExportedResource[]> => {
    this.calls.push("read");
    return [this.resource, ...this.others];
  };
  isBeingUpdated = false;
  isUpdating = async () => this.isBeingUpdated;
  readConfig = async () => ({ get: () => undefined });
  runPlanned: StackAccess["runPlanned"] = async ([urn = ""], { judge }) => {
    this.onPreview();
    const goal = { inputDiff: { updates: { secrets: this.program } } };
    const plan = parseEnginePlan(JSON.stringify({ resourcePlans: { [urn]: { steps: ["update"], goal } } }));
    this.calls.push("preview");
    if (!judge(plan, [this.resource, ...this.others])) return "declined";
    this.calls.push("up");
    this.resource = buildResource({ secrets: this.program });
    return "done";
  };
}

const ofProgram = { P: print("P", "program") };

describe("a run of auto-sync that begins with what the last one left", () => {
  let stack: FakeStack;
  let memory: SyncMemory;

  beforeEach(() => {
    stack = new FakeStack();
    stack.resource = buildResource({ secrets: { ...ofProgram, A: print("A", "1") } });
    stack.program = { ...ofProgram, A: print("A", "2") };
    memory = { syncs: Promise.resolve(readStackSyncs([stack.resource])) };
    process.env.APP_A = "2";
  });
  afterEach(() => {
    delete process.env.APP_A;
  });

  const run = () => runSync(stack, { choose: (syncs) => syncs, isManual: false, memory });

  it("does not wait for the state, and leaves what the next one begins with", async () => {
    expect(await run()).toMatchObject({ kind: "synced", changes: "app: ~ A" });
    expect(stack.calls).toEqual(["preview", "up", "read"]);
    expect((await memory.syncs)?.[0]?.secrets).toEqual(stack.program);

    stack.calls.length = 0;
    process.env.APP_A = "3";
    stack.program = { ...ofProgram, A: print("A", "3") };
    expect(await run()).toMatchObject({ kind: "synced" });
    expect(stack.calls).toEqual(["preview", "up", "read"]);
  });

  it("never says on memory alone that nothing changed", async () => {
    memory.syncs = Promise.resolve(readStackSyncs([buildResource({ secrets: stack.program })]));
    expect(await run()).toMatchObject({ kind: "synced" });
    expect(stack.calls).toEqual(["read", "preview", "up", "read"]);
  });

  it("does nothing by a memory that somebody's deployment has overtaken", async () => {
    // The checkout here still has the program's old value, which the memory takes for the deployed one.
    stack.resource = buildResource({ secrets: { P: print("P", "newer"), A: print("A", "1") } });
    expect(await run()).toMatchObject({
      kind: "refused",
      excess: ["app: secrets.P has another value in the program, which only `pulumi up` writes"],
    });
    expect(stack.calls).toEqual(["preview", "read", "preview", "read"]);
  });

  it("waits, in place of refusing, while what differs is somebody's update that is in progress", async () => {
    stack.program = { ...ofProgram, A: print("A", "other") };
    expect(await run()).toMatchObject({ kind: "refused" });
    stack.isBeingUpdated = true;
    const error = await run().catch((thrown: unknown) => thrown);
    expect(isStackLocked(error)).toBe(true);
    expect(String(error)).toContain(
      'another update of stack "dev" is running. Fix: run again when it has ended',
    );
    expect(stack.calls).not.toContain("up");
  });

  it("names the syncs that have no source to follow", async () => {
    stack.others = [
      { ...buildResource({ secrets: ofProgram, sources: [] }), urn: `${stack.resource.urn}-2` },
    ];
    process.env.APP_A = "1";
    expect(await run()).toMatchObject({
      kind: "unchanged",
      syncs: ["app", "app-2"],
      withoutSource: ["app-2"],
    });
  });

  it("does not overlook a sync that was deployed since", async () => {
    const other = { ...buildResource({ secrets: {} }), urn: `${stack.resource.urn}-2` };
    stack.others = [other];
    expect(await run()).toMatchObject({ kind: "synced", syncs: ["app", "app-2"] });
    expect(stack.calls).toEqual(["preview", "read", "preview", "up", "read"]);
  });

  it("looks again when a source changes between the look and the preview", async () => {
    stack.onPreview = () => {
      process.env.APP_A = "3";
      stack.program = { ...ofProgram, A: print("A", "3") };
    };
    expect(await run()).toMatchObject({ kind: "synced", changes: "app: ~ A" });
    expect(stack.calls).toEqual(["preview", "read", "preview", "up", "read"]);
  });

  it("looks again when somebody deploys in between, and waits for one who does not stop", async () => {
    delete memory.syncs;
    const deploy = (version: string) => {
      stack.resource = buildResource({ secrets: { P: print("P", version), A: print("A", "1") } });
    };
    stack.onPreview = () => deploy("newer");
    expect(await run()).toMatchObject({ kind: "refused" });
    expect(stack.calls).toEqual(["read", "preview", "read", "preview", "read"]);

    let deployments = 0;
    stack.onPreview = () => {
      deployments += 1;
      deploy(String(deployments));
    };
    const error = await run().catch((thrown: unknown) => thrown);
    expect(isStackLocked(error)).toBe(true);
    expect(stack.calls).not.toContain("up");
  });

  it("reads the state first without a memory, or when it could not be read last time", async () => {
    memory.syncs = Promise.resolve(undefined);
    expect(await run()).toMatchObject({ kind: "synced" });
    expect(stack.calls).toEqual(["read", "preview", "up", "read"]);
  });
});
