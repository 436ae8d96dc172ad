import type { ParameterValue } from "../statements/parameters.js";
import type {
  Account,
  Database,
  Integration,
  NetworkPolicy,
  Role,
  RoleGrant,
  Schema,
  Secret,
  Securable,
  User,
  Warehouse,
} from "./objects.js";

/** Roles that every account has, with the role that each is granted to. */
const SYSTEM_ROLES: readonly (readonly [role: string, grantedTo: string | undefined])[] = [
  ["ACCOUNTADMIN", undefined],
  ["SYSADMIN", "ACCOUNTADMIN"],
  ["SECURITYADMIN", "ACCOUNTADMIN"],
  ["USERADMIN", "SECURITYADMIN"],
  ["PUBLIC", undefined],
];

/** All objects of the account, in memory. Names are exact here; folding to upper case is the parser's work. */
export class Catalog {
  readonly account: Account;
  readonly databases = new Map<string, Database>();
  readonly warehouses = new Map<string, Warehouse>();
  readonly roles = new Map<string, Role>();
  readonly users = new Map<string, User>();
  readonly integrations = new Map<string, Integration>();
  roleGrants: RoleGrant[] = [];
  /** Holds for users without a policy of their own. */
  networkPolicy: NetworkPolicy | undefined;
  /** Parameters that each new session starts with. */
  readonly parameters = new Map<string, ParameterValue>();
  #lastTime = 0;

  constructor() {
    this.account = { type: "ACCOUNT", ...this.#securable("ACCOUNT", "ACCOUNTADMIN") };
    this.#fill();
  }

  /** Back to what every account has. */
  clear(): void {
    for (const objects of [this.databases, this.warehouses, this.roles, this.users, this.integrations]) {
      objects.clear();
    }
    this.account.grants = [];
    this.roleGrants = [];
    this.networkPolicy = undefined;
    this.parameters.clear();
    this.#fill();
  }

  #fill(): void {
    for (const [role, grantedTo] of SYSTEM_ROLES) {
      this.addRole(role, "");
      if (grantedTo !== undefined) this.grantRole(role, { type: "ROLE", name: grantedTo }, "");
    }
    this.addPrivilege(this.account, "CREATE DATABASE", "SYSADMIN");
    this.addPrivilege(this.account, "CREATE WAREHOUSE", "SYSADMIN");
    this.addPrivilege(this.account, "CREATE ROLE", "USERADMIN");
    this.addPrivilege(this.account, "CREATE USER", "USERADMIN");
    this.addPrivilege(this.account, "MANAGE GRANTS", "SECURITYADMIN");
    // Every role of a real account sees these two.
    for (const shared of ["SNOWFLAKE", "SNOWFLAKE_SAMPLE_DATA"]) {
      this.addPrivilege(this.addDatabase(shared, "ACCOUNTADMIN"), "USAGE", "PUBLIC");
    }
  }

