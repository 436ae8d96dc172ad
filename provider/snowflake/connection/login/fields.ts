import { ProviderError } from "../../../core/errors.js";
import { parseSafeUrl } from "../../../core/safe-url.js";
import { SecretValue } from "../../../core/secret-value.js";
import type { LoginField, LoginMethod, LoginReader } from "./method.js";

export const tokenFields = ["token", "tokenFilePath", "tokenVariable"] as const;

export function findMissingCredential(
  what: string,
  fields: readonly LoginField[],
): LoginMethod["findMissing"] {
  return ({ text }) => (fields.some((field) => text(field) !== undefined) ? [] : [{ what, fields }]);
}

/** @throws ProviderError `INVALID_INPUT` for a file or a variable without a token */
export async function readToken(reader: LoginReader): Promise<SecretValue> {
  if (reader.text("tokenFilePath") !== undefined)
    return new SecretValue(await reader.readFile("tokenFilePath"));
  return readTokenVariable(reader) ?? new SecretValue(reader.text("token") ?? reader.text("password") ?? "");
}

/** @throws ProviderError `INVALID_INPUT` for a variable that is not set */
export function readTokenVariable({ env, text, origin }: LoginReader): SecretValue | undefined {
  const name = text("tokenVariable");
  if (name === undefined) return undefined;
  const token = env[name]?.trim();
  if (token) return new SecretValue(token);
  throw new ProviderError("INVALID_INPUT", {
    operation: "the environment variable with the token is not set, or is empty",
    target: `${/^\w{1,100}$/.test(name) ? name : "its name is not one of a variable"} (${origin("tokenVariable")})`,
    hint: "set it where Pulumi runs; in a GitLab job, declare it under id_tokens.",
  });
}

/** @throws ProviderError `INVALID_INPUT` */
export function readSwitch({ text, origin }: LoginReader, field: LoginField, byDefault: boolean): boolean {
  const value = text(field)?.toLowerCase() ?? String(byDefault);
  if (value === "true" || value === "false") return value === "true";
  throw new ProviderError("INVALID_INPUT", {
    operation: "the setting is not a boolean",
    target: origin(field),
    hint: 'give "true" or "false".',
  });
}

/** The examples of the addresses that a log-in sends secrets to. */
export const exampleUrls = {
  oauthTokenRequestUrl: "https://login.example.com/oauth2/token",
  oauthAuthorizationUrl: "https://login.example.com/oauth2/authorize",
  oktaUrl: "https://acme.okta.com",
} as const;

/** Whether a log-in may send secrets to an address: over TLS alone. */
export function isHttpsUrl(text: string): boolean {
  return parseSafeUrl(text)?.protocol === "https:";
}

/** @throws ProviderError `INVALID_INPUT` */
export function readHttpsUrl(
  { text, origin }: LoginReader,
  field: keyof typeof exampleUrls,
  from: LoginField | "authenticator" = field,
): string | undefined {
  const url = text(from);
  if (url === undefined || isHttpsUrl(url)) return url;
  throw new ProviderError("INVALID_INPUT", {
    operation: `${field} is not an https URL, or it contains a user or password`,
    target: origin(from),
    hint: `use this form: ${exampleUrls[field]}.`,
  });
}

export function readPassword({ text }: LoginReader): SecretValue {
  return new SecretValue(text("password") ?? "");
}
