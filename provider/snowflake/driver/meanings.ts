import type { ErrorCode } from "../../core/errors.js";

/** What a code means to a person. */
export interface Meaning {
  readonly code: ErrorCode;
  readonly hint: string;
  readonly retryable?: boolean;
  /** Of a refused log-in: what to do does not depend on the way to log in. */
  readonly saysAll?: boolean;
}

const loginAgain = "check the user name and the credential. A programmatic access token may have expired.";
/** The server no longer knows the session. */
export const sessionGone: Meaning = {
  code: "UNREACHABLE",
  hint: "run again. The server ended the session.",
  retryable: true,
};

/** A log-in by what the driver kept of an earlier one: no refusal of the credential. */
export const keptLoginGone: Meaning = {
  code: "UNREACHABLE",
  hint: "run again. Snowflake no longer accepts the log-in that the driver kept.",
  retryable: true,
};

/** A code that this package does not know. */
export const unknownMeaning: Meaning = {
  code: "STATEMENT_FAILED",
  hint: "look the code up in Snowflake's documentation.",
};
/** A log-in refused with a code that this package does not know. */
export const refusedLogin: Meaning = {
  code: "AUTHENTICATION_FAILED",
  hint: "look the code up in Snowflake's documentation; the log-in is not tried again by itself.",
};
/** Settings that the driver itself refuses. */
export const refusedSettings: Meaning = {
  code: "INVALID_INPUT",
  hint: "check account, user, host and the kind of credential. The Snowflake driver refuses these settings.",
};
/** A statement refused as it is, maybe for its binds. */
export const refusedBinds: Meaning = {
  code: "STATEMENT_FAILED",
  hint: "ask Snowflake whether this account takes bind variables in such a statement. A value is never written into a statement's text, so nothing else is tried.",
};
// Snowflake documents no limit for a secret; for a statement with its binds it recommends 1 MB at most.
/** A value too large for a statement. */
export const tooLarge: Meaning = {
  code: "STATEMENT_FAILED",
  hint: "make the value smaller. It is too large for a secret.",
};
/** A statement that Snowflake did not queue: too many wait already. */
export const tooManyAtOnce: Meaning = {
  code: "STATEMENT_FAILED",
  hint: "run again, with a lower connection.maxConcurrentStatements. Too many statements waited for the same lock.",
  retryable: true,
};
/** A server did not answer in time. */
export const timedOut: Meaning = {
  code: "TIMED_OUT",
  hint: "check the network path, the proxy and Snowflake's status, then run again.",
  retryable: true,
};
/** What to do about it goes by what the proxy answered. */
export const refusedByProxy: Meaning = {
  code: "UNREACHABLE",
  hint: "allow this host in the proxy, or add it to NO_PROXY.",
  retryable: true,
};
/** An answer that no account gives. */
export const wrongAddress: Meaning = {
  code: "UNREACHABLE",
  hint: "check the account identifier and the host. No account has this name.",
};

const invalidSaml: Meaning = {
  code: "AUTHENTICATION_FAILED",
  hint: "check that Snowflake has a user for the person who logged in. An account administrator finds the reason with SYSTEM$GET_LOGIN_FAILURE_DETAILS and the id of the log-in.",
  saysAll: true,
};

