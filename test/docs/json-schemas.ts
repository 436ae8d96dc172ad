import * as z from "zod";
import { createJsonSchemas, type JsonSchema, readRef } from "../../provider/engine/json-schema.js";
import { claimRecord } from "../../provider/export-destination/claim/record.js";
import {
  type ExportType,
  exportCredentialsArguments,
  exportTypes,
} from "../../provider/export-destination/credentials/index.js";
import {
  listPayloadFields,
  type PayloadContent,
  type PayloadLayout,
  payloadLayouts,
} from "../../provider/export-destination/credentials/payload.js";
import { exportEvent } from "../../provider/export-destination/events.js";

/** What other programs read, as JSON schemas, by path: the record of a claim, the payload in each format, the events. */
export const jsonSchemas: Readonly<Record<string, () => string>> = {
  "docs/schemas/claim.json": () =>
    // As it is read: a later release may write more.
    write("The record of a claim, in its version HOLDER", z.toJSONSchema(claimRecord, { io: "input" })),
  "docs/schemas/events.json": () =>
    write("An event, one line of the file of events", z.toJSONSchema(exportEvent)),
  "docs/schemas/payload-default.json": () =>
    write("A payload in the format default", {
      anyOf: exportTypes.map((type) =>
        describeLayout(type, {
          needs: [],
          names: Object.fromEntries(listPayloadFields(type).map((field) => [field, field])),
        }),
      ),
    }),
  ...Object.fromEntries(
    Object.entries(payloadLayouts).map(([format, types]) => [
      `docs/schemas/payload-${format}.json`,
      () =>
        write(`A payload in the format ${format}`, {
          anyOf: exportTypes.flatMap((type) =>
            (types[type] ?? []).map((layout) => describeLayout(type, layout)),
          ),
        }),
    ]),
  ),
};

function write(title: string, schema: object): string {
  const { $schema = "https://json-schema.org/draft/2020-12/schema", ...rest } = schema as {
    $schema?: string;
  };
  return `${JSON.stringify({ $schema, title, ...rest }, undefined, 2)}\n`;
}

const { named, describe } = createJsonSchemas();
const union = named[readRef(describe(exportCredentialsArguments).$ref ?? "")];

/** The credentials of a type, as a program gives them. */
function findCredentials(type: ExportType): JsonSchema {
  const forms = (union?.oneOf ?? []).map(({ $ref = "" }) => named[readRef($ref)]);
  const found = forms.find((form) => form?.properties?.type?.const === type);
  if (found === undefined) throw new Error(`There is no schema of the credentials of type ${type}.`);
  return found;
}

function describeLayout(type: ExportType, { needs, names }: PayloadLayout): object {
  const { properties = {}, required = [] } = findCredentials(type);
  const isAlwaysThere = (field: string) =>
    [...needs, ...required].includes(field) || properties[field]?.default !== undefined;
  const entries = Object.entries(names).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    type: "object",
    description: `Of credentials of type ${type}${needs.length === 0 ? "" : ` with ${needs.join(" and ")}`}.`,
    properties: Object.fromEntries(
      entries.map(([name, content]) => [name, describeContent(content, properties)]),
    ),
    required: entries.flatMap(([name, content]) =>
      typeof content !== "string" || isAlwaysThere(content) ? [name] : [],
    ),
    additionalProperties: false,
  };
}

function describeContent(content: PayloadContent, fields: Readonly<Record<string, JsonSchema>>): object {
  if (typeof content === "object") {
    return "text" in content
      ? { const: content.text }
      : { type: "string", description: `${content.base64Of} as bare base64.`, pattern: "^[A-Za-z0-9+/]+=*$" };
  }
  const { $ref, default: _default, ...field } = fields[content] ?? {};
  return $ref === undefined ? field : { ...named[readRef($ref)], ...field };
}
