import type { Catalog } from "../catalog/catalog.js";
import type { User } from "../catalog/objects.js";
import { Authority, activeSecondaryRoles, rolesOfUser } from "../catalog/privileges.js";
import { readConnectionIdentifier } from "../identifiers.js";
import type { Session, Sessions } from "../sessions.js";
import { SqlError } from "../sql-error.js";
import { SessionParameters } from "../statements/parameters.js";
import { type AccountOfLogins, authenticate, type Credentials } from "./authenticate.js";
import { LoginError } from "./login-error.js";

/** A log-in as it came, unpacked from query and body. */
export interface LoginRequest extends Credentials {
  readonly role: string | undefined;
  readonly warehouse: string | undefined;
  readonly database: string | undefined;
  readonly schema: string | undefined;
  readonly sessionParameters: Readonly<Record<string, unknown>>;
}

/**
 * Opens a session. A database, schema or warehouse that the role cannot use leaves the session without one,
 * unless the client asks for a check (`CLIENT_VALIDATE_DEFAULT_PARAMETERS`); a role must be the user's.
 *
 * @throws LoginError also 390189 for the role, 390186 for a default role, 390201 for a checked parameter.
 */
export function logIn(
  place: AccountOfLogins & { readonly sessions: Sessions },
  request: LoginRequest,
  clientAddress: string,
): Session {
  const { catalog, sessions } = place;
  const user = authenticate(place, request, clientAddress);
  const role = chooseRole(catalog, user, request.role);
  const roles = { user: user.name, role, secondaryRoles: user.defaultSecondaryRoles };
  const context = chooseContext(catalog, new Authority(catalog, role, activeSecondaryRoles(catalog, roles)), {
    ...request,
    warehouse: request.warehouse ?? user.defaultWarehouse,
  });
  if (request.sessionParameters.CLIENT_VALIDATE_DEFAULT_PARAMETERS === true) {
    for (const what of ["database", "schema", "warehouse"] as const) {
      if (request[what] === undefined || context[what] !== undefined) continue;
      throw new LoginError("390201", `The requested ${what} does not exist or not authorized.`);
    }
  }
  const session = sessions.open({
    ...roles,
    clientAddress,
    ...context,
    // What the user has set goes before what the account has.
    parameters: new SessionParameters(new Map([...catalog.parameters, ...user.parameters])),
  });
  for (const [name, value] of Object.entries(request.sessionParameters)) applyParameter(session, name, value);
  return session;
}

function chooseRole(catalog: Catalog, user: User, wanted: string | undefined): string {
  const granted = rolesOfUser(catalog, user.name);
  if (wanted !== undefined) {
    const role = readConnectionIdentifier(wanted);
    if (catalog.roles.has(role) && granted.has(role)) return role;
    throw new LoginError(
      "390189",
      `Role '${role}' specified in the connect string does not exist or not authorized. ` +
        "Contact your local system administrator, or attempt to login with another role, e.g. PUBLIC.",
    );
  }
  if (user.defaultRole === undefined) return "PUBLIC";
  if (granted.has(user.defaultRole)) return user.defaultRole;
  throw new LoginError(
    "390186",
    `User's configured default role '${user.defaultRole}' is not granted to this user. ` +
      "Contact your local system administrator, or attempt to login using a CLI client with a connect string " +
      "selecting another role, e.g. PUBLIC.",
  );
}

function chooseContext(
  catalog: Catalog,
  authority: Authority,
  wanted: Pick<LoginRequest, "database" | "schema" | "warehouse">,
): Pick<Session, "database" | "schema" | "warehouse"> {
  const named = (text: string | undefined): string =>
    text === undefined ? "" : readConnectionIdentifier(text);
  const foundWarehouse = catalog.warehouses.get(named(wanted.warehouse));
  const foundDatabase = catalog.databases.get(named(wanted.database));
  const database = foundDatabase !== undefined && authority.canUse(foundDatabase) ? foundDatabase : undefined;
  const schema = database?.schemas.get(wanted.schema === undefined ? "PUBLIC" : named(wanted.schema));
  return {
    database: database?.name,
    schema: schema !== undefined && authority.canUse(schema) ? schema.name : undefined,
    warehouse:
      foundWarehouse !== undefined && authority.holds(foundWarehouse, "USAGE")
        ? foundWarehouse.name
        : undefined,
  };
}

/** Clients send many parameters of their own at log-in; those that this server does not know are left. */
function applyParameter(session: Session, name: string, value: unknown): void {
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") return;
  try {
    session.parameters.set(name.toUpperCase(), String(value));
  } catch (error) {
    if (!(error instanceof SqlError)) throw error;
  }
}
