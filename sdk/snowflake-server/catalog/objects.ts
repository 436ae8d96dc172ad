import type { KeyObject, X509Certificate } from "node:crypto";
import type { ObjectType, SecretType, WorkloadType } from "../sql/statements.js";
import type { ParameterValue } from "../statements/parameters.js";

/** A privilege on an object, given to a role. OWNERSHIP is the object's `owner`, never one of these. */
export interface PrivilegeGrant {
  readonly privilege: string;
  readonly role: string;
  readonly grantOption: boolean;
  readonly grantedBy: string;
  readonly createdOn: Date;
}

/** What every object has. A replaced object is another one: its grants are gone, its time is new. */
export interface Securable {
  readonly type: ObjectType;
  readonly name: string;
  readonly createdOn: Date;
  owner: string;
  comment: string | undefined;
  grants: PrivilegeGrant[];
}

/** The account itself, on which account-level privileges are granted. */
export interface Account extends Securable {
  readonly type: "ACCOUNT";
}

/** What a role gets on each secret that is created in a database or schema from now on; OWNERSHIP among it. */
export interface FutureGrant {
  readonly privilege: string;
  readonly role: string;
  readonly grantOption: boolean;
  readonly createdOn: Date;
}

/** A database with its schemas. */
export interface Database extends Securable {
  readonly type: "DATABASE";
  futureGrants: readonly FutureGrant[];
  readonly schemas: Map<string, Schema>;
}

/** A schema with its secrets. */
export interface Schema extends Securable {
  readonly type: "SCHEMA";
  readonly database: string;
  futureGrants: readonly FutureGrant[];
  readonly secrets: Map<string, Secret>;
  /** Their names. */
  readonly networkRules: Set<string>;
}

/** A secret of any type, its values included. */
export interface Secret extends Securable {
  readonly type: "SECRET";
  readonly database: string;
  readonly schema: string;
  readonly secretType: SecretType;
  /** By property name; the value of a GENERIC_STRING secret is under SECRET_STRING. */
  readonly properties: Map<string, string>;
  alteredOn: Date;
}

/** Snowflake's states of a warehouse that matter here. */
export type WarehouseState = "STARTED" | "SUSPENDED";

/** A warehouse; it computes nothing, but a session may need one. */
export interface Warehouse extends Securable {
  readonly type: "WAREHOUSE";
  state: WarehouseState;
  autoResume: boolean;
}

/** An integration: one that a secret can name, or one that trusts an identity provider. */
export interface Integration extends Securable {
  readonly type: "INTEGRATION";
  /** Of `TYPE = EXTERNAL_OAUTH`. */
  readonly externalOauth: ExternalOauth | undefined;
  /** Of `TYPE = SAML2`. */
  readonly saml2: Saml2 | undefined;
  /** Of an external access integration. */
  readonly externalAccess: ExternalAccess | undefined;
}

/** What an external access integration allows, by the exact names; these stay when what they name is dropped. */
export interface ExternalAccess {
  readonly lists: Map<string, readonly string[]>;
  isEnabled: boolean;
}

/** An identity provider whose word on a person opens sessions. */
export interface Saml2 {
  readonly issuer: string;
  /** Where it logs people in. */
  readonly ssoUrl: string;
  readonly certificate: X509Certificate;
}

/** An identity provider whose access tokens open sessions. */
export interface ExternalOauth {
  readonly issuer: string;
  /** @default what the issuer's discovery document says */
  readonly keysUrl?: string | undefined;
  readonly audiences: readonly string[];
  /** The claim that is the user's name. @default "sub" */
  readonly userClaim?: string | undefined;
}

/** An account role. */
export interface Role extends Securable {
  readonly type: "ROLE";
}

/** A role given to another role, which inherits its privileges, or to a user. */
export interface RoleGrant {
  readonly role: string;
  readonly grantee: { readonly type: "ROLE" | "USER"; readonly name: string };
  readonly grantedBy: string;
  readonly createdOn: Date;
}

/** Addresses or CIDR ranges; what is blocked wins over what is allowed. */
export interface NetworkPolicy {
  readonly allowed: readonly string[];
  readonly blocked?: readonly string[];
}

/** A workload that may log in as a user, by what its provider says of it. */
export interface WorkloadIdentity {
  readonly type: WorkloadType;
  /** Of AWS. */
  readonly arn?: string | undefined;
  /** Of OIDC and AZURE. */
  readonly issuer?: string | undefined;
  /** Of all but AWS. */
  readonly subject?: string | undefined;
  /** Of OIDC. @default Snowflake's own */
  readonly audiences?: readonly string[] | undefined;
}

/** What a user has beside the password. */
export interface SecondFactor {
  /** Of an authenticator app, in hexadecimal: RFC 6238 with 30 seconds, six digits and SHA-1. */
  readonly totpSecret?: string | undefined;
  /** What the person does with a request for approval. Without one there is nowhere to send it. */
  readonly push?: "approve" | "deny" | "ignore" | undefined;
}

/** A user with all credentials that open a session. */
export interface User extends Securable {
  readonly type: "USER";
  readonly userType: "PERSON" | "SERVICE";
  password: string | undefined;
  /** By the property that holds each. */
  readonly publicKeys: Map<string, KeyObject>;
  programmaticAccessTokens: ReadonlySet<string>;
  oauthTokens: ReadonlySet<string>;
  secondFactor: SecondFactor | undefined;
  /** By name; the one of the property WORKLOAD_IDENTITY is `DEFAULT`. */
  readonly workloadIdentities: Map<string, WorkloadIdentity>;
  defaultRole: string | undefined;
  defaultWarehouse: string | undefined;
  /** What a session starts with beside its primary role; Snowflake's default is ALL. */
  readonly defaultSecondaryRoles: "ALL" | "NONE";
  disabled: boolean;
  networkPolicy: NetworkPolicy | undefined;
  /** Parameters that each new session of the user starts with. */
  readonly parameters: Map<string, ParameterValue>;
}
