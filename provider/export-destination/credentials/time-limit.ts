import { buildRefusal } from "./probe.js";

/**
 * Runs `work` and settles within `timeoutMs`, whatever a server does. The signal is aborted when the time is over, and
 * also when `work` is done: whatever was opened under it is closed then.
 *
 * @throws `TIMED_OUT` when the time is over; what `work` does later is dropped.
 */
export async function withinTime<T>(
  target: string,
  timeoutMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const clock = new AbortController();
  const { signal } = clock;
  const timer = setTimeout(() => {
    clock.abort(
      buildRefusal("TIMED_OUT", {
        operation: `the log-in did not end within ${timeoutMs / 1000} s`,
        target,
        hint: "check the address, the service's status and the network path from here; a cold or busy server may need to be started or scaled up first.",
      }),
    );
  }, timeoutMs);
  const end = new Promise<never>((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  try {
    return await Promise.race([work(signal), end]);
  } finally {
    clearTimeout(timer);
    clock.abort();
  }
}
