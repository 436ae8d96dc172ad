import { printName } from "../identifiers.js";
import { doesNotExist, insufficientPrivileges } from "../sql-error.js";
import type { Catalog } from "./catalog.js";
import type { Database, Schema, Secret, Securable } from "./objects.js";

/** What the roles of a session may see and do: their own privileges and those they inherit. */
export class Authority {
  /** The primary role, the secondary ones, all roles granted to them, directly or not, and PUBLIC. */
  readonly roles: ReadonlySet<string>;
  readonly #primaryRoles: ReadonlySet<string>;

  constructor(
    readonly catalog: Catalog,
    readonly primaryRole: string,
    secondaryRoles: readonly string[],
  ) {
    this.#primaryRoles = withInheritedRoles(catalog, [primaryRole, "PUBLIC"]);
    this.roles = withInheritedRoles(catalog, [...this.#primaryRoles, ...secondaryRoles]);
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

  /**
   * The right to create below an object: the primary role must have it, or inherit it. Everything else may come from
   * a secondary role, too (https://docs.snowflake.com/en/sql-reference/sql/use-secondary-roles).
   *
   * @throws SqlError 003001
   */
  requireCreate(parent: Securable, privilege: string): void {
    const isAllowed =
      this.#primaryRoles.has(parent.owner) ||
      parent.grants.some((grant) => grant.privilege === privilege && this.#primaryRoles.has(grant.role));
    if (!isAllowed) throw insufficientPrivileges(parent.type, parent.name);
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
  return withInheritedRoles(catalog, [...rolesGrantedTo(catalog, user), "PUBLIC"]);
}

/** What a session chose as its secondary roles. */
export type SecondaryRoles = "ALL" | "NONE" | readonly string[];

/** The secondary roles in force now, without the primary one: looked up for each statement, as Snowflake does. */
export function activeSecondaryRoles(
  catalog: Catalog,
  { user, role, secondaryRoles }: { user: string; role: string; secondaryRoles: SecondaryRoles },
): readonly string[] {
  if (secondaryRoles === "NONE") return [];
  const available = secondaryRoles === "ALL" ? rolesGrantedTo(catalog, user) : secondaryRoles;
  const usable = rolesOfUser(catalog, user);
  return available.filter((name) => name !== role && usable.has(name));
}

function rolesGrantedTo(catalog: Catalog, user: string): readonly string[] {
  return catalog.roleGrants
    .filter(({ grantee }) => grantee.type === "USER" && grantee.name === user)
    .map((grant) => grant.role);
}
