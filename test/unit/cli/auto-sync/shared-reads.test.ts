import { beforeEach, describe, expect, it } from "vitest";
import { createSharedReads, type SharedReads } from "../../../../sdk/cli/auto-sync/shared-reads.js";

const spec = { type: "environment" as const, prefix: "APP_" };
const context = { environment: "dev", secretPath: "/", programDirectory: "." };

describe("reads that stacks share", () => {
  let reads: SharedReads;
  let asked: number;
  beforeEach(() => {
    asked = 0;
    reads = createSharedReads(() => {
      asked += 1;
    });
  });
  const read = (env: Record<string, string>, more: object = {}) =>
    reads.read(spec, { ...context, env, ...more }).then(({ entries }) => entries.map(({ key }) => key));

  it("asks a source once for all that have the same credentials, and again after a message", async () => {
    expect(await Promise.all([read({ APP_A: "1" }), read({ APP_A: "1" })])).toEqual([["A"], ["A"]]);
    expect(asked).toBe(1);
    reads.forget();
    await read({ APP_A: "1" });
    expect(asked).toBe(2);
  });

  it("asks by itself for each environment, place and set of credentials", async () => {
    await Promise.all([
      read({ APP_A: "1" }),
      read({ APP_A: "2" }),
      read({ APP_A: "1" }, { environment: "prod" }),
      read({ APP_A: "1" }, { secretPath: "/other" }),
      read({ APP_A: "1" }, { programDirectory: "/other" }),
    ]);
    expect(asked).toBe(5);
  });

  it("takes what only Pulumi's engine reads for no difference of a remote source, and a login for one", async () => {
    const infisical = { type: "infisical" as const, projectId: "p", siteUrl: "http://127.0.0.1:1" };
    const ask = (env: Record<string, string>) =>
      reads.read(infisical, { ...context, timeoutMs: 50, env }).catch(() => undefined);
    const login = { INFISICAL_TOKEN: "one" };
    await Promise.all([
      ask({ ...login, PULUMI_CONFIG_PASSPHRASE: "a" }),
      ask({ ...login, PULUMI_CONFIG_PASSPHRASE: "b" }),
      ask({ INFISICAL_TOKEN: "two" }),
    ]);
    expect(asked).toBe(2);
  });

  it("gives a program's answer to nobody who may not run it", async () => {
    const command = { type: "command" as const, command: [process.execPath, "-p", '\'{"A":"1"}\''] };
    const ask = (mayRun: boolean) => reads.read(command, { ...context, env: {}, mayRun: () => mayRun });
    expect((await ask(true)).entries).toHaveLength(1);
    await expect(ask(false)).rejects.toThrow("is not allowed here");
  });
});
