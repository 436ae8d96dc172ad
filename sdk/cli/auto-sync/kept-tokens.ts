import { createHash } from "node:crypto";
import { isProviderError } from "../../../provider/core/errors.js";
import { type IssuedToken, revokeToken, type UseToken } from "../../../provider/sources/issued-token.js";

/** Tokens of log-ins to sources, from one look to the next. */
export interface KeptTokens {
  /** @param variables those that may say who logs in */
  forVariables(variables: unknown): UseToken;
  /** Revokes all of them. */
  revokeAll(): Promise<void>;
}

interface KeptToken {
  readonly issuing: Promise<IssuedToken>;
  /** As a time of the clock. */
  reusableUntil: number;
}

/**
 * Without it every look would log in: a hundred stacks make 100 tokens a minute. That is more than the rate limit of
 * Infisical Cloud allows (https://infisical.com/docs/api-reference/overview/rate-limits), and a Vault keeps each of them
 * for 32 days by default (https://developer.hashicorp.com/vault/docs/concepts/lease-explosions).
 */
export function createKeptTokens(): KeptTokens {
  const known = new Map<string, KeptToken>();
  const keep = (key: string, issuing: Promise<IssuedToken>): KeptToken => {
    const kept: KeptToken = { issuing, reusableUntil: Number.POSITIVE_INFINITY };
    known.set(key, kept);
    const issuedAt = Date.now();
    issuing.then(
      ({ lifetimeMs = 0 }) => {
        kept.reusableUntil = issuedAt + lifetimeMs / 2;
      },
      () => known.get(key) === kept && known.delete(key),
    );
    return kept;
  };
  return {
    forVariables: (variables) => async (login, read) => {
      const key = hash([variables, login.identity]);
      const found = known.get(key);
      const isReused = found !== undefined && Date.now() < found.reusableUntil;
      const kept = isReused ? found : keep(key, login.logIn());
      const { token } = await kept.issuing;
      try {
        return await read(token);
      } catch (error) {
        if (!isReused || !isRefused(error)) throw error;
      }
      // Either somebody revoked it, or it was never allowed to read this; a new one shows which.
      const issued = await login.logIn();
      let isKept = false;
      try {
        const result = await read(issued.token);
        isKept = known.get(key) === kept;
        if (isKept) keep(key, Promise.resolve(issued));
        return result;
      } finally {
        if (!isKept) await revokeToken(issued);
      }
    },
    revokeAll: async () => {
      const all = [...known.values()].map(({ issuing }) => issuing.then(revokeToken, () => undefined));
      known.clear();
      await Promise.all(all);
    },
  };
}

/** Of anything that JSON can hold, credentials too. */
export function hash(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex");
}

function isRefused(error: unknown): boolean {
  return isProviderError(error) && ["401", "403"].includes(error.cause?.code ?? "");
}
