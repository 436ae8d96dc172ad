import { SecretValue } from "../../../core/secret-value.js";
import type { SnowflakeAuthentication } from "../connection.js";
import { findMissingCredential, readPassword, readSwitch } from "./fields.js";
import type { LoginMethod, LoginReader } from "./method.js";

export const password: LoginMethod = {
  kind: "password",
  title: "a password",
  authenticators: ["SNOWFLAKE"],
  credential: ["password"],
  impliedBy: ["password"],
  settings: ["clientRequestMfaToken"],
  user: "required",
  findMissing: findMissingCredential("the password", ["password"]),
  build: (reader) =>
    // As Snowflake's drivers take it: nobody gives a passcode who means a password alone.
    readPasscode(reader) === undefined
      ? { kind: "password", password: readPassword(reader) }
      : buildSecondFactor(reader),
};

export const passwordMfa: LoginMethod = {
  kind: "password-mfa",
  title: "a password and a second factor",
  person: "approve the log-in on your second factor",
  authenticators: ["USERNAME_PASSWORD_MFA"],
  credential: ["password"],
  impliedBy: [],
  settings: ["clientRequestMfaToken"],
  user: "required",
  findMissing: findMissingCredential("the password", ["password"]),
  build: buildSecondFactor,
};

/** Only a variable may hold it: a passcode is good once, and what a program or a file says is read again. */
function readPasscode({ env }: LoginReader): SecretValue | undefined {
  const passcode = env.SNOWFLAKE_PASSCODE?.trim();
  return passcode ? new SecretValue(passcode) : undefined;
}

function buildSecondFactor(reader: LoginReader): SnowflakeAuthentication {
  const passcode = readPasscode(reader);
  return {
    kind: "password-mfa",
    password: readPassword(reader),
    ...(passcode === undefined ? {} : { passcode }),
    keepsToken: readSwitch(reader, "clientRequestMfaToken", true),
  };
}
