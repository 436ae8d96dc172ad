/** A value in a statement: written out, or the number of a bind (from 1). */
export type SqlValue =
  | { readonly kind: "literal"; readonly value: string }
  | { readonly kind: "bind"; readonly number: number };

/** One to three parts, the object's own name last; unquoted parts are upper-cased already. */
export type ObjectName = readonly string[];

/** The kinds of object that privileges are granted on. */
export type ObjectType =
  | "ACCOUNT"
  | "DATABASE"
  | "SCHEMA"
  | "WAREHOUSE"
  | "SECRET"
  | "ROLE"
  | "USER"
  | "INTEGRATION";

/** The types of secrets, as `TYPE =` takes them. */
export const SECRET_TYPES = [
  "GENERIC_STRING",
  "PASSWORD",
  "OAUTH2",
  "SYMMETRIC_KEY",
  "CLOUD_PROVIDER_TOKEN",
  "JWT_KEY_PAIR",
  "WORKLOAD_IDENTITY_FEDERATION",
] as const;
/** One of `SECRET_TYPES`. */
export type SecretType = (typeof SECRET_TYPES)[number];

/** A secret's properties by upper-cased name; a list only for OAUTH_SCOPES, `null` only for COMMENT. */
export type SecretProperties = ReadonlyMap<string, SqlValue | readonly SqlValue[] | null>;

/** `CREATE SECRET`. */
export interface CreateSecret {
  readonly kind: "CREATE SECRET";
  readonly name: ObjectName;
  readonly orReplace: boolean;
  readonly ifNotExists: boolean;
  readonly type: SecretType;
  readonly properties: SecretProperties;
}

/** `ALTER SECRET … SET` or `UNSET`. */
export interface AlterSecret {
  readonly kind: "ALTER SECRET";
  readonly name: ObjectName;
  readonly ifExists: boolean;
  readonly change:
    | { readonly action: "set"; readonly properties: SecretProperties }
    | { readonly action: "unset-comment" };
}

/** `DROP SECRET`. */
export interface DropSecret {
  readonly kind: "DROP SECRET";
  readonly name: ObjectName;
  readonly ifExists: boolean;
}

/** `DESCRIBE SECRET`. */
export interface DescribeSecret {
  readonly kind: "DESCRIBE SECRET";
  readonly name: ObjectName;
}

/** What follows `IN` of a SHOW. */
export type ShowScope =
  | { readonly in: "account" }
  /** Without a name: the session's current one. */
  | { readonly in: "database" | "schema"; readonly name: ObjectName | undefined };

/** `SHOW` of databases, schemas, secrets, warehouses or roles. */
export interface ShowObjects {
  readonly kind: "SHOW SECRETS" | "SHOW DATABASES" | "SHOW SCHEMAS" | "SHOW WAREHOUSES" | "SHOW ROLES";
  readonly like: string | undefined;
  readonly scope: ShowScope | undefined;
  readonly startsWith: string | undefined;
  readonly limit: { readonly rows: number; readonly from: string | undefined } | undefined;
}

/** `SHOW PARAMETERS`. */
export interface ShowParameters {
  readonly kind: "SHOW PARAMETERS";
  readonly like: string | undefined;
  readonly scope: "session" | "account";
}

/** `SHOW GRANTS ON`, `TO` or `OF`. */
export interface ShowGrants {
  readonly kind: "SHOW GRANTS";
  readonly subject:
    | { readonly by: "on"; readonly type: ObjectType; readonly name: ObjectName }
    | { readonly by: "to-role" | "of-role" | "to-user"; readonly name: string }
    /** Without a subject: the session's user. */
    | { readonly by: "to-current-user" };
}

/** `SHOW FUTURE GRANTS IN` or `TO`. */
export interface ShowFutureGrants {
  readonly kind: "SHOW FUTURE GRANTS";
  readonly subject:
    | { readonly in: "SCHEMA" | "DATABASE"; readonly name: ObjectName }
    | { readonly toRole: string };
}

/** A value of a SELECT with its column's name. */
export interface SelectItem {
  readonly expression:
    | { readonly kind: "function"; readonly name: string; readonly argument: SqlValue | undefined }
    | { readonly kind: "text" | "number"; readonly value: string }
    | { readonly kind: "boolean"; readonly value: boolean }
    | { readonly kind: "null" }
    | { readonly kind: "bind"; readonly number: number };
  readonly column: string;
}

