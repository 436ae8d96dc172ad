import type { SnowflakeServer } from "../../../sdk/snowflake-server/index.js";

/** The `connection` argument for a user of the server. */
export function buildConnection(
  server: SnowflakeServer,
  user: { username: string; password: string; role?: string },
): Readonly<Record<string, unknown>> {
  return {
    account: server.account,
    user: user.username,
    password: user.password,
    ...(user.role === undefined ? {} : { role: user.role }),
    host: server.host,
    port: server.port,
    protocol: "http",
  };
}
