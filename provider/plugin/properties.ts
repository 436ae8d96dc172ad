import { Struct, Value } from "google-protobuf/google/protobuf/struct_pb.js";
import { ProviderError } from "../core/errors.js";
import { isMap } from "../core/is-map.js";
import type { Properties } from "../engine/resource.js";

/** The engine's mark of an object that stands for something else, and what each stands for. */
const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const refused: Readonly<Record<string, string>> = {
  c44067f5952c0a294b673a41bacd8c17: "an asset",
  "0def7320c3a5731c473e5ecbe6d01bc7": "an archive",
  "5cf8f73096256a8f31e491e813e4eb8e": "a resource",
  d0e6a833031e9bbcd3f4e8bde6ca49a4: "an output",
};

/** Properties as a resource takes them: plain values, with the engine's mark for what is not known yet. */
export interface ReadProperties {
  readonly values: Properties;
  /** The top-level names that are a secret, or hold one. */
  readonly secretNames: ReadonlySet<string>;
}

/**
 * Takes properties off the wire. The message is empty afterwards: the call that it came with may last for long, and it
 * takes far more memory than the values.
 *
 * @throws `INVALID_INPUT` for an asset, an archive or a resource: nothing of ours takes one; and for a key that the
 *   wire's maps lose
 */
export function readProperties(struct: Struct | undefined): ReadProperties {
  const secretNames = new Set<string>();
  if (struct !== undefined) requireWholeMap(struct, []);
  const entries = [...(struct?.getFieldsMap().entries() ?? [])].map(([name, value]) => [
    name,
    readValue(value, [name], () => secretNames.add(name)),
  ]);
  struct?.clearFieldsMap();
  return { values: Object.fromEntries(entries) as Properties, secretNames };
}

function readValue(value: Value, path: readonly string[], onSecret: () => void): unknown {
  switch (value.getKindCase()) {
    case Value.KindCase.STRING_VALUE:
      return value.getStringValue();
    case Value.KindCase.NUMBER_VALUE:
      return value.getNumberValue();
    case Value.KindCase.BOOL_VALUE:
      return value.getBoolValue();
    case Value.KindCase.LIST_VALUE:
      return (value.getListValue()?.getValuesList() ?? []).map((element, i) =>
        readValue(element, [...path, String(i)], onSecret),
      );
    case Value.KindCase.STRUCT_VALUE:
      return readObject(value.getStructValue() ?? new Struct(), path, onSecret);
    default:
      return null;
  }
}

function readObject(struct: Struct, path: readonly string[], onSecret: () => void): unknown {
  requireWholeMap(struct, path);
  const fields = struct.getFieldsMap();
  const mark = fields.get(signature)?.getStringValue();
  if (mark === secretSignature) {
    onSecret();
    return readValue(fields.get("value") ?? new Value(), path, onSecret);
  }
  if (mark !== undefined) {
    throw new ProviderError("INVALID_INPUT", {
      operation: `${refused[mark] ?? "a special value"} is not allowed here`,
      target: path.join("."),
      hint: "give a string, a number, a boolean, a list or a map.",
    });
  }
  const entries = [...fields.entries()].map(([key, value]) => [
    key,
    readValue(value, [...path, key], onSecret),
  ]);
  return Object.fromEntries(entries);
}

/**
 * google-protobuf collects the entries of a map in a plain object, where `__proto__` is no key: an entry under this
 * name becomes the object's prototype, and the key would count as removed.
 */
function requireWholeMap(struct: Struct, path: readonly string[]): void {
  const collected: unknown[] = Object.values(struct.getFieldsMap()).filter(isMap);
  if (collected.every((object) => Object.getPrototypeOf(object) === Object.prototype)) return;
  throw new ProviderError("INVALID_INPUT", {
    operation: 'the key "__proto__" cannot be kept in a Pulumi state',
    ...(path.length === 0 ? {} : { target: path.join(".") }),
    hint: "rename the key.",
  });
}

/** Puts properties on the wire; the engine keeps and shows as secrets those under `secretNames`, and no others. */
export function writeProperties(values: object, secretNames: ReadonlySet<string>): Struct {
  // The wire has no undefined.
  const plain = JSON.parse(JSON.stringify(values)) as Record<string, never>;
  const entries = Object.entries(plain).map(([name, value]) => [
    name,
    secretNames.has(name) ? { [signature]: secretSignature, value } : value,
  ]);
  return Struct.fromJavaScript(Object.fromEntries(entries));
}
