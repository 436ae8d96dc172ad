/** How a person or a service manager ends the process. */
export interface Signals {
  /** After what is under way. */
  readonly stopping: AbortSignal;
  /** What is under way is interrupted, as Ctrl-C would. */
  readonly aborting: AbortSignal;
  readonly release: () => void;
}

/** What is under way when the process is to end has so much time. */
export const graceMs = 60_000;

/** The first SIGINT or SIGTERM ends the loops after what is under way; a second one, or a minute, interrupts that too. */
export function listenForSignals(): Signals {
  const stopping = new AbortController();
  const aborting = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const onSignal = () => {
    if (stopping.signal.aborted) aborting.abort();
    stopping.abort();
    timer ??= setTimeout(() => aborting.abort(), graceMs);
  };
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) process.on(signal, onSignal);
  return {
    stopping: stopping.signal,
    aborting: aborting.signal,
    release: () => {
      clearTimeout(timer);
      for (const signal of signals) process.removeListener(signal, onSignal);
    },
  };
}
