import { ProviderError } from "../core/errors.js";
import { buildAwsConfig } from "./aws-config.js";
import { mapAwsError } from "./aws-errors.js";

/** A request to AWS STS, signed but not sent: whoever sends it learns which AWS identity signed it. */
export interface SignedCallerIdentity {
  readonly method: "POST";
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

const body = "Action=GetCallerIdentity&Version=2011-06-15";

/** What a server that is shown the request asks of it. */
export interface CallerIdentityWishes {
  /** @default that of `AWS_REGION`, of the profile, or of the EC2 instance */
  readonly region?: string;
  /** @default the region's own STS */
  readonly hostname?: string;
  /** Signed too. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Signs `GetCallerIdentity` with the credentials of AWS's own chain.
 *
 * @throws `AWS_FAILED` when no credentials are found, `INVALID_INPUT` when no region is.
 */
export async function signCallerIdentity(wishes: CallerIdentityWishes = {}): Promise<SignedCallerIdentity> {
  const [{ STSClient }, { SignatureV4 }] = await Promise.all([
    import("@aws-sdk/client-sts"),
    import("@smithy/signature-v4"),
  ]);
  const { config } = new STSClient(await buildAwsConfig({}));
  const region = wishes.region ?? (await config.region().catch(findInstanceRegion));
  const signer = new SignatureV4({
    service: "sts",
    region,
    credentials: config.credentials,
    sha256: config.sha256,
  });
  const { hostname = `sts.${region}.amazonaws.com` } = wishes;
  const signed = await signer
    .sign({
      method: "POST",
      protocol: "https:",
      hostname,
      path: "/",
      query: {},
      headers: {
        "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
        "Content-Length": String(Buffer.byteLength(body)),
        Host: hostname,
        ...wishes.headers,
      },
      body,
    })
    .catch((error: unknown) => {
      throw explain(error, hostname);
    });
  const { authorization, ...headers } = signed.headers;
  // Infisical reads the region out of this header, under this spelling alone.
  return {
    method: "POST",
    url: `https://${hostname}/`,
    body,
    headers: { ...headers, Authorization: authorization ?? "" },
  };
}

/** An EC2 instance has credentials without a setting, and so its region needs none either. */
async function findInstanceRegion(): Promise<string> {
  try {
    if (process.env.AWS_EC2_METADATA_DISABLED?.toLowerCase() === "true") throw new Error("disabled");
    const { MetadataService } = await import("@aws-sdk/ec2-metadata-service");
    const service = new MetadataService({ httpOptions: { timeout: 1_000 }, retries: 1 });
    return await service.request("/latest/meta-data/placement/region", {});
  } catch {
    throw new ProviderError("INVALID_INPUT", {
      operation: "no AWS region is set",
      target: "AWS_REGION",
      hint: "set AWS_REGION, or a region in the AWS profile.",
    });
  }
}

function explain(error: unknown, target: string): ProviderError {
  const what = { operation: "find AWS credentials", target, action: "sts:AssumeRole" };
  const { hint, retryable, cause } = mapAwsError(error, what);
  return new ProviderError("AWS_FAILED", {
    operation: "no AWS credentials found",
    target,
    hint,
    retryable,
    ...(cause ? { cause } : {}),
  });
}
