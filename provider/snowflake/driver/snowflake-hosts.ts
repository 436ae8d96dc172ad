import { ProviderError } from "../../core/errors.js";

const domains = ["snowflakecomputing.com", "snowflakecomputing.cn", "snowflakecomputing.mil"];

/**
 * Refuses a host that is not Snowflake's, by the rule of the driver, which would refuse it too, but only once a token
 * was asked for: whoever is sent the identity of a workload can use it.
 *
 * @throws ProviderError `INVALID_INPUT`
 */
export function requireSnowflakeHost(host: string, env: Readonly<Record<string, string | undefined>>): void {
  const wanted = normalize(host);
  const more = (env.SNOWFLAKE_WIF_ALLOWED_HOST_SUFFIXES ?? "")
    .split(",")
    .map(normalize)
    .filter((suffix) => suffix !== "");
  const isKnown = [...domains, ...more].some((domain) => wanted === domain || wanted.endsWith(`.${domain}`));
  // What a URL would read as another host than the one that was compared.
  if (isKnown && wanted.split(".").every((label) => /^[a-z0-9_-]+$/.test(label))) return;
  throw new ProviderError("INVALID_INPUT", {
    operation: "a workload identity is sent to Snowflake's own hosts only",
    target: `host ${host}`,
    hint: "check the account and the host. If Snowflake has another name in this network, name its domain in SNOWFLAKE_WIF_ALLOWED_HOST_SUFFIXES.",
  });
}

function normalize(host: string): string {
  return host
    .trim()
    .replace(/[A-Z]/g, (letter) => letter.toLowerCase())
    .replace(/:.*$/s, "")
    .replace(/\.$/, "");
}
