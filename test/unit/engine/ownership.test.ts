import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Operation } from "../../../provider/engine/operation.js";
import { deriveOwnerId, resolveIdentity } from "../../../provider/engine/ownership.js";

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
      "[NOT_OURS] two resources have the same owner id: org/proj/dev/renamed and org/proj/dev/app. Fix: one was renamed and the other took its former name: give the newer one another name.",
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
