import { randomBytes } from "node:crypto";

/** Which log-in a token spares: the one with the browser, or the second factor. */
export type KeptTokenKind = "id" | "mfa";

/** As long as Snowflake's. */
const validityMs = 4 * 60 * 60_000;

/** The tokens that clients keep for their next log-in. */
export class KeptTokens {
  readonly #tokens = new Map<string, { kind: KeptTokenKind; user: string; until: number }>();

  issue(kind: KeptTokenKind, user: string): string {
    const token = randomBytes(32).toString("base64url");
    this.#tokens.set(token, { kind, user, until: Date.now() + validityMs });
    return token;
  }

  /** Whether a token is this user's. */
  isValid(kind: KeptTokenKind, user: string, token: string): boolean {
    const found = this.#tokens.get(token);
    return found?.kind === kind && found.user === user && found.until > Date.now();
  }

  clear(): void {
    this.#tokens.clear();
  }
}
