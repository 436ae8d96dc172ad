import type { Database, RoleGrant, Schema, Secret, Securable } from "../catalog/objects.js";
import { rolesOfUser, withInheritedRoles } from "../catalog/privileges.js";
import { printIdentifier, printName } from "../identifiers.js";
import { type Cell, type Column, column, type ResultSet, statusResult, timestampCell } from "../results.js";
import { PRIVILEGES } from "../sql/parse-grant.js";
import type {
  Grant,
  Grantee,
  GrantSubject,
  ObjectName,
  Revoke,
  ShowFutureGrants,
  ShowGrants,
} from "../sql/statements.js";
import { doesNotExist, insufficientPrivileges, SqlError } from "../sql-error.js";
import { findVisible, type StatementContext } from "./context.js";

/** GRANT of a role, of privileges, or of ownership. @throws SqlError 002003, 003001 */
export function grant(context: StatementContext, statement: Grant): ResultSet {
  const { catalog, session } = context;
  const { subject, grantee } = statement;
  requireGrantee(context, grantee);
  if (subject.kind === "role") {
    requireRoleGrantRight(context, subject.role);
    if (grantee.type === "ROLE" && withInheritedRoles(catalog, [subject.role]).has(grantee.name)) {
      throw new SqlError(
        "003030",
        "42501",
        `SQL compilation error:\nRole '${subject.role}' cannot be granted to '${grantee.name}': the roles would include each other.`,
      );
    }
    catalog.grantRole(subject.role, grantee, session.role);
    return statusResult("Statement executed successfully.");
  }
  if (subject.kind === "future-privileges") {
    const parent = findFutureParent(context, subject);
    for (const privilege of expandForSecret(subject.privileges)) {
      // At most one role is the owner of what is to come.
      const others = parent.futureGrants.filter(
        (given) =>
          given.privilege !== privilege || (privilege !== "OWNERSHIP" && given.role !== grantee.name),
      );
      const given = { privilege, role: grantee.name, grantOption: statement.withGrantOption };
      parent.futureGrants = [...others, { ...given, createdOn: catalog.now() }];
    }
    return statusResult("Statement executed successfully.");
  }
  const securable = findVisible(context, subject.type, subject.name, "GRANT");
  if (subject.privileges.includes("OWNERSHIP")) {
    grantOwnership(context, securable, grantee.name, statement.currentGrants);
    return statusResult("Statement executed successfully.");
  }
  for (const privilege of expand(subject.privileges, securable)) {
    requireGrantRight(context, securable, privilege);
    catalog.addPrivilege(securable, privilege, grantee.name, session.role, statement.withGrantOption);
  }
  return statusResult("Statement executed successfully.");
}

/** REVOKE of a role or of privileges. @throws SqlError 002003, 003001 */
export function revoke(context: StatementContext, { subject, grantee }: Revoke): ResultSet {
  const { catalog } = context;
  requireGrantee(context, grantee);
  if (subject.kind === "role") {
    requireRoleGrantRight(context, subject.role);
    catalog.revokeRole(subject.role, grantee);
    return statusResult("Statement executed successfully.");
  }
  if (subject.kind === "future-privileges") {
    const parent = findFutureParent(context, subject);
    const privileges = new Set(expandForSecret(subject.privileges));
    parent.futureGrants = parent.futureGrants.filter(
      (given) => given.role !== grantee.name || !privileges.has(given.privilege),
    );
    return statusResult("Statement executed successfully.");
  }
  const securable = findVisible(context, subject.type, subject.name, "REVOKE");
  if (subject.privileges.includes("OWNERSHIP")) throw insufficientPrivileges(subject.type, securable.name);
  for (const privilege of expand(subject.privileges, securable)) {
    requireGrantRight(context, securable, privilege);
    catalog.removePrivilege(securable, privilege, grantee.name);
  }
  return statusResult("Statement executed successfully.");
}

/** SHOW GRANTS, by object, role or user. @throws SqlError 002003 */
export function showGrants(context: StatementContext, { subject }: ShowGrants): ResultSet {
  if (subject.by === "to-current-user") {
    return showRoleGrants(context, { by: "to-user", name: context.session.user });
  }
  if (subject.by === "of-role" || subject.by === "to-user") return showRoleGrants(context, subject);
  if (subject.by === "on") {
    const securable = findVisible(context, subject.type, subject.name, "SHOW GRANTS");
    return privilegeResult(privilegeRows(securable));
  }
  const { catalog } = context;
  requireKnownRole(context, subject.name);
  const rows: Cell[][] = [];
  for (const securable of catalog.securables()) {
    rows.push(...privilegeRows(securable).filter((row) => row[GRANTEE_NAME] === subject.name));
  }
  for (const given of catalog.roleGrants) {
    if (given.grantee.type !== "ROLE" || given.grantee.name !== subject.name) continue;
    rows.push(
      privilegeRow(
        given.createdOn,
        "USAGE",
        "ROLE",
        printIdentifier(given.role),
        subject.name,
        false,
        given.grantedBy,
      ),
    );
  }
  return privilegeResult(rows);
}