/** Where the rows of a SELECT come from; without one it is a single row. */
export type SelectSource =
  /** `FROM TABLE(GENERATOR(ROWCOUNT => n))`: the one query here that needs a running warehouse. */
  | { readonly from: "generator"; readonly rows: number }
  /** `SELECT * FROM TABLE(RESULT_SCAN(…))` of a query id, or of the session's last query. */
  | { readonly from: "result"; readonly queryId: SqlValue | "last" };

/** `SELECT` of values, without tables. */
export interface Select {
  readonly kind: "SELECT";
  /** None for `*`. */
  readonly items: readonly SelectItem[];
  readonly source: SelectSource | undefined;
}

/** `USE` of a role, warehouse, database or schema. */
export interface Use {
  readonly kind: "USE";
  readonly type: "ROLE" | "DATABASE" | "SCHEMA" | "WAREHOUSE";
  readonly name: ObjectName;
}

/** `USE SECONDARY ROLES`. */
export interface UseSecondaryRoles {
  readonly kind: "USE SECONDARY ROLES";
  readonly roles: "ALL" | "NONE" | readonly string[];
}

/** `CREATE USER`. */
export interface CreateUser {
  readonly kind: "CREATE USER";
  readonly name: ObjectName;
  readonly orReplace: boolean;
  readonly ifNotExists: boolean;
  readonly properties: UserProperties;
}

/** A user's properties by upper-cased name, and WORKLOAD_IDENTITY, which has some of its own. */
export interface UserProperties {
  readonly texts: ReadonlyMap<string, string>;
  readonly workload: WorkloadProperties | undefined;
}

/** Who issues the identities of workloads. */
export const WORKLOAD_TYPES = ["OIDC", "AWS", "AZURE", "GCP"] as const;
/** One of `WORKLOAD_TYPES`. */
export type WorkloadType = (typeof WORKLOAD_TYPES)[number];

/** What is in the brackets of `WORKLOAD_IDENTITY = (…)`. */
export interface WorkloadProperties {
  readonly type: WorkloadType;
  readonly texts: ReadonlyMap<string, string>;
  readonly audiences: readonly string[] | undefined;
}

/** The properties of a user that hold a public key: two, so that a key can be rotated. */
export const publicKeyProperties = ["RSA_PUBLIC_KEY", "RSA_PUBLIC_KEY_2"] as const;

/** One of `publicKeyProperties`. */
export type PublicKeyProperty = (typeof publicKeyProperties)[number];

/** `ALTER USER`. */
export interface AlterUser {
  readonly kind: "ALTER USER";
  readonly name: ObjectName;
  readonly ifExists: boolean;
  readonly change:
    | { readonly action: "set"; readonly properties: UserProperties }
    | {
        readonly action: "unset";
        readonly property: "PASSWORD" | PublicKeyProperty | "COMMENT" | "WORKLOAD_IDENTITY";
      }
    | { readonly action: "add-workload"; readonly identity: string; readonly properties: WorkloadProperties }
    | { readonly action: "remove-workload"; readonly identity: string };
}

/** `CREATE` of a database, schema, role, warehouse or integration. */
export interface CreateObject {
  readonly kind:
    | "CREATE DATABASE"
    | "CREATE SCHEMA"
    | "CREATE ROLE"
    | "CREATE WAREHOUSE"
    | "CREATE INTEGRATION";
  readonly name: ObjectName;
  readonly orReplace: boolean;
  readonly ifNotExists: boolean;
  readonly comment: string | undefined;
  readonly initiallySuspended: boolean;
  readonly autoResume: boolean;
  /** Of an integration: its properties by upper-cased name, each as a list. */
  readonly integration?: ReadonlyMap<string, readonly string[]>;
}

/** The names in a list of an integration, or what stands for all or none. */
export type NameList = readonly ObjectName[] | "ALL" | "NONE";

/** What an external access integration says, lists by their upper-cased name. */
export interface ExternalAccessProperties {
  readonly lists: ReadonlyMap<string, NameList>;
  readonly enabled: boolean | undefined;
  readonly comment: string | undefined;
}

