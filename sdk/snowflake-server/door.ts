import { createPublicKey, type KeyObject } from "node:crypto";
import type { Catalog } from "./catalog/catalog.js";
import type {
  NetworkPolicy,
  PrivilegeGrant,
  Schema,
  Secret,
  Securable,
  User,
  WarehouseState,
} from "./catalog/objects.js";
import type { FaultRule } from "./faults.js";
import type { Counts, StatementRecord } from "./journal.js";
import type { ServerState } from "./server-state.js";
import type { SessionEnd } from "./sessions.js";
import type { SecretType } from "./sql/statements.js";

/** Names in the door are exact: what SQL calls `app` unquoted is `APP` here. User names are upper-cased. */
export interface NewUser {
  readonly name: string;
  readonly password?: string;
  /** SPKI PEM, or a key; any of them opens a session. */
  readonly publicKey?: string | KeyObject | readonly (string | KeyObject)[];
  readonly programmaticAccessTokens?: readonly string[];
  readonly oauthTokens?: readonly string[];
  /** @default "PERSON" */
  readonly type?: "PERSON" | "SERVICE";
  readonly roles?: readonly string[];
  /** @default the first of `roles` */
  readonly defaultRole?: string;
  readonly defaultWarehouse?: string;
  readonly networkPolicy?: NetworkPolicy;
  readonly disabled?: boolean;
}

export interface NewSecret {
  readonly database: string;
  readonly schema: string;
  readonly name: string;
  /** @default "GENERIC_STRING" */
  readonly type?: SecretType;
  /** SECRET_STRING of a GENERIC_STRING secret, PASSWORD of a PASSWORD one. */
  readonly value?: string;
  readonly comment?: string;
  /** @default the owner of the schema */
  readonly owner?: string;
}

/** A secret as it is, value included. */
export interface SecretView {
  readonly name: string;
  readonly type: SecretType;
  readonly value: string | undefined;
  readonly comment: string | undefined;
  readonly owner: string;
  readonly createdOn: Date;
  readonly alteredOn: Date;
  readonly grants: readonly PrivilegeGrant[];
}

/** What a grant is on, by exact names. */
export type GrantTarget =
  | "account"
  | { readonly database: string; readonly schema?: string; readonly secret?: string }
  | { readonly warehouse: string }
  | { readonly role: string };

/** The test's way in: seeds, changes and shows everything at once, past all privileges. The product never uses it. */
export interface Door {
  createUser(user: NewUser): void;
  createRole(
    name: string,
    options?: { readonly grantedTo?: readonly string[]; readonly owner?: string },
  ): void;
  /** Gives a role to a user or to another role. */
  grantRole(role: string, to: { readonly user: string } | { readonly role: string }): void;
  revokeRole(role: string, from: { readonly user: string } | { readonly role: string }): void;
  /** A database comes with PUBLIC and INFORMATION_SCHEMA. @default owner "ACCOUNTADMIN" */
  createDatabase(name: string, options?: { readonly owner?: string }): void;
  createSchema(database: string, name: string, options?: { readonly owner?: string }): void;
  createWarehouse(
    name: string,
    options?: { readonly owner?: string; readonly state?: WarehouseState; readonly autoResume?: boolean },
  ): void;
  dropDatabase(name: string): void;
  dropSchema(database: string, name: string): void;
  dropWarehouse(name: string): void;
  setWarehouseState(name: string, state: WarehouseState): void;
  /** OWNERSHIP makes the role the owner and keeps the other grants. */
  grant(privilege: string, target: GrantTarget, role: string): void;
  revoke(privilege: string, target: GrantTarget, role: string): void;
  /** All grants on an object, without its ownership. */
  grantsOn(target: GrantTarget): readonly PrivilegeGrant[];
  /** Creates a secret, or replaces one of that name by a new object. */
  putSecret(secret: NewSecret): void;
  /** Changes a secret in place, as ALTER does. */
  alterSecret(
    place: { readonly database: string; readonly schema: string; readonly name: string },
    change: { readonly value?: string; readonly comment?: string | undefined; readonly owner?: string },
  ): void;
  dropSecret(database: string, schema: string, name: string): void;
  secret(database: string, schema: string, name: string): SecretView | undefined;
  /** In the order of creation. */
  secrets(database: string, schema: string): readonly SecretView[];
  /** For one user, or without a user for the whole account; `undefined` takes it away. */
  setNetworkPolicy(policy: NetworkPolicy | undefined, user?: string): void;
  setPassword(user: string, password: string | undefined): void;
  setUserDisabled(user: string, disabled: boolean): void;
  /** The address that the server takes its clients to have; `undefined` for the real one. */
  setClientAddress(address: string | undefined): void;
  /** @default "renewable" */
  expireSessions(how?: SessionEnd): void;
  addFault(rule: FaultRule): void;
  clearFaults(): void;
  setLatencyMs(latencyMs: number): void;
  /** @default 10000 */
  setRowCap(rows: number): void;
  /** Whether binds in anything but SELECT are a syntax error. @default false */
  setRefuseBinds(refuse: boolean): void;
  counts(): Counts;
  statements(): readonly StatementRecord[];
  /** Forgets counts and statements; sessions stay open. */
  resetCounts(): void;
}

