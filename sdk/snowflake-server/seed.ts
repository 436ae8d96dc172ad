import { randomBytes } from "node:crypto";
import type { ControlApi } from "./control-api.js";

/** What {@link seedDemo} made; the password is recreated each time. */
export interface DemoSeed {
  readonly username: string;
  readonly password: string;
  readonly role: string;
  readonly warehouse: string;
  readonly database: string;
  readonly schema: string;
}

/**
 * A user with the role SYNC_ROLE, which has exactly what a sync needs (USAGE on database APP and schema
 * SECRETS, CREATE SECRET on the schema) and USAGE on warehouse WH.
 */
export function seedDemo(control: ControlApi, options: { readonly password?: string } = {}): DemoSeed {
  const seed: DemoSeed = {
    username: "SYNC_USER",
    password: options.password ?? randomBytes(18).toString("base64url"),
    role: "SYNC_ROLE",
    warehouse: "WH",
    database: "APP",
    schema: "SECRETS",
  };
  const { database, schema, role, warehouse } = seed;
  control.createRole(role, { grantedTo: ["SYSADMIN"] });
  control.createDatabase(database, { owner: "SYSADMIN" });
  control.createSchema(database, schema, { owner: "SYSADMIN" });
  control.createWarehouse(warehouse, { owner: "SYSADMIN" });
  control.grant("USAGE", { database }, role);
  control.grant("USAGE", { database, schema }, role);
  control.grant("CREATE SECRET", { database, schema }, role);
  control.grant("USAGE", { warehouse }, role);
  control.createUser({ name: seed.username, password: seed.password, roles: [role] });
  return seed;
}
