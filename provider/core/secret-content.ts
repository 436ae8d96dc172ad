import { SecretValue } from "./secret-value.js";

/** One part of a secret by its name in Snowflake; several values are a list. */
export interface SecretPart {
  readonly property: string;
  readonly value: SecretValue | readonly SecretValue[];
}

/** What a secret refers to by an exact name, which is no secret and which only a creation can set. */
export interface SecretReference {
  readonly property: string;
  readonly name: string;
}

/** What a secret holds: its type in Snowflake, and its parts in the order of that type. */
export interface SecretContent {
  readonly type: string;
  readonly parts: readonly SecretPart[];
  readonly references?: readonly SecretReference[];
}

/** The values of a part. */
export function listValues({ value }: SecretPart): readonly SecretValue[] {
  return value instanceof SecretValue ? [value] : value;
}

/**
 * What an ALTER cannot change, beside the type: what the secret refers to, and which parts it has. Undefined for a type
 * that refers to nothing.
 */
export function describeFixed({ parts, references }: SecretContent): string | undefined {
  const names = parts.map(({ property }) => property);
  return references && [...references.map(({ property, name }) => `${property}=${name}`), ...names].join(" ");
}

/** The type of a secret that is one text. */
export const textType = "GENERIC_STRING";

/** The content of a secret that is one text. */
export function buildText(value: SecretValue): SecretContent {
  return { type: textType, parts: [{ property: "SECRET_STRING", value }] };
}
