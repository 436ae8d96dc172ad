import { beforeAll, describe, expect, it } from "vitest";
import { buildSchema } from "../../../provider/plugin/schema/index.js";
import type {
  ObjectTypeSpec,
  PropertySpecs,
  ResourceSpec,
  TypeSpec,
} from "../../../provider/plugin/schema/package-spec.js";
import { changeOf } from "../../../provider/secret-sync/changes.js";
import { type ProgramTypes, readProgramTypes, type TypeFields } from "./program-types.js";

const schema = buildSchema("1.2.3");
let program: ProgramTypes;
// The compiler reads the SDK and all that it imports.
beforeAll(() => {
  program = readProgramTypes();
}, 60_000);

const resource = (name: string): ResourceSpec => {
  const found = schema.resources[`snowflake-secrets:index:${name}`];
  if (found === undefined) throw new Error(`There is no resource ${name}.`);
  return found;
};
const type = (name: string): ObjectTypeSpec => {
  const found = schema.types[`snowflake-secrets:index:${name}`];
  if (found?.type !== "object") throw new Error(`There is no type ${name}.`);
  return found;
};

/** Names, with `?` behind those that may be left out. */
const listFields = (fields: TypeFields) =>
  [...fields].map(([name, { isOptional }]) => (isOptional ? `${name}?` : name)).sort();
const listProperties = (properties: PropertySpecs, required: readonly string[] = []) =>
  Object.keys(properties)
    .map((name) => (required.includes(name) ? name : `${name}?`))
    .sort();

describe("the package schema and the types of TypeScript", () => {
  it.each([
    ["SnowflakeSecretSync", "SnowflakeSecretSyncArgs"],
    ["ExportDestination", "ExportDestinationArgs"],
    ["SnowflakeExportDestination", "SnowflakeExportDestinationArgs"],
  ])("have the same arguments for %s", (name, args) => {
    const { inputProperties, requiredInputs } = resource(name);
    expect(listProperties(inputProperties, requiredInputs)).toEqual(listFields(program.fieldsOf(args)));
  });

  it.each([
    ["SyncOptions", "SyncOptionsArgs"],
    ["DestinationConfig", "DestinationConfigArgs"],
    ["Connection", "ConnectionArgs"],
    ["ExportAws", "ExportAwsArgs"],
    ["ExportGlue", "ExportGlueArgs"],
    ["ExportValidation", "ExportValidationArgs"],
    ["SnowflakeCredentials", "SnowflakeExportCredentialsArgs"],
    ["ManagedSecret", "ManagedSecret"],
    ["SecretSyncRecord", "SecretSyncRecord"],
    ["ConnectionInfo", "ConnectionInfo"],
    ["Attempt", "Attempt"],
    ["StatusChange", "StatusChange"],
    ["ListedDestination", "ListedDestination"],
  ])("have the same fields for %s", (name, typeName) => {
    const { properties, required } = type(name);
    expect(listProperties(properties, required)).toEqual(listFields(program.fieldsOf(typeName)));
  });

  it.each([
    ["Source", "SourceArgs", resource("SnowflakeSecretSync").inputProperties.sources?.items],
    ["ExportCredentials", "ExportCredentialsArgs", resource("ExportDestination").inputProperties.credentials],
  ] as const)("have the same kinds of %s", (_, typeName, spec) => {
    const members = program.membersOf(typeName);
    const kinds = Object.entries((spec as TypeSpec).discriminator?.mapping ?? {});
    expect(kinds.map(([kind]) => kind).sort()).toEqual([...members.keys()].sort());
    for (const [kind, reference] of kinds) {
      const { properties, required } = type(reference.split(":").at(-1) ?? "");
      expect(listProperties(properties, required), kind).toEqual(listFields(members.get(kind) ?? new Map()));
    }
  });

  it.each([
    ["SnowflakeSecretSync", "SnowflakeSecretSync"],
    ["ExportDestination", "ExportDestination"],
    ["SnowflakeExportDestination", "SnowflakeExportDestination"],
  ])("have the same outputs for %s", (name, className) => {
    const { properties = {}, required } = resource(name);
    expect(listProperties(properties, required)).toEqual(listFields(program.outputsOf(className)));
  });

  it("describe every argument, and where the zod definition has the comment with the same words", () => {
    const documented = (typeName: string, properties: PropertySpecs) =>
      [...program.fieldsOf(typeName)].map(([name, { documentation }]) => {
        expect(documentation, `${typeName}.${name}`).not.toBe("");
        return [name, documentation, properties[name]?.description];
      });
    for (const [name, comment, description] of documented("ConnectionArgs", type("Connection").properties)) {
      expect(plain(comment), name).toBe(plain(description));
    }
    for (const { inputProperties } of Object.values(schema.resources)) {
      for (const [name, { description }] of Object.entries(inputProperties))
        expect(description, name).toBeTruthy();
    }
  });
});

