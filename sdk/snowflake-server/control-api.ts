import type { KeyObject } from "node:crypto";
import type {
  ExternalOauth,
  NetworkPolicy,
  PrivilegeGrant,
  SecondFactor,
  WarehouseState,
  WorkloadIdentity,
} from "./catalog/objects.js";
import type { FaultRule } from "./faults.js";
import type { Counts, StatementRecord } from "./journal.js";
import type { StatementLimit } from "./server-state.js";
import type { SessionEnd } from "./sessions.js";
import type { SecretType } from "./sql/statements.js";

/** Names in the control API are exact: what SQL calls `app` unquoted is `APP` here. User names are upper-cased. */
export interface NewUser {
  readonly name: string;
  readonly password?: string;
  /** SPKI PEM, or a key; any of them opens a session. */
  readonly publicKey?: string | KeyObject | readonly (string | KeyObject)[];
  readonly programmaticAccessTokens?: readonly string[];
  readonly oauthTokens?: readonly string[];
  readonly workloadIdentity?: WorkloadIdentity;
  readonly secondFactor?: SecondFactor;
  /** @default "PERSON" */
  readonly type?: "PERSON" | "SERVICE";
  readonly roles?: readonly string[];
  /** @default the first of `roles` */
  readonly defaultRole?: string;
  readonly defaultWarehouse?: string;
  /** Whether the user's other roles count beside the primary one. @default "ALL", as for every new user of Snowflake */
  readonly defaultSecondaryRoles?: "ALL" | "NONE";
  readonly networkPolicy?: NetworkPolicy;
  readonly disabled?: boolean;
}

/** A secret to create through the control API. */
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
  /** For a secret that stood before the server did. @default now */
  readonly createdOn?: Date;
}

/** A secret as it is, value included. */
export interface SecretView {
  readonly name: string;
  readonly type: SecretType;
  readonly value: string | undefined;
  /** Every property with a value, by its name in Snowflake. */
  readonly properties: Readonly<Record<string, string>>;
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
  | { readonly integration: string }
  | { readonly role: string };

/** The test's way in: seeds, changes and shows everything at once, past all privileges. The product never uses it. */
export interface ControlApi {
  createUser(user: NewUser): void;
  hasUser(name: string): boolean;
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
  /** A security integration that secrets can name, or that trusts an identity provider. @default owner "ACCOUNTADMIN" */
  createIntegration(
    name: string,
    options?: { readonly owner?: string; readonly externalOauth?: ExternalOauth },
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
  /** The database and schema of every schema that is there. */
  schemas(): readonly { readonly database: string; readonly schema: string }[];
  /** In the order of creation. */
  secrets(database: string, schema: string): readonly SecretView[];
  /** For one user, or without a user for the whole account; `undefined` takes it away. */
  setNetworkPolicy(policy: NetworkPolicy | undefined, user?: string): void;
  /**
   * Sets a parameter that new sessions start with, for one user, or without a user for the whole account; `undefined`
   * unsets it. @throws SqlError 001006, 001008
   */
  setParameter(name: string, value: string | undefined, user?: string): void;
  setPassword(user: string, password: string | undefined): void;
  setUserDisabled(user: string, disabled: boolean): void;
  /** The address that the server takes its clients to have; `undefined` for the real one. */
  setClientAddress(address: string | undefined): void;
  /** As the person sets it up, or somebody takes it away. */
  setSecondFactor(user: string, factor: SecondFactor | undefined): void;
  /** Takes back every token that spares a client its next log-in with the browser or a second factor. */
  revokeKeptTokens(): void;
  /** How long a second factor is waited for. @default 60000 */
  setApprovalTimeoutMs(ms: number): void;
  /** @default "renewable" */
  expireSessions(how?: SessionEnd): void;
  addFault(rule: FaultRule): void;
  clearFaults(): void;
  setLatencyMs(latencyMs: number): void;
  /** @default undefined: any number of statements run at the same time */
  setStatementLimit(limit: StatementLimit | undefined): void;
  /** @default 10000 */
  setRowCap(rows: number): void;
  /** Whether binds in anything but SELECT are a syntax error. @default false */
  setRefuseBinds(refuse: boolean): void;
  counts(): Counts;
  statements(): readonly StatementRecord[];
  /** Forgets counts and statements; sessions stay open. */
  resetCounts(): void;
  /** Runs SQL as the account's administrator, outside of counts and faults. @throws Error at the first refusal */
  run(sql: string): void;
  /** Back to the start: what the server was seeded with, and no session, count, statement or fault. */
  reset(): void;
}
