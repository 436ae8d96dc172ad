import type { EngineContext } from "../engine.js";
import { createOperationMap } from "../operation.js";
import { buildPlaceHint, deriveOwnerId } from "../ownership.js";

/**
 * What `check` tells the later hooks of the same operation, in memory: the engine carries only what may be seen
 * and kept.
 */
export interface Run {
  readonly preview: boolean;
  /** organization/project/stack/name. */
  readonly place: string;
  /** Which source supplied each key. */
  readonly sourceOf: ReadonlyMap<string, string>;
  /** Whether a live predecessor is being replaced: then a failure must leave it alone. */
  readonly isReplacement: boolean;
  /** Ids of Infisical's, where a source has them. */
  readonly ids: SourceIds | undefined;
}

export interface SourceIds {
  readonly projectId?: string;
  readonly environment?: { readonly slug: string; readonly name?: string; readonly id?: string };
  readonly folder?: { readonly id?: string; readonly path?: string };
}

const runs = createOperationMap<string, Run>();

export function rememberRun(ownerId: string, run: Run): void {
  runs.set(ownerId, run);
}

/** Undefined on refresh and destroy, where no `check` runs. */
export function findRun(ownerId: string): Run | undefined {
  return runs.get(ownerId);
}

/** What a resource carries from one operation to the next, although no argument says it. */
export interface Identity {
  readonly ownerId: string;
  /** Undefined at first creation. */
  readonly fingerprintKey: string | undefined;
  readonly isReplacement: boolean;
}

const predecessors = createOperationMap<string, Omit<Identity, "isReplacement">>();

/**
 * The identity of a resource. In a replacement the engine calls `check` a second time with empty `olds`; what the
 * first call saw is remembered by place, so that the successor keeps owner id and fingerprint key.
 */
export function resolveIdentity(olds: Readonly<Record<string, unknown>>, { place }: EngineContext): Identity {
  const hint = buildPlaceHint(place) + place.type;
  if (typeof olds.ownerId === "string") {
    const identity = {
      ownerId: olds.ownerId,
      fingerprintKey: typeof olds.fingerprintKey === "string" ? olds.fingerprintKey : undefined,
    };
    predecessors.set(hint, identity);
    return { ...identity, isReplacement: false };
  }
  const predecessor = predecessors.get(hint);
  if (predecessor) return { ...predecessor, isReplacement: true };
  return { ownerId: deriveOwnerId(place), fingerprintKey: undefined, isReplacement: false };
}
