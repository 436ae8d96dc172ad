import { isProviderError, ProviderError, toProviderError } from "../core/errors.js";
import type { SecretValue } from "../core/secret-value.js";
import type { Messages } from "../engine/messages.js";
import { openPayload, probeCredentials } from "./credentials/index.js";
import { askEgressAddress, type EgressAddress, findRefusedAddress } from "./egress.js";
import type { KnownInputs } from "./inputs.js";

/** How a validation ended. */
export type ValidationOutcome =
  | { readonly passed: true; readonly egressIp?: string }
  | { readonly passed: false; readonly egressIp?: string; readonly error: ProviderError };

/** Logs in with the credentials and writes the log lines about it. Never rejects for what the server answers. */
export async function validateCredentials(
  inputs: KnownInputs,
  destinationId: string,
  payload: SecretValue,
  messages: Messages,
): Promise<ValidationOutcome> {
  const credentials = openPayload(payload);
  try {
    const { egressIp, remarks } = await probeCredentials(credentials, inputs.validation ?? {});
    const address = await completeAddress(inputs, egressIp);
    logAddress(inputs, destinationId, address, messages);
    for (const remark of remarks) messages.report(`export destination ${inputs.name}: ${remark}`);
    return { passed: true, ...pickAddress(address) };
  } catch (error) {
    const told = toProviderError(error, "validate the credentials");
    const address = await completeAddress(inputs, findRefusedAddress(told.operation));
    logAddress(inputs, destinationId, address, messages);
    return { passed: false, ...pickAddress(address), error: addAddress(told, address) };
  }
}

/** The line under `export_secret_provisioning_error`. */
export function logProvisioningError(
  inputs: KnownInputs,
  destinationId: string,
  error: ProviderError,
  messages: Messages,
): void {
  messages.report(
    JSON.stringify({
      event: "export_secret_provisioning_error",
      organizationId: inputs.organizationId,
      type: inputs.type,
      destinationId,
      code: error.code,
      message: `${error.operation}${error.target === undefined ? "" : `: ${error.target}`}`,
      at: new Date().toISOString(),
    }),
  );
}

async function completeAddress(inputs: KnownInputs, told: string | undefined): Promise<EgressAddress> {
  if (told !== undefined) return { egressIp: told, source: "server" };
  return askEgressAddress(inputs.egressIpService);
}

function logAddress(
  inputs: KnownInputs,
  destinationId: string,
  address: EgressAddress,
  messages: Messages,
): void {
  messages.report(
    JSON.stringify({
      event: "export_secret_ip_check",
      organizationId: inputs.organizationId,
      type: inputs.type,
      destinationId,
      egressIp: address.egressIp ?? null,
      source: address.source,
      at: new Date().toISOString(),
    }),
  );
}

function pickAddress({ egressIp }: EgressAddress): { egressIp?: string } {
  return egressIp === undefined ? {} : { egressIp };
}

// A refusal by address is worth little without the address.
function addAddress(error: ProviderError, { egressIp }: EgressAddress): ProviderError {
  if (!isProviderError(error) || error.code !== "NETWORK_POLICY" || egressIp === undefined) return error;
  if (error.operation.includes(egressIp)) return error;
  const { operation, target, hint, retryable } = error;
  return new ProviderError("NETWORK_POLICY", {
    operation: `${operation} (we come from address ${egressIp})`,
    hint,
    retryable,
    ...(target === undefined ? {} : { target }),
  });
}
