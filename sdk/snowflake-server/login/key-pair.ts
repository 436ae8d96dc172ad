import { createHash, type KeyObject, verify } from "node:crypto";

/** What a key-pair token says of itself, before anything of it is proven. */
export interface KeyPairClaims {
  readonly account: string;
  readonly user: string;
}

/** Whether a key-pair token opens a session, and why not. */
export type KeyPairCheck = { readonly valid: true } | { readonly valid: false; readonly reason: string };

/** Above this a time claim is in milliseconds, as the Node driver sends it, and not in seconds. */
const MILLISECONDS_FROM = 1e11;
/** A token may live for an hour. */
const MAX_LIFETIME_SECONDS = 3600;
/** How far the two clocks may differ. */
const CLOCK_SKEW_SECONDS = 60;

/** Reads account and user out of a token; the Go driver sends them nowhere else. */
export function readKeyPairClaims(token: string): KeyPairClaims | undefined {
  const subject = decodePart(token.split(".")[1])?.sub;
  const separator = typeof subject === "string" ? subject.indexOf(".") : -1;
  if (typeof subject !== "string" || separator < 0) return undefined;
  return { account: subject.slice(0, separator), user: subject.slice(separator + 1) };
}

/** The form in which Snowflake shows a public key, and in which the issuer names it. */
export function publicKeyFingerprint(key: KeyObject): string {
  const der = key.export({ type: "spki", format: "der" });
  return `SHA256:${createHash("sha256").update(der).digest("base64")}`;
}

/** Checks algorithm, issuer with the key's fingerprint, signature and times. */
export function checkKeyPairToken(
  token: string,
  claims: KeyPairClaims,
  keys: readonly KeyObject[],
): KeyPairCheck {
  const [header, payload, signature, ...rest] = token.split(".");
  const fields = decodePart(payload);
  if (fields === undefined || header === undefined || signature === undefined || rest.length > 0) {
    return refused("malformed token");
  }
  if (decodePart(header)?.alg !== "RS256") return refused("algorithm is not RS256");
  const key = keys.find(
    (candidate) => fields.iss === `${claims.account}.${claims.user}.${publicKeyFingerprint(candidate)}`,
  );
  if (key === undefined) return refused("issuer does not name a registered key");
  const signed = Buffer.from(`${header}.${payload}`);
  if (!verify("RSA-SHA256", signed, key, Buffer.from(signature, "base64url")))
    return refused("bad signature");
  return checkTimes(fields);
}

function checkTimes(fields: Record<string, unknown>): KeyPairCheck {
  const issued = inSeconds(fields.iat);
  const expires = inSeconds(fields.exp);
  const now = Date.now() / 1000;
  if (issued === undefined || expires === undefined) return refused("times are missing");
  if (issued > now + CLOCK_SKEW_SECONDS) return refused("issued in the future");
  if (expires < now - CLOCK_SKEW_SECONDS) return refused("expired");
  if (expires - issued > MAX_LIFETIME_SECONDS) return refused("lives too long");
  return { valid: true };
}

function inSeconds(time: unknown): number | undefined {
  if (typeof time !== "number") return undefined;
  return time > MILLISECONDS_FROM ? time / 1000 : time;
}

function refused(reason: string): KeyPairCheck {
  return { valid: false, reason };
}

function decodePart(part: string | undefined): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(part ?? "", "base64url").toString("utf8"));
    return typeof parsed === "object" && parsed !== null ? (parsed as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
