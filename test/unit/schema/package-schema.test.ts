import { describe, expect, it } from "vitest";
import { buildSchema } from "../../../provider/plugin/schema/index.js";
import type {
  ObjectTypeSpec,
  PropertySpec,
  PropertySpecs,
  ResourceSpec,
} from "../../../provider/plugin/schema/package-spec.js";

const schema = buildSchema("1.2.3");

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

/** The types of objects that an argument leads to, by name. */
function findTypes({ $ref, items, oneOf, additionalProperties }: PropertySpec): string[] {
  const name = $ref?.split(":").at(-1);
  const found = name === undefined ? undefined : schema.types[`snowflake-secrets:index:${name}`];
  const inner = [items, additionalProperties, ...(oneOf ?? [])].filter((each) => each !== undefined);
  const own = found?.type === "object" && name !== undefined ? [name] : [];
  return [
    ...own,
    ...inner.flatMap(findTypes),
    ...own.flatMap((each) => Object.values(type(each).properties).flatMap(findTypes)),
  ];
}

describe("the package schema", () => {
  it("describes every argument, every type and every field of the arguments", () => {
    const lacking = (at: string, properties: PropertySpecs) =>
      Object.entries(properties)
        .filter(([, spec]) => spec.const === undefined && !spec.description)
        .map(([name]) => `${at}.${name}`);
    const given = Object.entries(schema.resources).flatMap(([token, { inputProperties }]) =>
      Object.values(inputProperties)
        .flatMap((spec) => findTypes(spec))
        .flatMap((name) => lacking(name, type(name).properties))
        .concat(lacking(token, inputProperties)),
    );
    expect(given).toEqual([]);
    expect(lacking("settings", schema.config.variables)).toEqual([]);
  });

  it.each(["SnowflakeSecretSync", "ExportDestination", "SnowflakeExportDestination"])(
    "says in the text of each argument of %s that a change replaces, where it does",
    (name) => {
      const { inputProperties } = resource(name);
      const nested = Object.values(inputProperties)
        .flatMap((spec) => findTypes(spec))
        .map((each) => type(each).properties);
      for (const properties of [inputProperties, ...nested]) {
        const says = Object.entries(properties).filter(([, { description = "" }]) =>
          /A change replaces/.test(description),
        );
        const does = Object.entries(properties).filter(([, spec]) => spec.willReplaceOnChanges);
        expect(says.map(([argument]) => argument)).toEqual(does.map(([argument]) => argument));
      }
    },
  );

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
    const credentials = [
      ...["oauthClientSecret", "password", "privateKey", "privateKeyPassphrase", "proxyPassword"],
      "token",
    ];
    expect(secret(schema.config.variables)).toEqual(credentials);
    expect(secret(schema.provider.inputProperties)).toEqual(credentials);
  });

  it("leads to the dynamic resources by alias", () => {
    const aliases = Object.entries(schema.resources).map(([token, { aliases }]) => [
      token.split(":").at(-1),
      aliases?.map(({ type: alias }) => alias),
    ]);
    expect(Object.fromEntries(aliases)).toEqual({
      SnowflakeSecretSync: ["pulumi-nodejs:dynamic/snowflake:SnowflakeSecretSync"],
      ExportDestination: ["pulumi-nodejs:dynamic/snowflake:ExportDestination"],
      SnowflakeExportDestination: ["pulumi-nodejs:dynamic/snowflake:ExportDestination"],
    });
  });

  it("has the defaults and the choices of the definitions", () => {
    expect(type("SyncOptions").properties.disableSecretDeletion?.default).toBe(false);
    expect(type("PostgresqlExportCredentials").properties).toMatchObject({
      port: { type: "integer", default: 5432 },
      sslMode: { default: "require" },
    });
    expect(schema.types["snowflake-secrets:index:ConnectionProtocol"]).toMatchObject({
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
