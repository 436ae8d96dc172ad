import { SecretValue } from "../../../provider/core/secret-value.js";
import type {
  SnowflakeAuthentication,
  SnowflakeConnection,
} from "../../../provider/snowflake/connection/connection.js";
import type { SnowflakeServer } from "../../../sdk/snowflake-server/index.js";

/** How a test reaches an account: plain texts, so that they can be handed to another process. */
export interface Reach {
  readonly account: string;
  readonly username: string;
  readonly password: string;
  readonly host: string;
  readonly port: number;
  readonly protocol: "http" | "https";
}

/** The server's administrator. */
export function reach({ account, host, port, connection }: SnowflakeServer): Reach {
  return { account, username: "ADMIN", password: connection.password, host, port, protocol: "http" };
}

export function connect(
  { password, ...rest }: Reach,
  more: Partial<SnowflakeConnection> = {},
): SnowflakeConnection {
  return { ...rest, authentication: byPassword(password), maxConcurrentStatements: 4, ...more };
}

export function byPassword(password: string): SnowflakeAuthentication {
  return { kind: "password", password: new SecretValue(password) };
}
