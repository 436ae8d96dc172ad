/** Names accounts, as a state records them, that are gone for good: what they held is forgotten, with a warning. */
export const forgetAccountVariable = "PULUMI_SNOWFLAKE_SECRETS_FORGET_ACCOUNT";

/** Whether a person said that this account (`AWS_EU_WEST_1.XY12345`) is gone for good. */
export function isForgottenAccount(account: string): boolean {
  const names = (process.env[forgetAccountVariable] ?? "").split(",").map((name) => name.trim());
  return names.includes(account);
}
