/** What a fault rule may look at. */
export interface FaultSubject {
  readonly on: "statement" | "login" | "renewal";
  /** The statement's text; for a log-in the user's name; empty for a renewal. */
  readonly text: string;
  readonly user: string | undefined;
  readonly role: string | undefined;
}

/** What happens in place of the plain answer. */
export type FaultEffect =
  /** An answer as Snowflake gives it, with HTTP status 200; nothing is applied. */
  | {
      readonly kind: "sql-error";
      readonly code: string;
      readonly sqlState?: string;
      readonly message: string;
    }
  /** No answer, until aborted or stopped. @default when "before" the statement is applied */
  | { readonly kind: "hang"; readonly when?: "before" | "after" }
  /** The answer, a byte at a time; the statement is applied. */
  | { readonly kind: "dribble"; readonly everyMs: number }
  /** An HTTP status without Snowflake's envelope, such as 429 or 503; nothing is applied. */
  | { readonly kind: "http-status"; readonly status: number }
  /** The connection ends without an answer, before or after the statement is applied. */
  | { readonly kind: "cut"; readonly when: "before" | "after" }
  /** The session's token expires just before: 390112, and the driver renews it. */
  | { readonly kind: "expire-session" }
  /** Runs the test's own code right before or after the statement is applied, and answers as usual. */
  | { readonly kind: "call"; readonly when: "before" | "after"; readonly call: () => void };

/** A fault for the requests that match. A repeated request (same request id) counts again. */
export interface FaultRule {
  /** @default "statement" */
  readonly on?: FaultSubject["on"];
  /** Tested on the subject's text, or a predicate. @default every subject of that kind */
  readonly match?: RegExp | ((subject: FaultSubject) => boolean);
  /** How many matches pass unharmed first. @default 0 */
  readonly skip?: number;
  /** How many matches after those are hit; `Infinity` for all. @default 1 */
  readonly times?: number;
  readonly effect: FaultEffect;
}

/** The rules in force, oldest first; the first that matches and is due decides. */
export class Faults {
  #rules: { readonly rule: FaultRule; seen: number }[] = [];

  add(rule: FaultRule): void {
    this.#rules.push({ rule, seen: 0 });
  }

  clear(): void {
    this.#rules = [];
  }

  /** The effect for this subject, counting it on every rule that matches. */
  next(subject: FaultSubject): FaultEffect | undefined {
    let effect: FaultEffect | undefined;
    for (const entry of this.#rules) {
      const { on = "statement", match, skip = 0, times = 1 } = entry.rule;
      if (on !== subject.on || !matches(match, subject)) continue;
      entry.seen += 1;
      if (entry.seen > skip && entry.seen <= skip + times) effect ??= entry.rule.effect;
    }
    return effect;
  }
}

function matches(match: FaultRule["match"], subject: FaultSubject): boolean {
  if (match === undefined) return true;
  // search() ignores the position that a global expression keeps between calls.
  return match instanceof RegExp ? subject.text.search(match) >= 0 : match(subject);
}
