import { findMissingCredential } from "./fields.js";
import type { LoginMethod } from "./method.js";

export const keyPair: LoginMethod = {
  kind: "key-pair",
  title: "a key pair",
  authenticators: ["SNOWFLAKE_JWT", "JWT"],
  credential: ["privateKey", "privateKeyPath"],
  impliedBy: ["privateKey", "privateKeyPath"],
  settings: ["privateKeyPassphrase"],
  user: "required",
  findMissing: findMissingCredential("a private key", ["privateKey", "privateKeyPath"]),
  build: async ({ readPrivateKey }) => ({ kind: "key-pair", privateKey: await readPrivateKey() }),
};
