import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { untilAborted, withTimeLimit } from "../../../provider/core/time.js";

const never = new Promise<never>(() => undefined);
const late = () => new Error("too late");

describe("a time limit", () => {
  it("gives what the work gives, and then closes what was opened under its signal", async () => {
    let signal: AbortSignal | undefined;
    const answer = await withTimeLimit(60_000, late, async (own) => {
      signal = own;
      expect(own.aborted).toBe(false);
      return "done";
    });
    expect([answer, signal?.aborted]).toEqual(["done", true]);
    await expect(withTimeLimit(60_000, late, () => Promise.reject(new Error("refused")))).rejects.toThrow(
      "refused",
    );
  });

  it("fails with its own error when the time is over, and drops what comes later", async () => {
    let fail = (_: Error) => {};
    let reason: unknown;
    const work = (signal: AbortSignal) => {
      signal.addEventListener("abort", () => {
        reason = signal.reason;
      });
      return new Promise<never>((_, reject) => {
        fail = reject;
      });
    };
    await expect(withTimeLimit(10, late, work)).rejects.toThrow("too late");
    expect(reason).toEqual(late());
    // Vitest fails on a rejection that nobody handles.
    fail(new Error("nobody waits"));
    await new Promise((resolve) => setImmediate(resolve));
  });

  it("heeds a signal that is aborted already, and leaves no listener at one that is not", async () => {
    await expect(untilAborted(AbortSignal.abort("over"), () => never)).rejects.toBe("over");
    await expect(untilAborted(AbortSignal.abort(), () => never, late)).rejects.toThrow("too late");
    const { signal } = new AbortController();
    expect(await untilAborted(signal, async () => 1)).toBe(1);
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });
});
