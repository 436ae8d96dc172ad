/** A locator has neither the dash of `organization-account` nor a region of its own. */
const bareLocator = /^[^.-]+$/;

/**
 * An account with its region. Beside `organization-account` a region has no meaning: that name stands for one account
 * of the world.
 */
export function joinRegion(account: string | undefined, region: string | undefined): string | undefined {
  if (account === undefined || region === undefined) return account;
  return bareLocator.test(account) ? `${account}.${region}` : account;
}

/** The host at which an account answers, as the driver finds it. */
export function buildHost(account: string): string {
  const [name = "", ...rest] = account.split(".");
  const region = rest.join(".");
  // The oldest region has no name in hosts, and China a domain of its own.
  if (region === "" || region === "us-west-2") return `${name}.snowflakecomputing.com`;
  return `${account}.snowflakecomputing.${/^cn-/i.test(region) ? "cn" : "com"}`;
}
