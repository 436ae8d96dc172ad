import { createHmac, randomBytes } from "node:crypto";
import type { SecretValue } from "./secret-value.js";

/** A new key for `fingerprint`: 256 random bits in base64url. */
export function generateFingerprintKey(): string {
  return randomBytes(32).toString("base64url");
}

/**
 * HMAC-SHA-256 over name and value, cut to 128 bits (32 hex digits): equal exactly when both are equal,
 * useless to guess a value without the key. The name's length goes first, so that no two pairs share a text.
 */
export function computeFingerprint(key: string, name: string, value: SecretValue): string {
  return createHmac("sha256", key)
    .update(`${Buffer.byteLength(name)}:${name}`)
    .update(value.expose())
    .digest("hex")
    .slice(0, 32);
}

/**
 * The key to fingerprint with: another `rewriteTrigger` makes other fingerprints of the same values, so that every
 * value counts as changed, in the preview and after a failure half-way alike.
 */
export function deriveFingerprintKey(
  key: string,
  rewriteTrigger: string | number | boolean | undefined,
): string {
  return rewriteTrigger === undefined ? key : `${key}:${JSON.stringify(rewriteTrigger)}`;
}
