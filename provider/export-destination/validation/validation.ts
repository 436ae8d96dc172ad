import { ProviderError, toProviderError } from "../../core/errors.js";
import { type ExportCredentials, probeCredentials, probeTimeoutMs } from "../credentials/index.js";
import type { KnownInputs } from "../inputs/arguments.js";
import { askEgressAddress, type EgressAddress, serviceTimeoutMs } from "./egress.js";

/** How a validation ended, and from which address. */
export type ValidationOutcome = { readonly address: EgressAddress } & (
  | { readonly passed: true; readonly remarks: readonly string[] }
  | { readonly passed: false; readonly error: ProviderError }
);

/**
 * Logs in with the credentials, and finds the address that this was done from, within 10 seconds in all. Never rejects
 * for what the server answers.
 */
export async function validateCredentials(
  { validation = {}, egressIpService }: Pick<KnownInputs, "validation" | "egressIpService">,
  credentials: ExportCredentials,
): Promise<ValidationOutcome> {
  let timer: NodeJS.Timeout | undefined;
  let asked: Promise<EgressAddress> | undefined;
  const ask = () => {
    asked ??= askEgressAddress(egressIpService);
    return asked;
  };
  const completeAddress = async (told: string | undefined): Promise<EgressAddress> =>
    told === undefined ? ask() : { egressIp: told, source: "server" };
  try {
    // Asked beside a log-in that takes long, so that its answer does not come after the time is over.
    const { egressIp, remarks } = await probeCredentials(credentials, validation, () => {
      timer = setTimeout(ask, probeTimeoutMs - serviceTimeoutMs);
    });
    return { passed: true, remarks, address: await completeAddress(egressIp) };
  } catch (thrown) {
    const error = toProviderError(thrown, "validate the credentials");
    const address = await completeAddress(error.details.refusedAddress);
    return { passed: false, address, error: addAddress(error, address) };
  } finally {
    clearTimeout(timer);
  }
}

// A refusal by address is worth little without the address.
function addAddress(error: ProviderError, { egressIp, source }: EgressAddress): ProviderError {
  if (error.code !== "NETWORK_POLICY" || egressIp === undefined || source === "server") return error;
  const { operation, target, hint, retryable, cause, details } = error;
  return new ProviderError("NETWORK_POLICY", {
    operation: `${operation} (this machine's address is ${egressIp})`,
    hint,
    retryable,
    details,
    ...(target === undefined ? {} : { target }),
    ...(cause === undefined ? {} : { cause }),
  });
}
