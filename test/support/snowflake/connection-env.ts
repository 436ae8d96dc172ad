import type { SnowflakeServer } from "../../../sdk/snowflake-server/index.js";

/** The environment variables that connect this package to a server as a user. */
export function buildConnectionEnv(
  server: SnowflakeServer,
  user: { readonly username: string; readonly password: string; readonly role: string },
): Record<string, string> {
  return {
    SNOWFLAKE_ACCOUNT: server.account,
    SNOWFLAKE_USER: user.username,
    SNOWFLAKE_PASSWORD: user.password,
    SNOWFLAKE_ROLE: user.role,
    SNOWFLAKE_HOST: server.host,
    SNOWFLAKE_PORT: String(server.port),
    SNOWFLAKE_PROTOCOL: "http",
  };
}
