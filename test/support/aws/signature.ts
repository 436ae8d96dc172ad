import { createHash, createHmac } from "node:crypto";

export interface AwsKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** A request to STS with its signature in it. */
export interface SignedRequest {
  readonly method: string;
  readonly body: string;
  /** By name in lower case. */
  readonly headers: ReadonlyMap<string, string | undefined>;
}

/**
 * Whether STS would answer a request with the identity of this key: Signature Version 4 over the request
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html).
 */
export function provesIdentity({ method, body, headers }: SignedRequest, key: AwsKey): boolean {
  const parsed =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
      headers.get("authorization") ?? "",
    );
  const [, accessKeyId, scope = "", signedHeaders = "", signature] = parsed ?? [];
  const canonical = [
    method,
    "/",
    "",
    ...signedHeaders.split(";").map((name) => `${name}:${headers.get(name)}`),
    "",
    signedHeaders,
    hash(body),
  ].join("\n");
  const toSign = ["AWS4-HMAC-SHA256", headers.get("x-amz-date"), scope, hash(canonical)].join("\n");
  const signingKey = scope
    .split("/")
    .reduce<Buffer>((derived, part) => sign(derived, part), Buffer.from(`AWS4${key.secretAccessKey}`));
  return (
    signedHeaders.split(";").includes("host") &&
    body === "Action=GetCallerIdentity&Version=2011-06-15" &&
    accessKeyId === key.accessKeyId &&
    signature === sign(signingKey, toSign).toString("hex")
  );
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function sign(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text).digest();
}
