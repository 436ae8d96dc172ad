import { isDeepStrictEqual } from "node:util";
import { PropertyDiff } from "@pulumi/pulumi/proto/provider_pb.js";
import { isMap } from "../core/is-map.js";
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
  const unseen = new Set(replaces.map(buildPath));
  for (const name of new Set([...Object.keys(olds), ...Object.keys(news)])) {
    for (const [path, change] of findChanges(name, olds[name], news[name])) {
      const reasons = replaces.map(buildPath).filter((replaced) => isWithin(path, replaced));
      for (const reason of reasons) unseen.delete(reason);
      add(path, change, reasons.length > 0);
    }
  }
  // What leads elsewhere although it is the same, such as a connection.
  for (const path of unseen) add(path, "update", true);
  return diffs;
}

/** The engine's form of `aws.region`. */
function buildPath(dotted: string): string {
  const [name = "", ...keys] = dotted.split(".");
  return [name, ...keys.map((key) => `[${JSON.stringify(key)}]`)].join("");
}

/** Whether one of two paths leads to a part of the other. */
function isWithin(path: string, other: string): boolean {
  return path === other || path.startsWith(`${other}[`) || other.startsWith(`${path}[`);
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
