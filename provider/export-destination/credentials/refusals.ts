import type { ErrorCode } from "../../core/errors.js";

/**
 * The answers with which a service refuses the credentials themselves, and what a person can do about each. Such
 * credentials are not sent again, because services lock accounts. A refusal of a log-in that is not known counts as one
 * of these, with the hint under `other`; what is no refusal of credentials (no answer, a blocked address, a missing
 * warehouse, a suspended one) stands with each probe.
 */
export const credentialRefusals = {
  /** Codes of Snowflake's log-in. */
  snowflake: {
    390100: "check credentials.username and credentials.password. A lost password can be reset in Snowflake.",
    390101: "enable the user (ALTER USER … SET DISABLED = FALSE), or name another one. The user is disabled.",
    390144:
      "check credentials.account and credentials.username, this machine's clock, and that the user has this key's public part (ALTER USER … SET RSA_PUBLIC_KEY).",
    394304: "set this key's public part (ALTER USER … SET RSA_PUBLIC_KEY). The user has another public key.",
    394509:
      "give credentials.privateKey or credentials.token in place of the password. With a password, the user needs a second factor.",
    394400: "create a new programmatic access token. This one is wrong, expired or another user's.",
    other:
      "look the code up in Snowflake's documentation, and check credentials.username and the password, token or key.",
  },
  /** SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html */
  postgresql: {
    "28P01": "check credentials.username and credentials.password.",
    "28000": "check credentials.username, and that the server lets it log in this way.",
    other:
      "look the code up in PostgreSQL's documentation, and check credentials.username and credentials.password.",
  },
  /** HTTP status. */
  qlik: {
    400: "check credentials.clientId and credentials.clientSecret, or the API key. It may be cut off.",
    401: "check the API key, or the client's id and secret. It may be revoked, expired, or of another tenant.",
    other: "check the API key, or the client's id and secret.",
  },
  /** AADSTS: https://learn.microsoft.com/entra/identity-platform/reference-error-codes */
  power_bi: {
    700016: "check credentials.clientId and credentials.tenant. The directory has no app with this id.",
    7000112: "enable the app in the directory. It is disabled.",
    7000215: "give the value of the client secret, not its id, or create a new secret. This one is wrong.",
    7000222: "create a new client secret. This one has expired.",
    other: "check credentials.tenant, credentials.clientId and credentials.clientSecret.",
  },
} as const;

/** The hint for a refusal that came with `answer`. */
export function hintForRefusal(type: keyof typeof credentialRefusals, answer: string | number): string {
  const hints: Readonly<Record<string, string>> & { readonly other: string } = credentialRefusals[type];
  return (Object.hasOwn(hints, answer) ? hints[answer] : undefined) ?? hints.other;
}

/**
 * Whether a failed validation means that the service itself refused the credentials: then they are not sent again by
 * themselves. Any other failure may pass the next time. Takes an error, or its code as a state or a claim keeps it.
 */
export function isRefusedByService({ code }: { readonly code: ErrorCode | (string & {}) }): boolean {
  return code === "AUTHENTICATION_FAILED";
}
