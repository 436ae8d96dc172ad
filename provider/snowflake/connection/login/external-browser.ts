import { readSwitch } from "./fields.js";
import type { LoginMethod } from "./method.js";

export const externalBrowser: LoginMethod = {
  kind: "external-browser",
  title: "the browser",
  person: "log in with the browser",
  authenticators: ["EXTERNALBROWSER"],
  credential: [],
  impliedBy: [],
  settings: ["clientStoreTemporaryCredential"],
  user: "required",
  findMissing: () => [],
  build: (reader) => ({
    kind: "external-browser",
    keepsToken: readSwitch(reader, "clientStoreTemporaryCredential", true),
  }),
};
