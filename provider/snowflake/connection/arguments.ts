import * as z from "zod";
import { type Known, orUnknown } from "../../engine/unknown.js";

const text = z.string("must be a string.");
const portNumber = "must be a port number from 1 to 65535.";
const concurrency = "must be a whole number from 1 to 256.";

/**
 * The `connection` argument. Every field is optional, because the rest of the chain (Pulumi config, `SNOWFLAKE_*`
 * variables, a profile) fills what is missing; an empty text is the same as none. Names as in `@pulumi/snowflake`.
 * A description goes to the SDKs of the other languages; the comment with the same text goes to TypeScript's editors.
 */
export const connectionArguments = z.strictObject({
  /** What the connection is named in outputs. @default the profile's name, else the account */
  name: text
    .max(256, "must have at most 256 characters.")
    .optional()
    .describe("What the connection is named in outputs. Default: the profile's name, else the account."),
  /** A connection of `connections.toml`; it then goes before Pulumi config and the environment. */
  profile: text
    .optional()
    .describe("A connection of `connections.toml`; it then goes before Pulumi config and the environment."),
  /** With `accountName`: the account as `organization-account`. */
  organizationName: text.optional().describe("With `accountName`: the account as `organization-account`."),
  /** The account's name within its organization. */
  accountName: text.optional().describe("The account's name within its organization."),
  /** The account identifier in one piece: `organization-account`, or a locator with its region. */
  account: text
    .optional()
    .describe("The account identifier in one piece: `organization-account`, or a locator with its region."),
  /** The region of an account locator that is given without one: `eu-central-1`, `west-europe.azure`. */
  region: text
    .optional()
    .describe(
      "The region of an account locator that is given without one: `eu-central-1`, `west-europe.azure`.",
    ),
  /** The user who logs in. */
  user: text.optional().describe("The user who logs in."),
  /** The user's password. */
  password: text.optional().meta({ description: "The user's password.", secret: true }),
  /** The private key of a key pair, as PEM text (PKCS#8, encrypted or not). */
  privateKey: text.optional().meta({
    description: "The private key of a key pair, as PEM text (PKCS#8, encrypted or not).",
    secret: true,
  }),
  /** A file with that text; `~` is the home folder, a relative path starts at the program's folder. */
  privateKeyPath: text
    .optional()
    .describe(
      "A file with that text; `~` is the home folder, a relative path starts at the program's folder.",
    ),
  /** Opens an encrypted private key. */
  privateKeyPassphrase: text
    .optional()
    .meta({ description: "Opens an encrypted private key.", secret: true }),
  /** A programmatic access token, or with `authenticator: "OAUTH"` an OAuth access token. */
  token: text.optional().meta({
    description: 'A programmatic access token, or with `authenticator: "OAUTH"` an OAuth access token.',
    secret: true,
  }),
  /**
   * `SNOWFLAKE`, `SNOWFLAKE_JWT`, `PROGRAMMATIC_ACCESS_TOKEN` or `OAUTH`; found from the credential when
   * absent.
   */
  authenticator: text
    .optional()
    .describe(
      "`SNOWFLAKE`, `SNOWFLAKE_JWT`, `PROGRAMMATIC_ACCESS_TOKEN` or `OAUTH`; found from the credential when absent.",
    ),
  /** The role of the session. @default the user's own */
  role: text.optional().describe("The role of the session. Default: the user's own."),
  /** The warehouse of the session; none is needed. */
  warehouse: text.optional().describe("The warehouse of the session; none is needed."),
  /** Only where Snowflake is reached by another name; `port` and `protocol` belong to it. */
  host: text
    .optional()
    .describe("Only where Snowflake is reached by another name; `port` and `protocol` belong to it."),
  /** The port of `host`. */
  port: orUnknown(
    z.union([
      z.int(portNumber).min(1, portNumber).max(65535, portNumber),
      z.string(portNumber).regex(/^([1-9]\d{0,4})?$/, portNumber),
    ]),
  )
    .optional()
    .describe("The port of `host`."),
  /** The protocol of `host`: `https` or `http`. */
  protocol: orUnknown(z.enum(["http", "https", ""], { error: 'must be "https" or "http".' }))
    .optional()
    .describe("The protocol of `host`: `https` or `http`."),
  /** Statements under way at the same time on one session, 1 to 256. @default 16 */
  maxConcurrentStatements: orUnknown(z.int(concurrency).min(1, concurrency).max(256, concurrency))
    .optional()
    .describe("Statements under way at the same time on one session, 1 to 256. Default: 16."),
});

/** The `connection` argument after `connectionArguments`; any field may be known only in `up`. */
export type ParsedConnection = z.infer<typeof connectionArguments>;

/** The `connection` argument as plain values. */
export type ConnectionInputs = Known<ParsedConnection>;

/** A field of a connection that a link of the chain can supply. */
export type ConnectionField = keyof ConnectionInputs | "tokenFilePath";
