/** A type of Pulumi's package schema: https://www.pulumi.com/docs/iac/extending-pulumi/schema/ */
export interface TypeSpec {
  readonly type?: "string" | "integer" | "number" | "boolean" | "array" | "object";
  /** `#/types/<token>` for a type of this package. */
  readonly $ref?: string;
  readonly items?: TypeSpec;
  readonly additionalProperties?: TypeSpec;
  readonly oneOf?: readonly TypeSpec[];
  readonly discriminator?: {
    readonly propertyName: string;
    readonly mapping: Readonly<Record<string, string>>;
  };
}

/** A property, as Pulumi's metaschema has it. */
export interface PropertySpec extends TypeSpec {
  readonly description?: string;
  readonly default?: string | number | boolean;
  readonly const?: string;
  readonly secret?: true;
  /** A change replaces the resource; the provider says so, SDKs only tell it. */
  readonly willReplaceOnChanges?: true;
}

/** Properties by name. */
export type PropertySpecs = Readonly<Record<string, PropertySpec>>;

/** A type with properties. */
export interface ObjectTypeSpec {
  readonly type: "object";
  readonly description?: string;
  readonly properties: PropertySpecs;
  readonly required?: readonly string[];
}

/** A type with named values. */
export interface EnumTypeSpec {
  readonly type: "string";
  readonly description?: string;
  readonly enum: readonly { readonly name: string; readonly value: string }[];
}

/** A named type. */
export type ComplexTypeSpec = ObjectTypeSpec | EnumTypeSpec;

/** A resource with its inputs and outputs. */
export interface ResourceSpec {
  readonly description?: string;
  readonly inputProperties: PropertySpecs;
  readonly requiredInputs?: readonly string[];
  readonly properties?: PropertySpecs;
  readonly required?: readonly string[];
  readonly aliases?: readonly { readonly type: string }[];
}

/** A function with its inputs and outputs. */
export interface FunctionSpec {
  readonly description: string;
  readonly inputs: ObjectTypeSpec;
  readonly outputs: ObjectTypeSpec;
}

/** Pulumi's package schema, as far as this package uses it. */
export interface PackageSpec {
  readonly name: string;
  readonly displayName: string;
  readonly version: string;
  readonly description: string;
  readonly keywords: readonly string[];
  readonly license: string;
  readonly publisher: string;
  readonly homepage?: string;
  readonly repository?: string;
  readonly logoUrl?: string;
  /** Where an engine fetches a missing plugin. */
  readonly pluginDownloadURL?: string;
  readonly meta: { readonly supportPack: boolean };
  readonly config: { readonly variables: PropertySpecs };
  readonly provider: ResourceSpec;
  readonly types: Readonly<Record<string, ComplexTypeSpec>>;
  readonly resources: Readonly<Record<string, ResourceSpec>>;
  readonly functions: Readonly<Record<string, FunctionSpec>>;
  readonly language: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}