/** SHOW FUTURE GRANTS, by what they are in or by role. @throws SqlError 002003 */
export function showFutureGrants(context: StatementContext, { subject }: ShowFutureGrants): ResultSet {
  if ("toRole" in subject) {
    requireKnownRole(context, subject.toRole);
    const parents = [...context.catalog.securables()].filter(hasFutureGrants);
    const rows = parents.flatMap(futureGrantRows).filter((row) => row[GRANTEE_NAME] === subject.toRole);
    return { columns: FUTURE_GRANT_COLUMNS, rows };
  }
  const parent = findVisible(context, subject.in, subject.name, "SHOW FUTURE GRANTS");
  return { columns: FUTURE_GRANT_COLUMNS, rows: hasFutureGrants(parent) ? futureGrantRows(parent) : [] };
}

function hasFutureGrants(securable: Securable): securable is Schema | Database {
  return securable.type === "SCHEMA" || securable.type === "DATABASE";
}

function futureGrantRows(parent: Schema | Database): Cell[][] {
  return parent.futureGrants.map(({ privilege, role, grantOption, createdOn }) => [
    timestampCell(createdOn),
    privilege,
    "SECRET",
    `${qualifiedName(parent)}.<SECRET>`,
    "ROLE",
    role,
    String(grantOption),
  ]);
}

/** Who may say what becomes of objects still to come: documented for MANAGE GRANTS; the owner's right is a reading. */
function findFutureParent(
  context: StatementContext,
  subject: Extract<GrantSubject, { kind: "future-privileges" }>,
): Schema | Database {
  const parent = findVisible(context, subject.in, subject.name, "GRANT");
  if (!hasFutureGrants(parent)) throw new Error("Future grants stand in a schema or a database.");
  if (!context.authority.owns(parent) && !context.authority.managesGrants()) {
    throw insufficientPrivileges(parent.type, parent.name);
  }
  return parent;
}

function expandForSecret(privileges: readonly string[]): readonly string[] {
  return privileges[0] === "ALL" ? PRIVILEGES.SECRET : privileges;
}

/** Gives a new secret to whom future grants say; those of the schema stand in place of those of the database. */
export function applyFutureGrants({ catalog }: StatementContext, schema: Schema, secret: Secret): void {
  const ofDatabase = catalog.databases.get(schema.database)?.futureGrants ?? [];
  for (const { privilege, role, grantOption } of schema.futureGrants.length > 0
    ? schema.futureGrants
    : ofDatabase) {
    if (privilege === "OWNERSHIP") secret.owner = role;
    else catalog.addPrivilege(secret, privilege, role, schema.owner, grantOption);
  }
}

const GRANTEE_NAME = 5;

function grantOwnership(
  { authority }: StatementContext,
  securable: Securable,
  newOwner: string,
  currentGrants: Grant["currentGrants"],
): void {
  if (!authority.owns(securable) && !authority.managesGrants()) {
    throw insufficientPrivileges(securable.type, securable.name);
  }
  const dependent = securable.grants.find((given) => given.role !== newOwner);
  if (dependent !== undefined && currentGrants === undefined) {
    throw new SqlError(
      "003036",
      "42501",
      `SQL execution error:\nDependent grant of privilege '${dependent.privilege}' on securable ` +
        `'${qualifiedName(securable)}' to role '${dependent.role}' exists. It must be revoked first.`,
    );
  }
  const kept = currentGrants === "copy" ? securable.grants : [];
  securable.owner = newOwner;
  securable.grants = kept
    .filter((given) => given.role !== newOwner)
    .map((given) => ({ ...given, grantedBy: newOwner }));
}

function expand(privileges: readonly string[], securable: Securable): readonly string[] {
  return privileges[0] === "ALL" ? PRIVILEGES[securable.type] : privileges;
}

