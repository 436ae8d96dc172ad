import { isNullable, type JsonSchema, listForms, readRef } from "../../provider/engine/json-schema.js";
import { describePackage } from "../../provider/plugin/schema/definitions.js";

/** Functions that take their arguments as one object in TypeScript, too. */
const functionsOfObjects: readonly string[] = ["listExportDestinations", "getExportDestination"];

/** Maps whose values a program of TypeScript may leave undefined: a key without a value is refused by name. */
const mapsWithGaps: readonly string[] = ["SnowflakeSecretSyncArgs.secrets"];

const head =
  "// Written by `npm run generate` from the definitions that parse the arguments; a test holds it to them.\n";

/**
 * The types that a program of TypeScript sees: arguments that take outputs of other resources (`ConnectionArgs`),
 * outputs of a resource, and plain values (`Connection`).
 */
export function buildSdkTypes(): string {
  const { types, settings, resources, functions } = describePackage();
  const parts: string[] = [];
  const written = new Set<string>();

  const getType = (name: string): JsonSchema => {
    const found = types[name];
    if (found === undefined) throw new Error(`There is no type ${name}.`);
    return found;
  };

  /** Names a type, and writes it where it is named first. */
  const nameType = (ref: string, isInput: boolean): string => {
    const id = readRef(ref);
    const type = getType(id);
    const name = isInput && type.enum === undefined ? `${id}Args` : id;
    if (written.has(name)) return name;
    written.add(name);
    // Its place is before what it names itself.
    const place = parts.push("") - 1;
    const comment = buildComment(type, "");
    if (type.properties !== undefined) {
      parts[place] = `${comment}export interface ${name} ${buildBody(type, name, isInput)}`;
    } else {
      const forms = type.enum?.map((value) => JSON.stringify(value)) ?? [buildType(type, isInput)];
      parts[place] = `${comment}export type ${name} = ${forms.join(" | ")};`;
    }
    return name;
  };

  const buildType = (schema: JsonSchema, isInput: boolean, gap = ""): string => {
    const wrap = (type: string) => (isInput ? `pulumi.Input<${type}>` : type);
    if (schema.$ref !== undefined) return nameType(schema.$ref, isInput);
    if (schema.const !== undefined) return JSON.stringify(schema.const);
    switch (schema.type) {
      case "string":
      case "boolean":
      case "number":
        return schema.type;
      case "integer":
        return "number";
      case "array": {
        const item = wrap(buildType(schema.items ?? {}, isInput));
        return item.includes(" | ") && !isInput ? `(${item})[]` : `${item}[]`;
      }
      case "object":
        return `Record<string, ${wrap(`${buildType(schema.additionalProperties || {}, isInput)}${gap}`)}>`;
      default: {
        const forms = listForms(schema).map((form) => buildType(form, isInput));
        if (forms.length === 0)
          throw new Error(`No type of TypeScript's stands for ${JSON.stringify(schema)}`);
        return [...forms, ...(isNullable(schema) ? ["null"] : [])].join(" | ");
      }
    }
  };

  const buildBody = (
    { properties = {}, required = [] }: JsonSchema,
    name: string,
    isInput: boolean,
  ): string => {
    const fields = Object.entries(properties).map(([field, schema]) => {
      const hasGaps = mapsWithGaps.includes(`${name}.${field}`);
      const type = buildType(schema, isInput, hasGaps ? " | undefined" : "");
      // What has a default is always there afterwards.
      const isOptional = !required.includes(field) && (isInput || schema.default === undefined);
      const full = isOptional ? `${type} | undefined` : type;
      const declared = `${isInput ? "" : "readonly "}${field}${isOptional ? "?" : ""}`;
      return `${buildComment(withTypeText(schema), "  ")}  ${declared}: ${isInput ? `pulumi.Input<${full}>` : full};`;
    });
    return `{\n${fields.join("\n")}\n}`;
  };

  const buildOutputs = ({ properties = {}, required = [] }: JsonSchema): string => {
    const fields = Object.entries(properties).map(([field, schema]) => {
      const type = `${buildType(schema, false)}${required.includes(field) ? "" : " | undefined"}`;
      return `${buildComment(withTypeText(schema), "  ")}  readonly ${field}: pulumi.Output<${type}>;`;
    });
    return `{\n${fields.join("\n")}\n}`;
  };

  /** A field without words of its own has those of its type. */
  const withTypeText = (schema: JsonSchema): JsonSchema =>
    schema.$ref === undefined ? schema : { ...getType(readRef(schema.$ref)), ...schema };

  const write = (comment: string, name: string, build: () => string) => {
    const place = parts.push("") - 1;
    parts[place] = `/** ${comment} */\nexport interface ${name} ${build()}`;
  };
  for (const [name, { inputs }] of Object.entries(resources)) {
    write(`The arguments of \`${name}\`.`, `${name}Args`, () => buildBody(inputs, `${name}Args`, true));
  }
  for (const [name, { outputs }] of findDistinct(resources)) {
    write(`The outputs of \`${name}\`.`, `${name}Outputs`, () => buildOutputs(outputs));
  }
  for (const [name, { inputs, outputs }] of Object.entries(functions)) {
    if (functionsOfObjects.includes(name)) {
      const type = name.replace(/^./, (letter) => letter.toUpperCase());
      write(`What \`${name}\` is asked.`, `${type}Query`, () => buildBody(inputs, `${type}Query`, false));
      write(`The same for the plugin's \`${name}\`.`, `${type}Args`, () =>
        buildBody(inputs, `${type}Args`, true),
      );
    }
    const plain = { ...inputs.properties, ...outputs.properties };
    for (const property of Object.values(plain)) buildType(property, false);
  }
  write("The arguments of a `Provider`, of the plugin.", "ProviderArgs", () =>
    buildBody(settings, "ProviderArgs", true),
  );
  return `${head}import type * as pulumi from "@pulumi/pulumi";\n\n${parts.join("\n\n")}\n`;
}

