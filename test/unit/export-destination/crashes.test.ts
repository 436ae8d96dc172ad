import { describe, expect, it, vi } from "vitest";
import type { FaultEffect } from "../../support/aws/faults.js";
import { StackOfOne } from "../../support/stack-of-one.js";
import { useFixture } from "./fixture.js";

const fixture = useFixture();

// Each test goes through every call once.
vi.setConfig({ testTimeout: 240_000 });

/** A connection that ends for good: every try of the SDK, and every later call, as when the process dies. */
const dies = (skip: number, when: "before" | "after") => {
  fixture.aws.faults.add({ operation: "*", skip, times: 1, effect: { kind: "cut", when } });
  fixture.aws.faults.add({
    operation: "*",
    skip: skip + 1,
    times: Number.POSITIVE_INFINITY,
    effect: refused,
  });
};
const refused: FaultEffect = { kind: "error", code: "AccessDeniedException" };

async function countCalls(work: () => Promise<unknown>): Promise<number> {
  fixture.aws.forgetCalls();
  await work();
  return fixture.aws.callCount();
}

async function expectHealthy(stack: StackOfOne, password: string) {
  expect(stack.outs).toMatchObject({ status: "Validated", integrationStatus: "Connected" });
  const { stored } = await fixture.secrets();
  expect(stored).toEqual([stack.outs.secretName]);
  const secret = await fixture.aws.control.secret(stack.outs.secretArn ?? "");
  expect(JSON.parse(secret?.value ?? "{}").password).toBe(password);
  expect(secret?.versionId).toBe(stack.outs.secretVersionId);
  const claim = await fixture.claim();
  expect(claim?.active).toMatchObject({
    destinationId: stack.outs.destinationId,
    secretArn: stack.outs.secretArn,
    status: "connected",
  });
  expect(claim?.successor).toBeUndefined();
}

