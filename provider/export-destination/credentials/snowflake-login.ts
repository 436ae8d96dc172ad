import * as z from "zod";
import { listInWords } from "../../core/list-in-words.js";
import { SecretValue } from "../../core/secret-value.js";
import { buildCheckFailure, type CheckFailure } from "../../engine/failures.js";
import { isUnknown, unknownValue } from "../../engine/unknown.js";
import type { SnowflakeAuthentication } from "../../snowflake/connection/connection.js";
import { exampleUrls, isHttpsUrl } from "../../snowflake/connection/login/fields.js";
import { findLoginMethod, listAuthenticators, loginMethods } from "../../snowflake/connection/login/index.js";
import type { LoginField, LoginMethod } from "../../snowflake/connection/login/method.js";
import { readPrivateKey } from "../../snowflake/private-key.js";
import { optionalSecret, optionalToken, requiredTrimmedText, unsetWhenEmpty } from "./fields.js";

/** Of the ways of a connection those that a job can go by itself, with nothing but what a secret holds. */
const jobMethods = loginMethods.filter(({ kind }) =>
  ["key-pair", "programmatic-access-token", "oauth-client-credentials", "password"].includes(kind),
);

const nothingToExport =
  "a workload identity needs no stored secret, so there is nothing to export: let the job log in with its own identity.";

const authenticator = unsetWhenEmpty.transform((text, context) => {
  const method = text === undefined ? undefined : findLoginMethod(text);
  if (text === undefined || (method !== undefined && jobMethods.includes(method)))
    return method?.authenticators[0];
  const allowed = `must be ${listAuthenticators("", jobMethods)}: a job logs in with what is stored, and nobody helps it.`;
  const message = method?.kind === "workload-identity" ? nothingToExport : allowed;
  context.issues.push({ code: "custom", message, input: undefined });
  return z.NEVER;
});

/** How the credentials log in: fields with the names that a connection gives them. */
export const loginFields = {
  authenticator: authenticator.describe(
    `${listAuthenticators("`", jobMethods)}; found from the credential when absent.`,
  ),
  password: optionalSecret.describe("The user's password."),
  token: optionalToken.describe("A programmatic access token."),
  privateKey: optionalSecret.describe(
    "An RSA key as PEM text (PKCS#8 or PKCS#1, encrypted or not); stored as unencrypted PKCS#8.",
  ),
  privateKeyPassphrase: optionalSecret.describe("Opens an encrypted `privateKey`; not stored."),
  oauthClientId: optionalToken.describe("The id of an OAuth client."),
  oauthClientSecret: optionalToken.describe("The secret of the OAuth client."),
  oauthTokenRequestUrl: requiredTrimmedText
    .refine(
      isHttpsUrl,
      `must be an https URL without user and password, like ${exampleUrls.oauthTokenRequestUrl}.`,
    )
    .optional()
    .describe("The `https` address where the OAuth client gets its access token."),
  oauthScope: optionalToken.describe(
    "The scope of the OAuth access token. Default: `session:role:<role>` with a `role`, else none.",
  ),
} as const satisfies Partial<Record<LoginField | "authenticator", z.ZodType>>;

type Fields = z.output<z.ZodObject<typeof loginFields>>;
type OwnField = keyof Fields & LoginField;

const ownFields = Object.keys(loginFields).filter((field): field is OwnField => field !== "authenticator");
const credentialFields = ownFields.filter((field) =>
  jobMethods.some(({ credential }) => credential.includes(field)),
);

