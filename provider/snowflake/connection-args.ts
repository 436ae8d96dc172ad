import { z } from "zod";
import { type Known, orUnknown } from "../engine/unknown.js";

const text = z.string("must be a string.");
const portNumber = "must be a port number from 1 to 65535.";
const concurrency = "must be a whole number from 1 to 256.";

/**
 * The `connection` argument. Every field is optional, because the rest of the chain (Pulumi config, `SNOWFLAKE_*`
 * variables, a profile) fills what is missing; an empty text is the same as none. Names as in `@pulumi/snowflake`.
 */
export const connectionArgsSchema = z.strictObject({
  /** What the connection is named in outputs. @default the profile's name, else the account */
  name: text.max(256, "must have at most 256 characters.").optional(),
  /** A connection of `connections.toml`; it then goes before Pulumi config and the environment. */
  profile: text.optional(),
  /** With `accountName`: the account as `organization-account`. */
  organizationName: text.optional(),
  accountName: text.optional(),
  /** The account identifier in one piece: `organization-account`, or a locator with its region. */
  account: text.optional(),
  user: text.optional(),
  password: text.optional(),
  /** PEM text (PKCS#8, encrypted or not). */
  privateKey: text.optional(),
  /** A file with that text; `~` is the home folder, a relative path starts at the program's folder. */
  privateKeyPath: text.optional(),
  privateKeyPassphrase: text.optional(),
  /** A programmatic access token, or with `authenticator: "OAUTH"` an OAuth access token. */
  token: text.optional(),
  /** `SNOWFLAKE`, `SNOWFLAKE_JWT`, `PROGRAMMATIC_ACCESS_TOKEN` or `OAUTH`; found from the credential when absent. */
  authenticator: text.optional(),
  role: text.optional(),
  warehouse: text.optional(),
  /** Only where Snowflake is reached by another name; `port` and `protocol` belong to it. */
  host: text.optional(),
  port: orUnknown(
    z.union([
      z.int(portNumber).min(1, portNumber).max(65535, portNumber),
      z.string(portNumber).regex(/^([1-9]\d{0,4})?$/, portNumber),
    ]),
  ).optional(),
  protocol: orUnknown(z.enum(["http", "https", ""], { error: 'must be "https" or "http".' })).optional(),
  /** Statements under way at the same time on one session. @default 16 */
  maxConcurrentStatements: orUnknown(z.int(concurrency).min(1, concurrency).max(256, concurrency)).optional(),
});

/** The `connection` argument after `connectionArgsSchema`; any field may be known only in `up`. */
export type ParsedConnection = z.infer<typeof connectionArgsSchema>;

/** The `connection` argument as plain values. */
export type ConnectionInputs = Known<ParsedConnection>;

/** A field of a connection that a link of the chain can supply. */
export type ConnectionField = keyof ConnectionInputs | "tokenFilePath";
