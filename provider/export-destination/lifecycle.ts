import { ProviderError } from "../core/errors.js";
import type { IntegrationStatus, Status } from "./outputs.js";

/** The two statuses of a destination, which change together. */
export interface LifecycleStatus {
  readonly status: Status;
  readonly integrationStatus: IntegrationStatus;
}

/** What can happen to a destination. */
export type LifecycleEvent =
  /** An attempt begins. */
  | "begin"
  /** The log-in begins. */
  | "test"
  /** The log-in did not pass. */
  | "reject"
  /** The log-in passed, but storing did not; the next `up` goes on here. */
  | "interrupt"
  /** The credentials are stored and the claim names them. */
  | "connect"
  /** Somebody else changed what we stored. */
  | "lose"
  /** What we stored is as it should be again. */
  | "recover"
  /** The secret is scheduled for deletion; the destination is archived. */
  | "disconnect";

const at = (status: Status, integrationStatus: IntegrationStatus): LifecycleStatus => ({
  status,
  integrationStatus,
});
const key = ({ status, integrationStatus }: LifecycleStatus) => `${status}/${integrationStatus}`;

const pending = at("Pending", "Disconnected");
const testing = at("Testing", "Disconnected");
const failed = at("Failed", "Error");
const connected = at("Validated", "Connected");
const drifted = at("Validated", "Error");
const archived = at("Validated", "Disconnected");

/** The whole machine: what may follow what. */
const transitions: Readonly<
  Record<
    LifecycleEvent,
    { readonly from: readonly (LifecycleStatus | "nothing")[]; readonly to: LifecycleStatus }
  >
> = {
  begin: { from: ["nothing", failed, testing, drifted, connected], to: pending },
  test: { from: [pending], to: testing },
  reject: { from: [testing], to: failed },
  interrupt: { from: [testing], to: testing },
  connect: { from: [testing], to: connected },
  lose: { from: [connected, drifted], to: drifted },
  recover: { from: [drifted, connected], to: connected },
  disconnect: { from: [connected, drifted], to: archived },
};

/** The status after `event`. The only place that decides on a status. */
export function advance(from: LifecycleStatus | undefined, event: LifecycleEvent): LifecycleStatus {
  const { from: allowed, to } = transitions[event];
  const here = from === undefined ? "nothing" : key(from);
  if (
    !allowed.some(
      (lifecycleStatus) => (lifecycleStatus === "nothing" ? lifecycleStatus : key(lifecycleStatus)) === here,
    )
  ) {
    throw new ProviderError("INTERNAL", {
      operation: `a destination cannot ${event} now`,
      target: here,
      hint: "this is a bug in pulumi-snowflake-secrets. Report it.",
    });
  }
  return to;
}
