import { type AwsKey, provesIdentity } from "../aws/signature.js";

/** A request to STS, as a client hands it to Infisical to be sent from there. */
interface HandedRequest {
  readonly iamHttpRequestMethod: string;
  /** Base64. */
  readonly iamRequestBody: string;
  /** Base64 of JSON. */
  readonly iamRequestHeaders: string;
}

/** Whether STS would answer a handed request with the identity of this key. */
export function provesHandedIdentity(request: HandedRequest, key: AwsKey): boolean {
  const decode = (text: string) => Buffer.from(text, "base64").toString("utf8");
  const given = JSON.parse(decode(request.iamRequestHeaders)) as Record<string, string>;
  const headers = new Map(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]));
  // Infisical reads this one by its spelling, and sends the request to the region that it finds there.
  const region = given.Authorization?.split("/")[2];
  const body = decode(request.iamRequestBody);
  return (
    headers.get("host") === `sts.${region}.amazonaws.com` &&
    provesIdentity({ method: request.iamHttpRequestMethod, body, headers }, key)
  );
}
