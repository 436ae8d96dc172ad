/** What our COMMENT on a secret says. */
export interface Mark {
  /** Who owns the secret: `deriveOwnerId` of the resource at its first creation. */
  readonly ownerId: string;
  /** Which incarnation of the resource wrote it: a replaced one may not drop what its successor wrote. */
  readonly generation: string;
  readonly fingerprint: string;
  /** For people: organization/project/stack/name. */
  readonly place: string;
}

const prefix = "pulumi-snowflake-secrets/1";
const pattern =
  /^pulumi-snowflake-secrets\/1 owner=([0-9a-f]{32}) generation=([0-9a-f]{8}) fingerprint=([0-9a-f]{32}) place=(.*)$/s;

export function formatMark(mark: Mark): string {
  return `${prefix} owner=${mark.ownerId} generation=${mark.generation} fingerprint=${mark.fingerprint} place=${mark.place}`;
}

/** Undefined for a comment that is none of ours, or is damaged: then it proves nothing. */
export function parseMark(comment: string | null | undefined): Mark | undefined {
  const [, ownerId, generation, fingerprint, place] = pattern.exec(comment ?? "") ?? [];
  if (ownerId === undefined || generation === undefined || fingerprint === undefined || place === undefined) {
    return undefined;
  }
  return { ownerId, generation, fingerprint, place };
}
