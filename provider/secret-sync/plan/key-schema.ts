import { ProviderError } from "../../core/errors.js";
import { maxIdentifierLength } from "../../snowflake/statements.js";

const keyPlaceholder = "{{secretKey}}";
const environmentPlaceholder = "{{environment}}";

/** What a key schema may hold, for messages. */
export const keySchemaRule = `a template with ${keyPlaceholder} exactly once and ${environmentPlaceholder} at will, up to 255 characters; outside the placeholders only letters, digits, _, - and /`;

/** What is wrong with a key schema, or undefined. */
export function findKeySchemaFault(template: string): string | undefined {
  if (template.length > 255) return "it has more than 255 characters";
  const times = template.split(keyPlaceholder).length - 1;
  if (times !== 1) return `it holds ${keyPlaceholder} ${times} times`;
  const literal = template.replace(keyPlaceholder, "").replaceAll(environmentPlaceholder, "");
  return /^[A-Za-z0-9_/-]*$/.test(literal) ? undefined : "it holds a character that is not allowed";
}

/** Turns source keys into names in Snowflake, and tells which names are within our reach. */
export interface KeySchema {
  /** Whether a schema was given; without one every name matches. */
  readonly isExplicit: boolean;
  /** What every name begins with; may be empty. */
  readonly prefix: string;
  renderName(sourceKey: string): string;
  matches(name: string): boolean;
}

/** `template` must have passed `findKeySchemaFault`. */
export function buildKeySchema(template: string | undefined, environment: string): KeySchema {
  const [prefix = "", suffix = ""] = (template ?? keyPlaceholder)
    .replaceAll(environmentPlaceholder, environment)
    .split(keyPlaceholder);
  return {
    isExplicit: template !== undefined,
    prefix,
    renderName: (sourceKey) => `${prefix}${sourceKey}${suffix}`,
    // A key has at least one character, so prefix and suffix may not overlap.
    matches: (name) =>
      name.length > prefix.length + suffix.length && name.startsWith(prefix) && name.endsWith(suffix),
  };
}

/** The name of each source key, in order. Fails with `INVALID_INPUT` for keys that make no name, or the same one. */
export function renderNames(keySchema: KeySchema, sourceKeys: Iterable<string>): Map<string, string> {
  const keyOf = new Map<string, string>();
  const faults: string[] = [];
  for (const key of sourceKeys) {
    const name = keySchema.renderName(key);
    const fault = findNameFault(key, name, keyOf.get(name));
    if (fault === undefined) keyOf.set(name, key);
    else faults.push(fault);
  }
  if (faults.length > 0) {
    throw new ProviderError("INVALID_INPUT", {
      operation: "some secrets cannot have their names in Snowflake",
      target: faults.join("; "),
      hint: `rename the keys in their source, or change syncOptions.keySchema. A name has 1 to ${maxIdentifierLength} characters.`,
    });
  }
  return keyOf;
}

function findNameFault(key: string, name: string, other: string | undefined): string | undefined {
  const which = `key ${JSON.stringify(key)}`;
  if (key === "") return "a key is empty";
  if (key === "__proto__") return `${which} cannot be kept in a Pulumi state`;
  if (name === "__proto__")
    return `${which} makes the name "__proto__", which cannot be kept in a Pulumi state`;
  if (key.includes("\0")) return `${which} holds a NUL character`;
  // Snowflake counts characters, not UTF-16 units.
  const length = [...name].length;
  if (length > maxIdentifierLength) return `${which} makes a name of ${length} characters`;
  return other === undefined
    ? undefined
    : `keys ${JSON.stringify(other)} and ${JSON.stringify(key)} make the same name`;
}
