import { ProviderError, toProviderError } from "../../core/errors.js";
import { type ExportCredentials, probeCredentials } from "../credentials/index.js";
import type { KnownInputs } from "../inputs/arguments.js";
import { askEgressAddress, type EgressAddress } from "./egress.js";

/** How a validation ended, and from which address. */
export type ValidationOutcome = { readonly address: EgressAddress } & (
  | { readonly passed: true; readonly remarks: readonly string[] }
  | { readonly passed: false; readonly error: ProviderError }
);

/** Logs in with the credentials. Never rejects for what the server answers. */
export async function validateCredentials(
  inputs: KnownInputs,
  credentials: ExportCredentials,
): Promise<ValidationOutcome> {
  try {
    const { egressIp, remarks } = await probeCredentials(credentials, inputs.validation ?? {});
    return { passed: true, remarks, address: await completeAddress(inputs, egressIp) };
  } catch (thrown) {
    const error = toProviderError(thrown, "validate the credentials");
    const address = await completeAddress(inputs, error.details.refusedAddress);
    return { passed: false, address, error: addAddress(error, address) };
  }
}

async function completeAddress(inputs: KnownInputs, told: string | undefined): Promise<EgressAddress> {
  if (told !== undefined) return { egressIp: told, source: "server" };
  return askEgressAddress(inputs.egressIpService);
}

// A refusal by address is worth little without the address.
function addAddress(error: ProviderError, { egressIp, source }: EgressAddress): ProviderError {
  if (error.code !== "NETWORK_POLICY" || egressIp === undefined || source === "server") return error;
  const { operation, target, hint, retryable, cause, details } = error;
  return new ProviderError("NETWORK_POLICY", {
    operation: `${operation} (we come from address ${egressIp})`,
    hint,
    retryable,
    details,
    ...(target === undefined ? {} : { target }),
    ...(cause === undefined ? {} : { cause }),
  });
}
