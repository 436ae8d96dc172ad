import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Operation } from "../../../provider/engine/operation.js";
import {
  deriveOwnerId,
  findContext,
  isResumable,
  resolveIdentity,
} from "../../../provider/engine/ownership.js";

const engine = "127.0.0.1:40003";
const place = {
  organization: "org",
  project: "proj",
  stack: "dev",
  parentTypes: "",
  type: "SnowflakeSecretSync",
  name: "app",
};
const renamed = { ...place, name: "renamed" };
const olds = { ownerId: deriveOwnerId(place) };

describe("the owner id of a renamed resource", () => {
  let root: string;
  let other: ChildProcess;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "ownership-"));
    vi.stubEnv("TMPDIR", root);
    other = spawn(process.execPath, ["-e", "setInterval(() => undefined, 1000)"], { stdio: "ignore" });
  });
  afterEach(() => {
    other.kill("SIGKILL");
    vi.unstubAllEnvs();
    rmSync(root, { recursive: true, force: true });
  });

  const begin = () => new Operation({ report: () => undefined, warn: () => undefined }, engine);
  /** Checks a resource as another process of the run would, which lives on. */
  const checkInOther = (of: typeof place, urn?: string) => {
    resolveIdentity(begin(), olds, {
      place: of,
      run: "preview" as const,
      ...(urn === undefined ? {} : { urn }),
    });
    const [folder = ""] = readdirSync(root);
    const [file = ""] = readdirSync(join(root, folder));
    renameSync(join(root, folder, file), join(root, folder, file.replace(/\d+$/, String(other.pid))));
  };

  it("is refused to a new one of the old name in another process of the run", () => {
    checkInOther(renamed);
    expect(() => resolveIdentity(begin(), {}, { place, run: "preview" as const })).toThrow(
      "[NOT_OURS] two resources have the same owner id: org/proj/dev/renamed and org/proj/dev/app. Fix: give the newer resource another name. The older one had this name before.",
    );
  });

  it("is refused to a resource of the other host in the same place", () => {
    checkInOther(place, "urn:pulumi:dev::proj::snowflake-secrets:index:SnowflakeSecretSync::app");
    expect(() => resolveIdentity(begin(), olds, { place, run: "preview" as const })).toThrow("[NOT_OURS]");
  });

  it("is given to the same resource in both processes that serve it", () => {
    checkInOther(place);
    expect(resolveIdentity(begin(), olds, { place, run: "preview" as const }).id).toBe(olds.ownerId);
  });
});

describe("the identity of a resource", () => {
  const context = { place, run: "up" as const };
  const begin = () => new Operation({ report: () => undefined, warn: () => undefined });

  it("is derived at its first creation, and then the state's, with its fingerprint key", () => {
    const fingerprintKey = "key";
    expect(resolveIdentity(begin(), {}, context)).toEqual({ id: olds.ownerId });
    const kept = { ownerId: "1".repeat(32), fingerprintKey };
    expect(resolveIdentity(begin(), kept, context)).toEqual({ id: kept.ownerId, fingerprintKey });
  });

  it.each([undefined, null, 5, { secret: "key" }])(
    "has no fingerprint key where the state's is no text: %j",
    (fingerprintKey) => {
      const { fingerprintKey: known } = resolveIdentity(begin(), { ...olds, fingerprintKey }, context);
      expect(known).toBeUndefined();
    },
  );

  it.each([undefined, 5, null])("is derived anew where the state's is no text: %j", (ownerId) => {
    expect(resolveIdentity(begin(), { ownerId }, context)).toEqual({ id: olds.ownerId });
  });

  it("is the predecessor's in the second check of a replacement, for this resource alone", () => {
    const operation = begin();
    const kept = { ownerId: "1".repeat(32), fingerprintKey: "key" };
    resolveIdentity(operation, kept, context);
    expect(resolveIdentity(operation, {}, context)).toEqual({
      id: kept.ownerId,
      fingerprintKey: "key",
      predecessor: kept,
    });
    expect(findContext(operation, kept.ownerId)).toBe(context);
    expect(findContext(operation, olds.ownerId)).toBeUndefined();
    const other = { place: renamed, run: "up" as const };
    expect(resolveIdentity(operation, {}, other)).toEqual({ id: deriveOwnerId(renamed) });
  });

  it("is told by whatever makes a place another one", () => {
    const ids = (["organization", "project", "stack", "parentTypes", "type", "name"] as const).map((part) =>
      deriveOwnerId({ ...place, [part]: "another" }),
    );
    expect(new Set([olds.ownerId, ...ids]).size).toBe(7);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
  });
});

it.each([
  [0, true],
  [24 * 3_600_000, true],
  [24 * 3_600_000 + 1, false],
  [undefined, false],
])("what was made %s ms ago is resumable: %s", (age, expected) => {
  const now = Date.now();
  expect(isResumable(age === undefined ? undefined : now - age, now)).toBe(expected);
});
