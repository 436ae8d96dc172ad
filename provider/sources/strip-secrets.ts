import type * as z from "zod";
import { createJsonSchemas, type JsonSchema, type JsonSchemas, readRef } from "../engine/json-schema.js";

/** The form of a definition, and the named types that it points at. */
interface Described {
  readonly form: JsonSchema;
  readonly named: JsonSchemas["named"];
}

const described = new WeakMap<z.ZodType, Described>();

/**
 * `value` without the fields that the metadata of its schema calls `secret`. It fails closed: a field that no schema
 * knows goes too, and so does one that any of several alternatives calls secret.
 */
export function stripSecrets<S extends z.ZodType>(schema: S, value: z.output<S>): z.output<S> {
  const { form, named } = describe(schema);
  return strip([form], named, value) as z.output<S>;
}

function describe(schema: z.ZodType): Described {
  const known = described.get(schema);
  if (known !== undefined) return known;
  const schemas = createJsonSchemas();
  const found = { form: schemas.describe(schema), named: schemas.named };
  described.set(schema, found);
  return found;
}

function strip(given: readonly JsonSchema[], named: JsonSchemas["named"], value: unknown): unknown {
  const alternatives = given.flatMap((form) => listAlternatives(form, named));
  if (alternatives.length === 0 || alternatives.some(({ secret }) => secret === true)) return undefined;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const items = alternatives.flatMap((form) => form.items ?? []);
    return value.map((item) => strip(items, named, item)).filter((item) => item !== undefined);
  }
  const kept = Object.entries(value).map(([field, inner]) => {
    const formsOfField = alternatives.flatMap((form) => fieldOf(form, field) ?? []);
    return [field, strip(formsOfField, named, inner)] as const;
  });
  return Object.fromEntries(kept.filter(([, inner]) => inner !== undefined));
}

/** A form, the named type that it points at, and each that it has to choose from. */
function listAlternatives(form: JsonSchema, named: JsonSchemas["named"]): JsonSchema[] {
  const { $ref, oneOf = [], anyOf = [] } = form;
  const target = $ref === undefined ? undefined : named[readRef($ref)];
  const others = [...(target === undefined ? [] : [target]), ...oneOf, ...anyOf];
  return [form, ...others.flatMap((other) => listAlternatives(other, named))];
}

function fieldOf(
  { properties = {}, additionalProperties }: JsonSchema,
  field: string,
): JsonSchema | undefined {
  if (Object.hasOwn(properties, field)) return properties[field];
  return typeof additionalProperties === "object" ? additionalProperties : undefined;
}
