import type { Catalog } from "../catalog/catalog.js";
import type { User } from "../catalog/objects.js";
import type { AccountIdentity } from "../statements/context.js";
import type { KeptTokens } from "./kept-tokens.js";
import { checkKeyPairToken, readKeyPairClaims } from "./key-pair.js";
import { LoginError, wrongCredentials } from "./login-error.js";
import { allowsAddress } from "./network-policy.js";
import { requireSecondFactor, type UsedPasscodes } from "./second-factor.js";

/** The part of a log-in request that says who asks. */
export interface Credentials {
  readonly authenticator: string;
  readonly loginName: string | undefined;
  readonly password: string | undefined;
  readonly token: string | undefined;
  readonly passcode: string | undefined;
  /** For what only others can prove: the user whom they vouch for, or the refusal. */
  readonly vouched?: User | LoginError | undefined;
}

/** What proves credentials. */
export interface AccountOfLogins {
  readonly catalog: Catalog;
  readonly identity: AccountIdentity;
  readonly keptTokens: KeptTokens;
  readonly passcodes: UsedPasscodes;
}

/**
 * Finds the user whom the credentials prove, and holds the network policy against the address.
 *
 * @throws LoginError 390100 password, 390144 key pair, 394400 programmatic access token, 390303 OAuth token,
 * 390100 also for an identity of a workload, 390191 and 390195 for the browser, those of `SamlResponses`, those of `requireSecondFactor`,
 * 390422 network policy, 390432 no network policy for a service user's token.
 */
export function authenticate(account: AccountOfLogins, credentials: Credentials, address: string): User {
  const { catalog } = account;
  const { user, byAccessToken } = identify(account, credentials);
  if (user.disabled) {
    throw new LoginError("390101", "User access disabled. Contact your local system administrator.");
  }
  const policy = user.networkPolicy ?? catalog.networkPolicy;
  if (policy === undefined && byAccessToken && user.userType === "SERVICE") {
    throw new LoginError("390432", "Network policy is required.");
  }
  if (policy !== undefined && !allowsAddress(policy, address)) {
    throw new LoginError(
      "390422",
      `Incoming request with IP/Token ${address} is not allowed to access Snowflake. ` +
        "Contact your local security administrator.",
    );
  }
  return user;
}

interface Identified {
  readonly user: User;
  readonly byAccessToken: boolean;
}

function identify(account: AccountOfLogins, credentials: Credentials): Identified {
  const { catalog, identity } = account;
  switch (credentials.authenticator.toUpperCase()) {
    case "":
    case "SNOWFLAKE":
    case "USERNAME_PASSWORD_MFA":
      return byPassword(account, credentials);
    case "SNOWFLAKE_JWT":
      return { user: byKeyPair(catalog, identity, credentials), byAccessToken: false };
    case "PROGRAMMATIC_ACCESS_TOKEN":
      return { user: byAccessToken(catalog, credentials), byAccessToken: true };
    case "OAUTH":
      return { user: byOauthToken(catalog, credentials), byAccessToken: false };
    case "EXTERNALBROWSER":
    case "ID_TOKEN":
    case "RAW_SAML_RESPONSE":
    case "WORKLOAD_IDENTITY":
      return { user: byOthers(credentials), byAccessToken: false };
    default:
      throw new LoginError("390190", `The authenticator ${credentials.authenticator} is not supported here.`);
  }
}

function byOthers({ vouched, loginName }: Credentials): User {
  if (vouched === undefined) throw wrongCredentials();
  if (vouched instanceof LoginError) throw vouched;
  const isNamed = loginName === undefined || loginName === "" || loginName.toUpperCase() === vouched.name;
  if (!isNamed) throw wrongCredentials();
  return vouched;
}

function byPassword(
  { catalog, keptTokens, passcodes }: AccountOfLogins,
  { authenticator, loginName, password, passcode, token = "" }: Credentials,
): Identified {
  const user = findUser(catalog, loginName);
  if (user === undefined || password === undefined || password === "") throw wrongCredentials();
  if (user.programmaticAccessTokens.has(password)) return { user, byAccessToken: true };
  if (user.password !== password) throw wrongCredentials();
  const isAsked = authenticator.toUpperCase() === "USERNAME_PASSWORD_MFA";
  const isKept = keptTokens.isValid("mfa", user, token);
  requireSecondFactor(user, { isAsked, passcode, isKept }, passcodes);
  return { user, byAccessToken: false };
}

function byKeyPair(
  catalog: Catalog,
  identity: AccountIdentity,
  { loginName, token = "" }: Credentials,
): User {
  const claims = readKeyPairClaims(token);
  const user = findUser(catalog, claims?.user);
  const ownAccount = claims !== undefined && isAccountName(identity, claims.account);
  const sameUser = loginName === undefined || loginName.toUpperCase() === claims?.user.toUpperCase();
  const check =
    claims !== undefined && user !== undefined && ownAccount && sameUser
      ? checkKeyPairToken(token, claims, [...user.publicKeys.values()])
      : undefined;
  if (user === undefined || check?.valid !== true) throw new LoginError("390144", "JWT token is invalid.");
  return user;
}

function byAccessToken(catalog: Catalog, { loginName, token = "" }: Credentials): User {
  const user = [...catalog.users.values()].find((candidate) => candidate.programmaticAccessTokens.has(token));
  const named = loginName === undefined || loginName === "" || loginName.toUpperCase() === user?.name;
  if (user === undefined || !named) throw new LoginError("394400", "Programmatic access token is invalid.");
  return user;
}

function byOauthToken(catalog: Catalog, { loginName, token = "", vouched }: Credentials): User {
  if (vouched instanceof LoginError) throw vouched;
  const user = vouched ?? [...catalog.users.values()].find((candidate) => candidate.oauthTokens.has(token));
  if (user === undefined) throw new LoginError("390303", "Invalid OAuth access token.");
  if (loginName !== undefined && loginName !== "" && loginName.toUpperCase() !== user.name) {
    throw new LoginError(
      "390309",
      "The user you were trying to authenticate as differs from the user tied to the access token.",
    );
  }
  return user;
}

/** Whether a client means this account: by its locator or by organization and name, with or without a region. */
export function isAccountName(identity: AccountIdentity, name: string): boolean {
  const [account = ""] = name.toUpperCase().split(".");
  const full = `${identity.organizationName}-${identity.accountName}`.toUpperCase();
  return account === identity.locator.toUpperCase() || account === full;
}

function findUser(catalog: Catalog, name: string | undefined): User | undefined {
  return name === undefined ? undefined : catalog.users.get(name.toUpperCase());
}
