import { describe, expect, it } from "vitest";
import * as z from "zod";
import { orUnknown } from "../../../provider/engine/unknown.js";
import {
  type SourceInputs,
  sourceArguments,
  stripSourceCredentials,
} from "../../../provider/sources/index.js";
import { stripSecrets } from "../../../provider/sources/strip-secrets.js";

interface Shape {
  readonly const?: unknown;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly items?: Shape;
  readonly oneOf?: readonly Shape[];
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Shape>>;
}

/** Every value that a shape can have with all of its fields set. */
function fill({ const: fixed, properties, items, oneOf, $ref }: Shape, defs: Shape["$defs"] = {}): unknown[] {
  if ($ref !== undefined) return fill(defs[$ref.replace("#/$defs/", "")] ?? {}, defs);
  if (fixed !== undefined) return [fixed];
  if (oneOf !== undefined) return oneOf.flatMap((each) => fill(each, defs));
  if (items !== undefined) return fill(items, defs).map((item) => [item]);
  if (properties === undefined) return ["filled"];
  return Object.entries(properties).reduce<Record<string, unknown>[]>(
    (made, [field, shape]) =>
      fill(shape, defs).flatMap((value) => made.map((fields) => ({ ...fields, [field]: value }))),
    [{}],
  );
}

function listPaths(value: unknown, path = ""): string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [path];
  return Object.entries(value).flatMap(([field, inner]) =>
    listPaths(inner, path === "" ? field : `${path}.${field}`),
  );
}

const commonPaths = ["type", "keys", "prefix", "rename", "allowEmpty"];

// A new argument of a source fails here until it is a `credential`, or is named as none.
const keptPaths: Readonly<Record<SourceInputs["type"], readonly string[]>> = {
  infisical: [
    "projectId",
    "environment",
    "secretPath",
    "recursive",
    "includeImports",
    "expandSecretReferences",
    "tagSlugs",
    "siteUrl",
    "auth.method",
    "auth.clientId",
    "auth.identityId",
  ],
  vault: [
    "address",
    "namespace",
    "mount",
    "path",
    "recursive",
    "separator",
    "version",
    "kvVersion",
    "caFile",
    "objectsAsJson",
    "auth.method",
    "auth.roleId",
    "auth.mount",
    "auth.role",
    "auth.audience",
    "auth.tokenFile",
    "auth.serverId",
    "auth.region",
  ],
  "aws-secrets-manager": [
    "secretId",
    "format",
    "key",
    "objectsAsJson",
    "versionStage",
    "aws.region",
    "aws.profile",
    "aws.endpoint",
    "aws.assumeRoleArn",
  ],
  "aws-ssm": [
    "path",
    "recursive",
    "separator",
    "aws.region",
    "aws.profile",
    "aws.endpoint",
    "aws.assumeRoleArn",
  ],
  dotenv: ["path"],
  environment: ["allowEmptyValues"],
  command: [
    "command",
    "format",
    "select",
    "objectsAsJson",
    "passEnvironment",
    "workingDirectory",
    "timeoutMs",
  ],
};

describe("what the state keeps of a source", () => {
  it.each(sourceArguments.options.map((schema) => [schema.shape.type.value, schema] as const))(
    "is, of %s, nothing but what is known to be no credential",
    (type, schema) => {
      const shape = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }) as Shape;
      const kept = fill(shape, shape.$defs).flatMap((value) =>
        listPaths(stripSourceCredentials(value as SourceInputs)),
      );
      expect(new Set(kept)).toEqual(new Set([...commonPaths, ...keptPaths[type]]));
    },
  );

  it("is everything but the credentials, as it was given", () => {
    const auth = { method: "universal" as const, clientId: "id", clientSecret: "pl4nted" };
    const source = {
      type: "infisical" as const,
      projectId: "p",
      tagSlugs: ["a", "b"],
      recursive: false,
      keys: ["A", "B_*"],
      rename: { A: "C" },
    };
    expect(stripSourceCredentials({ ...source, auth })).toEqual({
      ...source,
      auth: { method: "universal", clientId: "id" },
    });
  });

  it("is nothing of a field that no schema knows, or that one of several alternatives calls secret", () => {
    const secret = z.string().meta({ secret: true });
    const schema = z.object({
      list: z.array(z.object({ name: z.string(), key: secret.optional() })),
      map: z.record(z.string(), z.object({ key: secret })),
      either: z.union([z.object({ a: z.string() }), z.object({ a: secret })]),
      late: orUnknown(z.object({ name: z.string(), key: secret })),
      any: z.unknown(),
    });
    const given = {
      list: [{ name: "n", key: "k" }],
      map: { m: { key: "k", other: "o" } },
      either: { a: "k" },
      late: { name: "n", key: "k" },
      any: { key: "k" },
      more: "k",
    };
    expect(stripSecrets(schema, given)).toEqual({
      list: [{ name: "n" }],
      map: { m: {} },
      either: {},
      late: { name: "n" },
      any: {},
    });
  });
});
