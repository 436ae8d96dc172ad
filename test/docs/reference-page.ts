import { buildSchema } from "../../provider/plugin/schema/index.js";
import type {
  ObjectTypeSpec,
  PropertySpec,
  PropertySpecs,
  TypeSpec,
} from "../../provider/plugin/schema/package-spec.js";
import { readBlocks } from "../support/docs/page.js";
import { linkCode, linkErrorsOf } from "./error-codes.js";
import { optionErrors } from "./option-examples.js";
import { type Option, readOptions } from "./options.js";
import { drawTable } from "./table.js";

const typePrefix = "#/types/snowflake-secrets:index:";

/** The page of all arguments and outputs, from the package schema, which is built from what parses the arguments. */
export async function buildReferencePage(): Promise<string> {
  const schema = buildSchema("0.0.0");
  const options = await readOptions(schema);
  const plainName = (token: string) => token.split(":").at(-1) ?? token;
  const resources = Object.entries(schema.resources).map(([token, resource]) =>
    [
      `## ${plainName(token)}`,
      resource.description ?? "",
      buildExample(plainName(token)),
      "### Arguments",
      buildOptions(plainName(token), resource.inputProperties, resource.requiredInputs ?? []),
      "### Outputs",
      buildTable(resource.properties ?? {}, resource.required ?? []),
      `**Errors**: ${linkErrorsOf(roomsOf(plainName(token)))}.`,
    ].join("\n\n"),
  );
  const functions = Object.entries(schema.functions).map(([token, { description, inputs, outputs }]) =>
    [
      `### ${plainName(token)}`,
      description,
      buildTable(inputs.properties, inputs.required ?? []),
      "Answers:",
      buildTable(outputs.properties, outputs.required ?? []),
    ].join("\n\n"),
  );
  const types = Object.entries(schema.types)
    .filter((entry): entry is [string, ObjectTypeSpec] => entry[1].type === "object")
    .map(([token, { description, properties, required }]) =>
      [
        `### ${plainName(token)}`,
        description ?? "",
        buildFields(plainName(token), properties, required ?? []),
      ]
        .filter((part) => part !== "")
        .join("\n\n"),
    );
  const settings = `${buildTable(schema.config.variables, [])}\n\nExamples and errors: as those of [Connection](#connection).`;
  return `${[head, ...resources, "## Functions", ...functions, "## Settings of the plugin", settings, "## Types", ...types].join("\n\n")}\n`;

  function buildTable(properties: PropertySpecs, required: readonly string[]): string {
    const rows = Object.entries(properties).map(([name, property]) => [
      ...buildName(name, required),
      formatType(property),
      buildNotes(property),
    ]);
    return drawTable(["", "Type", ""], rows);
  }

  /** A type of arguments has its options; one of outputs its fields. */
  function buildFields(type: string, properties: PropertySpecs, required: readonly string[]): string {
    const isGiven = Object.keys(properties).some((name) => options.has(`${type}.${name}`));
    return isGiven ? buildOptions(type, properties, required) : buildTable(properties, required);
  }

  function buildOptions(type: string, properties: PropertySpecs, required: readonly string[]): string {
    const isResource = schema.resources[`snowflake-secrets:index:${type}`] !== undefined;
    const rows = Object.entries(properties).map(([name, property]) => {
      const option = findOption(type, name, property);
      return [
        ...buildName(name, required),
        formatType(property),
        buildNotes(property),
        option === undefined ? "" : formatExample(name, option.example),
        [
          ...(option === undefined ? [] : [option.refusal]),
          ...(optionErrors[`${homeOf(type)}.${name}`] ?? []).map(linkCode),
        ].join(" "),
        ...(isResource ? [property.willReplaceOnChanges ? "replaces" : "updates"] : []),
      ];
    });
    const titles = ["", "Type", "", "Example", "Errors", ...(isResource ? ["A change"] : [])];
    return drawTable(titles, rows);
  }

  function findOption(type: string, name: string, { const: only }: PropertySpec): Option | undefined {
    if (only !== undefined) return { example: only, refusal: "" };
    const option = options.get(`${type}.${name}`) ?? options.get(`${homeOf(type)}.${name}`);
    if (option === undefined) throw new Error(`${type}.${name} stands in no example.`);
    return option;
  }

  function formatType(spec: TypeSpec): string {
    if (spec.oneOf) return spec.oneOf.map(formatType).join(" or ");
    if (spec.$ref?.startsWith(typePrefix)) {
      const name = spec.$ref.slice(typePrefix.length);
      const type = schema.types[`snowflake-secrets:index:${name}`];
      if (type !== undefined && "enum" in type)
        return type.enum.map(({ value }) => `\`${value}\``).join(" or ");
      return `[${name}](#${name.toLowerCase()})`;
    }
    if (spec.items) return `list of ${formatType(spec.items)}`;
    if (spec.additionalProperties) return `map of ${formatType(spec.additionalProperties)}`;
    return spec.type ?? "any";
  }
}

/** Whose options a type has, but for those of its own. */
function homeOf(type: string): string {
  return type === "SnowflakeExportDestination" ? "ExportDestination" : type;
}

function buildName(name: string, required: readonly string[]): string[] {
  return [`\`${name}\`${required.includes(name) ? "" : "?"}`];
}

function buildNotes({ description = "", default: value, secret }: PropertySpec): string {
  const notes = [
    description,
    value === undefined ? "" : `Default: \`${JSON.stringify(value)}\`.`,
    secret ? "Secret." : "",
  ];
  return notes.filter((note) => note !== "").join(" ");
}

/** As a program gives it: a secret comes from the stack's config. What is long has a table of its own. */
function formatExample(name: string, example: unknown): string {
  const text = JSON.stringify({ [name]: example }, undefined, 1)
    .replace(/\n\s*/g, " ")
    .replace(/"([A-Za-z]\w*)": /g, "$1: ")
    .replace(/(\w+): "…"/g, '$1: config.requireSecret("$1")')
    .slice(`{ ${name}: `.length, -" }".length);
  return text.length > 100 ? "" : `\`${text}\``;
}

/** The program of the README, which a test runs; where there is none, an example that is run, too. */
function buildExample(resource: string): string {
  const program = readBlocks("README.md").find(
    ({ language, text }) => language === "ts" && text.includes(`new ${resource}(`),
  );
  if (program !== undefined) return `\`\`\`ts\n${program.text}\`\`\``;
  return "An example with every type of credentials: [export-destination](../examples/export-destination/index.ts).";
}

function roomsOf(resource: string): readonly string[] {
  return resource === "SnowflakeSecretSync"
    ? ["secret-sync", "sources", "snowflake"]
    : ["export-destination", "aws", "snowflake"];
}

const head = `# Reference

Built by \`npm run generate\` from the definitions that parse the arguments. "?" means optional.

The names are those of TypeScript; Python writes them with underscores (\`destination_config\`). A resource has the same name in every language. Errors: [by code](errors.md). A change of \`connection\` replaces the resource only if it leads to another account. A change of \`credentials\` replaces a working destination.

The column "Errors" shows the message for a wrong value (\`[INVALID_INPUT]\`, before anything is changed), then the codes that a correct value can lead to.`;
