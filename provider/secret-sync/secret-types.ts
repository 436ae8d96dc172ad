import * as z from "zod";
import {
  type SecretContent,
  type SecretPart,
  type SecretReference,
  textType,
} from "../core/secret-content.js";
import { SecretValue } from "../core/secret-value.js";

/** A type of secrets that has parts with a name, as a program gives it. */
interface SecretType<Schema extends z.ZodObject, Literal extends keyof z.infer<Schema>> {
  /** In Snowflake. */
  readonly type: string;
  readonly schema: Schema;
  /** The fields that are no secret: in `typedSecrets` they stand as they are, and not a key. */
  readonly literals: readonly Literal[];
  /** The parts for Snowflake, in the order in which statements and fingerprints have them. */
  readonly buildParts: (given: z.infer<Schema>) => readonly SecretPart[];
  readonly buildReferences?: (given: z.infer<Schema>) => readonly SecretReference[];
}

function defineType<Schema extends z.ZodObject, Literal extends keyof z.infer<Schema> = never>(
  definition: SecretType<Schema, Literal>,
): SecretType<Schema, Literal> {
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
  literals: [],
  buildParts: (given) => [
    { property: "USERNAME", value: new SecretValue(given.username) },
    { property: "PASSWORD", value: new SecretValue(given.password) },
  ],
});

const oauth2 = defineType({
  type: "OAUTH2",
  schema: z
    .strictObject({
      type: z.literal("oauth2"),
      apiAuthentication: z
        .string({ error: "must be the name of a security integration." })
        .min(1, { error: "must be the name of a security integration." })
        .describe(
          "The exact name of the security integration. It is no secret: the state and the statement have it. Another one replaces the secret.",
        ),
      oauthRefreshToken: part.optional().describe("OAUTH_REFRESH_TOKEN in Snowflake."),
      oauthRefreshTokenExpiryTime: part
        .optional()
        .describe(
          "OAUTH_REFRESH_TOKEN_EXPIRY_TIME in Snowflake, such as `2027-01-31` or `2027-01-31 12:00:00`.",
        ),
      oauthScopes: z
        .array(part.min(1, { error: "must not be empty." }), { error: "must be a list of scopes." })
        .min(1, { error: "must have at least one scope." })
        .optional()
        .describe("OAUTH_SCOPES in Snowflake, in place of a refresh token; they are no secret."),
    })
    .superRefine(requireOneFlow)
    .meta({
      id: "Oauth2Secret",
      description:
        "A secret of type OAUTH2: a refresh token with its expiry, or scopes. `get_oauth_access_token` of Snowpark reads it.",
    }),
  literals: ["apiAuthentication", "oauthScopes"],
  buildReferences: ({ apiAuthentication }) => [{ property: "API_AUTHENTICATION", name: apiAuthentication }],
  buildParts: ({ oauthRefreshToken, oauthRefreshTokenExpiryTime, oauthScopes }) =>
    oauthScopes === undefined
      ? [
          { property: "OAUTH_REFRESH_TOKEN", value: new SecretValue(oauthRefreshToken ?? "") },
          {
            property: "OAUTH_REFRESH_TOKEN_EXPIRY_TIME",
            value: new SecretValue(oauthRefreshTokenExpiryTime ?? ""),
          },
        ]
      : [{ property: "OAUTH_SCOPES", value: oauthScopes.map((scope) => new SecretValue(scope)) }],
});

type Flow = Readonly<
  Partial<Record<"oauthRefreshToken" | "oauthRefreshTokenExpiryTime" | "oauthScopes", unknown>>
>;

function requireOneFlow(given: Flow, context: z.RefinementCtx): void {
  const token = ["oauthRefreshToken", "oauthRefreshTokenExpiryTime"] as const;
  const rule = "give oauthRefreshToken and oauthRefreshTokenExpiryTime, or oauthScopes";
  for (const field of token) {
    const hasScopes = given.oauthScopes !== undefined;
    if ((given[field] !== undefined) !== hasScopes) continue;
    const fault = hasScopes ? "stands beside oauthScopes" : "it has no value";
    context.addIssue({ code: "custom", path: [field], message: `${fault}: ${rule}.` });
  }
}

