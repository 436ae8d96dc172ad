import type { ErrorCode } from "../../core/errors.js";

/** What a code means to a person. */
export interface Meaning {
  readonly code: ErrorCode;
  readonly hint: string;
  readonly retryable?: boolean;
  /** Of a refused log-in: what to do does not depend on the way to log in. */
  readonly saysAll?: boolean;
}

const loginAgain = "check the user name and the credential; a programmatic access token may have expired.";
/** The server no longer knows the session. */
export const sessionGone: Meaning = {
  code: "UNREACHABLE",
  hint: "run again. The server ended the session.",
  retryable: true,
};

/** A log-in with what the driver kept of an earlier one. */
export const keptLoginGone: Meaning = {
  code: "AUTHENTICATION_FAILED",
  hint: "run again. Snowflake no longer accepts what the driver kept of an earlier log-in.",
  saysAll: true,
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
  hint: "the driver refuses the connection's settings: check account, user, host and the kind of credential.",
};
/** A statement refused as it is, maybe for its binds. */
export const refusedBinds: Meaning = {
  code: "STATEMENT_FAILED",
  hint: "this account refuses the statement, maybe because of its bind variable; a value is never written into a statement's text, so nothing else is tried.",
};
// Snowflake documents no limit for a secret; for a statement with its binds it recommends 1 MB at most.
/** A value too large for a statement. */
export const tooLarge: Meaning = {
  code: "STATEMENT_FAILED",
  hint: "make the value smaller. It is too large for a secret.",
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
    hint: "the private key does not belong to the user's public key: run ALTER USER … SET RSA_PUBLIC_KEY = '…'; with this key's public part.",
  },
  "394508": {
    code: "AUTHENTICATION_FAILED",
    hint: "the user needs a passcode beside the password: give it as environment variable SNOWFLAKE_PASSCODE, or use a key pair or a programmatic access token.",
  },
  "394509": {
    code: "AUTHENTICATION_FAILED",
    hint: "the user needs a second factor beside the password: set authenticator to USERNAME_PASSWORD_MFA, or use a key pair or a programmatic access token.",
  },
  // https://docs.snowflake.com/en/user-guide/security-mfa
  "390120": {
    code: "AUTHENTICATION_FAILED",
    hint: "the log-in was denied on the second factor: approve it.",
  },
  "390122": {
    code: "AUTHENTICATION_FAILED",
    hint: "the user has no second factor: set one up in Snowflake, or give no passcode.",
  },
  "390123": {
    code: "AUTHENTICATION_FAILED",
    hint: "the user's second factor is locked: ask an account administrator.",
  },
  "390126": {
    code: "AUTHENTICATION_FAILED",
    hint: "nobody approved the log-in on the second factor in time: run again, and approve it.",
  },
  "390127": {
    code: "AUTHENTICATION_FAILED",
    hint: "the passcode (SNOWFLAKE_PASSCODE) is wrong, or was used: each is good for one log-in. Get a new one, and run pulumi up --skip-preview, because a preview logs in, too.",
  },
  "390129": {
    code: "UNREACHABLE",
    hint: "Snowflake could not reach the service of the second factor: run again.",
    retryable: true,
  },
  "390132": {
    code: "AUTHENTICATION_FAILED",
    hint: "the user's second factor cannot be asked for an approval: give a passcode as environment variable SNOWFLAKE_PASSCODE.",
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
  "390303": { code: "AUTHENTICATION_FAILED", hint: "the OAuth token is not valid: get a new one." },
  "390318": { code: "AUTHENTICATION_FAILED", hint: "the OAuth token has expired: get a new one." },
  "394400": {
    code: "AUTHENTICATION_FAILED",
    hint: "the programmatic access token is not valid: make a new one.",
  },
  "390422": { code: "NETWORK_POLICY", hint: "allow this address in the account's network policy." },
  "390432": {
    code: "NETWORK_POLICY",
    hint: "a token of a service user needs a network policy: attach one to the user or the account.",
  },
  "390186": {
    code: "PRIVILEGE_MISSING",
    hint: "the user's default role is not granted to the user: name another role, or run GRANT ROLE … TO USER ….",
  },
  "390189": {
    code: "PRIVILEGE_MISSING",
    hint: "the role does not exist or is not granted to the user: check its name, or run GRANT ROLE … TO USER ….",
  },
  "390201": {
    code: "NOT_FOUND",
    hint: "the warehouse or database of the log-in does not exist, or the role may not use it: check its exact name, or run GRANT USAGE ON … TO ROLE ….",
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
    hint: "the server answered with an HTTP error: check the account identifier and Snowflake's status.",
    retryable: true,
  },
  "002003": {
    code: "NOT_FOUND",
    hint: "it does not exist, or the role may not see it: check the exact name and the role.",
  },
  "002043": {
    code: "NOT_FOUND",
    hint: "it does not exist, or the role may not see it: check the exact name and the role.",
  },
  "002002": {
    code: "ALREADY_EXISTS",
    hint: "an object of that name exists, maybe one that the role may not see.",
  },
  "003001": { code: "PRIVILEGE_MISSING", hint: "grant the role what the statement needs." },
  "100078": tooLarge,
  "100082": tooLarge,
  "000604": { code: "STATEMENT_FAILED", hint: "the statement was cancelled: run again.", retryable: true },
  "000630": {
    code: "TIMED_OUT",
    hint: "Snowflake ended the statement at its own time limit (STATEMENT_TIMEOUT_IN_SECONDS): run again.",
    retryable: true,
  },
  "000606": {
    code: "STATEMENT_FAILED",
    hint: "no warehouse is active: name one, and grant the role USAGE on it.",
  },
  "090153": { code: "UNPROVEN", hint: "the listing is longer than Snowflake answers in one piece." },
};
