import { withTimeLimit } from "../../core/time.js";
import { buildRefusal } from "./probe.js";

/**
 * Runs a log-in, or another question to a service, within `timeoutMs`; see `withTimeLimit`.
 *
 * @throws TIMED_OUT when the time is over
 */
export function withinTime<T>(
  target: string,
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const buildError = () =>
    buildRefusal("TIMED_OUT", {
      operation: `the log-in did not end within ${timeoutMs / 1000} s`,
      target,
      hint: "check the address, the service's status and the network path from here; a cold or busy server may need to be started or scaled up first.",
    });
  return withTimeLimit(timeoutMs, buildError, work);
}
