import type { SecretValue } from "../core/secret-value.js";

/** A token with which a source reads. */
export interface IssuedToken {
  readonly token: SecretValue;
  /** From the log-in on. Absent for a token that somebody else made: that one is neither kept nor revoked. */
  readonly lifetimeMs?: number;
  /** Absent where it cannot be revoked. */
  readonly revoke?: () => Promise<unknown>;
}

/** How a source gets a token. */
export interface Login {
  /** All that decides who logs in where, but for the variables; only compared. */
  readonly identity: readonly unknown[];
  logIn(): Promise<IssuedToken>;
}

/** Reads with the token of a log-in. */
export type UseToken = <T>(login: Login, read: (token: SecretValue) => Promise<T>) => Promise<T>;

/** Logs in for one read. */
export const useOnce: UseToken = async ({ logIn }, read) => {
  const issued = await logIn();
  try {
    return await read(issued.token);
  } finally {
    await revokeToken(issued);
  }
};

/** The most that is waited for a token to be revoked. */
export const revokeTimeoutMs = 2_000;

/**
 * Ends a token that nobody needs any more: a service keeps what it knows of a token until that ends, which is 30 days
 * by the defaults of Vault and Infisical.
 */
export async function revokeToken({ revoke }: IssuedToken): Promise<void> {
  // It may be forbidden, and what was read is good all the same.
  await revoke?.().catch(() => undefined);
}
