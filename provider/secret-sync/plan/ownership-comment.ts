/** What our COMMENT on a secret says. */
export interface OwnershipComment {
  /** Who owns the secret: `deriveOwnerId` of the resource at its first creation. */
  readonly ownerId: string;
  /** Which revision of the resource wrote it: a replaced one may not drop what its successor wrote. */
  readonly revision: string;
  readonly fingerprint: string;
  /** For people: organization/project/stack/name. */
  readonly place: string;
}

const prefix = "pulumi-snowflake-secrets/1";
const pattern =
  /^pulumi-snowflake-secrets\/1 owner=([0-9a-f]{32}) revision=([0-9a-f]{8}) fingerprint=([0-9a-f]{32}) place=(.*)$/s;

/** The text of an ownership comment; `parseOwnershipComment` reads it. */
export function formatOwnershipComment(mark: OwnershipComment): string {
  return `${prefix} owner=${mark.ownerId} revision=${mark.revision} fingerprint=${mark.fingerprint} place=${mark.place}`;
}

/** Undefined for a comment that is none of ours, or is damaged: then it proves nothing. */
export function parseOwnershipComment(comment: string | null | undefined): OwnershipComment | undefined {
  const [mark, ownerId = "", revision = "", fingerprint = "", place = ""] = pattern.exec(comment ?? "") ?? [];
  return mark === undefined ? undefined : { ownerId, revision, fingerprint, place };
}