describe("a crash after any call to AWS", () => {
  it.each(["before", "after"] as const)(
    "in a creation, %s it is carried out, is healed by the next up",
    async (when) => {
      const calls = await countCalls(async () => {
        await fixture.connectedStack();
      });
      expect(calls).toBeGreaterThan(5);
      for (let k = 0; k < calls; k += 1) {
        await fixture.reset();
        const crashed = new StackOfOne({ stack: "dev", name: "bi" });
        dies(k, when);
        await crashed.up(fixture.args());
        fixture.aws.faults.clear();
        // The process died, so nothing of this operation reached the state.
        const stack = new StackOfOne({ stack: "dev", name: "bi" });
        const up = await stack.up(fixture.args());
        expect(up.error, `call ${k}`).toBeUndefined();
        await expectHealthy(stack, fixture.credentials.password);
      }
    },
  );

  it("in a creation, seen by the hooks, is healed by the next up, or by destroy", async () => {
    const calls = await countCalls(async () => {
      await fixture.connectedStack();
    });
    for (let k = 0; k < calls; k += 1) {
      for (const then of ["up", "destroy"] as const) {
        await fixture.reset();
        const stack = new StackOfOne({ stack: "dev", name: "bi" });
        dies(k, "after");
        const first = await stack.up(fixture.args());
        if (first.error === undefined) continue;
        expect(stack.kept?.outs.status ?? "Testing", `call ${k}`).toBe("Testing");
        fixture.aws.faults.clear();
        if (then === "up") {
          expect((await stack.up(fixture.args())).error, `call ${k}`).toBeUndefined();
          await expectHealthy(stack, fixture.credentials.password);
        } else if (stack.kept !== undefined) {
          expect((await stack.destroy()).error, `call ${k}`).toBeUndefined();
          expect((await fixture.secrets()).stored, `call ${k}`).toEqual([]);
          expect((await fixture.claim())?.active ?? null, `call ${k}`).toBeNull();
        }
      }
    }
  });

  it.each(["before", "after"] as const)(
    "in a rotation, %s it is carried out, is healed by the next up",
    async (when) => {
      const rotate = async (stack: StackOfOne) => stack.up(fixture.args({ credentials: fixture.addUser() }));
      const model = await fixture.connectedStack();
      const calls = await countCalls(() => rotate(model));
      for (let k = 0; k < calls; k += 1) {
        await fixture.reset();
        const stack = await fixture.connectedStack();
        const restore = stack.snapshot();
        const next = fixture.addUser();
        dies(k, when);
        await stack.up(fixture.args({ credentials: next }));
        fixture.aws.faults.clear();
        restore();
        const up = await stack.up(fixture.args({ credentials: next }));
        expect(up.error, `call ${k}`).toBeUndefined();
        await expectHealthy(stack, next.password);
      }
    },
  );

  it("in a rotation, followed by destroy, leaves nothing behind, or refuses until an up has finished it", async () => {
    const model = await fixture.connectedStack();
    const calls = await countCalls(() => model.up(fixture.args({ credentials: fixture.addUser() })));
    for (let k = 0; k < calls; k += 1) {
      await fixture.reset();
      const stack = await fixture.connectedStack();
      const restore = stack.snapshot();
      const next = fixture.addUser();
      dies(k, "after");
      await stack.up(fixture.args({ credentials: next }));
      fixture.aws.faults.clear();
      restore();
      const destroy = await stack.destroy();
      if (destroy.error !== undefined) {
        expect(destroy.error.message, `call ${k}`).toContain("which this state does not hold");
        expect((await stack.up(fixture.args({ credentials: next }))).error, `call ${k}`).toBeUndefined();
        expect((await stack.destroy()).error, `call ${k}`).toBeUndefined();
      }
      expect((await fixture.secrets()).stored, `call ${k}`).toEqual([]);
      expect((await fixture.claim())?.active ?? null, `call ${k}`).toBeNull();
    }
  });

  it("in a rotation, followed by the old credentials again, leaves the old destination at work", async () => {
    const model = await fixture.connectedStack();
    const calls = await countCalls(() => model.up(fixture.args({ credentials: fixture.addUser() })));
    for (let k = 0; k < calls; k += 1) {
      await fixture.reset();
      const stack = await fixture.connectedStack();
      dies(k, "after");
      const failed = await stack.up(fixture.args({ credentials: fixture.addUser() }));
      fixture.aws.faults.clear();
      if (failed.error === undefined || stack.doomed.length > 0) continue;
      expect((await stack.up(fixture.args())).error, `call ${k}`).toBeUndefined();
      const again = await stack.up(fixture.args());
      expect(again.steps, `call ${k}`).toEqual(["same"]);
      const secret = await fixture.aws.control.secret(stack.outs.secretArn ?? "");
      expect(JSON.parse(secret?.value ?? "{}").password, `call ${k}`).toBe(fixture.credentials.password);
      expect((await stack.destroy()).error, `call ${k}`).toBeUndefined();
      expect((await fixture.secrets()).stored, `call ${k}`).toEqual([]);
      expect((await fixture.claim())?.active, `call ${k}`).toBeNull();
    }
  });

  it.each(["before", "after"] as const)(
    "in a disconnect, %s it is carried out, is healed by the next destroy",
    async (when) => {
      const model = await fixture.connectedStack();
      const calls = await countCalls(() => model.destroy());
      for (let k = 0; k < calls; k += 1) {
        await fixture.reset();
        const stack = await fixture.connectedStack();
        const before = stack.kept;
        const restore = stack.snapshot();
        dies(k, when);
        await stack.destroy();
        fixture.aws.faults.clear();
        restore();
        expect((await stack.destroy()).error, `call ${k}`).toBeUndefined();
        expect(await fixture.secrets()).toEqual({ stored: [], scheduled: [before?.outs.secretName] });
        expect((await fixture.claim())?.active).toBeNull();
      }
    },
  );
});
