import { ProviderError } from "../../core/errors.js";
import { createMemoryMap, type Operation } from "../../engine/operation.js";
import { quoteName } from "../../snowflake/statements.js";
import { findAccountName } from "../connect.js";
import type { PlannableInputs } from "./arguments.js";

const claims = createMemoryMap<string, string>();

/**
 * Refuses two syncs of one operation that want the same name in Snowflake, before the second writes. Between stacks,
 * and where one account goes by two names, the marks do.
 */
export async function reserveNames(
  operation: Operation,
  { connection, destinationConfig }: Pick<PlannableInputs, "connection" | "destinationConfig">,
  names: Iterable<string>,
  place: string,
): Promise<void> {
  const account = await findAccountName(operation, connection);
  if (account === undefined) return;
  const claimedBy = operation.recall(claims);
  for (const name of names) {
    const target = quoteName(destinationConfig, name);
    const key = `${account} ${target}`;
    const other = claimedBy.get(key);
    if (other !== undefined && other !== place) {
      throw new ProviderError("NOT_OURS", {
        operation: `two syncs want the same secret: ${other} and ${place}`,
        target,
        hint: "give them different keySchemas, or schemas of their own.",
      });
    }
    claimedBy.set(key, place);
  }
}