/** Builds the door to a server's state. */
export function buildDoor(state: ServerState): Door {
  const { catalog, journal, settings, faults, sessions } = state;
  return {
    createUser: (user) => createUser(catalog, user),
    createRole: (name, { grantedTo = [], owner = "USERADMIN" } = {}) => {
      catalog.addRole(name, owner);
      for (const role of grantedTo) catalog.grantRole(name, { type: "ROLE", name: role }, owner);
    },
    grantRole: (role, to) => catalog.grantRole(known(catalog.roles, role).name, grantee(to), "SECURITYADMIN"),
    revokeRole: (role, from) => void catalog.revokeRole(role, grantee(from)),
    createDatabase: (name, { owner = "ACCOUNTADMIN" } = {}) => void catalog.addDatabase(name, owner),
    createSchema: (database, name, { owner } = {}) => {
      const parent = known(catalog.databases, database);
      catalog.addSchema(parent, name, owner ?? parent.owner);
    },
    createWarehouse: (name, { owner = "ACCOUNTADMIN", state: initial = "STARTED", autoResume = true } = {}) =>
      void catalog.addWarehouse(name, owner, { state: initial, autoResume, comment: undefined }),
    dropDatabase: (name) => void catalog.databases.delete(name),
    dropSchema: (database, name) => void known(catalog.databases, database).schemas.delete(name),
    dropWarehouse: (name) => void catalog.warehouses.delete(name),
    setWarehouseState: (name, warehouseState) => {
      known(catalog.warehouses, name).state = warehouseState;
    },
    grant: (privilege, target, role) => {
      const securable = findTarget(catalog, target);
      if (privilege === "OWNERSHIP") securable.owner = role;
      else catalog.addPrivilege(securable, privilege, known(catalog.roles, role).name);
    },
    revoke: (privilege, target, role) =>
      void catalog.removePrivilege(findTarget(catalog, target), privilege, role),
    grantsOn: (target) => [...findTarget(catalog, target).grants],
    putSecret: (secret) => putSecret(catalog, secret),
    alterSecret: (place, change) => alterSecret(catalog, place, change),
    dropSecret: (database, schema, name) => void findSchema(catalog, database, schema).secrets.delete(name),
    secret: (database, schema, name) => {
      const secret = findSchema(catalog, database, schema).secrets.get(name);
      return secret === undefined ? undefined : viewSecret(secret);
    },
    secrets: (database, schema) =>
      [...findSchema(catalog, database, schema).secrets.values()].map(viewSecret),
    setNetworkPolicy: (policy, user) => {
      if (user === undefined) catalog.networkPolicy = policy;
      else known(catalog.users, user.toUpperCase()).networkPolicy = policy;
    },
    setPassword: (user, password) => {
      known(catalog.users, user.toUpperCase()).password = password;
    },
    setUserDisabled: (user, disabled) => {
      known(catalog.users, user.toUpperCase()).disabled = disabled;
    },
    setClientAddress: (address) => {
      settings.clientAddress = address;
    },
    expireSessions: (how = "renewable") => sessions.endAll(how),
    addFault: (rule) => faults.add(rule),
    clearFaults: () => faults.clear(),
    setLatencyMs: (latencyMs) => {
      settings.latencyMs = latencyMs;
    },
    setRowCap: (rows) => {
      settings.rowCap = rows;
    },
    setRefuseBinds: (refuse) => {
      settings.refuseBinds = refuse;
    },
    counts: () => journal.counts(sessions.count),
    statements: () => journal.records,
    resetCounts: () => journal.reset(),
  };
}