/** `CREATE EXTERNAL ACCESS INTEGRATION`. */
export interface CreateExternalAccess {
  readonly kind: "CREATE EXTERNAL ACCESS INTEGRATION";
  readonly name: ObjectName;
  readonly orReplace: boolean;
  readonly ifNotExists: boolean;
  readonly properties: ExternalAccessProperties;
}

/** `ALTER EXTERNAL ACCESS INTEGRATION … SET` or `UNSET`. */
export interface AlterExternalAccess {
  readonly kind: "ALTER EXTERNAL ACCESS INTEGRATION";
  readonly name: ObjectName;
  readonly ifExists: boolean;
  readonly change:
    | { readonly action: "set"; readonly properties: ExternalAccessProperties }
    | { readonly action: "unset"; readonly property: string };
}

/** `DESCRIBE INTEGRATION`. */
export interface DescribeIntegration {
  readonly kind: "DESCRIBE INTEGRATION";
  readonly name: ObjectName;
}

/** `CREATE NETWORK RULE`. */
export interface CreateNetworkRule {
  readonly kind: "CREATE NETWORK RULE";
  readonly name: ObjectName;
  readonly orReplace: boolean;
}

/** `DROP` of anything but a secret. */
export interface DropObject {
  readonly kind:
    | "DROP DATABASE"
    | "DROP SCHEMA"
    | "DROP ROLE"
    | "DROP WAREHOUSE"
    | "DROP USER"
    | "DROP INTEGRATION";
  readonly name: ObjectName;
  readonly ifExists: boolean;
}

/** `ALTER WAREHOUSE … SUSPEND` or `RESUME`. */
export interface AlterWarehouse {
  readonly kind: "ALTER WAREHOUSE";
  readonly name: ObjectName;
  readonly action: "suspend" | "resume";
  /** `RESUME IF SUSPENDED`. */
  readonly ifSuspended: boolean;
}

/** Who a grant is given to or taken from. */
export interface Grantee {
  readonly type: "ROLE" | "USER";
  readonly name: string;
}

/** What is granted: a role, privileges on an object, or privileges on secrets that are still to come. */
export type GrantSubject =
  | { readonly kind: "role"; readonly role: string }
  | {
      readonly kind: "privileges";
      /** `["ALL"]` for all of them. */
      readonly privileges: readonly string[];
      readonly type: ObjectType;
      readonly name: ObjectName;
    }
  | {
      readonly kind: "future-privileges";
      /** Of secrets; `["ALL"]` for all of them, without OWNERSHIP. */
      readonly privileges: readonly string[];
      readonly in: "SCHEMA" | "DATABASE";
      readonly name: ObjectName;
    };

/** `GRANT`. */
export interface Grant {
  readonly kind: "GRANT";
  readonly subject: GrantSubject;
  readonly grantee: Grantee;
  readonly withGrantOption: boolean;
  readonly currentGrants: "copy" | "revoke" | undefined;
}

/** `REVOKE`. */
export interface Revoke {
  readonly kind: "REVOKE";
  readonly subject: GrantSubject;
  readonly grantee: Grantee;
}

/** `ALTER SESSION SET` or `UNSET`. */
export interface AlterSession {
  readonly kind: "ALTER SESSION";
  /** `undefined` sets one back to its default. */
  readonly parameters: ReadonlyMap<string, string | undefined>;
}

/** Every statement here commits by itself, as DDL does, so that these only answer. */
export interface Transaction {
  readonly kind: "BEGIN" | "COMMIT" | "ROLLBACK";
}

/** Every statement that this server knows. */
export type Statement =
  | CreateSecret
  | AlterSecret
  | DropSecret
  | DescribeSecret
  | CreateExternalAccess
  | AlterExternalAccess
  | DescribeIntegration
  | CreateNetworkRule
  | ShowObjects
  | ShowParameters
  | ShowGrants
  | ShowFutureGrants
  | Select
  | Use
  | UseSecondaryRoles
  | CreateUser
  | AlterUser
  | CreateObject
  | DropObject
  | AlterWarehouse
  | Grant
  | Revoke
  | AlterSession
  | Transaction;

/** A statement with its own text, cut out of a request that may hold several. */
export interface ParsedStatement {
  readonly statement: Statement;
  readonly text: string;
  /** How many binds it uses. */
  readonly bindCount: number;
}
