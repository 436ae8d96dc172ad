import type * as z from "zod";
import { ProviderError } from "../core/errors.js";
import { isUnknown } from "../engine/unknown.js";
import type { KeyChoice } from "./source.js";

/** Whether `keys` and `prefix` take a key of the source. */
export function isPicked(key: string, { keys, prefix = "" }: KeyChoice): boolean {
  if (!key.startsWith(prefix) || key === prefix) return false;
  return keys === undefined || keys.some((pattern) => matches(key, pattern));
}

/**
 * The entries as `keys`, `prefix` and `rename` want them, in this order.
 *
 * @throws ProviderError `SOURCE_FAILED` for a named key that is not there, and for two keys that get one name.
 */
export function pickKeys<E extends { readonly key: string }>(
  entries: readonly E[],
  choice: KeyChoice,
  label: string,
): readonly E[] {
  const { keys = [], prefix = "", rename = {} } = choice;
  const names = keys.filter((pattern) => !pattern.includes("*"));
  requireThere("keys", names, new Set(entries.map(({ key }) => key)), label);
  const picked = entries
    .filter(({ key }) => isPicked(key, choice))
    .map((entry) => ({ entry, stripped: entry.key.slice(prefix.length) }));
  requireThere("rename", Object.keys(rename), new Set(picked.map(({ stripped }) => stripped)), label);
  const newNames = new Map(Object.entries(rename));
  const named = picked.map(({ entry, stripped }) => ({ entry, name: newNames.get(stripped) ?? stripped }));
  requireDistinct(
    named.map(({ entry, name }) => ({ from: entry.key, name })),
    { label, hint: "give one of them another name with rename, or leave one out with keys." },
  );
  return named.map(({ entry, name }) => ({ ...entry, key: name }));
}

/** Says, before anything is read, what can never fit together. */
export function checkKeyChoice(
  { keys = [], prefix, rename = {} }: KeyChoice,
  context: z.RefinementCtx,
): void {
  const complain = (path: (string | number)[], message: string) =>
    context.addIssue({ code: "custom", path, message });
  for (const [i, pattern] of keys.entries()) {
    const isOutside = !pattern.includes("*") && prefix !== undefined && !isUnknown(prefix);
    if (isOutside && !isPicked(pattern, { prefix })) complain(["keys", i], "must begin with prefix.");
  }
  const names = new Set<string>();
  for (const [key, name] of Object.entries(rename)) {
    if (names.has(name)) complain(["rename", key], "must not be the name of another key too.");
    names.add(name);
  }
}

/**
 * Refuses names that several things of a source would have.
 *
 * @throws ProviderError `SOURCE_FAILED`
 */
export function requireDistinct(
  named: readonly { readonly from: string; readonly name: string }[],
  { label, hint }: { readonly label: string; readonly hint: string },
): void {
  const origins = new Map<string, Set<string>>();
  for (const { from, name } of named) origins.set(name, (origins.get(name) ?? new Set()).add(from));
  const shared = [...origins].filter(([, all]) => all.size > 1);
  if (shared.length === 0) return;
  throw new ProviderError("SOURCE_FAILED", {
    operation: "several keys of a source get the same name",
    target: `${label}: ${shared.map(([name, all]) => `${[...all].join(" and ")} (${name})`).join(", ")}`,
    hint,
  });
}

function requireThere(
  argument: "keys" | "rename",
  wanted: readonly string[],
  there: ReadonlySet<string>,
  label: string,
): void {
  const missing = wanted.filter((key) => !there.has(key));
  if (missing.length === 0) return;
  throw new ProviderError("SOURCE_FAILED", {
    operation: `${argument} names a key that the source does not have`,
    target: `${label}: ${missing.join(", ")}`,
    hint: `correct ${argument}, or add the key to the source.`,
  });
}

/** `*` stands for any text, an empty one too. */
function matches(key: string, pattern: string): boolean {
  const [first = "", ...rest] = pattern.split("*");
  const last = rest.pop();
  if (last === undefined) return key === pattern;
  if (!key.startsWith(first)) return false;
  let from = first.length;
  for (const part of rest) {
    const at = key.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return key.length - last.length >= from && key.endsWith(last);
}