// "@default 16" and "Default: `.env`" say the same.
const plain = (text: string | undefined) => text?.replace(/[`"]/g, "");

describe("the package schema", () => {
  it("says of an argument that it replaces where its change does", () => {
    const { inputProperties } = resource("SnowflakeSecretSync");
    const replacing = Object.entries(inputProperties).filter(([, spec]) => spec.willReplaceOnChanges);
    const expected = Object.entries(changeOf).filter(([, change]) => change === "replace");
    expect(replacing.map(([name]) => name)).toEqual(expected.map(([name]) => name));
  });

  it("says the same of the export destinations as the comments in TypeScript", () => {
    const says = (fields: TypeFields) =>
      [...fields]
        .filter(([, { documentation }]) => /A change replaces/.test(documentation))
        .map(([name]) => name);
    const marked = (properties: PropertySpecs) =>
      Object.entries(properties)
        .filter(([, spec]) => spec.willReplaceOnChanges)
        .map(([name]) => name);
    for (const name of ["ExportDestination", "SnowflakeExportDestination"]) {
      expect(marked(resource(name).inputProperties).sort()).toEqual(
        says(program.fieldsOf(`${name}Args`)).sort(),
      );
    }
    expect(marked(type("ExportAws").properties).sort()).toEqual(
      says(program.fieldsOf("ExportAwsArgs")).sort(),
    );
  });

  it("makes secret what may hold a value, at the top, where SDKs wrap it", () => {
    const secret = (properties: PropertySpecs) =>
      Object.entries(properties)
        .filter(([, spec]) => spec.secret)
        .map(([name]) => name)
        .sort();
    expect(secret(resource("SnowflakeSecretSync").inputProperties)).toEqual([
      "connection",
      "fingerprintKey",
      "secrets",
      "sources",
    ]);
    for (const name of ["ExportDestination", "SnowflakeExportDestination"]) {
      expect(secret(resource(name).inputProperties)).toEqual(["credentials"]);
    }
    const credentials = ["password", "privateKey", "privateKeyPassphrase", "token"];
    expect(secret(schema.config.variables)).toEqual(credentials);
    expect(secret(schema.provider.inputProperties)).toEqual(credentials);
  });

  it("leads to the dynamic resources by alias", () => {
    const aliases = Object.entries(schema.resources).map(([token, { aliases }]) => [token, aliases]);
    expect(aliases).toEqual([
      [
        "snowflake-secrets:index:SnowflakeSecretSync",
        [{ type: "pulumi-nodejs:dynamic/snowflake:SnowflakeSecretSync" }],
      ],
      [
        "snowflake-secrets:index:ExportDestination",
        [{ type: "pulumi-nodejs:dynamic/snowflake:ExportDestination" }],
      ],
      [
        "snowflake-secrets:index:SnowflakeExportDestination",
        [{ type: "pulumi-nodejs:dynamic/snowflake:ExportDestination" }],
      ],
    ]);
  });

  it("has the defaults and the choices of the definitions", () => {
    expect(type("SyncOptions").properties.disableSecretDeletion?.default).toBe(false);
    expect(type("PostgresqlExportCredentials").properties).toMatchObject({
      port: { type: "integer", default: 5432 },
      sslMode: { default: "require" },
    });
    expect(schema.types["snowflake-secrets:index:ConnectionProtocol"]).toEqual({
      type: "string",
      enum: [
        { name: "Http", value: "http" },
        { name: "Https", value: "https" },
      ],
    });
  });

  it("takes texts, numbers and flags as settings of a provider", () => {
    for (const [name, spec] of Object.entries(schema.config.variables)) {
      expect(["string", "integer", "boolean"], name).toContain(spec.type);
    }
    expect(Object.keys(schema.config.variables)).toEqual(
      expect.arrayContaining(["account", "user", "organization", "maxConcurrentStatements"]),
    );
  });
});
