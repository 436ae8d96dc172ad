import { createHash, createHmac } from "node:crypto";

export interface AwsKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** A request to STS, as a client hands it to Infisical to be sent from there. */
interface SignedRequest {
  readonly iamHttpRequestMethod: string;
  /** Base64. */
  readonly iamRequestBody: string;
  /** Base64 of JSON. */
  readonly iamRequestHeaders: string;
}

/**
 * Whether STS would answer a handed request with the identity of this key: Signature Version 4 over the request
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html).
 */
export function provesIdentity(request: SignedRequest, key: AwsKey): boolean {
  const decode = (text: string) => Buffer.from(text, "base64").toString("utf8");
  const body = decode(request.iamRequestBody);
  const given = JSON.parse(decode(request.iamRequestHeaders)) as Record<string, string>;
  const headers = new Map(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]));
  // Infisical reads this one by its spelling, and sends the request to the region that it finds there.
  const region = given.Authorization?.split("/")[2];
  const parsed =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
      headers.get("authorization") ?? "",
    );
  const [, accessKeyId, scope = "", signedHeaders = "", signature] = parsed ?? [];
  const canonical = [
    request.iamHttpRequestMethod,
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
    headers.get("host") === `sts.${region}.amazonaws.com` &&
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
