import { unknownValue } from "../../provider/engine/unknown.js";
import type { SyncInputs } from "../../provider/secret-sync/inputs/arguments.js";
import { buildNames } from "../../provider/secret-sync/inputs/secrets-on-wire.js";
import { secretSync } from "../../provider/secret-sync/resource.js";
import type { SyncState } from "../../provider/secret-sync/state.js";
import { HookEngine } from "./hook-engine.js";

export type { Declared } from "./hook-engine.js";

/** A stack of syncs. */
export class Stack extends HookEngine<SyncInputs, SyncState> {
  constructor(
    place: { organization?: string; project?: string; stack?: string } = {},
    resource: typeof secretSync = secretSync,
  ) {
    super(resource, { type: "SnowflakeSecretSync", buildInputs: splitSecrets }, place);
  }
}

/** What the shell sends in the place of `secrets`; `unknown` values are those of resources not made yet. */
function splitSecrets({
  secrets,
  fingerprintKey = "",
  ...rest
}: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const base = { ...rest, fingerprintKey };
  if (secrets === undefined) return { ...base, secrets: buildNames([]) };
  if (secrets === unknownValue) return { ...base, secrets, secretValues: secrets };
  return { ...base, secrets: buildNames(Object.keys(secrets as object)), secretValues: secrets };
}
