import { type CallerIdentityWishes, signCallerIdentity } from "../aws/caller-identity.js";
import { toProviderError } from "../core/errors.js";
import { buildFailure, type HttpSite, withinTime } from "./http-site.js";

/** A signed request as a server takes it that sends it to AWS to learn who signed it; all but the method in base64. */
export interface AwsIdentityProof {
  readonly method: string;
  readonly url: string;
  readonly body: string;
  /** A JSON object. */
  readonly headers: string;
}

/** Proves who we are by the credentials of AWS's own chain. @throws ProviderError `SOURCE_FAILED` where there are none */
export async function proveAwsIdentity(
  site: HttpSite,
  wishes: CallerIdentityWishes = {},
): Promise<AwsIdentityProof> {
  const signed = await withinTime(site, () => signCallerIdentity(wishes)).catch((error: unknown) => {
    const { code, operation, hint, retryable, cause } = toProviderError(error, "no AWS credentials found");
    if (code === "SOURCE_FAILED") throw error;
    throw buildFailure(site, { what: operation, hint, retryable, ...(cause ? { cause } : {}) });
  });
  const { method, url, body, headers } = signed;
  return {
    method,
    url: toBase64(url),
    body: toBase64(body),
    headers: toBase64(JSON.stringify(headers)),
  };
}

function toBase64(text: string): string {
  return Buffer.from(text).toString("base64");
}
