import type { RunNote } from "../../../provider/engine/run-notes.js";

/** A log-in as a run noted it. */
export type LoginNote = Extract<RunNote, { kind: "login" }>;

/** What is known of the log-ins of stacks: Snowflake locks a user, whatever stack it is of. */
export interface LoginWatch {
  /** The log-ins of a run of a stack. */
  note(stack: string, logins: readonly LoginNote[]): void;
  forget(stack: string): void;
  /** By stack: refused log-ins in a row of its user, where it has several the most. */
  countRefused(): ReadonlyMap<string, number>;
}

/** Watches the log-ins of one process. */
export function watchLogins(): LoginWatch {
  const refused = new Map<string, number>();
  const loginsOf = new Map<string, ReadonlySet<string>>();
  return {
    note: (stack, logins) => {
      if (logins.length === 0) return;
      for (const { login, outcome } of logins) {
        if (outcome === "accepted") refused.set(login, 0);
        if (outcome === "refused") refused.set(login, (refused.get(login) ?? 0) + 1);
      }
      loginsOf.set(stack, new Set(logins.map(({ login }) => login)));
    },
    forget: (stack) => {
      loginsOf.delete(stack);
      const used = new Set([...loginsOf.values()].flatMap((logins) => [...logins]));
      for (const login of refused.keys()) if (!used.has(login)) refused.delete(login);
    },
    countRefused: () =>
      new Map(
        [...loginsOf].map(([stack, logins]) => [
          stack,
          Math.max(0, ...[...logins].map((login) => refused.get(login) ?? 0)),
        ]),
      ),
  };
}