  /** The present, never twice the same, so that a replaced object has a later time. */
  now(): Date {
    this.#lastTime = Math.max(Date.now(), this.#lastTime + 1);
    return new Date(this.#lastTime);
  }

  addDatabase(name: string, owner: string, comment?: string): Database {
    const database: Database = {
      type: "DATABASE",
      ...this.#securable(name, owner, comment),
      futureGrants: [],
      schemas: new Map(),
    };
    this.databases.set(name, database);
    this.addSchema(database, "INFORMATION_SCHEMA", "");
    this.addSchema(database, "PUBLIC", owner);
    return database;
  }

  addSchema(database: Database, name: string, owner: string, comment?: string): Schema {
    const schema: Schema = {
      type: "SCHEMA",
      ...this.#securable(name, owner, comment),
      database: database.name,
      futureGrants: [],
      secrets: new Map(),
      networkRules: new Set(),
    };
    database.schemas.set(name, schema);
    return schema;
  }

  addSecret(
    schema: Schema,
    name: string,
    owner: string,
    content: Pick<Secret, "secretType" | "properties" | "comment"> & { createdOn?: Date | undefined },
  ): Secret {
    const securable = this.#securable(name, owner, content.comment);
    const base = { ...securable, createdOn: content.createdOn ?? securable.createdOn };
    const secret: Secret = {
      type: "SECRET",
      ...base,
      database: schema.database,
      schema: schema.name,
      secretType: content.secretType,
      properties: content.properties,
      alteredOn: base.createdOn,
    };
    // A replaced secret is the latest of the schema, too.
    schema.secrets.delete(name);
    schema.secrets.set(name, secret);
    return secret;
  }

  addWarehouse(
    name: string,
    owner: string,
    options: Pick<Warehouse, "state" | "autoResume" | "comment">,
  ): Warehouse {
    const warehouse: Warehouse = {
      type: "WAREHOUSE",
      ...this.#securable(name, owner, options.comment),
      state: options.state,
      autoResume: options.autoResume,
    };
    this.warehouses.set(name, warehouse);
    return warehouse;
  }

  addIntegration(
    name: string,
    owner: string,
    { comment, ...options }: Partial<Omit<Integration, Exclude<keyof Securable, "comment">>> = {},
  ): Integration {
    const integration: Integration = {
      type: "INTEGRATION",
      ...this.#securable(name, owner, comment),
      externalOauth: undefined,
      saml2: undefined,
      externalAccess: undefined,
      ...options,
    };
    this.integrations.set(name, integration);
    return integration;
  }

  addUser(name: string, owner: string, options: Omit<User, keyof Securable>, comment?: string): User {
    const user: User = { type: "USER", ...this.#securable(name, owner, comment), ...options };
    this.users.set(name, user);
    return user;
  }

  addRole(name: string, owner: string, comment?: string): Role {
    const role: Role = { type: "ROLE", ...this.#securable(name, owner, comment) };
    this.roles.set(name, role);
    return role;
  }

  /** Takes the role away everywhere; its objects go to `heir`, as in Snowflake. */
  dropRole(name: string, heir: string): void {
    this.roles.delete(name);
    this.roleGrants = this.roleGrants.filter(
      (grant) => grant.role !== name && !(grant.grantee.type === "ROLE" && grant.grantee.name === name),
    );
    for (const securable of this.securables()) {
      if (securable.owner === name) securable.owner = heir;
      securable.grants = securable.grants.filter((grant) => grant.role !== name);
    }
  }

  dropUser(name: string): void {
    this.users.delete(name);
    this.roleGrants = this.roleGrants.filter(
      ({ grantee }) => grantee.type !== "USER" || grantee.name !== name,
    );
  }

  grantRole(role: string, grantee: RoleGrant["grantee"], grantedBy: string): void {
    this.revokeRole(role, grantee);
    this.roleGrants.push({ role, grantee, grantedBy, createdOn: this.now() });
  }

  /** Whether there was such a grant. */
  revokeRole(role: string, grantee: RoleGrant["grantee"]): boolean {
    const before = this.roleGrants.length;
    this.roleGrants = this.roleGrants.filter(
      (grant) =>
        grant.role !== role || grant.grantee.type !== grantee.type || grant.grantee.name !== grantee.name,
    );
    return this.roleGrants.length < before;
  }

  addPrivilege(
    securable: Securable,
    privilege: string,
    role: string,
    grantedBy = securable.owner,
    grantOption = false,
  ): void {
    this.removePrivilege(securable, privilege, role);
    securable.grants.push({ privilege, role, grantOption, grantedBy, createdOn: this.now() });
  }

  /** Whether there was such a grant. */
  removePrivilege(securable: Securable, privilege: string, role: string): boolean {
    const before = securable.grants.length;
    securable.grants = securable.grants.filter(
      (grant) => grant.privilege !== privilege || grant.role !== role,
    );
    return securable.grants.length < before;
  }

  /** Every object that has an owner and grants. */
  *securables(): Generator<Securable> {
    yield this.account;
    yield* this.roles.values();
    yield* this.users.values();
    yield* this.integrations.values();
    yield* this.warehouses.values();
    for (const database of this.databases.values()) {
      yield database;
      for (const schema of database.schemas.values()) {
        yield schema;
        yield* schema.secrets.values();
      }
    }
  }

  #securable(name: string, owner: string, comment?: string): Omit<Securable, "type"> {
    return { name, owner, comment, createdOn: this.now(), grants: [] };
  }
}
