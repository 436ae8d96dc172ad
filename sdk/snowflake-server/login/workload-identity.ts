import type { User, WorkloadIdentity } from "../catalog/objects.js";
import { readAwsCaller } from "./aws-caller.js";
import { LoginError } from "./login-error.js";
import { readUnproven, verifyToken } from "./verify-token.js";

/** The audience of a token for a user who names no other one. */
export const DEFAULT_AUDIENCE = "snowflakecomputing.com";

/** What a workload sends, and where its proof is looked up. */
export interface Attestation {
  readonly provider: string;
  readonly token: string;
  /** The issuer of Google's tokens, and the address of AWS's STS, where tests have their own. */
  readonly googleIssuer: string;
  readonly stsEndpoint: string | undefined;
}

/** AZURE's tokens are for Snowflake's own application. */
const AZURE_AUDIENCE = "api://fd3f753b-eed3-462c-b6a7-a4b5bb650aad";

/**
 * Finds the user whose workload this is: by a token whose issuer's keys prove it, or by a request that AWS's STS
 * answers. Snowflake documents no code for a refusal; here it is the one of a wrong password, with the reason.
 *
 * @throws LoginError 390100
 */
export async function identifyWorkload(users: Iterable<User>, attestation: Attestation): Promise<User> {
  const provider = attestation.provider.toUpperCase();
  const registered = [...users].flatMap((user) =>
    [...user.workloadIdentities.values()]
      .filter(({ type }) => type === provider)
      .map((identity) => ({ user, identity })),
  );
  if (registered.length === 0) throw refuse(`no user has a workload identity of type ${provider}`);
  if (provider === "AWS") {
    const caller = await readAwsCaller(attestation.token, attestation.stsEndpoint);
    if ("refused" in caller) throw refuse(caller.refused);
    const found = registered.find(({ identity }) => identity.arn === caller.arn);
    if (found === undefined) throw refuse("no user has this ARN");
    return found.user;
  }
  return byToken(registered, attestation);
}

async function byToken(
  registered: readonly { readonly user: User; readonly identity: WorkloadIdentity }[],
  { token, googleIssuer }: Attestation,
): Promise<User> {
  const claims = await readUnproven(token);
  const issuerOf = ({ type, issuer }: WorkloadIdentity) => (type === "GCP" ? googleIssuer : issuer);
  const found = registered.find(
    ({ identity }) => issuerOf(identity) === claims?.iss && identity.subject === claims?.sub,
  );
  if (claims === undefined || found === undefined) throw refuse("no user has this issuer and subject");
  const verified = await verifyToken(token, {
    issuer: String(claims.iss),
    audiences: audiencesOf(found.identity),
  });
  if ("refused" in verified) throw refuse(String(verified.refused));
  return found.user;
}

function audiencesOf({ type, audiences }: WorkloadIdentity): readonly string[] {
  if (type === "AZURE") return [AZURE_AUDIENCE];
  return audiences === undefined || audiences.length === 0 ? [DEFAULT_AUDIENCE] : audiences;
}

function refuse(reason: string): LoginError {
  return new LoginError("390100", `The workload identity was not accepted: ${reason}.`);
}
