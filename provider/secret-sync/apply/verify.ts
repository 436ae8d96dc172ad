import { isProviderError, ProviderError } from "../../core/errors.js";
import type { SnowflakeSession } from "../../snowflake/driver/session.js";
import { quoteName, type SchemaName } from "../../snowflake/statements.js";
import { listSecrets } from "../plan/observe.js";
import { isRecreated, type ObservedSecret, type WriteStep } from "../plan/plan.js";
import type { Outcomes } from "./apply.js";

/** What stands after the writes. */
export interface Verification {
  /** How each write ended; one that Snowflake does not show is a failure, whatever it answered. */
  readonly outcomes: Outcomes;
  /** Empty where nothing was written, or where it could not be read. */
  readonly secrets: ReadonlyMap<string, ObservedSecret>;
}

/**
 * Proves by one more listing that the writes took: each value's mark stands, and what was dropped is gone.
 *
 * @param warn is told where the listing fails; the writes then count as Snowflake answered them
 */
export async function verifyWrites(
  session: SnowflakeSession,
  { schema, prefix, ownerId }: { schema: SchemaName; prefix: string; ownerId: string },
  writes: readonly WriteStep[],
  tried: Outcomes,
  warn: (line: string) => void,
): Promise<Verification> {
  const done = writes.filter(({ name }) => tried.has(name) && tried.get(name) === undefined);
  if (done.length === 0) return { outcomes: tried, secrets: new Map() };
  const names = done.map(({ name }) => name);
  const secrets = await listSecrets(session, schema, names, { prefix, isComplete: false }).catch(
    (error: unknown) => {
      if (!isProviderError(error)) throw error;
      warn(`what was written could not be read back: ${error.message}`);
      return undefined;
    },
  );
  if (!secrets) return { outcomes: tried, secrets: new Map() };
  const outcomes = new Map(tried);
  for (const step of done) {
    if (isWritten(step, secrets.get(step.name), ownerId)) continue;
    outcomes.set(
      step.name,
      new ProviderError("UNPROVEN", {
        operation: `Snowflake reported the ${step.action} as done, but does not show it`,
        target: quoteName(schema, step.name),
        hint: "run again. Someone may have changed it in the meantime.",
        retryable: true,
      }),
    );
  }
  return { outcomes, secrets };
}

function isWritten(step: WriteStep, seen: ObservedSecret | undefined, ownerId: string): boolean {
  if (step.action === "drop") return seen === undefined || isAnother(step.observed, seen, ownerId);
  return (
    seen !== undefined &&
    seen.type === step.desired.type &&
    seen.mark?.ownerId === ownerId &&
    seen.mark.fingerprint === step.desired.fingerprint
  );
}

/** Whether what stands under a dropped name is not what was dropped: the name was free, and somebody else took it. */
function isAnother(dropped: ObservedSecret, seen: ObservedSecret, ownerId: string): boolean {
  const isOthers = seen.mark !== undefined && seen.mark.ownerId !== ownerId;
  return isOthers || isRecreated(dropped, seen);
}
