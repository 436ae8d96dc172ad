import { isDeepStrictEqual } from "node:util";
import { PropertyDiff } from "@pulumi/pulumi/proto/provider_pb.js";
import type { Properties } from "../engine/resource.js";

type Change = "add" | "update" | "delete";

const kinds: Readonly<Record<Change, readonly [plain: PropertyDiff.Kind, replacing: PropertyDiff.Kind]>> = {
  add: [PropertyDiff.Kind.ADD, PropertyDiff.Kind.ADD_REPLACE],
  update: [PropertyDiff.Kind.UPDATE, PropertyDiff.Kind.UPDATE_REPLACE],
  delete: [PropertyDiff.Kind.DELETE, PropertyDiff.Kind.DELETE_REPLACE],
};

/** What the preview shows of a change, by property path: `secrets["A"]`. */
export function buildDetailedDiff(
  olds: Properties,
  news: Properties,
  replaces: readonly string[],
): ReadonlyMap<string, PropertyDiff> {
  const diffs = new Map<string, PropertyDiff>();
  const add = (path: string, change: Change, isReplacing: boolean) => {
    const kind = kinds[change][isReplacing ? 1 : 0];
    diffs.set(path, new PropertyDiff().setKind(kind).setInputdiff(true));
  };
  for (const name of new Set([...Object.keys(olds), ...Object.keys(news), ...replaces])) {
    const isReplacing = replaces.includes(name);
    const changes = findChanges(name, olds[name], news[name]);
    for (const [path, change] of changes) add(path, change, isReplacing);
    // What leads elsewhere although it is the same, such as a connection.
    if (changes.length === 0 && isReplacing) add(name, "update", true);
  }
  return diffs;
}

function findChanges(path: string, old: unknown, next: unknown): readonly (readonly [string, Change])[] {
  if (isDeepStrictEqual(old, next)) return [];
  if (old === undefined) return [[path, "add"]];
  if (next === undefined) return [[path, "delete"]];
  if (isMap(old) && isMap(next)) {
    const keys = new Set([...Object.keys(old), ...Object.keys(next)]);
    return [...keys].flatMap((key) => findChanges(`${path}[${JSON.stringify(key)}]`, old[key], next[key]));
  }
  if (Array.isArray(old) && Array.isArray(next)) {
    const length = Math.max(old.length, next.length);
    return Array.from({ length }, (_, i) => findChanges(`${path}[${i}]`, old[i], next[i])).flat();
  }
  return [[path, "update"]];
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
