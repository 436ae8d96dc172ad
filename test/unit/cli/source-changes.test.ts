import { describe, expect, it } from "vitest";
import { isProviderError } from "../../../provider/core/errors.js";
import { computeContentFingerprint } from "../../../provider/core/fingerprint.js";
import { SecretValue } from "../../../provider/core/secret-value.js";
import { describeChanges, findSourceChanges, hasChanges } from "../../../sdk/cli/source-changes.js";
import { type ExportedResource, readStackSyncs } from "../../../sdk/cli/stack-syncs.js";
import { buildResource, key, print } from "./exported-sync.js";

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

  it("reads a sync of the plugin as one of the dynamic provider", () => {
    const resource = buildResource();
    const type = "snowflake-secrets:index:SnowflakeSecretSync";
    const sync = readOne({ ...resource, type, urn: `urn:pulumi:dev::p::${type}::a::b` });
    expect(sync).toMatchObject({ resource: "a::b", name: "app-sync", fingerprintKey: key });
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

  it("compares a secret of several parts as one, and leaves it alone where the program supplies a part", async () => {
    const content = {
      type: "PASSWORD",
      parts: [
        { property: "USERNAME", value: new SecretValue("u") },
        { property: "PASSWORD", value: new SecretValue("t") },
      ],
    };
    const typedSecrets = { GIT: { type: "password", username: "USER", password: "TOKEN" } };
    const secrets = { A: print("A", "1"), GIT: computeContentFingerprint(key, "GIT", content) };
    const resource = buildResource({ secrets, typedSecrets });
    const env = { APP_A: "1", APP_USER: "u", APP_TOKEN: "t" };
    expect(hasChanges(await find(env, resource))).toBe(false);
    expect(await find({ ...env, APP_TOKEN: "t2" }, resource)).toMatchObject({
      added: [],
      changed: ["GIT"],
      removed: [],
    });
    const ofProgram = { ...typedSecrets.GIT, password: "TOKEN_OF_THE_PROGRAM" };
    const mixed = buildResource({ secrets: { ...secrets, P: secrets.GIT }, typedSecrets: { P: ofProgram } });
    expect((await find(env, mixed)).expected).toMatchObject({ P: secrets.GIT });
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
