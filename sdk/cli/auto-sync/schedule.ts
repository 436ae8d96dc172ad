import { createHash, randomBytes } from "node:crypto";
import type { StackSync } from "../stack-syncs.js";

// Another one in each process, so that many processes do not look at the same moment.
const seed = randomBytes(8);

/**
 * Where in the interval the looks of these syncs are, from 0 to 1: spread over it, and the same for stacks that have
 * the same first source, so that one read serves them all.
 */
export function findPhase(syncs: readonly StackSync[], fallback: string): number {
  const sync = syncs.find(({ sources }) => sources.length > 0);
  const group = sync && [sync.sources[0], sync.environment, sync.secretPath];
  const hash = createHash("sha256")
    .update(seed)
    .update(JSON.stringify(group ?? fallback));
  return hash.digest().readUInt32BE() / 2 ** 32;
}

/** How long until the next moment of that phase. */
export function countDown(intervalMs: number, phase: number, now = Date.now()): number {
  const passed = (((now - phase * intervalMs) % intervalMs) + intervalMs) % intervalMs;
  return intervalMs - passed;
}

/** Moves a wait by up to a tenth. */
export function addJitter(ms: number): number {
  return ms * (0.9 + Math.random() * 0.2);
}
