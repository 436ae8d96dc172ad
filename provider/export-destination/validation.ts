import { ProviderError, toProviderError } from "../core/errors.js";
import type { Messages } from "../engine/messages.js";
import { type ExportCredentials, probeCredentials } from "./credentials/index.js";
import { askEgressAddress, type EgressAddress } from "./egress.js";
import type { KnownInputs } from "./inputs.js";

/** How a validation ended. */
export type ValidationOutcome =
  | { readonly passed: true; readonly egressIp?: string }
  | { readonly passed: false; readonly egressIp?: string; readonly error: ProviderError };

/** Logs in with the credentials and writes the log lines about it. Never rejects for what the server answers. */
export async function validateCredentials(
  inputs: KnownInputs,
  destinationId: string,
  credentials: ExportCredentials,
  messages: Messages,
): Promise<ValidationOutcome> {
  const log = (address: EgressAddress) =>
    logEvent("export_secret_ip_check", inputs, destinationId, messages, {
      egressIp: address.egressIp ?? null,
      source: address.source,
    });
  try {
    const { egressIp, remarks } = await probeCredentials(credentials, inputs.validation ?? {});
    const address = await completeAddress(inputs, egressIp);
    log(address);
    for (const remark of remarks) messages.report(`export destination ${inputs.name}: ${remark}`);
    return { passed: true, ...pickAddress(address) };
  } catch (thrown) {
    const error = toProviderError(thrown, "validate the credentials");
    const address = await completeAddress(inputs, error.details.refusedAddress);
    log(address);
    return { passed: false, ...pickAddress(address), error: addAddress(error, address) };
  }
}

/** The line under `export_secret_provisioning_error`. */
export function logProvisioningError(
  inputs: KnownInputs,
  destinationId: string,
  error: ProviderError,
  messages: Messages,
): void {
  logEvent("export_secret_provisioning_error", inputs, destinationId, messages, {
    code: error.code,
    message: error.summary,
  });
}

function logEvent(
  event: "export_secret_ip_check" | "export_secret_provisioning_error",
  { organizationId, type }: KnownInputs,
  destinationId: string,
  messages: Messages,
  details: object,
): void {
  const at = new Date().toISOString();
  messages.report(JSON.stringify({ event, organizationId, type, destinationId, ...details, at }));
}

async function completeAddress(inputs: KnownInputs, told: string | undefined): Promise<EgressAddress> {
  if (told !== undefined) return { egressIp: told, source: "server" };
  return askEgressAddress(inputs.egressIpService);
}

function pickAddress({ egressIp }: EgressAddress): { egressIp?: string } {
  return egressIp === undefined ? {} : { egressIp };
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
