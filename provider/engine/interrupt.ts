import { createConnection } from "node:net";
import type { Operation } from "./operation.js";

/** Less than the 5 s after which the engine kills its plugins; a log-in under way may last longer. */
const interruptTimeoutMs = 4_000;

/** Ends the operation when the engine ends the process, which it does with SIGINT. */
export function endOnInterrupt(operation: Operation): void {
  process.once("SIGINT", () => {
    const timeout = new Promise((resolve) => setTimeout(resolve, interruptTimeoutMs));
    void Promise.race([operation.end(), timeout]).then(endAsInterrupted);
  });
}

/** How often to look whether the engine is still there. */
const engineCheckMs = 1_000;

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
      const timeout = new Promise((resolve) => setTimeout(resolve, interruptTimeoutMs));
      void Promise.race([operation.end(), timeout]).then(() => process.exit(1));
    });
  };
  const timer = setInterval(look, engineCheckMs).unref();
}

// As if nobody had listened: an exit code that is set stays, and otherwise the signal itself ends the process.
function endAsInterrupted(): void {
  if (process.listenerCount("SIGINT") > 0) return;
  if (process.exitCode === undefined) process.kill(process.pid, "SIGINT");
  else process.exit();
}
