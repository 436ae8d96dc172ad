import type { SnowflakeServer } from "../../../sdk/snowflake-server/index.js";

/** A database and a warehouse for exports, and the role EXPORT_ROLE, which may use both and nothing else. */
export function seedExportWarehouse({ control }: Pick<SnowflakeServer, "control">): void {
  control.createRole("EXPORT_ROLE");
  control.createDatabase("ANALYTICS");
  control.createWarehouse("EXPORT_WH");
  control.grant("USAGE", { database: "ANALYTICS" }, "EXPORT_ROLE");
  control.grant("USAGE", { warehouse: "EXPORT_WH" }, "EXPORT_ROLE");
}

/** A user of the Snowflake server that may do what an export needs, and the credentials that log it in. */
export function seedWarehouse(server: SnowflakeServer, user = "EXPORTER") {
  const { control } = server;
  const password = `pw-${crypto.randomUUID()}`;
  seedExportWarehouse({ control });
  control.createUser({ name: user, password, roles: ["EXPORT_ROLE"] });
  return {
    type: "snowflake" as const,
    account: server.account,
    warehouse: "EXPORT_WH",
    database: "ANALYTICS",
    username: user,
    password,
  };
}
