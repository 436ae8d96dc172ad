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

// As if nobody had listened: an exit code that is set stays, and otherwise the signal itself ends the process.
function endAsInterrupted(): void {
  if (process.listenerCount("SIGINT") > 0) return;
  if (process.exitCode === undefined) process.kill(process.pid, "SIGINT");
  else process.exit();
}
