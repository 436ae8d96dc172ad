import { createPublicKey, type KeyObject } from "node:crypto";
import pLimit from "p-limit";
import type { Catalog } from "./catalog/catalog.js";
import type { Schema, SecondFactor, Secret, Securable } from "./catalog/objects.js";
import type { ControlApi, GrantTarget, NewSecret, NewUser, SecretView } from "./control-api.js";
import { Journal } from "./journal.js";
import { Queries } from "./queries.js";
import type { ServerState } from "./server-state.js";
import { Sessions } from "./sessions.js";
import { publicKeyProperties, type SecretType } from "./sql/statements.js";
import { SessionParameters, setParameter } from "./statements/parameters.js";

/** Builds the control API to a server's state. */
export function buildControlApi(state: ServerState, reset: () => void): ControlApi {
  const { catalog, journal, settings, faults, sessions } = state;
  return {
    createUser: (user) => createUser(catalog, user),
    hasUser: (name) => catalog.users.has(name.toUpperCase()),
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
    createIntegration: (name, { owner = "ACCOUNTADMIN", externalOauth } = {}) =>
      void catalog.addIntegration(name, owner, { externalOauth }),
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
    schemas: () =>
      [...catalog.databases.values()].flatMap(({ name, schemas }) =>
        [...schemas.keys()].map((schema) => ({ database: name, schema })),
      ),
    secrets: (database, schema) =>
      [...findSchema(catalog, database, schema).secrets.values()].map(viewSecret),
    setNetworkPolicy: (policy, user) => {
      if (user === undefined) catalog.networkPolicy = policy;
      else known(catalog.users, user.toUpperCase()).networkPolicy = policy;
    },
    setParameter: (name, value, user) => {
      const { parameters } = user === undefined ? catalog : known(catalog.users, user.toUpperCase());
      if (value === undefined) parameters.delete(name.toUpperCase());
      else setParameter(parameters, name.toUpperCase(), value);
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
    setSecondFactor: (user, factor) => {
      known(catalog.users, user.toUpperCase()).secondFactor = checkFactor(factor);
    },
    revokeKeptTokens: () => state.keptTokens.clear(),
    setApprovalTimeoutMs: (ms) => {
      settings.approvalTimeoutMs = ms;
    },
    expireSessions: (how = "renewable") => sessions.endAll(how),
    addFault: (rule) => faults.add(rule),
    clearFaults: () => faults.clear(),
    setLatencyMs: (latencyMs) => {
      settings.latencyMs = latencyMs;
    },
    setStatementLimit: (limit) => {
      settings.statementLimit = limit && { ...limit, takeTurns: pLimit(limit.atOnce) };
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
    run: (sql) => runAsAdministrator(state, sql),
    reset,
  };
}

function createUser(catalog: Catalog, options: NewUser): void {
  const { publicKey = [], roles = [] } = options;
  const keys = Array.isArray(publicKey)
    ? (publicKey as readonly (string | KeyObject)[])
    : [publicKey as string | KeyObject];
  const user = catalog.addUser(options.name.toUpperCase(), "USERADMIN", {
    userType: options.type ?? "PERSON",
    password: options.password,
    publicKeys: new Map(
      keys.map((key, index) => [
        publicKeyProperties[index] ?? `further key ${index}`,
        typeof key === "string" ? createPublicKey(key) : key,
      ]),
    ),
    programmaticAccessTokens: new Set(options.programmaticAccessTokens),
    oauthTokens: new Set(options.oauthTokens),
    secondFactor: checkFactor(options.secondFactor),
    workloadIdentities: new Map(
      options.workloadIdentity === undefined ? [] : [["DEFAULT", options.workloadIdentity]],
    ),
    defaultRole: options.defaultRole ?? roles[0],
    defaultWarehouse: options.defaultWarehouse,
    defaultSecondaryRoles: options.defaultSecondaryRoles ?? "ALL",
    disabled: options.disabled ?? false,
    networkPolicy: options.networkPolicy,
    parameters: new Map(),
  });
  for (const role of roles) {
    catalog.grantRole(known(catalog.roles, role).name, { type: "USER", name: user.name }, "SECURITYADMIN");
  }
}

/** Anything but hexadecimal would be read as an empty secret, whose passcodes everybody knows. */
function checkFactor(factor: SecondFactor | undefined): SecondFactor | undefined {
  if (factor?.totpSecret !== undefined && !/^([0-9a-f]{2}){10,}$/i.test(factor.totpSecret)) {
    throw new Error("secondFactor.totpSecret must be at least 10 bytes in hexadecimal.");
  }
  return factor;
}

/** A session that no client has: nothing of it is counted. */
function runAsAdministrator({ catalog, identity, settings }: ServerState, sql: string): void {
  const sessions = new Sessions({ tokenSeconds: 60, masterSeconds: 60 });
  const session = sessions.open({
    user: "ADMIN",
    role: "ACCOUNTADMIN",
    secondaryRoles: "ALL",
    clientAddress: "127.0.0.1",
    database: undefined,
    schema: undefined,
    warehouse: undefined,
    parameters: new SessionParameters(),
  });
  const queries = new Queries(catalog, identity, new Journal(), settings);
  const request = {
    requestId: "",
    sql,
    binds: new Map(),
    statementCount: 0,
    rowsPerResult: 0,
    describeOnly: false,
  };
  const { body } = queries.apply(session, request);
  const { success, message } = body as { readonly success: boolean; readonly message: string | null };
  if (!success) throw new Error(message ?? "The statement was refused.");
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
    createdOn: secret.createdOn,
  });
}

const VALUE_PROPERTY: Readonly<Partial<Record<SecretType, string>>> = {
  GENERIC_STRING: "SECRET_STRING",
  PASSWORD: "PASSWORD",
};

function alterSecret(
  catalog: Catalog,
  place: Parameters<ControlApi["alterSecret"]>[0],
  change: Parameters<ControlApi["alterSecret"]>[1],
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
    properties: Object.fromEntries(secret.properties),
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
  if ("integration" in target) return known(catalog.integrations, target.integration);
  if ("role" in target) return known(catalog.roles, target.role);
  if (target.schema === undefined) return known(catalog.databases, target.database);
  const schema = findSchema(catalog, target.database, target.schema);
  return target.secret === undefined ? schema : known(schema.secrets, target.secret);
}

function known<Item>(map: ReadonlyMap<string, Item>, name: string): Item {
  const item = map.get(name);
  if (item === undefined) throw new Error(`This Snowflake server has no object named ${name}.`);
  return item;
}
