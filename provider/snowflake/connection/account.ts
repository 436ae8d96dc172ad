/** A locator has neither the dash of `organization-account` nor a region of its own. */
const bareLocator = /^[^.-]+$/;

/**
 * An account with its region. Beside `organization-account` a region has no meaning: that name stands for one account
 * of the world.
 */
export function joinRegion(account: string | undefined, region: string | undefined): string | undefined {
  if (account === undefined || region === undefined) return account;
  return bareLocator.test(account) ? `${account}.${region}` : account;
}

/** The host at which an account answers, as the driver finds it. */
export function buildHost(account: string): string {
  const [name = "", ...rest] = account.split(".");
  const region = rest.join(".");
  // The oldest region has no name in hosts, and China a domain of its own.
  if (region === "" || region === "us-west-2") return `${name}.snowflakecomputing.com`;
  return `${account}.snowflakecomputing.${/^cn-/i.test(region) ? "cn" : "com"}`;
}

/**
 * An account identifier as it is meant where somebody gave the address at which it answers, such as
 * `https://acme-prod.snowflakecomputing.com/`. Any other text, and an address that is not the account's own, stays.
 */
export function stripAccountUrl(text: string): string {
  const trimmed = text.trim();
  const host = trimmed.replace(/^https:\/\//i, "").replace(/\/$/, "");
  const account = host.replace(/\.snowflakecomputing\.(com|cn)$/i, "");
  const isOwn = account === host || buildHost(account).toLowerCase() === host.toLowerCase();
  return isOwn && /^[\w.-]+$/.test(account) ? account : trimmed;
}

/** A host, with the port and the protocol where it is given as a URL. */
export interface HostAddress {
  readonly host: string;
  readonly port?: number;
  readonly protocol?: "http" | "https";
}

/** Reads `host`, `host:port` and `https://host:port/`; undefined for any other text. */
export function parseHost(text: string): HostAddress | undefined {
  const found = /^(?:(https?):\/\/)?([\w.-]+|\[[0-9a-f:.]+\])(?::([1-9]\d{0,4}))?\/?$/i.exec(text);
  if (found === null) return undefined;
  const [, protocol, host = "", port] = found;
  return {
    host,
    ...(port === undefined ? {} : { port: Number(port) }),
    ...(protocol === undefined ? {} : { protocol: protocol.toLowerCase() as "http" | "https" }),
  };
}