/** What the classes of both hosts have to know of the definitions when they run. */
export function buildSdkFields(): string {
  const { settings, resources } = describePackage();
  const listNames = ({ properties = {} }: JsonSchema, isWanted: (property: JsonSchema) => boolean) =>
    Object.entries(properties).flatMap(([name, property]) => (isWanted(property) ? [name] : []));
  const declare = (comment: string, name: string, lines: readonly string[]) =>
    `/** ${comment} */\nexport const ${name} = {\n${lines.map((line) => `  ${line},\n`).join("")}};`;
  const declareSecrets = (
    comment: string,
    name: string,
    list: (resource: (typeof all)[number][1]) => string[],
  ) =>
    declare(
      comment,
      name,
      all.map(([resource, definition]) => `${resource}: ${JSON.stringify(list(definition))}`),
    );
  const all = Object.entries(resources);
  const parts = [
    declare(
      "The outputs of a resource, as its classes name them to the engine: one that is not named is none.",
      "outputs",
      findDistinct(resources).map(
        ([name, { outputs }]) =>
          `${name}: { ${listNames(outputs, () => true)
            .map((output) => `${output}: undefined`)
            .join(", ")} }`,
      ),
    ),
    declareSecrets("The arguments that hold a secret.", "secretArguments", ({ inputs }) =>
      listNames(inputs, ({ secret }) => secret === true),
    ),
    declareSecrets(
      "Those of them that the state keeps, encrypted; of the others `check` leaves no secret.",
      "keptSecrets",
      ({ inputs }) => listNames(inputs, ({ secret, leaves }) => secret === true && leaves === undefined),
    ),
    declareSecrets(
      "The secrets that `check` adds, for the state to keep encrypted.",
      "addedSecrets",
      ({ added }) => listNames(added, ({ secret }) => secret === true),
    ),
    `/** The settings of a \`Provider\` that hold a secret. */\nexport const secretSettings: readonly string[] = ${JSON.stringify(listNames(settings, ({ secret }) => secret === true))};`,
  ];
  return `${head}\n${parts.join("\n\n")}\n`;
}

/** Without a resource that has the very outputs of one before it. */
function findDistinct<T extends { readonly outputs: JsonSchema }>(
  resources: Readonly<Record<string, T>>,
): readonly (readonly [name: string, resource: T])[] {
  const distinct = new Map<string, readonly [string, T]>();
  for (const [name, resource] of Object.entries(resources)) {
    const text = JSON.stringify(resource.outputs);
    if (!distinct.has(text)) distinct.set(text, [name, resource]);
  }
  return [...distinct.values()];
}

const lineWidth = 110;

function buildComment({ description = "", default: byDefault }: JsonSchema, indent: string): string {
  const [, text = "", told] = /^(.*?)(?: ?Default: (.*)\.)?$/s.exec(description) ?? [];
  const value = byDefault === undefined ? told : JSON.stringify(byDefault);
  const lines = [
    ...wrap(text, lineWidth - indent.length - 3),
    ...(value === undefined ? [] : [`@default ${value}`]),
  ];
  if (lines.length === 0) return "";
  const single = `${indent}/** ${lines.join(" ")} */`;
  if (single.length <= lineWidth) return `${single}\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}\n`).join("")}${indent} */\n`;
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.replaceAll("*/", "*\\/").split(" ").filter(Boolean)) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
