const timeoutMs = 5_000;

/** The caller that AWS names; what a role's session calls itself is not part of it. */
export type AwsCaller = { readonly arn: string } | { readonly refused: string };

/**
 * Has AWS's STS answer the signed GetCallerIdentity request that a workload sends, and takes the caller that it names.
 * The request must be for an STS of AWS and be signed for Snowflake.
 *
 * @param stsEndpoint where the request goes in place of the STS that it was signed for
 */
export async function readAwsCaller(token: string, stsEndpoint: string | undefined): Promise<AwsCaller> {
  const request = readRequest(token);
  if (request === undefined) return { refused: "this is not a signed request" };
  const { url, headers } = request;
  const isSts = /^sts\.[a-z0-9-]+\.amazonaws\.com(\.cn)?$/.test(url.hostname) && url.protocol === "https:";
  const query = [...url.searchParams.keys()].sort().join();
  if (!isSts || url.pathname !== "/" || query !== "Action,Version") {
    return { refused: "the request is not one to AWS's STS" };
  }
  if (url.searchParams.get("Action") !== "GetCallerIdentity" || headers.get("host") !== url.host) {
    return { refused: "the request does not ask who the caller is" };
  }
  const signed = /SignedHeaders=([^,\s]+)/.exec(headers.get("authorization") ?? "")?.[1]?.split(";") ?? [];
  const isForSnowflake = headers.get("x-snowflake-audience") === "snowflakecomputing.com";
  if (!isForSnowflake || !["host", "x-snowflake-audience"].every((name) => signed.includes(name))) {
    return { refused: "the request is not signed for Snowflake" };
  }
  return ask(stsEndpoint === undefined ? url : new URL(url.search, stsEndpoint), headers);
}

function readRequest(token: string): { readonly url: URL; readonly headers: Headers } | undefined {
  try {
    const { url, method, headers } = JSON.parse(Buffer.from(token, "base64").toString("utf8"));
    return method === "POST" ? { url: new URL(url), headers: new Headers(headers) } : undefined;
  } catch {
    return undefined;
  }
}

async function ask(url: URL, headers: Headers): Promise<AwsCaller> {
  try {
    const sent = new Headers([...headers].filter(([name]) => name !== "host"));
    sent.set("accept", "application/json");
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetch(url, { method: "POST", headers: sent, redirect: "error", signal });
    if (!response.ok) return { refused: `AWS's STS refused the request (HTTP ${response.status})` };
    const text = await response.text();
    const arn = /"Arn"\s*:\s*"([^"]+)"/.exec(text)?.[1] ?? /<Arn>([^<]+)<\/Arn>/.exec(text)?.[1];
    return arn === undefined ? { refused: "AWS's STS named no caller" } : { arn: roleOf(arn) };
  } catch {
    return { refused: "AWS's STS was not reached" };
  }
}

/** A role's session is its role to Snowflake. */
function roleOf(arn: string): string {
  return arn.replace(/:sts::(\d+):assumed-role\/([^/]+)\/.*$/, ":iam::$1:role/$2");
}
