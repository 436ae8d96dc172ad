import { isDeepStrictEqual } from "node:util";
import * as z from "zod";
import { findKnownForm } from "./unknown.js";

/** The form of a definition as zod itself tells it, with what its metadata says beside. */
export interface JsonSchema extends Pick<z.GlobalMeta, "description" | "secret" | "leaves" | "replaces"> {
  readonly type?: string | readonly string[];
  /** `#/$defs/<id>` */
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly additionalProperties?: JsonSchema | false;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly enum?: readonly string[];
  readonly const?: string | boolean;
  readonly default?: unknown;
}

/** Describes definitions, and collects the types that have a name. */
export interface JsonSchemas {
  /** Those so far, by the `id` of their metadata. */
  readonly named: Readonly<Record<string, JsonSchema>>;
  /** A definition as a program gives it; a type with a name is a `$ref`. */
  describe(schema: z.ZodType): JsonSchema;
}

/** Builds JSON schemas of zod's, with a name for each type whose metadata has an `id`. */
export function createJsonSchemas(): JsonSchemas {
  const named: Record<string, JsonSchema> = {};
  const describe = (schema: z.ZodType): JsonSchema => {
    // Within another one, as zod makes no reference of the outermost.
    const { properties, $defs = {} } = z.toJSONSchema(z.object({ it: schema }), { io: "input", override });
    for (const [id, found] of Object.entries($defs)) {
      if (named[id] !== undefined && !isDeepStrictEqual(named[id], found)) {
        throw new Error(`Two types are called ${id}.`);
      }
      named[id] = found as JsonSchema;
    }
    return properties?.it as JsonSchema;
  };
  const override = ({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodType; jsonSchema: object }) => {
    const form = findKnownForm(zodSchema);
    if (form !== undefined) Object.assign(jsonSchema, { ...describe(form), ...jsonSchema });
    // zod leaves it out where a value is transformed.
    if (zodSchema instanceof z.ZodDefault) Object.assign(jsonSchema, { default: zodSchema.def.defaultValue });
  };
  return { named, describe };
}

/** The name of the type that a reference leads to. */
export function readRef(ref: string): string {
  return ref.replace("#/$defs/", "");
}

/** The forms among which a value has one, but for null; none where there is no choice. */
export function listForms({ anyOf, oneOf, type }: JsonSchema): readonly JsonSchema[] {
  const types = Array.isArray(type) ? (type as readonly string[]) : [];
  return (anyOf ?? oneOf ?? types.map((each) => ({ type: each }))).filter((form) => form.type !== "null");
}

/** Whether a value may be null. */
export function isNullable({ anyOf, type }: JsonSchema): boolean {
  return (
    anyOf?.some((form) => form.type === "null") === true || (Array.isArray(type) && type.includes("null"))
  );
}
