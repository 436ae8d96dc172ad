import type { JWTPayload } from "jose" with { "resolution-mode": "import" };

/** Whose tokens are taken, and for whom they must be meant. */
export interface TokenRules {
  readonly issuer: string;
  readonly audiences: readonly string[];
  /** Where the issuer's keys are. @default what its discovery document says */
  readonly keysUrl?: string | undefined;
}

/** Signatures that only the issuer can make: nothing with a shared secret, and never none. */
const algorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"];
const timeoutMs = 5_000;

/** How far the clocks of issuer and server may differ. */
const clockToleranceSeconds = 60;

/**
 * Checks signature, issuer, audience and times of a token against the issuer's own keys.
 *
 * @returns its claims, or why it is not taken; nothing of the token stands in that
 */
export async function verifyToken(
  token: string,
  { issuer, audiences, keysUrl }: TokenRules,
): Promise<JWTPayload | { readonly refused: string }> {
  const jose = await import("jose");
  try {
    const url = new URL(keysUrl ?? (await discoverKeys(issuer)));
    requireReachable(url);
    const keys = jose.createRemoteJWKSet(url, { timeoutDuration: timeoutMs });
    const { payload } = await jose.jwtVerify(token, keys, {
      issuer,
      audience: [...audiences],
      algorithms,
      clockTolerance: clockToleranceSeconds,
      requiredClaims: ["exp"],
    });
    return payload;
  } catch (error) {
    return { refused: error instanceof KeysError ? error.message : explain(error) };
  }
}

/** What a token says of its issuer and subject, before anything of it is proven. */
export async function readUnproven(token: string): Promise<JWTPayload | undefined> {
  const { decodeJwt } = await import("jose");
  try {
    return decodeJwt(token);
  } catch {
    return undefined;
  }
}

class KeysError extends Error {}

// https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig
async function discoverKeys(issuer: string): Promise<string> {
  const url = new URL(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
  requireReachable(url);
  const response = await fetch(url, { redirect: "error", signal: AbortSignal.timeout(timeoutMs) });
  const { issuer: own, jwks_uri } = (await response.json()) as { issuer?: unknown; jwks_uri?: unknown };
  if (own !== issuer) throw new KeysError("the issuer's discovery document is another issuer's");
  if (typeof jwks_uri !== "string") throw new KeysError("the issuer's discovery document names no keys");
  return jwks_uri;
}

/** Keys that come unencrypted from elsewhere could be anybody's. */
function requireReachable({ protocol, hostname }: URL): void {
  const isHere = ["127.0.0.1", "[::1]", "localhost"].includes(hostname);
  if (protocol !== "https:" && !(protocol === "http:" && isHere)) {
    throw new KeysError("the issuer's keys are not served over https");
  }
}

// jose's codes say what is wrong: ERR_JWT_EXPIRED, ERR_JWS_SIGNATURE_VERIFICATION_FAILED, and the claim.
function explain(error: unknown): string {
  const { code, claim } = (error ?? {}) as { code?: unknown; claim?: unknown };
  if (typeof code !== "string" || !code.startsWith("ERR_J")) return "the issuer's keys cannot be read";
  return typeof claim === "string" ? `${code} (${claim})` : code;
}
