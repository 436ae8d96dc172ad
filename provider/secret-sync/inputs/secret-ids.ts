import { isKnown, isUnknown, type Known, type Unknown, unknownValue } from "../../engine/unknown.js";
import { quoteName } from "../../snowflake/statements.js";
import { buildKeySchema, renderNames } from "../plan/key-schema.js";
import type { SyncInputs } from "./arguments.js";

/** What the names in Snowflake follow from. */
interface Wanted extends Pick<SyncInputs, "destinationConfig" | "environment"> {
  readonly keySchema: SyncInputs["syncOptions"]["keySchema"];
  readonly keys: readonly string[] | Unknown;
}

/** The names of the wanted secrets in Snowflake, for whatever reads them there; unknown where only `up` knows them. */
export function foretellSecretIds({
  destinationConfig,
  syncOptions: { keySchema },
  environment,
  secrets,
}: Omit<SyncInputs, "secretIds" | "ownerId" | "fingerprintKey">): SyncInputs["secretIds"] {
  // Of the secrets the keys are enough.
  const keys = isUnknown(secrets) ? secrets : Object.keys(secrets);
  const wanted: Wanted = { destinationConfig, environment, keySchema, keys };
  return isKnown(wanted) ? buildSecretIds(wanted) : unknownValue;
}

/** The same where all is known. */
export function buildSecretIds({
  destinationConfig,
  environment,
  keySchema,
  keys,
}: Known<Wanted>): Record<string, string> {
  const names = renderNames(buildKeySchema(keySchema, environment), keys);
  return Object.fromEntries([...names].map(([name, key]) => [key, quoteName(destinationConfig, name)]));
}
