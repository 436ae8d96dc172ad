import { SecretValue } from "../../core/secret-value.js";
import { type ExportCredentials, type ExportType, listFields } from "./index.js";

/** Under which names a secret holds the credentials. */
export const payloadFormats = ["default", "glue", "athena", "rds", "custom"] as const;

type PayloadFormat = (typeof payloadFormats)[number];

/** Which names a secret has for the fields of its credentials. */
export interface PayloadChoice {
  /** @default "default" */
  readonly payloadFormat?: PayloadFormat | undefined;
  /** Of `custom`: the name of each field. */
  readonly payloadNames?: Readonly<Record<string, string>> | undefined;
}

/** What stands under a name: a field; a fixed text; a PEM field without its first and last line and its breaks. */
export type PayloadContent = string | { readonly text: string } | { readonly base64Of: string };

/** The names of a payload for one way to log in. */
export interface PayloadLayout {
  /** The fields without which its reader cannot log in. */
  readonly needs: readonly string[];
  readonly names: Readonly<Record<string, PayloadContent>>;
}

const glueSettings = { sfWarehouse: "warehouse", sfDatabase: "database", sfRole: "role" };

/**
 * The formats that a reader of AWS's expects, by type of credentials.
 *
 * Nothing else may stand beside the names of `glue`: Glue hands every pair to Snowflake's Spark connector, which hands
 * what it does not know to the JDBC driver, over its own settings. That connector decodes `pem_private_key` as bare
 * base64; Athena's reads it as PEM.
 * https://docs.aws.amazon.com/glue/latest/dg/aws-glue-programming-etl-connect-snowflake-home.html
 * https://github.com/snowflakedb/spark-snowflake
 * https://github.com/awslabs/aws-athena-query-federation/tree/master/athena-snowflake
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html
 */
export const payloadLayouts: Readonly<
  Partial<Record<PayloadFormat, Readonly<Partial<Record<ExportType, readonly PayloadLayout[]>>>>>
> = {
  glue: {
    snowflake: [
      {
        needs: ["username", "password"],
        names: {
          USERNAME: "username",
          PASSWORD: "password",
          sfUser: "username",
          sfPassword: "password",
          ...glueSettings,
        },
      },
      {
        needs: ["username", "privateKey"],
        names: { sfUser: "username", pem_private_key: { base64Of: "privateKey" }, ...glueSettings },
      },
      {
        needs: ["username", "oauthClientSecret"],
        names: {
          sfUser: "username",
          USER_MANAGED_CLIENT_APPLICATION_CLIENT_SECRET: "oauthClientSecret",
          ...glueSettings,
        },
      },
    ],
  },
  athena: {
    snowflake: [
      {
        needs: ["username", "password"],
        names: { USERNAME: "username", PASSWORD: "password", username: "username", password: "password" },
      },
      { needs: ["username", "privateKey"], names: { sfUser: "username", pem_private_key: "privateKey" } },
    ],
  },
  rds: {
    postgresql: [
      {
        needs: ["username", "password"],
        names: {
          username: "username",
          password: "password",
          engine: { text: "postgres" },
          host: "host",
          port: "port",
          dbname: "database",
        },
      },
    ],
  },
};

/** Fields that only open others, so that no payload holds them. */
const neverStored = ["privateKeyPassphrase"];

/** The fields that a payload may hold. */
export function listPayloadFields(type: ExportType): readonly string[] {
  return ["type", ...listFields(type)].filter((field) => !neverStored.includes(field));
}

/** The formats that there are for credentials of a type. */
export function listPayloadFormats(type: ExportType): readonly string[] {
  return payloadFormats.filter(
    (format) => format === "default" || format === "custom" || payloadLayouts[format]?.[type] !== undefined,
  );
}

/** The names of the payload and what stands under each; undefined where the format has none for these fields. */
export function findPayloadNames(
  type: ExportType,
  given: readonly string[],
  { payloadFormat: format = "default", payloadNames = {} }: PayloadChoice,
): PayloadLayout["names"] | undefined {
  switch (format) {
    case "default":
      return Object.fromEntries(given.map((field) => [field, field]));
    case "custom":
      return Object.fromEntries(Object.entries(payloadNames).map(([field, name]) => [name, field]));
    default:
      return payloadLayouts[format]?.[type]?.find(({ needs }) =>
        needs.every((field) => given.includes(field)),
      )?.names;
  }
}

/**
 * The text that is stored: JSON with its keys in order, unset ones left out.
 *
 * @param choice without one: the text that is fingerprinted, so that the same credentials in another format are the same
 */
export function buildPayload(credentials: ExportCredentials, choice: PayloadChoice = {}): SecretValue {
  const fields = new Map(
    Object.entries(credentials)
      .filter(([, value]) => value !== undefined)
      .map(([field, value]) => [field, value instanceof SecretValue ? value.expose() : value] as const),
  );
  const names = findPayloadNames(credentials.type, [...fields.keys()], choice);
  if (names === undefined) throw new TypeError("credentials that the payload's format has no names for");
  const entries = Object.entries(names)
    .map(([name, content]) => [name, readContent(content, fields)] as const)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return new SecretValue(JSON.stringify(Object.fromEntries(entries)));
}

function readContent(content: PayloadContent, fields: ReadonlyMap<string, unknown>): unknown {
  if (typeof content === "string") return fields.get(content);
  if ("text" in content) return content.text;
  return String(fields.get(content.base64Of)).replace(/-----[^-]+-----|\s/g, "");
}

/** The format in words, with the names of `custom`; never a value of the credentials. */
export function describePayloadFormat({ payloadFormat = "default", payloadNames }: PayloadChoice): string {
  const names = payloadNames === undefined ? "" : ` (${Object.values(payloadNames).sort().join(", ")})`;
  return `${payloadFormat}${names}`;
}
