import type { AwsCall } from "./proxy.js";

/** What happens to a call instead of, or beside, being passed on. */
export type FaultEffect =
  /** An answer of AWS's shape, and the service never sees the call. */
  | { readonly kind: "error"; readonly code: string; readonly status?: number; readonly message?: string }
  /** The connection is cut: before the service sees the call, or after it has carried it out. */
  | { readonly kind: "cut"; readonly when: "before" | "after" }
  /** No answer, until the client gives up. */
  | { readonly kind: "hang" }
  /** The call, or its answer, waits until a promise settles; for tests of concurrency. */
  | { readonly kind: "hold"; readonly when: "before" | "after"; readonly until: Promise<unknown> };

/** Which calls a fault hits. */
export interface FaultRule {
  /** The operation's name, "CreateSecret", or "*" for every one. */
  readonly operation: string;
  /** Further condition on the request. */
  readonly matches?: (body: AwsCall["body"], call: AwsCall) => boolean;
  /** How many matching calls go through first. @default 0 */
  readonly skip?: number;
  /** How many calls are hit then. @default 1 */
  readonly times?: number;
  readonly effect: FaultEffect;
}

/** AWS's answer to a caller that is too fast. */
export const throttled: FaultEffect = {
  kind: "error",
  code: "ThrottlingException",
  status: 400,
  message: "Rate exceeded",
};

/** AWS's answer while a secret that was just made is not visible everywhere yet. */
export const notVisibleYet: FaultEffect = {
  kind: "error",
  code: "ResourceNotFoundException",
  status: 400,
  message: "Secrets Manager can't find the specified secret.",
};

/** AWS's answer to a caller without the permission. */
export const denied: FaultEffect = {
  kind: "error",
  code: "AccessDeniedException",
  status: 400,
  message: "User is not authorized to perform this action because no identity-based policy allows it",
};

/** AWS's answer to a caller that may use the secret and not its KMS key; the name is the same as above. */
export const keyDenied: FaultEffect = {
  kind: "error",
  code: "AccessDeniedException",
  status: 400,
  message: "Access to KMS is not allowed",
};

/** The faults that are set, in order; each call is hit by the first one that matches and is not used up. */
export class FaultList {
  private rules: { readonly rule: FaultRule; seen: number }[] = [];

  add(rule: FaultRule): void {
    this.rules.push({ rule, seen: 0 });
  }

  clear(): void {
    this.rules = [];
  }

  /** The effect for this call; counts the call for every rule that it matches. */
  take(call: AwsCall): FaultEffect | undefined {
    let effect: FaultEffect | undefined;
    for (const entry of this.rules) {
      const { rule } = entry;
      if (rule.operation !== "*" && rule.operation !== call.operation) continue;
      if (rule.matches !== undefined && !rule.matches(call.body, call)) continue;
      const index = entry.seen;
      entry.seen += 1;
      const first = rule.skip ?? 0;
      if (effect === undefined && index >= first && index < first + (rule.times ?? 1)) effect = rule.effect;
    }
    return effect;
  }
}
