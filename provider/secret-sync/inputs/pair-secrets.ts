import { ProviderError } from "../../core/errors.js";
import { buildText, listValues, type SecretContent, textType } from "../../core/secret-content.js";
import { type MergedEntry, programLabel } from "../../sources/index.js";
import { buildContent, type PairedSecrets, splitPair } from "../secret-types.js";

/** What one key is to hold, with what else was found of it. */
export interface Entry extends Omit<MergedEntry, "value"> {
  readonly content: SecretContent;
}

/** By key. */
export type Entries = ReadonlyMap<string, Entry>;

/** A source tells texts alone. */
export function buildEntries(read: ReadonlyMap<string, MergedEntry>): Entries {
  return new Map([...read].map(([key, { value, ...rest }]) => [key, { ...rest, content: buildText(value) }]));
}

interface Found {
  readonly entries: Entries;
  /** Keys of which only `up` knows the value. */
  readonly unknownKeys: readonly string[];
}

/**
 * Puts the values of several keys together to secrets of several parts. These keys are no secrets of their own. A pair
 * of which a part is not known is not known.
 *
 * @param isComplete whether a key that is not there is a mistake; otherwise its pair is left out
 * @throws `INVALID_INPUT` for a key that is not there, or is both a pair and a secret of its own
 */
export function pairSecrets(
  pairs: PairedSecrets,
  { entries, unknownKeys }: Found,
  isComplete: boolean,
): Found {
  const members = new Set(Object.values(pairs).flatMap((pair) => splitPair(pair).keys.map(([, key]) => key)));
  const alone = new Map([...entries].filter(([key]) => !members.has(key)));
  const unknownAlone = unknownKeys.filter((key) => !members.has(key));
  const faults: string[] = [];
  for (const [name, pair] of Object.entries(pairs)) {
    const { keys, literals } = splitPair(pair);
    if (alone.has(name) || unknownAlone.includes(name)) {
      faults.push(`typedSecrets.${name}: a source has the key ${JSON.stringify(name)}, too`);
      continue;
    }
    const open = keys.filter(([, key]) => entries.get(key)?.content.type !== textType);
    const missing = open.filter(([, key]) => !unknownKeys.includes(key));
    if (isComplete || missing.some(([, key]) => entries.has(key))) {
      faults.push(...missing.map(([part, key]) => `typedSecrets.${name}.${part}: ${explain(key, entries)}`));
    }
    if (missing.length > 0) continue;
    if (open.length > 0) {
      unknownAlone.push(name);
      continue;
    }
    const found = keys.map(([part, key]) => [part, entries.get(key) as Entry] as const);
    const values = found.map(([part, { content }]) => [part, content.parts.flatMap(listValues)[0]?.expose()]);
    const sources = [...new Set(found.map(([, { source }]) => source))];
    alone.set(name, {
      content: buildContent({ ...Object.fromEntries(values), ...literals, type: pair.type } as never),
      // Auto-sync knows by the source what it cannot read.
      source: sources.includes(programLabel) || sources.length === 0 ? programLabel : sources.join(" and "),
    });
  }
  if (faults.length === 0) return { entries: alone, unknownKeys: unknownAlone };
  throw new ProviderError("INVALID_INPUT", {
    operation: faults.join("; "),
    hint: "name keys whose values are strings, and give the secret a name that no key has.",
  });
}

function explain(key: string, entries: Entries): string {
  const name = JSON.stringify(key);
  return entries.has(key) ? `the secret ${name} is no string` : `no source has the key ${name}`;
}
