import { computeContentFingerprint, deriveFingerprintKey } from "../../provider/core/fingerprint.js";
import { buildEntries, pairSecrets } from "../../provider/secret-sync/inputs/pair-secrets.js";
import { resolveSources, type SourceContext } from "../../provider/sources/index.js";
import type { ReadSource } from "./auto-sync/shared-reads.js";
import type { StackSync } from "./stack-syncs.js";

/** What the sources hold now against what the state recorded, by key; no value and no fingerprint for people. */
export interface SourceChanges {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  /** The whole map that the next `up` must record: nothing else may change. */
  readonly expected: Readonly<Record<string, string>>;
}

/**
 * Reads a sync's sources and compares keyed fingerprints. Keys of the program are left as they are: they change by
 * `pulumi up` alone.
 *
 * @throws ProviderError `SOURCE_FAILED`
 */
export async function findSourceChanges(
  sync: StackSync,
  place: Pick<SourceContext, "programDirectory" | "env" | "mayRun">,
  read?: ReadSource,
): Promise<SourceChanges> {
  const key = deriveFingerprintKey(sync.fingerprintKey, sync.rewriteTrigger);
  const { environment, secretPath } = sync;
  const { entries } = await resolveSources(sync.sources, { ...place, environment, secretPath }, read);
  // A pair of which the program supplies a part is left out, as that part is not at hand.
  const paired = pairSecrets(sync.typedSecrets, { entries: buildEntries(entries), unknownKeys: [] }, false);
  const found = new Map(
    [...paired.entries]
      .filter(([name]) => !sync.programKeys.has(name))
      .map(([name, { content }]) => [name, computeContentFingerprint(key, name, content)]),
  );
  const recorded = new Map(Object.entries(sync.secrets).filter(([name]) => !sync.programKeys.has(name)));
  const kept = Object.entries(sync.secrets).filter(([name]) => sync.programKeys.has(name));
  return {
    added: [...found.keys()].filter((name) => !recorded.has(name)).sort(),
    changed: [...found]
      .flatMap(([name, print]) => (recorded.has(name) && recorded.get(name) !== print ? [name] : []))
      .sort(),
    removed: [...recorded.keys()].filter((name) => !found.has(name)).sort(),
    expected: Object.fromEntries([...kept, ...found]),
  };
}

/** Whether the sources hold anything else than the state recorded. */
export function hasChanges({ added, changed, removed }: SourceChanges): boolean {
  return added.length + changed.length + removed.length > 0;
}

/** What can happen to a secret. */
export const changeKinds = ["added", "changed", "removed"] as const;

/** How many secrets change, by kind. */
export type ChangeCounts = Readonly<Record<(typeof changeKinds)[number], number>>;

/** Counts the changes of several syncs. */
export function countChanges(all: readonly SourceChanges[]): ChangeCounts {
  const count = (kind: (typeof changeKinds)[number]) =>
    all.reduce((sum, changes) => sum + changes[kind].length, 0);
  return { added: count("added"), changed: count("changed"), removed: count("removed") };
}

/** "~ API_KEY, + NEW, - OLD", cut after some. */
export function describeChanges({ added, changed, removed }: SourceChanges, max = 8): string {
  const all = [
    ...changed.map((name) => `~ ${name}`),
    ...added.map((name) => `+ ${name}`),
    ...removed.map((name) => `- ${name}`),
  ];
  const rest = all.length - max;
  return rest > 0 ? `${all.slice(0, max).join(", ")} and ${rest} more` : all.join(", ");
}
