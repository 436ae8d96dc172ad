import type { HttpProxy } from "../../core/proxy.js";
import type { SecretValue } from "../../core/secret-value.js";
import { buildHost } from "./account.js";

/** One way to log in. */
export type SnowflakeAuthentication =
  /** The key as `readPrivateKey` reads it. */
  | { readonly kind: "key-pair"; readonly privateKey: SecretValue }
  | { readonly kind: "programmatic-access-token"; readonly token: SecretValue }
  | { readonly kind: "oauth"; readonly token: SecretValue }
  | { readonly kind: "password"; readonly password: SecretValue };

/** A connection after its chain was resolved: all that a log-in needs. */
export interface SnowflakeConnection {
  /** As the driver wants it: `org-account`, or a locator with its region (`xy12345.us-east-1`). */
  readonly account: string;
  /** Absent only for tokens that name their user. */
  readonly username?: string;
  readonly authentication: SnowflakeAuthentication;
  readonly role?: string;
  readonly warehouse?: string;
  readonly database?: string;
  /** Host, port and protocol only where Snowflake is reached by another name (private link, a test server). */
  readonly host?: string;
  readonly port?: number;
  readonly protocol?: "http" | "https";
  /** What the driver goes by way of; absent where it goes straight on. */
  readonly proxy?: HttpProxy;
  /** How many statements may be under way on one session. */
  readonly maxConcurrentStatements: number;
}

/** The host, port and protocol that a connection leads to, as a URL. */
export function buildAccessUrl({
  account,
  host = buildHost(account),
  port,
  protocol = "https",
}: Pick<SnowflakeConnection, "account" | "host" | "port" | "protocol">): URL {
  return new URL(`${protocol}://${host}${port === undefined ? "" : `:${port}`}`);
}
