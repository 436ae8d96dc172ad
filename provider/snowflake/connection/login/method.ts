import type { SecretValue } from "../../../core/secret-value.js";
import type { SnowflakeAuthentication } from "../connection.js";

/** A field of the `connection` argument that only some ways to log in use. */
export type LoginField =
  | "password"
  | "privateKey"
  | "privateKeyPath"
  | "privateKeyPassphrase"
  | "token"
  | "tokenFilePath"
  | "tokenVariable"
  | "workloadIdentityProvider"
  | "workloadIdentityAudience"
  | "workloadIdentityImpersonationPath"
  | "workloadIdentityAwsUseOutboundToken"
  | "workloadIdentityAzureClientId"
  | "workloadIdentityEntraResource"
  | "oauthClientId"
  | "oauthClientSecret"
  | "oauthTokenRequestUrl"
  | "oauthAuthorizationUrl"
  | "oauthRedirectUri"
  | "oauthScope"
  | "oktaUrl"
  | "clientStoreTemporaryCredential"
  | "clientRequestMfaToken";

/** What the links of the chain supplied, for a method to read. */
export interface LoginReader {
  readonly env: Readonly<Record<string, string | undefined>>;
  text(field: LoginField | "authenticator"): string | undefined;
  /** For people: "environment SNOWFLAKE_TOKEN". */
  origin(field: LoginField | "authenticator"): string;
  /** The whole path of a file that a field names. */
  locate(field: LoginField): string;
  /** The content of such a file, without the space around it. @throws ProviderError `INVALID_INPUT` */
  readFile(field: LoginField): Promise<string>;
  /** The private key, opened, however it is given. @throws ProviderError `INVALID_INPUT` */
  readPrivateKey(): Promise<SecretValue>;
}

/** A part that a log-in needs, and the fields that can supply it. */
export interface LoginPart {
  readonly what: string;
  readonly fields: readonly LoginField[];
  /** What else supplies it. */
  readonly or?: string;
}

/** A way to log in: all that the connection, its texts and its page know of it. */
export interface LoginMethod {
  readonly kind: SnowflakeAuthentication["kind"];
  /** For people: "a key pair". */
  readonly title: string;
  /** What a person does at a log-in: "log in with the browser". Without one, nobody is needed. */
  readonly person?: string;
  /** Spellings of `authenticator`, by `findLoginMethod`; texts name the first. */
  readonly authenticators: readonly [string, ...string[]];
  /** The fields of which one, from one link, is the credential. */
  readonly credential: readonly LoginField[];
  /** The fields that mean this method where no `authenticator` is given. */
  readonly impliedBy: readonly LoginField[];
  /** What else it uses; each from the first link that has it and names no other account or user. */
  readonly settings: readonly LoginField[];
  /** `own-link` is a user that the credential names by itself: none is taken over from another link. */
  readonly user: "required" | "optional" | "own-link";
  /** What is missing beside the account and the user. */
  findMissing(reader: Pick<LoginReader, "env" | "text">): readonly LoginPart[];
  /** @throws ProviderError `INVALID_INPUT` for a value that cannot be used */
  build(reader: LoginReader): SnowflakeAuthentication | Promise<SnowflakeAuthentication>;
}
