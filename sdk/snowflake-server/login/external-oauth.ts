import type { Catalog } from "../catalog/catalog.js";
import type { User } from "../catalog/objects.js";
import { LoginError } from "./login-error.js";
import { readUnproven, verifyToken } from "./verify-token.js";

/**
 * Finds the user of an access token that an identity provider made, by the security integration that trusts it. The
 * scopes of the token are not looked at.
 *
 * @returns undefined for a token of no provider that an integration names
 * @throws LoginError 390318 for one that has expired, 390303 for any other that is not proven or maps to nobody
 */
export async function identifyByAccessToken(
  { integrations, users }: Catalog,
  token: string,
): Promise<User | undefined> {
  const claims = await readUnproven(token);
  const trusted = [...integrations.values()].find(
    ({ externalOauth }) => externalOauth !== undefined && externalOauth.issuer === claims?.iss,
  )?.externalOauth;
  if (trusted === undefined) return undefined;
  const verified = await verifyToken(token, trusted);
  if ("refused" in verified) {
    const reason = String(verified.refused);
    throw reason.startsWith("ERR_JWT_EXPIRED")
      ? new LoginError("390318", "OAuth access token expired.")
      : new LoginError("390303", `Invalid OAuth access token: ${reason}.`);
  }
  const name = verified[trusted.userClaim ?? "sub"];
  const user = typeof name === "string" ? users.get(name.toUpperCase()) : undefined;
  if (user === undefined) throw new LoginError("390303", "Invalid OAuth access token: it maps to no user.");
  return user;
}