// A new type is a definition above, its two schemas here and its line below.
const schemas = [password.schema, oauth2.schema] as const;
const names = schemas.map(({ shape }) => shape.type.value);

/** A secret of several parts, selected by `type`. */
export const typedSecret = z.discriminatedUnion("type", schemas, {
  error: `must be one of ${names.join(", ")}; a secret without a type is a string.`,
});

const keyName = z
  .string({ error: "must be the name of a key." })
  .min(1, { error: "must be the name of a key." });

/** The same fields, each that is a secret with the key at the sources whose value it is. */
function buildKeys<
  Shape extends { readonly type: z.ZodLiteral<string> },
  Literal extends Exclude<keyof Shape, "type"> = never,
>(schema: z.ZodObject<Shape>, literals: readonly Literal[]) {
  const { type, ...parts } = schema.shape;
  const isLiteral = (name: string) => literals.some((literal) => literal === name);
  const keys = Object.fromEntries(
    Object.entries(parts).map(([name, field]) => {
      const key = field instanceof z.ZodOptional ? keyName.optional() : keyName;
      return [name, isLiteral(name) ? field : key.describe(`The key whose value is the ${name}.`)];
    }),
  ) as {
    [Part in Exclude<keyof Shape, "type">]: Part extends Literal
      ? Shape[Part]
      : Shape[Part] extends z.ZodOptional
        ? z.ZodOptional<z.ZodString>
        : z.ZodString;
  };
  const id = `${schema.meta()?.id}Keys`;
  const description = `The keys whose values are the parts of a secret of type "${type.value}".`;
  return z.strictObject({ type: type as Shape["type"], ...keys }).meta({ id, description });
}

const pairs = [
  buildKeys(password.schema, password.literals),
  buildKeys(oauth2.schema, oauth2.literals).superRefine(requireOneFlow),
] as const;

/** A secret of several parts by the keys of these. */
export const pairedSecret = z.discriminatedUnion("type", pairs, {
  error: `must be one of ${names.join(", ")}.`,
});

/** The argument `typedSecrets` after parsing: by name the type, and the key of each part. */
export type PairedSecrets = Readonly<Record<string, z.infer<typeof pairedSecret>>>;

/** A secret of several parts, after `typedSecret`. */
type TypedSecret = z.infer<typeof typedSecret>;

const secretTypes: {
  readonly [T in TypedSecret["type"]]: Pick<SecretType<z.ZodObject, never>, "type"> & {
    readonly literals: readonly string[];
    readonly buildParts: (given: Extract<TypedSecret, { type: T }>) => readonly SecretPart[];
    readonly buildReferences?: (given: Extract<TypedSecret, { type: T }>) => readonly SecretReference[];
  };
} = { password, oauth2 };

/** What Snowflake is to hold of it. */
export function buildContent<T extends TypedSecret["type"]>(
  given: Extract<TypedSecret, { type: T }>,
): SecretContent {
  const { type, buildParts, buildReferences } = secretTypes[given.type as T];
  const references = buildReferences?.(given);
  return { type, parts: buildParts(given), ...(references && { references }) };
}

/** Which fields of a pair are keys, and what stands there as it is. */
export function splitPair({ type, ...fields }: PairedSecrets[string]): {
  readonly keys: readonly (readonly [part: string, key: string])[];
  readonly literals: Readonly<Record<string, unknown>>;
} {
  const { literals } = secretTypes[type];
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return {
    keys: given.filter(([name]) => !literals.includes(name)) as [string, string][],
    literals: Object.fromEntries(given.filter(([name]) => literals.includes(name))),
  };
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
