import * as z from "zod";
import { type SecretContent, type SecretPart, textType } from "../core/secret-content.js";
import { SecretValue } from "../core/secret-value.js";

/** A type of secrets that has parts with a name, as a program gives it. */
interface SecretType<Schema extends z.ZodObject> {
  /** In Snowflake. */
  readonly type: string;
  readonly schema: Schema;
  /** The parts for Snowflake, in the order in which statements and fingerprints have them. */
  readonly buildParts: (given: z.infer<Schema>) => readonly SecretPart[];
}

function defineType<Schema extends z.ZodObject>(definition: SecretType<Schema>): SecretType<Schema> {
  return definition;
}

const part = z.string({
  error: ({ input }) =>
    input === undefined || input === null ? "it has no value. Give a string." : "must be a string.",
});

const password = defineType({
  type: "PASSWORD",
  schema: z
    .strictObject({
      type: z.literal("password"),
      username: part.describe("USERNAME in Snowflake. Kept as secret as the password."),
      password: part.describe("PASSWORD in Snowflake; of a Git repository the access token."),
    })
    .meta({
      id: "PasswordSecret",
      description:
        "A secret of type PASSWORD: what a Git repository and `get_username_password` of Snowpark read.",
    }),
  buildParts: (given) => [
    { property: "USERNAME", value: new SecretValue(given.username) },
    { property: "PASSWORD", value: new SecretValue(given.password) },
  ],
});

// A new type is a definition above, its schema here and its line below.
const schemas = [password.schema] as const;
const names = schemas.map(({ shape }) => shape.type.value);

/** A secret of several parts, selected by `type`. */
export const typedSecret = z.discriminatedUnion("type", schemas, {
  error: `must be one of ${names.join(", ")}; a secret without a type is a string.`,
});

const keyName = z
  .string({ error: "must be the name of a key." })
  .min(1, { error: "must be the name of a key." });

/** The same fields, each with the key at the sources whose value the part is. */
function buildKeys<Shape extends { readonly type: z.ZodLiteral<string> }>(schema: z.ZodObject<Shape>) {
  const { type, ...parts } = schema.shape;
  const keys = Object.fromEntries(
    Object.keys(parts).map((name) => [name, keyName.describe(`The key whose value is the ${name}.`)]),
  ) as { [Part in Exclude<keyof Shape, "type">]: z.ZodString };
  const id = `${schema.meta()?.id}Keys`;
  const description = `The keys whose values are the parts of a secret of type "${type.value}".`;
  return z.strictObject({ type: type as Shape["type"], ...keys }).meta({ id, description });
}

/** A secret of several parts by the keys of these. */
export const pairedSecret = z.discriminatedUnion("type", [buildKeys(password.schema)], {
  error: `must be one of ${names.join(", ")}.`,
});

/** The argument `typedSecrets` after parsing: by name the type, and the key of each part. */
export type PairedSecrets = Readonly<Record<string, z.infer<typeof pairedSecret>>>;

/** A secret of several parts, after `typedSecret`. */
type TypedSecret = z.infer<typeof typedSecret>;

const secretTypes: {
  readonly [T in TypedSecret["type"]]: Pick<SecretType<z.ZodObject>, "type"> & {
    readonly buildParts: (given: Extract<TypedSecret, { type: T }>) => readonly SecretPart[];
  };
} = { password };

/** What Snowflake is to hold of it. */
export function buildContent(given: TypedSecret): SecretContent {
  const { type, buildParts } = secretTypes[given.type];
  return { type, parts: buildParts(given) };
}

const written: ReadonlySet<string> = new Set([
  textType,
  ...Object.values(secretTypes).map(({ type }) => type),
]);

/**
 * Whether syncs write secrets of a type in Snowflake. One of another type is nobody's to give a value to, as Snowflake
 * made its key or an integration its token: it is never altered, replaced or dropped.
 */
export function isWrittenType(type: string): boolean {
  return written.has(type);
}