function createUser(catalog: Catalog, options: NewUser): void {
  const { publicKey = [], roles = [] } = options;
  const keys = Array.isArray(publicKey)
    ? (publicKey as readonly (string | KeyObject)[])
    : [publicKey as string | KeyObject];
  const user: User = {
    name: options.name.toUpperCase(),
    type: options.type ?? "PERSON",
    password: options.password,
    publicKeys: keys.map((key) => (typeof key === "string" ? createPublicKey(key) : key)),
    programmaticAccessTokens: new Set(options.programmaticAccessTokens),
    oauthTokens: new Set(options.oauthTokens),
    defaultRole: options.defaultRole ?? roles[0],
    defaultWarehouse: options.defaultWarehouse,
    disabled: options.disabled ?? false,
    networkPolicy: options.networkPolicy,
  };
  catalog.users.set(user.name, user);
  for (const role of roles) {
    catalog.grantRole(known(catalog.roles, role).name, { type: "USER", name: user.name }, "SECURITYADMIN");
  }
}

function putSecret(catalog: Catalog, secret: NewSecret): void {
  const schema = findSchema(catalog, secret.database, secret.schema);
  const secretType = secret.type ?? "GENERIC_STRING";
  const property = VALUE_PROPERTY[secretType];
  const properties = new Map(
    property === undefined || secret.value === undefined ? [] : [[property, secret.value]],
  );
  catalog.addSecret(schema, secret.name, secret.owner ?? schema.owner, {
    secretType,
    properties,
    comment: secret.comment,
  });
}

const VALUE_PROPERTY: Readonly<Partial<Record<SecretType, string>>> = {
  GENERIC_STRING: "SECRET_STRING",
  PASSWORD: "PASSWORD",
};

function alterSecret(
  catalog: Catalog,
  place: Parameters<Door["alterSecret"]>[0],
  change: Parameters<Door["alterSecret"]>[1],
): void {
  const secret = known(findSchema(catalog, place.database, place.schema).secrets, place.name);
  const property = VALUE_PROPERTY[secret.secretType];
  if (change.value !== undefined && property !== undefined) secret.properties.set(property, change.value);
  if ("comment" in change) secret.comment = change.comment;
  if (change.owner !== undefined) secret.owner = change.owner;
  secret.alteredOn = catalog.now();
}

function viewSecret(secret: Secret): SecretView {
  const property = VALUE_PROPERTY[secret.secretType];
  return {
    name: secret.name,
    type: secret.secretType,
    value: property === undefined ? undefined : secret.properties.get(property),
    comment: secret.comment,
    owner: secret.owner,
    createdOn: secret.createdOn,
    alteredOn: secret.alteredOn,
    grants: [...secret.grants],
  };
}

function grantee(to: { readonly user: string } | { readonly role: string }): {
  type: "ROLE" | "USER";
  name: string;
} {
  return "user" in to ? { type: "USER", name: to.user.toUpperCase() } : { type: "ROLE", name: to.role };
}

function findSchema(catalog: Catalog, database: string, schema: string): Schema {
  return known(known(catalog.databases, database).schemas, schema);
}

function findTarget(catalog: Catalog, target: GrantTarget): Securable {
  if (target === "account") return catalog.account;
  if ("warehouse" in target) return known(catalog.warehouses, target.warehouse);
  if ("role" in target) return known(catalog.roles, target.role);
  if (target.schema === undefined) return known(catalog.databases, target.database);
  const schema = findSchema(catalog, target.database, target.schema);
  return target.secret === undefined ? schema : known(schema.secrets, target.secret);
}

function known<Item>(map: ReadonlyMap<string, Item>, name: string): Item {
  const item = map.get(name);
  if (item === undefined) throw new Error(`The test server has no object named ${name}.`);
  return item;
}
