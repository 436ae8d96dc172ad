import type { IncomingHttpHeaders } from "node:http2";
import { createConnection, Server } from "node:net";
import { withTimeLimit } from "../core/time.js";
import type { Operation } from "./operation.js";

/** Less than the 5 s after which the engine kills its plugins; a log-in under way may last longer. */
const endTimeoutMs = 4_000;

/** Waits for what ends a process, but never longer than the engine waits for the process. */
export async function endInTime(end: () => Promise<unknown>): Promise<void> {
  await withTimeLimit(endTimeoutMs, () => undefined, end).catch(() => undefined);
}

/** Ends the operation when the engine ends the process, which it does with SIGINT. */
export function endOnInterrupt(operation: Operation): void {
  process.once("SIGINT", () => {
    void endInTime(() => operation.end()).then(endAsInterrupted);
  });
}

/** What the engine calls on the first Ctrl-C. */
const cancelPath = "/pulumirpc.ResourceProvider/Cancel";

/**
 * Cancels the operation when the engine says so: what is under way ends, and nothing more begins. Pulumi's host of
 * dynamic providers answers that call and tells nobody, so it is seen where it arrives: at the server of this process,
 * which Node names in no documented way. Without it everything that was begun is carried to its end.
 */
export function cancelWithEngine(operation: Operation): void {
  const { _getActiveHandles: findHandles } = process as { _getActiveHandles?(): readonly unknown[] };
  for (const handle of findHandles?.call(process) ?? []) {
    if (!(handle instanceof Server)) continue;
    handle.on("stream", (_stream: unknown, headers: IncomingHttpHeaders) => {
      if (headers[":path"] === cancelPath) operation.cancel();
    });
  }
}

/** How often to look whether the engine, or another parent, is still there. */
const parentCheckMs = 1_000;

/**
 * Calls `end` once when the process that started this one is gone: one that was killed tells nobody. It holds no process
 * up.
 *
 * @returns what ends the watch
 */
export function whenParentEnds(end: () => void): () => void {
  const { ppid } = process;
  const timer = setInterval(() => {
    if (process.ppid === ppid) return;
    clearInterval(timer);
    end();
  }, parentCheckMs).unref();
  return () => clearInterval(timer);
}

/**
 * Ends the operation, and the process with it, when the engine is gone: one that was killed tells nobody, and the writes
 * of its host would come between those of the next run. Without an address there is nobody to look for.
 */
export function endWithEngine(operation: Operation, engineAddress = ""): void {
  const [, host, port] = /^(.+):(\d+)$/.exec(engineAddress) ?? [];
  if (host === undefined) return;
  const look = () => {
    const socket = createConnection({ host, port: Number(port) }, () => socket.destroy()).unref();
    socket.once("error", (error: NodeJS.ErrnoException) => {
      // Whatever else it is, somebody listens there.
      if (error.code !== "ECONNREFUSED") return;
      clearInterval(timer);
      operation.cancel();
      void endInTime(() => operation.end()).then(() => process.exit(1));
    });
  };
  const timer = setInterval(look, parentCheckMs).unref();
}

// As if nobody had listened: an exit code that is set stays, and otherwise the signal itself ends the process.
function endAsInterrupted(): void {
  if (process.listenerCount("SIGINT") > 0) return;
  if (process.exitCode === undefined) process.kill(process.pid, "SIGINT");
  else process.exit();
}
