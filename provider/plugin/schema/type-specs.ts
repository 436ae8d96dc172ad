import * as z from "zod";
import type { ComplexTypeSpec, ObjectTypeSpec, PropertySpec, TypeSpec } from "./package-spec.js";

/** The name of the package; every token of a resource, function or type begins with it. */
export const packageName = "snowflake-secrets";

export function buildToken(name: string): string {
  return `${packageName}:index:${name}`;
}

/** Builds Pulumi's types from zod schemas, and collects those that have a name of their own. */
export interface TypeSpecs {
  /** Every named type so far, by token. */
  readonly named: Readonly<Record<string, ComplexTypeSpec>>;
  /**
   * The fields of an object. A named type below it is called by `names` under the field's name, else by `prefix` and
   * that name.
   */
  buildObject(
    schema: z.ZodObject,
    prefix: string,
    names?: Readonly<Record<string, string>>,
  ): Required<Pick<ObjectTypeSpec, "properties" | "required">>;
}

/** What the metadata of a field may say beside its description. */
interface FieldMeta {
  readonly description?: string;
  readonly secret?: true;
  readonly replaces?: true;
  /** See `orUnknown`. */
  readonly known?: z.core.$ZodType;
}

interface Field {
  readonly schema: z.core.$ZodTypes;
  readonly isOptional: boolean;
  readonly defaultValue: unknown;
  readonly meta: FieldMeta;
}

/** Types whose name by their place would not read well. */
const nameOf: Readonly<Record<string, string>> = {
  "SyncOptions.initialSyncBehavior": "InitialSyncBehavior",
  "SecretSyncRecord.syncStatus": "SyncStatus",
  "InfisicalSource.auth": "InfisicalAuth",
  "AwsSecretsManagerSource.aws": "AwsSettings",
};

export function createTypeSpecs(): TypeSpecs {
  const named: Record<string, ComplexTypeSpec> = {};
  // A schema that stands in several places is one type. With another description it is a copy with the same definition.
  const known = new Map<object, TypeSpec>();

  const define = (schema: z.core.$ZodTypes, name: string, build: () => ComplexTypeSpec): TypeSpec => {
    const found = known.get(schema._zod.def);
    if (found !== undefined) return found;
    const token = buildToken(name);
    if (Object.hasOwn(named, token)) throw new Error(`Two types are called ${token}.`);
    const spec = { $ref: `#/types/${token}` };
    known.set(schema._zod.def, spec);
    named[token] = build();
    return spec;
  };

  const buildObject: TypeSpecs["buildObject"] = (schema, prefix, names = {}) => {
    const fields = Object.entries(schema.shape).map(([field, inner]) => {
      const opened = openField(inner);
      const name = names[field] ?? nameOf[`${prefix}.${field}`] ?? `${prefix}${toPascalCase(field)}`;
      return { field, opened, spec: buildProperty(opened, name) };
    });
    return {
      properties: Object.fromEntries(fields.map(({ field, spec }) => [field, spec])),
      required: fields.flatMap(({ field, opened }) => (opened.isOptional ? [] : [field])),
    };
  };

  const buildProperty = ({ schema, defaultValue, meta }: Field, name: string): PropertySpec => ({
    ...buildType(schema, name),
    ...(meta.description === undefined ? {} : { description: meta.description }),
    ...(isPrimitive(defaultValue) ? { default: defaultValue } : {}),
    ...(meta.secret ? { secret: true } : {}),
    ...(meta.replaces ? { willReplaceOnChanges: true } : {}),
  });

  const buildType = (schema: z.core.$ZodTypes, name: string): PropertySpec => {
    const { def } = schema._zod;
    switch (def.type) {
      case "string":
        return { type: "string" };
      case "boolean":
        return { type: "boolean" };
      case "number":
        return { type: (schema as z.ZodNumber).isInt ? "integer" : "number" };
      case "literal":
        return typeof def.values[0] === "string"
          ? { type: "string", const: def.values[0] }
          : { type: "boolean" };
      case "enum": {
        const values = Object.values(def.entries).filter(isShown);
        return define(schema, name, () => ({
          type: "string",
          enum: values.map((value) => ({ name: toPascalCase(value), value })),
        }));
      }
      case "array":
        return { type: "array", items: buildType(openField(def.element).schema, name) };
      case "record":
        return { type: "object", additionalProperties: buildType(openField(def.valueType).schema, name) };
      case "object":
        return define(schema, name, () => buildNamedObject(schema as unknown as z.ZodObject, name));
      case "union":
        return buildUnion(def, name);
      default:
        throw new Error(`The schema of ${name} has a ${def.type}, which no type of Pulumi's stands for.`);
    }
  };

  const buildNamedObject = (schema: z.ZodObject, name: string): ObjectTypeSpec => {
    const { description } = openField(schema).meta;
    return {
      type: "object",
      ...(description === undefined ? {} : { description }),
      ...buildObject(schema, name),
    };
  };

  const buildUnion = (def: z.core.$ZodUnionDef, name: string): TypeSpec => {
    const members = def.options.map((option) => openField(option).schema);
    const { discriminator } = def as Partial<z.core.$ZodDiscriminatedUnionDef>;
    if (discriminator === undefined) {
      const specs = members.map((member) => buildType(member, name));
      const distinct = [...new Map(specs.map((spec) => [JSON.stringify(spec), spec])).values()];
      return distinct.length === 1 ? (distinct[0] as TypeSpec) : { oneOf: distinct };
    }
    const options = members.map((member) => {
      const object = member as unknown as z.ZodObject;
      const [value] = (object.shape[discriminator] as unknown as z.ZodLiteral<string>).def.values;
      return { value: value as string, spec: buildType(member, `${toPascalCase(value as string)}${name}`) };
    });
    return {
      oneOf: options.map(({ spec }) => spec),
      discriminator: {
        propertyName: discriminator,
        mapping: Object.fromEntries(options.map(({ value, spec }) => [value, spec.$ref as string])),
      },
    };
  };

  return { named, buildObject };
}

/** Takes off what only says how a field is given: optional, with a default, unknown in a preview, transformed. */
function openField(given: z.core.$ZodType): Field {
  let schema = given as z.core.$ZodTypes;
  let isOptional = false;
  let defaultValue: unknown;
  let meta: FieldMeta = {};
  for (;;) {
    meta = { ...(z.globalRegistry.get(schema) as FieldMeta | undefined), ...meta };
    const { def } = schema._zod;
    if (def.type === "optional" || def.type === "nullable" || def.type === "default") {
      isOptional = true;
      if (def.type === "default") defaultValue = def.defaultValue;
      schema = def.innerType as z.core.$ZodTypes;
    } else if (def.type === "pipe") {
      const inner = def.in._zod.def.type === "transform" ? def.out : def.in;
      schema = (meta.known ?? inner) as z.core.$ZodTypes;
      const { known: _, ...rest } = meta;
      meta = rest;
    } else {
      return { schema, isOptional, defaultValue, meta };
    }
  }
}

// An empty text, which stands for none, is no choice.
function isShown(value: unknown): value is string {
  return value !== "";
}

function isPrimitive(value: unknown): value is string | number | boolean {
  return ["string", "number", "boolean"].includes(typeof value);
}

function toPascalCase(text: string): string {
  return text.replace(/(?:^|[-_ ])(\w)/g, (_, letter: string) => letter.toUpperCase());
}
