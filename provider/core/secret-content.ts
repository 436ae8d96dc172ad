import type { SecretValue } from "./secret-value.js";

/** One part of a secret by its name in Snowflake. */
export interface SecretPart {
  readonly property: string;
  readonly value: SecretValue;
}

/** What a secret holds: its type in Snowflake, and its parts in the order of that type. */
export interface SecretContent {
  readonly type: string;
  readonly parts: readonly SecretPart[];
}

/** The type of a secret that is one text. */
export const textType = "GENERIC_STRING";

/** The content of a secret that is one text. */
export function buildText(value: SecretValue): SecretContent {
  return { type: textType, parts: [{ property: "SECRET_STRING", value }] };
}
