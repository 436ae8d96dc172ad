import { createHash } from "node:crypto";
import { isResumable, resumableHours } from "../../engine/ownership.js";
import type { OwnershipComment } from "./ownership-comment.js";
import type { ObservedSecret } from "./plan.js";

/**
 * What secrets that carry a sync's own owner id mean where the state proves nothing of them: a creation that was cut
 * off left them, or a live sync of the same place elsewhere has them (a lost state, a renamed stack, another backend).
 */
export type Resumption =
  | { readonly kind: "none" }
  /** `revision` is the one to go on with. */
  | { readonly kind: "resumes"; readonly names: readonly string[]; readonly revision: string }
  | { readonly kind: "refused"; readonly names: readonly string[]; readonly because: string };

/** Who wants to continue what an empty state does not prove. */
export interface Claimant {
  readonly ownerId: string;
  /** organization/project/stack/name */
  readonly place: string;
  /** Of the state; undefined at a creation. */
  readonly revision: string | undefined;
  /** Epoch milliseconds. */
  readonly now: number;
}

/**
 * Judges the secrets that carry the owner id and another revision than the state's: they are resumed only if all of
 * them are of one creation, carry this place, and are younger than a day.
 */
export function findResumption(
  observed: ReadonlyMap<string, ObservedSecret>,
  { ownerId, place, revision, now }: Claimant,
): Resumption {
  const marked = [...observed].flatMap(([name, { mark, createdOn }]) =>
    mark?.ownerId === ownerId && mark.revision !== revision ? [{ name, mark, createdOn }] : [],
  );
  if (marked.length === 0) return { kind: "none" };
  const names = marked.map(({ name }) => name);
  const refuse = (because: string): Resumption => ({ kind: "refused", names, because });
  const elsewhere = marked.find(({ mark }) => mark.place !== place);
  if (elsewhere !== undefined) return refuse(`${elsewhere.mark.place} wrote them, and this is ${place}`);
  const latest = findLatest(marked.map(({ mark }) => mark));
  if (latest === undefined) return refuse("several creations wrote them");
  if (marked.some(({ createdOn }) => !isResumable(createdOn, now)))
    return refuse(`they were created more than ${resumableHours} hours ago`);
  return { kind: "resumes", names, revision: deriveNextRevision(latest) };
}

/** The revision that marks of one creation ended with: a run that resumed it and was cut off too has left two. */
function findLatest(marks: readonly OwnershipComment[]): string | undefined {
  const [one = "", two, ...more] = new Set(marks.map(({ revision }) => revision));
  if (two === undefined) return one;
  if (more.length > 0) return undefined;
  // The earlier one, so that a third run goes on with the later one's revision.
  if (deriveNextRevision(one) === two) return one;
  return deriveNextRevision(two) === one ? two : undefined;
}

/** The revision by which a run resumes another: each run that resumes the same comes to the same. */
function deriveNextRevision(revision: string): string {
  return createHash("sha256").update(revision).digest("hex").slice(0, 8);
}
