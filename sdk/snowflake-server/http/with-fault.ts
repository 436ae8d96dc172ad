import { setTimeout as sleep } from "node:timers/promises";
import type { FaultEffect } from "../faults.js";
import type { ServerState } from "../server-state.js";
import type { Answer } from "./answers.js";
import type { Delivery } from "./message.js";

/** How a request is applied, and how refused by a fault. */
export interface Application {
  /** Ends a hang when the client has gone. */
  readonly disconnected: AbortSignal;
  readonly apply: () => Answer;
  readonly refuse: (fault: Extract<FaultEffect, { kind: "sql-error" }>) => Answer;
  /** Called where the fault keeps the request from being applied. */
  readonly lose?: () => void;
  /** Ends a hang with an answer of its own, when the request is aborted. */
  readonly aborted?: { readonly signal: AbortSignal; readonly answer: () => Answer };
}

/** Applies a request under the effect of a fault, or plainly. */
export async function withFault(
  state: ServerState,
  effect: FaultEffect | undefined,
  application: Application,
): Promise<Delivery> {
  switch (effect?.kind) {
    case undefined:
    case "expire-session":
      return plain(application.apply());
    case "sql-error":
      return plain(application.refuse(effect));
    case "http-status":
      application.lose?.();
      return plain({ status: effect.status, body: { message: "The service is not available." } });
    case "dribble":
      return { kind: "answer", answer: application.apply(), everyMs: effect.everyMs };
    case "cut":
      if (effect.when === "after") application.apply();
      else application.lose?.();
      return { kind: "cut" };
    case "call": {
      if (effect.when === "before") effect.call();
      const answer = application.apply();
      if (effect.when === "after") effect.call();
      return plain(answer);
    }
    case "hang":
      if (effect.when === "after") application.apply();
      else application.lose?.();
      return hang(state, application);
  }
}

function plain(answer: Answer): Delivery {
  return { kind: "answer", answer };
}

/** Longer than any test waits; the server's stop ends it. */
const FOREVER_MS = 2 ** 31 - 1;

async function hang(state: ServerState, { aborted, disconnected }: Application): Promise<Delivery> {
  const signals = [state.stopped, disconnected, ...(aborted === undefined ? [] : [aborted.signal])];
  try {
    await sleep(FOREVER_MS, undefined, { signal: AbortSignal.any(signals) });
  } catch {
    if (aborted?.signal.aborted === true && !state.stopped.aborted) return plain(aborted.answer());
  }
  return { kind: "cut" };
}
