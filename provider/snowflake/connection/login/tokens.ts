import { findMissingCredential, readToken, tokenFields } from "./fields.js";
import type { LoginMethod } from "./method.js";

export const programmaticAccessToken: LoginMethod = {
  kind: "programmatic-access-token",
  title: "a programmatic access token",
  authenticators: ["PROGRAMMATIC_ACCESS_TOKEN"],
  credential: [...tokenFields, "password"],
  impliedBy: tokenFields,
  settings: [],
  user: "optional",
  findMissing: findMissingCredential("a programmatic access token", [...tokenFields, "password"]),
  build: async (reader) => ({ kind: "programmatic-access-token", token: await readToken(reader) }),
};

export const oauthToken: LoginMethod = {
  kind: "oauth",
  title: "an OAuth access token",
  authenticators: ["OAUTH"],
  credential: tokenFields,
  impliedBy: [],
  settings: [],
  user: "optional",
  findMissing: findMissingCredential("an OAuth access token", tokenFields),
  build: async (reader) => ({ kind: "oauth", token: await readToken(reader) }),
};
