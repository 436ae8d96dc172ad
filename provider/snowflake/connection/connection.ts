import type { SecretValue } from "../../core/secret-value.js";

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
  /** How many statements may be under way on one session. */
  readonly maxConcurrentStatements: number;
}