/** For the schema and its page. */
export const credentialsDescription = `The credentials of a Snowflake warehouse: exactly one of ${listInWords(
  credentialFields.map((field) => `\`${field}\``),
  "and",
)}.`;

type Problem = readonly [field: string, message: string];

/** The fields of a log-in as they are stored, or what is wrong with them. */
export function completeLogin(
  fields: Fields & { readonly username?: SecretValue | undefined },
): { readonly completed: Partial<Fields> } | { readonly problems: readonly Problem[] } {
  // In a preview; `up` will know it.
  if (isUnknown(fields.authenticator)) return { completed: {} };
  const [credential, ...more] = credentialFields.filter((field) => fields[field] !== undefined);
  const method = findMethod(fields, credential);
  if (method === undefined || more.length > 0) {
    const found = credential === undefined ? "none" : "more than one";
    const all = listInWords(credentialFields, "and");
    return { problems: [["password", `exactly one of ${all} is required; ${found} is given.`]] };
  }
  const key = openPrivateKey(fields);
  const problems = [
    ...findMismatches(fields, method, credential),
    ...(key === undefined || key instanceof SecretValue ? [] : [key]),
  ];
  if (problems.length > 0) return { problems };
  const isImplied = credential !== undefined && method.impliedBy.includes(credential);
  return {
    completed: {
      ...(isImplied ? {} : { authenticator: method.authenticators[0] }),
      ...(key instanceof SecretValue ? { privateKey: key, privateKeyPassphrase: undefined } : {}),
    },
  };
}

function findMethod(fields: Fields, credential: OwnField | undefined): LoginMethod | undefined {
  if (fields.authenticator !== undefined) return findLoginMethod(fields.authenticator);
  if (credential === undefined) return undefined;
  return (
    jobMethods.find(({ impliedBy }) => impliedBy.includes(credential)) ??
    jobMethods.find((method) => method.credential.includes(credential))
  );
}

function findMismatches(
  fields: Fields & { readonly username?: SecretValue | undefined },
  method: LoginMethod,
  credential: OwnField | undefined,
): readonly Problem[] {
  const problems: Problem[] = [];
  const [name] = method.authenticators;
  if (credential !== undefined && !method.credential.includes(credential)) {
    problems.push([
      "authenticator",
      `${name} goes with ${findCredentials(method)}, and ${credential} is given.`,
    ]);
  }
  for (const {
    what,
    fields: [field = ""],
  } of method.findMissing(createReader(fields)))
    problems.push([field, `is required with ${name}: ${what}.`]);
  if (method.user === "required" && fields.username === undefined)
    problems.push(["username", `is required with ${findCredentials(method)}.`]);
  for (const field of ownFields) {
    const owner = jobMethods.find(({ settings }) => settings.includes(field));
    if (owner === undefined || owner === method || fields[field] === undefined) continue;
    problems.push([field, `goes with ${findCredentials(owner)} only.`]);
  }
  return problems;
}

function findCredentials(method: LoginMethod): string {
  return credentialFields.filter((field) => method.credential.includes(field)).join(" or ");
}

/** The key as it is stored, or which field is wrong, and how; unknown while what opens it is. */
function openPrivateKey({
  privateKey,
  privateKeyPassphrase: passphrase,
}: Fields): SecretValue | Problem | undefined {
  if (privateKey === undefined || isUnknown(privateKey.expose())) return privateKey;
  const isPassphraseUnknown = isUnknown(passphrase?.expose());
  const reading = readPrivateKey(privateKey, isPassphraseUnknown ? undefined : passphrase);
  if ("key" in reading) return reading.key;
  const { problem, hint, fault } = reading;
  if (fault === "passphrase") return ["privateKeyPassphrase", "does not open privateKey: give its own."];
  if (fault !== "no passphrase") return ["privateKey", `${problem}: ${hint}`];
  return isPassphraseUnknown
    ? new SecretValue(String(unknownValue))
    : ["privateKey", `${problem}: give privateKeyPassphrase.`];
}

/** What the driver is to log in with, of credentials that the schema let through. */
export async function buildAuthentication(fields: Fields): Promise<SnowflakeAuthentication> {
  const method = findMethod(
    fields,
    credentialFields.find((field) => fields[field] !== undefined),
  );
  if (method === undefined) throw new TypeError("credentials without a way to log in");
  return method.build(createReader(fields));
}

function createReader(fields: Fields): Parameters<LoginMethod["build"]>[0] {
  const refuse = () => {
    throw new TypeError("credentials name no file");
  };
  const given: Partial<Record<LoginField | "authenticator", string | SecretValue | undefined>> = fields;
  return {
    env: {},
    text: (field) => {
      const value = given[field];
      return value instanceof SecretValue ? value.expose() : value;
    },
    origin: (field) => `credentials.${field}`,
    locate: refuse,
    readFile: refuse,
    readPrivateKey: async () => fields.privateKey ?? refuse(),
  };
}

/** Of fields that belong to a workload identity more is said than that there are none of that name. */
export function explainForeignLogin(failure: CheckFailure): CheckFailure {
  const field = failure.property.replace(/^credentials\./, "");
  const settings: readonly string[] = findLoginMethod("WORKLOAD_IDENTITY")?.settings ?? [];
  return settings.includes(field) ? buildCheckFailure(["credentials", field], nothingToExport) : failure;
}
