import { ProviderError } from "../core/errors.js";

/** Of what the engine keeps of a resource. It grows where an older release could not work with a state any more. */
export const stateVersion = 1;

/**
 * Refuses a state that a newer release wrote: what this one does not know of it would be lost, or misread.
 *
 * @throws `UNPROVEN`
 */
export function requireKnownState(state: object): void {
  const { stateVersion: found } = state as { readonly stateVersion?: unknown };
  if (typeof found !== "number" || found <= stateVersion) return;
  throw new ProviderError("UNPROVEN", {
    operation: `the state was written by a newer release of pulumi-snowflake-secrets (version ${found} of its form; this release knows ${stateVersion})`,
    hint: "update the package, or the plugin, to the release that wrote it or a later one.",
  });
}
