import { hostname } from "node:os";
import { describe, expect, it } from "vitest";
import { createLockError, isStackLocked } from "../../../sdk/cli/stack-lock.js";

/** As backends of files and buckets tell it. */
const tell = (host: string, pid: number) =>
  `error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with \`pulumi cancel\`.\n  file:///b/.pulumi/locks/organization/p/dev/1.json: created by jo@${host} (pid ${pid}) at 2026-01-01T00:00:00Z\n`;

describe("the lock of a stack", () => {
  it("is told with who holds it, and is worth another try", () => {
    const error = createLockError("dev", tell("another", 1));
    expect(isStackLocked(error)).toBe(true);
    expect(error.message).toBe(
      '[TIMED_OUT] another update of stack "dev" is running: jo on another, process 1, since 2026-01-01T00:00:00Z. Fix: run again when it has ended. If it was interrupted, run `pulumi cancel --stack dev`, then `pulumi up`.',
    );
    expect(createLockError("dev", "[409] Conflict").message).toContain("is running. Fix: run again");
  });

  it("is called stale only where its process is known to have ended: on this machine", () => {
    const dead = 2 ** 22 + 1;
    expect(createLockError("dev", tell(hostname(), dead)).message).toContain(
      'stack "dev" is locked by an update that no longer runs: jo on ',
    );
    for (const text of [tell(hostname(), process.pid), tell("another", dead), tell(hostname(), 1)]) {
      expect(createLockError("dev", text).message).toContain("is running: jo on ");
    }
  });
});
