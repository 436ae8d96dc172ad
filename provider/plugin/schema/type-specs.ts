import { isNullable, type JsonSchema, listForms, readRef } from "../../engine/json-schema.js";
import type { ComplexTypeSpec, ObjectTypeSpec, PropertySpec, TypeSpec } from "./package-spec.js";

/** The name of the package; every token of a resource, function or type begins with it. */
export const packageName = "snowflake-secrets";

/** The token of a type or resource of this package. */
export function buildToken(name: string): string {
  return `${packageName}:index:${name}`;
}

/** Writes what zod says of definitions as Pulumi's types, and collects those that have a name. */
export interface TypeSpecs {
  /** Every named type so far, by token. */
  readonly named: Readonly<Record<string, ComplexTypeSpec>>;
  /** The fields of an object. */
  buildObject(schema: JsonSchema): Required<Pick<ObjectTypeSpec, "properties" | "required">>;
}

/** @param definitions the types that have a name, by that */
export function createTypeSpecs(definitions: Readonly<Record<string, JsonSchema>>): TypeSpecs {
  const named: Record<string, ComplexTypeSpec> = {};

  const buildObject: TypeSpecs["buildObject"] = ({ properties = {}, required = [] }) => ({
    properties: Object.fromEntries(
      Object.entries(properties).map(([name, property]) => [name, buildProperty(property)]),
    ),
    // Pulumi knows no null: it stands for what is absent.
    required: required.filter((name) => properties[name] !== undefined && !isNullable(properties[name])),
  });

  const buildProperty = (schema: JsonSchema): PropertySpec => ({
    ...buildType(schema),
    ...describe(schema.description ?? definitions[readRef(schema.$ref ?? "")]?.description),
    ...(isPrimitive(schema.default) ? { default: schema.default } : {}),
    ...(schema.secret ? { secret: true } : {}),
    ...(schema.replaces ? { willReplaceOnChanges: true } : {}),
  });

  const buildType = (schema: JsonSchema): PropertySpec => {
    const { type, $ref, items, additionalProperties, properties } = schema;
    if ($ref !== undefined) return buildNamed(readRef($ref));
    if (schema.enum !== undefined || properties !== undefined) {
      throw new Error(`A type has no name, an id in its metadata: ${JSON.stringify(schema)}`);
    }
    if (typeof schema.const === "string") return { type: "string", const: schema.const };
    switch (type) {
      case "string":
      case "boolean":
      case "number":
      case "integer":
        return { type };
      case "array":
        return { type, items: buildType(items ?? {}) };
      case "object":
        return { type, additionalProperties: buildType(additionalProperties || {}) };
      default:
        return buildUnion(schema);
    }
  };

  const buildUnion = (schema: JsonSchema): TypeSpec => {
    const forms = listForms(schema);
    const specs = new Map(
      forms.map((form) => {
        const { const: _, ...spec } = buildType(form);
        return [JSON.stringify(spec), spec];
      }),
    );
    const [first, ...others] = specs.values();
    if (first === undefined) {
      throw new Error(`No type of Pulumi's stands for ${JSON.stringify(schema)}`);
    }
    if (others.length === 0) return first;
    return { oneOf: [first, ...others], ...findDiscriminator(forms) };
  };

  const buildNamed = (name: string): PropertySpec => {
    const definition = definitions[name];
    if (definition === undefined) throw new Error(`There is no type ${name}.`);
    // A choice of types has no name in Pulumi's schema.
    if (definition.oneOf !== undefined) return buildUnion(definition);
    const token = buildToken(name);
    if (!Object.hasOwn(named, token)) named[token] = buildDefinition(definition);
    return { $ref: `#/types/${token}` };
  };

  const buildDefinition = (definition: JsonSchema): ComplexTypeSpec => {
    const { description } = definition;
    if (definition.enum === undefined)
      return { type: "object", ...describe(description), ...buildObject(definition) };
    // An empty text, which stands for none, is no choice.
    const values = definition.enum.filter((value) => value !== "");
    return {
      type: "string",
      ...describe(description),
      enum: values.map((value) => ({ name: toPascalCase(value), value })),
    };
  };

  /** The field whose text tells the forms apart. */
  const findDiscriminator = (forms: readonly JsonSchema[]): Pick<TypeSpec, "discriminator"> => {
    const names = forms.map(({ $ref = "" }) => readRef($ref));
    const [first] = names;
    const propertyName = Object.entries(definitions[first ?? ""]?.properties ?? {}).find(
      ([, { const: value }]) => typeof value === "string",
    )?.[0];
    if (propertyName === undefined) return {};
    const mapping = names.map((name) => [
      definitions[name]?.properties?.[propertyName]?.const,
      `#/types/${buildToken(name)}`,
    ]);
    return { discriminator: { propertyName, mapping: Object.fromEntries(mapping) } };
  };

  return { named, buildObject };
}

function describe(description: string | undefined): { readonly description?: string } {
  return description === undefined ? {} : { description };
}

function isPrimitive(value: unknown): value is string | number | boolean {
  return ["string", "number", "boolean"].includes(typeof value);
}

function toPascalCase(text: string): string {
  return text.replace(/(?:^|[-_ ])(\w)/g, (_, letter: string) => letter.toUpperCase());
}
