import { describe, expect, it, vi } from "vitest";
import { denied, type FaultEffect, notVisibleYet, throttled } from "../../support/aws/faults.js";
import { type Operation, StackOfOne } from "./stage.js";
import { useWorld } from "./world.js";

const world = useWorld();
vi.setConfig({ testTimeout: 240_000 });

/** Four tries of 15 seconds, and the SDK's pauses between them. */
const callBoundMs = 70_000;

const forever = Number.POSITIVE_INFINITY;
const unavailable: FaultEffect = { kind: "error", code: "ServiceUnavailable", status: 503 };
const internal: FaultEffect = { kind: "error", code: "InternalServiceError", status: 500 };
const expired: FaultEffect = { kind: "error", code: "ExpiredTokenException" };

const newStack = () => new StackOfOne({ stack: "dev", name: "bi" });

/** An operation of which every call to AWS is hit once. */
interface Scene {
  readonly run: () => Promise<Operation>;
  /** Whether all is as the operation was to leave it. */
  readonly expectDone: (place: string) => Promise<void>;
}

async function expectConnected(stack: StackOfOne, password: string, place: string): Promise<void> {
  expect(stack.outs, place).toMatchObject({ status: "Validated", integrationStatus: "Connected" });
  expect((await world.secrets()).stored, place).toEqual([stack.outs.secretName]);
  const secret = await world.aws.door.secret(stack.outs.secretArn ?? "");
  expect(JSON.parse(secret?.value ?? "{}").password, place).toBe(password);
  expect(secret?.versionId, place).toBe(stack.outs.secretVersionId);
  const { active, successor } = (await world.claim()) ?? {};
  const { destinationId, secretArn } = stack.outs;
  expect(active, place).toMatchObject({ destinationId, secretArn, status: "connected" });
  expect(successor, place).toBeUndefined();
  expect(
    (await stack.up(world.args({ credentials: { ...world.credentials, password } }))).steps,
    place,
  ).toEqual(["same"]);
}

const scenes: Readonly<Record<string, () => Promise<Scene>>> = {
  creation: async () => {
    const stack = newStack();
    return {
      run: () => stack.up(world.args()),
      expectDone: (place) => expectConnected(stack, world.credentials.password, place),
    };
  },
  rotation: async () => {
    const stack = await world.connectedStack();
    const credentials = world.changePassword();
    return {
      run: () => stack.up(world.args({ credentials })),
      expectDone: (place) => expectConnected(stack, credentials.password, place),
    };
  },
  repair: async () => {
    const stack = await world.connectedStack();
    await world.aws.door.putValue(stack.outs.secretArn ?? "", "theirs");
    return {
      run: () => stack.up(world.args()),
      expectDone: (place) => expectConnected(stack, world.credentials.password, place),
    };
  },
  disconnect: async () => {
    const stack = await world.connectedStack();
    const { secretName } = stack.outs;
    return {
      run: () => stack.destroy(),
      expectDone: async (place) => {
        expect(await world.secrets(), place).toEqual({ stored: [], scheduled: [secretName] });
        const claim = await world.claim();
        expect(claim?.active, place).toBeNull();
        expect(claim?.archived, place).toHaveLength(1);
      },
    };
  },
};

/** What a person is told: by the hook that failed, or by check. */
function tell({ error, failures }: Operation): string {
  return error?.message ?? failures.map(({ reason }) => reason).join("; ");
}

async function begin(name: string): Promise<Scene> {
  await world.reset();
  const scene = await scenes[name]?.();
  if (scene === undefined) throw new Error(name);
  world.aws.forgetCalls();
  return scene;
}

/** The operations that AWS is asked for, in order. */
async function listCalls(name: string): Promise<readonly string[]> {
  const scene = await begin(name);
  expect((await scene.run()).error).toBeUndefined();
  return world.aws.calls.map(({ operation }) => operation);
}