function requireGrantRight({ authority }: StatementContext, securable: Securable, privilege: string): void {
  const mayPassOn = securable.grants.some(
    (given) => given.privilege === privilege && given.grantOption && authority.roles.has(given.role),
  );
  if (!authority.owns(securable) && !authority.managesGrants() && !mayPassOn) {
    throw insufficientPrivileges(securable.type, securable.name);
  }
}

function requireRoleGrantRight(context: StatementContext, roleName: string): void {
  const { authority, catalog } = context;
  const role = catalog.roles.get(roleName);
  if (role === undefined) throw doesNotExist("Role", printName([roleName]));
  if (!authority.owns(role) && !authority.managesGrants()) throw insufficientPrivileges("ROLE", roleName);
}

function requireGrantee({ catalog }: StatementContext, grantee: Grantee): void {
  const known = grantee.type === "ROLE" ? catalog.roles.has(grantee.name) : catalog.users.has(grantee.name);
  if (!known) throw doesNotExist(grantee.type, printName([grantee.name]));
}

/** A role's grants are shown to the sessions that have the role, and to who manages grants. */
function requireKnownRole({ authority, catalog, session }: StatementContext, name: string): void {
  const known = catalog.roles.has(name);
  const allowed = authority.managesGrants() || rolesOfUser(catalog, session.user).has(name);
  if (!known || !allowed) throw doesNotExist("Role", printName([name]));
}

function showRoleGrants(
  context: StatementContext,
  subject: { readonly by: "of-role" | "to-user" | "to-role"; readonly name: string },
): ResultSet {
  const { catalog, authority, session } = context;
  if (subject.by === "of-role") requireKnownRole(context, subject.name);
  else if (subject.name !== session.user && !authority.managesGrants()) {
    throw doesNotExist("User", printName([subject.name]));
  }
  const wanted = (given: RoleGrant): boolean =>
    subject.by === "of-role"
      ? given.role === subject.name
      : given.grantee.type === "USER" && given.grantee.name === subject.name;
  return {
    columns: ROLE_GRANT_COLUMNS,
    rows: catalog.roleGrants
      .filter(wanted)
      .map(({ role, grantee, grantedBy, createdOn }) => [
        timestampCell(createdOn),
        role,
        grantee.type,
        grantee.name,
        grantedBy,
      ]),
  };
}

function privilegeRows(securable: Securable): Cell[][] {
  const name = qualifiedName(securable);
  const owner = securable.owner;
  const ownership =
    owner === ""
      ? []
      : [privilegeRow(securable.createdOn, "OWNERSHIP", securable.type, name, owner, true, owner)];
  const given = securable.grants.map((item) =>
    privilegeRow(
      item.createdOn,
      item.privilege,
      securable.type,
      name,
      item.role,
      item.grantOption,
      item.grantedBy,
    ),
  );
  return [...ownership, ...given];
}

function privilegeRow(
  createdOn: Date,
  privilege: string,
  grantedOn: string,
  name: string,
  grantee: string,
  grantOption: boolean,
  grantedBy: string,
): Cell[] {
  return [
    timestampCell(createdOn),
    privilege,
    grantedOn,
    name,
    "ROLE",
    grantee,
    String(grantOption),
    grantedBy,
  ];
}

function privilegeResult(rows: readonly Cell[][]): ResultSet {
  return { columns: PRIVILEGE_COLUMNS, rows };
}

function grantListColumns(...names: readonly string[]): readonly Column[] {
  return [column("created_on", "timestamp_ltz"), ...names.map((name) => column(name))];
}

const PRIVILEGE_COLUMNS = grantListColumns(
  "privilege",
  "granted_on",
  "name",
  "granted_to",
  "grantee_name",
  "grant_option",
  "granted_by",
);
const ROLE_GRANT_COLUMNS = grantListColumns("role", "granted_to", "grantee_name", "granted_by");
/** The columns of SHOW FUTURE GRANTS. */
export const FUTURE_GRANT_COLUMNS = grantListColumns(
  "privilege",
  "grant_on",
  "name",
  "grant_to",
  "grantee_name",
  "grant_option",
);

/** What a SHOW GRANTS answers with. */
export function grantColumns({ subject }: ShowGrants): readonly Column[] {
  return subject.by === "on" || subject.by === "to-role" ? PRIVILEGE_COLUMNS : ROLE_GRANT_COLUMNS;
}

/** An object's full name, as SHOW GRANTS prints it. */
function qualifiedName(securable: Securable): string {
  const parents = securable as Securable & { readonly database?: string; readonly schema?: string };
  const parts: ObjectName = [parents.database, parents.schema, securable.name].filter(
    (part) => part !== undefined,
  );
  return printName(parts);
}
