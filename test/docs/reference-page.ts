import { buildSchema } from "../../provider/plugin/schema/index.js";
import type { ObjectTypeSpec, PropertySpec, TypeSpec } from "../../provider/plugin/schema/package-spec.js";
import { readBlocks } from "../support/docs/page.js";
import { linkErrorsOf } from "./error-codes.js";

const typePrefix = "#/types/snowflake-secrets:index:";

/** The page of all arguments and outputs, from the package schema, which is built from what parses the arguments. */
export function buildReferencePage(): string {
  const schema = buildSchema("0.0.0");
  const plainName = (token: string) => token.split(":").at(-1) ?? token;
  const resources = Object.entries(schema.resources).map(([token, resource]) =>
    [
      `## ${plainName(token)}`,
      resource.description ?? "",
      buildExample(plainName(token)),
      "### Arguments",
      buildTable(resource.inputProperties, resource.requiredInputs ?? [], "a change"),
      "### Outputs",
      buildTable(resource.properties ?? {}, resource.required ?? [], undefined),
      `**Errors**: ${linkErrorsOf(roomsOf(plainName(token)))}.`,
    ].join("\n\n"),
  );
  const functions = Object.entries(schema.functions).map(([token, { description, inputs, outputs }]) =>
    [
      `### ${plainName(token)}`,
      description,
      buildTable(inputs.properties, inputs.required ?? [], undefined),
      "Answers:",
      buildTable(outputs.properties, outputs.required ?? [], undefined),
    ].join("\n\n"),
  );
  const types = Object.entries(schema.types)
    .filter((entry): entry is [string, ObjectTypeSpec] => entry[1].type === "object")
    .map(([token, { description, properties, required }]) =>
      [`### ${plainName(token)}`, description ?? "", buildTable(properties, required ?? [], undefined)]
        .filter((part) => part !== "")
        .join("\n\n"),
    );
  const settings = buildTable(schema.config.variables, [], undefined);
  return `${[head, ...resources, "## Functions", ...functions, "## Settings of the plugin", settings, "## Types", ...types].join("\n\n")}\n`;

  function buildTable(
    properties: Readonly<Record<string, PropertySpec>>,
    required: readonly string[],
    change: string | undefined,
  ): string {
    const rows = Object.entries(properties).map(([name, property]) => {
      const notes = [
        property.description ?? "",
        property.default === undefined ? "" : `Default: \`${JSON.stringify(property.default)}\`.`,
        property.secret ? "Secret." : "",
      ];
      const told = notes.filter((note) => note !== "").join(" ");
      const cells = [`\`${name}\`${required.includes(name) ? "" : "?"}`, formatType(property), told];
      const last = change === undefined ? [] : [property.willReplaceOnChanges ? "replaces" : "updates"];
      return `| ${[...cells, ...last].map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
    });
    const columns = ["", "Type", "", ...(change === undefined ? [] : ["A change"])];
    return [`| ${columns.join(" | ")} |`, `|${"---|".repeat(columns.length)}`, ...rows].join("\n");
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

/** The program of the README, which a test runs; where there is none, an example that is run, too. */
function buildExample(resource: string): string {
  const className = resource === "SecretSync" ? "SnowflakeSecretSync" : resource;
  const program = readBlocks("README.md").find(
    ({ language, text }) => language === "ts" && text.includes(`new ${className}(`),
  );
  if (program !== undefined) return `\`\`\`ts\n${program.text}\`\`\``;
  return "An example with every type of credentials: [export-destination](../examples/export-destination/index.ts).";
}

function roomsOf(resource: string): readonly string[] {
  return resource === "SecretSync"
    ? ["secret-sync", "sources", "snowflake"]
    : ["export-destination", "aws", "snowflake"];
}

const head = `# Reference

Built by \`npm run docs\` from the definitions that parse the arguments. "?" marks what may be left out, or may be absent.

The names are those of TypeScript; Python writes them with underscores (\`destination_config\`). In the dynamic provider \`SecretSync\` is the class \`SnowflakeSecretSync\`; the others have the same name. Errors: [by code](errors.md). A change of \`connection\` replaces only where it leads to another account; one of \`credentials\` replaces a working destination.`;
