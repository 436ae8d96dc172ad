import type { SnowflakeAuthentication } from "../connection.js";
import { findMissingCredential, readHttpsUrl, readPassword } from "./fields.js";
import type { LoginMethod, LoginReader } from "./method.js";

export const okta: LoginMethod = {
  kind: "okta",
  title: "Okta",
  authenticators: ["OKTA"],
  credential: ["password"],
  impliedBy: [],
  settings: ["oktaUrl"],
  user: "required",
  findMissing: (reader) => [
    ...findMissingCredential("the password", ["password"])(reader),
    ...(findOktaUrl(reader) === undefined
      ? [{ what: "the user's page of Okta", fields: ["oktaUrl"] as const }]
      : []),
  ],
  build: buildOkta,
};

function buildOkta(reader: LoginReader): SnowflakeAuthentication {
  const from = findOktaUrl(reader) ?? "oktaUrl";
  return { kind: "okta", url: readHttpsUrl(reader, "oktaUrl", from) ?? "", password: readPassword(reader) };
}

/** Snowflake's tools take the page itself as authenticator, its Terraform provider has a setting for it. */
function findOktaUrl({ text }: Pick<LoginReader, "text">): "oktaUrl" | "authenticator" | undefined {
  if (text("oktaUrl") !== undefined) return "oktaUrl";
  return isOktaUrl(text("authenticator") ?? "") ? "authenticator" : undefined;
}

/** Whether an `authenticator` is the user's page of Okta, as Snowflake's tools take it. */
export function isOktaUrl(authenticator: string): boolean {
  return /^https?:\/\//i.test(authenticator.trim());
}
