import { randomBytes } from "node:crypto";
import type { Catalog } from "../catalog/catalog.js";
import type { User } from "../catalog/objects.js";
import { Latest } from "../latest.js";
import { LIMITS } from "../limits.js";

/** Which log-in a token spares: the one with the browser, or the second factor. */
export type KeptTokenKind = "id" | "mfa";

/** As long as Snowflake's. */
const validityMs = 4 * 60 * 60_000;

/** Without its parameter an account neither hands out tokens nor takes those that it did. */
const PARAMETERS: Readonly<Record<KeptTokenKind, string>> = {
  id: "ALLOW_ID_TOKEN",
  mfa: "ALLOW_CLIENT_MFA_CACHING",
};

interface KeptToken {
  readonly kind: KeptTokenKind;
  readonly user: User;
  /** The user's, when the token was issued: another one ends it. */
  readonly password: string | undefined;
  readonly until: number;
}

/**
 * The tokens that clients keep for their next log-in. They end as Snowflake's do:
 * https://docs.snowflake.com/en/user-guide/admin-security-fed-auth-use
 */
export class KeptTokens {
  readonly #tokens = new Latest<KeptToken>(LIMITS.sessions);

  constructor(private readonly catalog: Catalog) {}

  /** Undefined where the account does not allow it. */
  issue(kind: KeptTokenKind, user: User): string | undefined {
    if (!this.#isAllowed(kind)) return undefined;
    const token = randomBytes(32).toString("base64url");
    const { password } = user;
    this.#tokens.set(token, { kind, user, password, until: Date.now() + validityMs });
    return token;
  }

  /** Whether a token is this user's. */
  isValid(kind: KeptTokenKind, user: User, token: string): boolean {
    const found = this.#tokens.get(token);
    const isHis = found?.kind === kind && found.user === user && found.password === user.password;
    return isHis && found.until > Date.now() && this.#isAllowed(kind);
  }

  clear(): void {
    this.#tokens.clear();
  }

  #isAllowed(kind: KeptTokenKind): boolean {
    return this.catalog.parameters.get(PARAMETERS[kind]) === true;
  }
}
