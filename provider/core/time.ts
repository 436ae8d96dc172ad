/**
 * Runs `work` and settles within `timeoutMs`, whatever it does. The signal is aborted when the time is over, and also
 * when `work` is done: whatever was opened under it is closed then. What `work` does later is dropped.
 *
 * @throws what `buildError` makes, when the time is over
 */
export async function withTimeLimit<T>(
  timeoutMs: number,
  buildError: () => unknown,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const clock = new AbortController();
  const timer = setTimeout(() => clock.abort(buildError()), timeoutMs);
  try {
    return await untilAborted(clock.signal, () => work(clock.signal));
  } finally {
    clearTimeout(timer);
    clock.abort();
  }
}

/**
 * Settles with `work`, or fails when the signal is aborted: for a call that takes no signal itself, or may not heed it.
 *
 * @throws what `buildError` makes of the signal's reason, when it is aborted
 */
export async function untilAborted<T>(
  signal: AbortSignal,
  work: () => Promise<T>,
  buildError: (reason: unknown) => unknown = (reason) => reason,
): Promise<T> {
  let stop = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(buildError(signal.reason));
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
  // Whether anybody waits for it or not.
  aborted.catch(() => undefined);
  try {
    return await Promise.race([work(), aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
