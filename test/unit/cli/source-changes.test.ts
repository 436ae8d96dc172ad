import { describe, expect, it } from "vitest";
import { isProviderError } from "../../../provider/errors.js";
import { deriveFingerprintKey, fingerprint } from "../../../provider/fingerprint.js";
import { SecretValue } from "../../../provider/secret-value.js";
import { describeChanges, findSourceChanges, hasChanges } from "../../../sdk/cli/source-changes.js";
import { type ExportedResource, readStackSyncs } from "../../../sdk/cli/stack-syncs.js";

const type = "pulumi-nodejs:dynamic/snowflake:SecretSync";
const signature = "4dabf18193072939515e22adb298388d";
const secretMark = "1b47061264138c4ac30d75fd1eb44270";
const key = "the key";

function print(name: string, value: string, trigger?: string): string {
  return fingerprint(deriveFingerprintKey(key, trigger), name, new SecretValue(value));
}

/** A sync as `pulumi stack export --show-secrets` gives it. */
function buildResource(inputs: Record<string, unknown> = {}): ExportedResource {
  return {
    urn: `urn:pulumi:dev::p::${type}::app`,
    type,
    inputs: {
      name: "app-sync",
      environment: "dev",
      sources: [
        { type: "program", allowEmpty: true },
        { type: "environment", prefix: "APP_", stripPrefix: true },
      ],
      secrets: { A: print("A", "1"), OLD: print("OLD", "1"), P: print("P", "program") },
      fingerprintKey: { [signature]: secretMark, plaintext: JSON.stringify(key) },
      ownerId: "0".repeat(32),
      destinationConfig: { database: "D", schema: "S" },
      ...inputs,
    },
    outputs: {
      syncStatus: "succeeded",
      managedSecrets: {
        X_A: { sourceKey: "A", source: "environment APP_*" },
        X_P: { sourceKey: "P", source: "program" },
      },
    },
  };
}

function readOne(resource: ExportedResource) {
  const [sync] = readStackSyncs([
    resource,
    { ...resource, delete: true },
    { urn: "urn:x::y", type: "other" },
  ]);
  if (sync === undefined) throw new Error("no sync was read");
  return sync;
}

const find = (env: Record<string, string>, resource = buildResource()) =>
  findSourceChanges(readOne(resource), { programDirectory: ".", env });

describe("the comparison of auto-sync", () => {
  it("reads live syncs alone, with what is secret in clear", () => {
    expect(readOne(buildResource())).toMatchObject({
      resource: "app",
      name: "app-sync",
      isAutoSyncEnabled: true,
      secretPath: "/",
      fingerprintKey: key,
      sources: [{ type: "environment" }],
    });
  });

  it("tells changed, new and removed keys, and leaves those of the program alone", async () => {
    const changes = await find({ APP_A: "2", APP_NEW: "1", APP_P: "from the source" });
    expect(changes).toMatchObject({ added: ["NEW"], changed: ["A"], removed: ["OLD"] });
    expect(changes.expected).toEqual({
      A: print("A", "2"),
      NEW: print("NEW", "1"),
      P: print("P", "program"),
    });
    expect(describeChanges(changes)).toBe("~ A, + NEW, - OLD");
    expect(describeChanges(changes, 2)).toBe("~ A, + NEW and 1 more");
    expect(hasChanges(await find({ APP_A: "1", APP_OLD: "1" }))).toBe(false);
  });

  it("takes the rewrite trigger into account, as the last deployment did", async () => {
    const secrets = { A: print("A", "1", "again") };
    const resource = buildResource({ secrets, rewriteTrigger: "again" });
    expect(hasChanges(await find({ APP_A: "1" }, resource))).toBe(false);
  });

  it("keeps the names of built-in properties as plain keys", async () => {
    const changes = await find({ APP_A: "1", APP_OLD: "1", APP_constructor: "1" });
    expect(changes.added).toEqual(["constructor"]);
  });

  it("fails where the source does, and where a state is not of this package", async () => {
    await expect(find({})).rejects.toMatchObject({ code: "SOURCE_FAILED" });
    try {
      readOne(buildResource({ fingerprintKey: undefined }));
      expect.unreachable();
    } catch (error) {
      expect(isProviderError(error) && error.target).toContain("inputs.fingerprintKey");
    }
  });
});
