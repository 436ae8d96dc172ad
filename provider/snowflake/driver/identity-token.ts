import { readFile } from "node:fs/promises";
import { buildSafeCause, ProviderError } from "../../core/errors.js";
import { fetchGithubToken } from "../../core/github-token.js";
import { SecretValue } from "../../core/secret-value.js";
import type { OidcIdentity } from "../connection/connection.js";
import { requireSnowflakeHost } from "./snowflake-hosts.js";

/** What an identity token says of itself; nothing of it is proven. */
export interface IdentityClaims {
  readonly issuer: string;
  readonly subject: string;
  readonly audiences: readonly string[];
}

/** An identity token with what it says of itself. */
export interface IdentityToken extends IdentityClaims {
  readonly token: SecretValue;
}

/** How far the clocks of issuer and this machine may differ. */
const clockSkewSeconds = 60;

/**
 * The identity token of a workload, read anew, and refused where its own claims tell that Snowflake would refuse it, or
 * that it is meant for somebody else. For a host that is not Snowflake's none is read or asked for.
 *
 * @throws ProviderError `AUTHENTICATION_FAILED`, `INVALID_INPUT` for the host or a file that cannot be read, and what
 *   `fetchGithubToken` throws
 */
export async function readIdentityToken(identity: OidcIdentity, host: string): Promise<IdentityToken> {
  requireSnowflakeHost(host, process.env);
  const token = await findToken(identity);
  return { token, ...(await checkClaims(token, identity)) };
}

async function findToken(identity: OidcIdentity): Promise<SecretValue> {
  const { token, tokenFile, githubUrl, githubBearer, audience, origin } = identity;
  if (token !== undefined) return token;
  if (githubUrl !== undefined && githubBearer !== undefined) {
    return fetchGithubToken({ url: githubUrl, bearer: githubBearer, audience });
  }
  try {
    return new SecretValue((await readFile(tokenFile ?? "", "utf8")).trim());
  } catch (error) {
    throw new ProviderError("INVALID_INPUT", {
      operation: "the file of the identity token cannot be read",
      target: origin,
      hint: "check that the file exists and that you may read it.",
      cause: buildSafeCause(error),
    });
  }
}

async function checkClaims(token: SecretValue, { audience, origin }: OidcIdentity): Promise<IdentityClaims> {
  const refuse = (operation: string, hint: string) =>
    new ProviderError("AUTHENTICATION_FAILED", { operation, target: origin, hint });
  const { iss, sub, aud, exp, nbf } = await decode(token, refuse);
  const getNew = "give a token that is made for this run; of a file, tokenFilePath reads it at each log-in.";
  const now = Date.now() / 1000;
  const audiences = [aud ?? []].flat();
  if (typeof exp !== "number") throw refuse("the identity token does not say when it expires", getNew);
  if (exp + clockSkewSeconds < now) {
    throw refuse(`the identity token expired at ${showTime(exp)}`, getNew);
  }
  if (typeof nbf === "number" && nbf - clockSkewSeconds > now) {
    throw refuse(
      `the identity token is not valid before ${showTime(nbf)}`,
      "check the clocks of this machine and of the issuer.",
    );
  }
  if (!audiences.includes(audience)) {
    const found = audiences.length === 0 ? "no audience" : `the audience ${audiences.map(show).join(", ")}`;
    throw refuse(
      `the identity token has ${found}, and not ${show(audience)}`,
      `have it issued for ${show(audience)}. If the user's OIDC_AUDIENCE_LIST names another one, set workloadIdentityAudience to it.`,
    );
  }
  if (!iss || !sub || !URL.canParse(iss)) {
    throw refuse("the identity token names no issuer or no subject", getNew);
  }
  return { issuer: iss, subject: sub, audiences };
}

async function decode(token: SecretValue, refuse: (operation: string, hint: string) => ProviderError) {
  const { decodeJwt } = await import("jose");
  try {
    return decodeJwt(token.expose());
  } catch {
    throw refuse(
      "this is not an identity token: it is no JWT",
      "give the token that the OpenID provider issued for this workload.",
    );
  }
}

function showTime(seconds: number): string {
  const time = new Date(seconds * 1000);
  return Number.isNaN(time.getTime()) ? "a time that is none" : time.toISOString();
}

function show(text: unknown): string {
  return JSON.stringify(String(text).slice(0, 200));
}
