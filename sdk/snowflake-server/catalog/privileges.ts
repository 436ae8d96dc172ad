import { printName } from "../identifiers.js";
import { doesNotExist, insufficientPrivileges } from "../sql-error.js";
import type { Catalog } from "./catalog.js";
import type { Database, Schema, Secret, Securable } from "./objects.js";

/** What the active role of a session may see and do: its own privileges and those it inherits. */
export class Authority {
  /** The active role, all roles granted to it, directly or not, and PUBLIC. */
  readonly roles: ReadonlySet<string>;

  constructor(
    readonly catalog: Catalog,
    readonly activeRole: string,
  ) {
    this.roles = withInheritedRoles(catalog, [activeRole, "PUBLIC"]);
  }

  owns(securable: Securable): boolean {
    return this.roles.has(securable.owner);
  }

  /** OWNERSHIP includes every privilege. */
  holds(securable: Securable, privilege: string): boolean {
    return (
      this.owns(securable) ||
      securable.grants.some((grant) => grant.privilege === privilege && this.roles.has(grant.role))
    );
  }

  holdsAny(securable: Securable): boolean {
    return this.owns(securable) || securable.grants.some((grant) => this.roles.has(grant.role));
  }

  managesGrants(): boolean {
    return this.holds(this.catalog.account, "MANAGE GRANTS");
  }

  /** Whether names below it can be reached: USAGE, or ownership. INFORMATION_SCHEMA follows its database. */
  canUse(securable: Database | Schema): boolean {
    if (securable.type === "SCHEMA" && securable.name === "INFORMATION_SCHEMA") return true;
    return this.holds(securable, "USAGE");
  }

  /** Whether SHOW lists it. A secret also needs a way to it through its database and schema. */
  sees(securable: Securable): boolean {
    return (
      (securable.type === "SCHEMA" && securable.name === "INFORMATION_SCHEMA") || this.holdsAny(securable)
    );
  }

  /** @throws SqlError 002003 where it does not exist, or USAGE is missing: Snowflake does not tell which. */
  usableDatabase(name: string): Database {
    const database = this.catalog.databases.get(name);
    if (database === undefined || !this.canUse(database)) throw doesNotExist("Database", printName([name]));
    return database;
  }

  /** @throws SqlError 002003 where it does not exist, or USAGE is missing. */
  usableSchema(databaseName: string, name: string): Schema {
    const schema = this.usableDatabase(databaseName).schemas.get(name);
    if (schema === undefined || !this.canUse(schema)) {
      throw doesNotExist("Schema", printName([databaseName, name]));
    }
    return schema;
  }

  /** @throws SqlError 002003 where no privilege on it is held. */
  visibleSecret(schema: Schema, name: string): Secret {
    const secret = schema.secrets.get(name);
    if (secret === undefined || !this.sees(secret)) {
      throw doesNotExist("Secret", printName([schema.database, schema.name, name]));
    }
    return secret;
  }

  /** @throws SqlError 003001 where the object is visible, but not owned. */
  requireOwnership(securable: Securable): void {
    if (!this.owns(securable)) throw insufficientPrivileges(securable.type, securable.name);
  }

  /** @throws SqlError 003001 */
  requirePrivilege(securable: Securable, privilege: string): void {
    if (!this.holds(securable, privilege)) throw insufficientPrivileges(securable.type, securable.name);
  }
}

/** The roles and all that they inherit. */
export function withInheritedRoles(catalog: Catalog, roles: Iterable<string>): ReadonlySet<string> {
  const found = new Set<string>(roles);
  // A set may grow while it is walked: the walk then reaches what was added.
  for (const role of found) {
    for (const grant of catalog.roleGrants) {
      if (grant.grantee.type === "ROLE" && grant.grantee.name === role) found.add(grant.role);
    }
  }
  return found;
}

/** The roles a user may activate: those granted to it, what they inherit, and PUBLIC. */
export function rolesOfUser(catalog: Catalog, user: string): ReadonlySet<string> {
  const direct = catalog.roleGrants.filter(({ grantee }) => grantee.type === "USER" && grantee.name === user);
  return withInheritedRoles(catalog, [...direct.map((grant) => grant.role), "PUBLIC"]);
}
