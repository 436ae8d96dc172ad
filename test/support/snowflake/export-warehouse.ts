import type { SnowflakeServer } from "../../../sdk/snowflake-server/index.js";

/** A database and a warehouse for exports, and the role EXPORT_ROLE, which may use both and nothing else. */
export function seedExportWarehouse({ door }: Pick<SnowflakeServer, "door">): void {
  door.createRole("EXPORT_ROLE");
  door.createDatabase("ANALYTICS");
  door.createWarehouse("EXPORT_WH");
  door.grant("USAGE", { database: "ANALYTICS" }, "EXPORT_ROLE");
  door.grant("USAGE", { warehouse: "EXPORT_WH" }, "EXPORT_ROLE");
}
