import { createHmac, randomBytes } from "node:crypto";
import { listValues, type SecretContent, textType } from "./secret-content.js";
import { SecretValue } from "./secret-value.js";

/** A new key for `fingerprint`: 256 random bits in base64url. */
export function generateFingerprintKey(): string {
  return randomBytes(32).toString("base64url");
}

/**
 * HMAC-SHA-256 over name and value, cut to 128 bits (32 hex digits): equal exactly when both are equal,
 * useless to guess a value without the key. The name's length goes first, so that no two pairs share a text.
 */
export function computeFingerprint(key: string, name: string, value: SecretValue): string {
  return createHmac("sha256", key).update(frame(name)).update(value.expose()).digest("hex").slice(0, 32);
}

/**
 * The same over a name, a type and all parts: equal exactly when all are equal. A text has the fingerprint of its value
 * alone, which begins with a digit, so that no secret of another type shares it.
 */
export function computeContentFingerprint(key: string, name: string, content: SecretContent): string {
  const { type, parts, references = [] } = content;
  const [only] = parts;
  if (type === textType && only?.value instanceof SecretValue)
    return computeFingerprint(key, name, only.value);
  const hmac = createHmac("sha256", key).update(`typed:${frame(name)}${frame(type)}`);
  for (const { property, name: referred } of references) hmac.update(frame(property)).update(frame(referred));
  for (const part of parts) {
    hmac.update(frame(part.property));
    // A list begins with what no length is, so that no value reads like one.
    if (!(part.value instanceof SecretValue)) hmac.update(`[${part.value.length}]`);
    for (const value of listValues(part)) hmac.update(frame(value.expose()));
  }
  return hmac.digest("hex").slice(0, 32);
}

/** The length goes first, so that no two lists of texts read the same. */
function frame(text: string): string {
  return `${Buffer.byteLength(text)}:${text}`;
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