/** Snowflake's and the driver's codes, mapped once; their texts are never read for a meaning. */
export const meanings: Readonly<Record<string, Meaning>> = {
  "390100": { code: "AUTHENTICATION_FAILED", hint: loginAgain },
  "390101": { code: "AUTHENTICATION_FAILED", hint: loginAgain },
  "390144": {
    code: "AUTHENTICATION_FAILED",
    hint: "check the account and user name, this machine's clock, and that the user has this key's public part (ALTER USER … SET RSA_PUBLIC_KEY).",
  },
  "394304": {
    code: "AUTHENTICATION_FAILED",
    hint: "run ALTER USER … SET RSA_PUBLIC_KEY = '…'; with this key's public part. The private key does not belong to the user's public key.",
  },
  "394508": {
    code: "AUTHENTICATION_FAILED",
    hint: "give a passcode as environment variable SNOWFLAKE_PASSCODE, or use a key pair or a programmatic access token. This user needs a passcode beside the password.",
  },
  "394509": {
    code: "AUTHENTICATION_FAILED",
    hint: "set authenticator to USERNAME_PASSWORD_MFA, or use a key pair or a programmatic access token. This user needs a second factor beside the password.",
  },
  // https://docs.snowflake.com/en/user-guide/security-mfa
  "390120": {
    code: "AUTHENTICATION_FAILED",
    hint: "run again, and approve the log-in. It was denied on the second factor.",
  },
  "390122": {
    code: "AUTHENTICATION_FAILED",
    hint: "set up a second factor in Snowflake, or give no passcode. The user has none.",
  },
  "390123": {
    code: "AUTHENTICATION_FAILED",
    hint: "ask an account administrator to unlock the user's second factor.",
  },
  "390126": {
    code: "AUTHENTICATION_FAILED",
    hint: "run again, and approve the log-in in time. Nobody approved it on the second factor.",
  },
  "390127": {
    code: "AUTHENTICATION_FAILED",
    hint: "get a new passcode (SNOWFLAKE_PASSCODE), and run pulumi up --skip-preview. This one is wrong or was used before. A passcode works for one log-in, and a preview logs in too.",
  },
  "390129": {
    code: "UNREACHABLE",
    hint: "run again. Snowflake could not reach the service of the second factor.",
    retryable: true,
  },
  "390132": {
    code: "AUTHENTICATION_FAILED",
    hint: "give a passcode as environment variable SNOWFLAKE_PASSCODE. The user's second factor cannot be asked for an approval.",
  },
  // https://docs.snowflake.com/en/user-guide/errors-saml
  "390133": invalidSaml,
  "390165": invalidSaml,
  "390139": {
    code: "AUTHENTICATION_FAILED",
    hint: "set another authenticator. This account does not accept this one; an account administrator can set it up (CREATE SECURITY INTEGRATION … TYPE = SAML2).",
    saysAll: true,
  },
  "390140": {
    code: "AUTHENTICATION_FAILED",
    hint: "change the password at the identity provider. It has expired.",
    saysAll: true,
  },
  "390178": {
    code: "AUTHENTICATION_FAILED",
    hint: "run again, and use the page that this run opens. The browser brought the log-in of another run.",
    saysAll: true,
  },
  "390191": {
    code: "AUTHENTICATION_FAILED",
    hint: "log in as the user that the connection names, or correct user. The browser logged in somebody else.",
    saysAll: true,
  },
  "390303": { code: "AUTHENTICATION_FAILED", hint: "get a new OAuth token. This one is not valid." },
  "390318": { code: "AUTHENTICATION_FAILED", hint: "get a new OAuth token. This one has expired." },
  "394400": {
    code: "AUTHENTICATION_FAILED",
    hint: "create a new programmatic access token. This one is not valid or has expired.",
  },
  "390422": { code: "NETWORK_POLICY", hint: "allow this address in the account's network policy." },
  "390432": {
    code: "NETWORK_POLICY",
    hint: "attach a network policy to the user or the account. A token of a service user needs one.",
  },
  "390186": {
    code: "PRIVILEGE_MISSING",
    hint: "name another role, or run GRANT ROLE … TO USER …. The user's default role is not granted to the user.",
  },
  "390189": {
    code: "PRIVILEGE_MISSING",
    hint: "check the role's name, or run GRANT ROLE … TO USER …. The role does not exist, or is not granted to the user.",
  },
  "390201": {
    code: "NOT_FOUND",
    hint: "check the exact name of warehouse and database, or run GRANT USAGE ON … TO ROLE …. One of them does not exist, or the role may not use it.",
  },
  "390104": sessionGone,
  "390111": sessionGone,
  "390112": sessionGone,
  "390114": sessionGone,
  "390195": sessionGone,
  "407002": sessionGone,
  "401004": sessionGone,
  "401001": {
    code: "UNREACHABLE",
    hint: "check the account identifier, the network path and the proxy.",
    retryable: true,
  },
  "401002": {
    code: "UNREACHABLE",
    hint: "check the account identifier and Snowflake's status. The server answered with an HTTP error.",
    retryable: true,
  },
  "002003": {
    code: "NOT_FOUND",
    hint: "check the exact name and the role. The object does not exist, or the role may not see it.",
  },
  "002043": {
    code: "NOT_FOUND",
    hint: "check the exact name and the role. The object does not exist, or the role may not see it.",
  },
  "002002": {
    code: "ALREADY_EXISTS",
    hint: "choose another name, or ask the owner of the object to drop it. The role may not see it.",
  },
  "003001": { code: "PRIVILEGE_MISSING", hint: "grant the role what the statement needs." },
  "100078": tooLarge,
  "100082": tooLarge,
  "000604": { code: "STATEMENT_FAILED", hint: "run again. The statement was cancelled.", retryable: true },
  "000625": tooManyAtOnce,
  "000630": {
    code: "TIMED_OUT",
    hint: "run again. Snowflake ended the statement at its own time limit (STATEMENT_TIMEOUT_IN_SECONDS).",
    retryable: true,
  },
  "000606": {
    code: "STATEMENT_FAILED",
    hint: "name a warehouse, and grant the role USAGE on it. None is active.",
  },
  "090153": {
    code: "UNPROVEN",
    hint: "use a schema of its own, or a prefix in syncOptions.keySchema. The list is longer than Snowflake returns.",
  },
};