describe.each(Object.keys(scenes))("a fault of AWS in a %s", (name) => {
  it.each<[string, FaultEffect]>([
    ["is throttled", throttled],
    ["fails in AWS", internal],
    ["is cut before AWS sees it", { kind: "cut", when: "before" }],
    ["takes effect and loses its answer", { kind: "cut", when: "after" }],
  ])("each call that once %s is tried again, and nothing is done twice", async (_what, effect) => {
    const calls = await listCalls(name);
    for (const [k, call] of calls.entries()) {
      const scene = await begin(name);
      world.aws.faults.add({ operation: "*", skip: k, effect });
      const place = `${call}, call ${k}`;
      expect(tell(await scene.run()), place).toBe("");
      world.aws.faults.clear();
      await scene.expectDone(place);
    }
  });

  it("a token that expires at any call is told, and the next operation finishes with a new one", async () => {
    const calls = await listCalls(name);
    for (const [k, call] of calls.entries()) {
      const scene = await begin(name);
      world.aws.faults.add({ operation: "*", skip: k, times: forever, effect: expired });
      const told = tell(await scene.run());
      const place = `${call}, call ${k}`;
      expect(told, place).toMatch(/AWS ExpiredToken(Exception)?.* Fix: .*renew them/);
      world.aws.faults.clear();
      expect(tell(await scene.run()), place).toBe("");
      await scene.expectDone(place);
    }
  });

  it("a permission that is missing is named, whichever it is, and the next operation finishes with it", async () => {
    const calls = await listCalls(name);
    for (const operation of new Set(calls)) {
      const scene = await begin(name);
      world.aws.faults.add({ operation, times: forever, effect: denied });
      const told = tell(await scene.run());
      const service = { GetCallerIdentity: "sts", GetJobs: "glue", GetJobRuns: "glue" }[operation];
      expect(told, operation).toContain(`allow ${service ?? "secretsmanager"}:${operation}`);
      world.aws.faults.clear();
      expect(tell(await scene.run()), operation).toBe("");
      await scene.expectDone(operation);
    }
  });

  it("an AWS that stays away is told after its tries, and the next operation finishes", async () => {
    const calls = await listCalls(name);
    const last = calls.length - 1;
    for (const [k, effect] of [throttled, unavailable].flatMap((fault) => [
      [1, fault] as const,
      [last, fault] as const,
    ])) {
      const scene = await begin(name);
      world.aws.faults.add({ operation: "*", skip: k, times: forever, effect });
      const started = Date.now();
      const told = tell(await scene.run());
      expect(Date.now() - started).toBeLessThan(callBoundMs);
      expect(told).toMatch(/run again/);
      world.aws.faults.clear();
      expect(tell(await scene.run()), `call ${k}`).toBe("");
      await scene.expectDone(`call ${k}`);
    }
  });
});

describe("an AWS that never answers", () => {
  it("is given up within the bound of one call, in a sentence, and the next up finishes", async () => {
    const stack = newStack();
    world.aws.faults.add({ operation: "CreateSecret", times: forever, effect: { kind: "hang" } });
    const started = Date.now();
    const { error } = await stack.up(world.args());
    expect(Date.now() - started).toBeLessThan(callBoundMs);
    expect(error?.message).toMatch(/^\[AWS_FAILED\] create secret failed \(AWS TimeoutError\)/);
    world.aws.faults.clear();
    expect((await stack.up(world.args())).error).toBeUndefined();
    await expectConnected(stack, world.credentials.password, "after the silence");
  });
});

describe("a secret that was just made", () => {
  it("may be not found for a moment, at any call that follows", async () => {
    const calls = await listCalls("creation");
    const first = calls.indexOf("CreateSecret");
    for (let k = first + 1; k < calls.length; k += 1) {
      // To a creation AWS never answers so.
      if (calls[k] === "CreateSecret") continue;
      const times = calls[k + 1] === "CreateSecret" ? 1 : 2;
      const scene = await begin("creation");
      world.aws.faults.add({ operation: "*", skip: k, times, effect: notVisibleYet });
      const place = `${calls[k]}, call ${k}`;
      expect(tell(await scene.run()), place).toBe("");
      world.aws.faults.clear();
      await scene.expectDone(place);
    }
  });
});

describe("a KMS key that refuses", () => {
  it.each(["EncryptionFailure", "DecryptionFailure"])("%s is told with what to allow", async (code) => {
    const operation = code === "EncryptionFailure" ? "CreateSecret" : "GetSecretValue";
    const stack = newStack();
    world.aws.faults.add({ operation, times: forever, effect: { kind: "error", code } });
    const { error } = await stack.up(world.args());
    expect(error?.message).toMatch(/check that the .* exists, is enabled/);
    expect((await world.secrets()).stored).toEqual([]);
    world.aws.faults.clear();
    expect((await stack.up(world.args())).error).toBeUndefined();
    await expectConnected(stack, world.credentials.password, code);
  });
});

describe("a secret that somebody takes away in the middle of a rotation", () => {
  it("is not restored unasked, and nothing is lost", async () => {
    const stack = await world.connectedStack({ destinationId: "fixed" });
    const { secretArn = "" } = stack.outs;
    const credentials = world.changePassword();
    let deletion: Promise<void> | undefined;
    const start = () => {
      deletion ??= world.aws.door.deleteSecret(secretArn, "scheduled");
      return true;
    };
    const args = world.args({ credentials, destinationId: "fixed" });
    world.aws.faults.add({
      operation: "PutSecretValue",
      matches: ({ SecretId }) => SecretId === secretArn && start(),
      effect: { kind: "hold", when: "before", until: new Promise((resolve) => setTimeout(resolve, 500)) },
    });
    const { error } = await stack.up(args);
    expect(deletion).toBeDefined();
    expect(error?.code).toMatch(/PENDING_DELETION|AWS_FAILED/);
    expect((await world.aws.door.secret(secretArn))?.deletedDate).toBeDefined();
    world.aws.faults.clear();
    const again = await stack.up({ ...args, onPendingDeletion: "restore" });
    expect(again.error).toBeUndefined();
    const secret = await world.aws.door.secret(secretArn);
    expect(JSON.parse(secret?.value ?? "{}").password).toBe(credentials.password);
  });
});
