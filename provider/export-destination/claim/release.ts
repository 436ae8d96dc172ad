import { withAws } from "../../aws/with-aws.js";
import { ProviderError } from "../../core/errors.js";
import type { ExportType } from "../credentials/index.js";
import type { DestinationQuery } from "../listing.js";
import { openClaim } from "./claim.js";
import type { ClaimedDestination, ClaimRecord } from "./record.js";
import { releaseActive } from "./transitions.js";

/** The claim to free, and the destination that is believed to hold it. */
export interface ReleaseRequest extends DestinationQuery {
  readonly type: ExportType;
  /** The active destination; another one is not released. */
  readonly destinationId: string;
}

/** The record of a claim; undefined where none was ever made. */
export function readClaim(scope: Omit<ReleaseRequest, "destinationId">): Promise<ClaimRecord | undefined> {
  return withAws(scope.aws ?? {}, async ({ secrets }) => (await openClaim(secrets, scope).read())?.record);
}

/**
 * Frees the claim of a destination whose stack is gone. Its secret stays as it is, because whether a job still reads
 * it is for a person to say; the claim remembers it among the archived ones.
 *
 * @returns what was released
 * @throws `NOT_FOUND` if another destination, or none, is active
 */
export function releaseClaim(request: ReleaseRequest): Promise<ClaimedDestination> {
  return withAws(request.aws ?? {}, async ({ secrets }) => {
    const claim = openClaim(secrets, request);
    if ((await claim.read()) === undefined) throw explainOther(claim.name, null);
    let released: ClaimedDestination | undefined;
    await claim.change((record) => {
      if (record.active?.destinationId !== request.destinationId)
        throw explainOther(claim.name, record.active);
      released = record.active;
      return releaseActive(record, new Date().toISOString());
    });
    if (released === undefined) throw explainOther(claim.name, null);
    return released;
  });
}

function explainOther(claimName: string, active: ClaimedDestination | null): ProviderError {
  const holder =
    active === null ? "nobody holds it" : `${active.destinationId} of ${active.owner.place} holds it`;
  return new ProviderError("NOT_FOUND", {
    operation: `the claim is not held by that destination: ${holder}`,
    target: claimName,
    hint: "give the id of the destination that holds it.",
  });
}
