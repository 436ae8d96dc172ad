import { randomBytes } from "node:crypto";
import type { Door } from "./door.js";

/** What {@link seedDemo} made; the password is made anew each time. */
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
export function seedDemo(door: Door, options: { readonly password?: string } = {}): DemoSeed {
  const seed: DemoSeed = {
    username: "SYNC_USER",
    password: options.password ?? randomBytes(18).toString("base64url"),
    role: "SYNC_ROLE",
    warehouse: "WH",
    database: "APP",
    schema: "SECRETS",
  };
  const { database, schema, role, warehouse } = seed;
  door.createRole(role, { grantedTo: ["SYSADMIN"] });
  door.createDatabase(database, { owner: "SYSADMIN" });
  door.createSchema(database, schema, { owner: "SYSADMIN" });
  door.createWarehouse(warehouse, { owner: "SYSADMIN" });
  door.grant("USAGE", { database }, role);
  door.grant("USAGE", { database, schema }, role);
  door.grant("CREATE SECRET", { database, schema }, role);
  door.grant("USAGE", { warehouse }, role);
  door.createUser({ name: seed.username, password: seed.password, roles: [role] });
  return seed;
}
