import * as z from "zod";
import { findKnownForm } from "../engine/unknown.js";

/** What of a JSON schema says where secrets are. */
interface Shape {
  /** As a field's metadata says it. */
  readonly secret?: boolean;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly additionalProperties?: Shape | boolean;
  readonly items?: Shape;
  readonly oneOf?: readonly Shape[];
  readonly anyOf?: readonly Shape[];
}

/** A shape as zod writes it: a type with a name is written once, and pointed at. */
interface WrittenShape extends Shape {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, WrittenShape>>;
}

const shapes = new WeakMap<z.ZodType, Shape>();

/**
 * `value` without the fields that the metadata of its schema calls `secret`. It fails closed: a field that no schema
 * knows goes too, and so does one that any of several alternatives calls secret.
 */
export function stripSecrets<S extends z.ZodType>(schema: S, value: z.output<S>): z.output<S> {
  return strip([shapeOf(schema)], value) as z.output<S>;
}

function shapeOf(schema: z.ZodType): Shape {
  const known = shapes.get(schema);
  if (known !== undefined) return known;
  const built = z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      // A field that may be unknown in a preview has the shape of what it is when it is known.
      const form = findKnownForm(zodSchema);
      if (form !== undefined) Object.assign(jsonSchema, { ...shapeOf(form), ...jsonSchema });
    },
  }) as WrittenShape;
  const shape = followRefs(built, built.$defs ?? {}) as Shape;
  shapes.set(schema, shape);
  return shape;
}

/** The shape with what it points at in the place of the pointers. */
function followRefs(part: unknown, defs: Readonly<Record<string, WrittenShape>>): unknown {
  if (typeof part !== "object" || part === null) return part;
  if (Array.isArray(part)) return part.map((each) => followRefs(each, defs));
  const { $ref, $defs: _defs, ...own } = part as WrittenShape;
  const target = $ref === undefined ? {} : defs[$ref.replace("#/$defs/", "")];
  return Object.fromEntries(
    Object.entries({ ...target, ...own }).map(([name, inner]) => [name, followRefs(inner, defs)]),
  );
}

function strip(given: readonly Shape[], value: unknown): unknown {
  const alternatives = given.flatMap(listAlternatives);
  if (alternatives.length === 0 || alternatives.some(({ secret }) => secret === true)) return undefined;
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) {
    const items = alternatives.flatMap((shape) => shape.items ?? []);
    return value.map((item) => strip(items, item)).filter((item) => item !== undefined);
  }
  const kept = Object.entries(value).map(([field, inner]) => {
    const shapesOfField = alternatives.flatMap((shape) => fieldOf(shape, field) ?? []);
    return [field, strip(shapesOfField, inner)] as const;
  });
  return Object.fromEntries(kept.filter(([, inner]) => inner !== undefined));
}

/** A shape, and each that it has to choose from. */
function listAlternatives(shape: Shape): Shape[] {
  const choices = [...(shape.oneOf ?? []), ...(shape.anyOf ?? [])];
  return [shape, ...choices.flatMap(listAlternatives)];
}

function fieldOf({ properties = {}, additionalProperties }: Shape, field: string): Shape | undefined {
  if (Object.hasOwn(properties, field)) return properties[field];
  return typeof additionalProperties === "object" ? additionalProperties : undefined;
}
