import { BlockList, isIP } from "node:net";
import { ProviderError } from "./errors.js";
import { isOnThisMachine } from "./safe-url.js";
import { SecretValue } from "./secret-value.js";

/** A proxy that requests go by way of. */
export interface HttpProxy {
  /** As texts show it, with the place that names it: "proxy.corp:3128 of HTTPS_PROXY". */
  readonly label: string;
  /** With user and password, percent-encoded. */
  readonly url: SecretValue;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy for a URL, by `HTTPS_PROXY` or `HTTP_PROXY` (for `https:` and `http:`) and `NO_PROXY`; of each the lower case
 * goes first. Nothing on this machine goes by way of a proxy.
 *
 * @throws INVALID_INPUT for an address that is no `http:` or `https:` URL; the text names the variable alone
 */
export function findProxy(url: URL, env: Environment = process.env): HttpProxy | undefined {
  const name = url.protocol === "https:" ? "https_proxy" : "http_proxy";
  const variable = env[name] ? name : name.toUpperCase();
  const given = env[variable]?.trim();
  if (!given || isExcluded(url, env.no_proxy || env.NO_PROXY)) return undefined;
  return parseProxy(given, variable);
}

/** Whether the environment names a proxy for any URL. */
export function hasProxy(env: Environment = process.env): boolean {
  return ["https_proxy", "http_proxy"].some((name) => Boolean(env[name] || env[name.toUpperCase()]));
}

/** What may stand beside a proxy's address. */
export interface ProxyParts {
  readonly port?: number | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
}

/**
 * Reads `http://user:password@host:port`; without a protocol it is `http:`.
 *
 * @param origin what names the proxy: "HTTPS_PROXY"
 * @throws INVALID_INPUT
 */
export function parseProxy(
  given: string,
  origin: string,
  { port, user, password }: ProxyParts = {},
): HttpProxy {
  const text = given.includes("://") ? given : `http://${given}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol) || url.hostname === "") {
    throw new ProviderError("INVALID_INPUT", {
      operation: "not a valid address of an HTTP proxy",
      target: origin,
      hint: "use http://host:port or http://user:password@host:port, with special characters percent-encoded.",
    });
  }
  if (port !== undefined) url.port = String(port);
  if (user !== undefined) url.username = encodeURIComponent(user);
  if (password !== undefined) url.password = encodeURIComponent(password);
  return { label: `${url.hostname}:${portOf(url)} of ${origin}`, url: new SecretValue(url.href) };
}

/** The port of an `http:` or `https:` URL, where it does not write it either. */
export function portOf({ port, protocol }: URL): number {
  if (port !== "") return Number(port);
  return protocol === "https:" ? 443 : 80;
}

/**
 * Whether a URL is on this machine or in a list of hosts that are reached without a proxy: names (with the names below
 * them), `.name` (those below it alone), addresses, ranges of them (`10.0.0.0/8`), `*`; each also with a port. As
 * Pulumi and other programs in Go read `NO_PROXY`: https://pkg.go.dev/golang.org/x/net/http/httpproxy
 */
export function isExcluded(url: URL, list: string | undefined): boolean {
  const host = url.hostname.replaceAll(/^\[|\]$/g, "").toLowerCase();
  const port = String(portOf(url));
  if (isOnThisMachine(url)) return true;
  return (list ?? "")
    .toLowerCase()
    .split(/[\s,|]+/)
    .filter((entry) => entry !== "")
    .some((entry) => entry === "*" || matches(entry, host, port));
}

function matches(entry: string, host: string, port: string): boolean {
  const [, wanted = "", wantedPort] = /^(\[.*\]|[^:]*|.*:.*:.*?)(?::(\d+))?$/.exec(entry) ?? [];
  if (wantedPort !== undefined && wantedPort !== port) return false;
  const name = wanted.replaceAll(/^\[|\]$/g, "").replace(/^\*\./, ".");
  if (name.includes("/")) return isWithin(host, name);
  if (name.startsWith(".")) return host.endsWith(name);
  return host === name || (isIP(host) === 0 && host.endsWith(`.${name}`));
}

function isWithin(address: string, range: string): boolean {
  const family = isIP(address);
  const [network = "", bits = ""] = range.split("/");
  if (family === 0 || isIP(network) !== family || !/^\d{1,3}$/.test(bits)) return false;
  const type = family === 6 ? "ipv6" : "ipv4";
  if (Number(bits) > (family === 6 ? 128 : 32)) return false;
  const addresses = new BlockList();
  addresses.addSubnet(network, Number(bits), type);
  return addresses.check(address, type);
}
