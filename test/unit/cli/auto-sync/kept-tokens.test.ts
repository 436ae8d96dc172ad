import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { createSharedReads, type SharedReads } from "../../../../sdk/cli/auto-sync/shared-reads.js";
import { type InfisicalServer, startInfisicalServer } from "../../../support/infisical-server/index.js";

describe("the tokens of auto-sync", () => {
  let infisical: InfisicalServer;
  let reads: SharedReads;
  beforeEach(async () => {
    infisical = await startInfisicalServer();
    for (const folder of ["one", "two"]) infisical.set(`dev:/${folder}`, "A", folder);
    reads = createSharedReads();
  });
  afterEach(() => infisical.close());

  const read = async (folder: string, env: Record<string, string> = {}) => {
    reads.forget();
    const { entries } = await reads.read(
      { type: "infisical", projectId: infisical.projectId, secretPath: `/${folder}` },
      { environment: "dev", secretPath: "/", programDirectory: ".", env: { ...infisical.env, ...env } },
    );
    return entries.map(({ value }) => value.expose());
  };

  it("are made once for all stacks that log in alike, and revoked at the end", async () => {
    await Promise.all([read("one"), read("two"), read("one", { PULUMI_CONFIG_PASSPHRASE: "other" })]);
    expect(await read("two")).toEqual(["two"]);
    expect(infisical.logins).toBe(1);
    await read("one", { INFISICAL_UNIVERSAL_AUTH_CLIENT_ID: "other" });
    expect([infisical.logins, infisical.validTokens]).toEqual([2, 2]);
    await reads.end();
    expect(infisical.validTokens).toBe(0);
  });

  it("are replaced when they were revoked by somebody, or half of their time is over", async () => {
    await read("one");
    infisical.expireTokens();
    expect(await Promise.all([read("one"), read("two")])).toEqual([["one"], ["two"]]);
    expect(infisical.validTokens).toBe(1);
    expect(infisical.logins).toBeLessThanOrEqual(3);

    const before = infisical.logins;
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 3_590_000 });
    await read("one");
    expect(infisical.logins).toBe(before);
    vi.setSystemTime(Date.now() + 20_000);
    await read("one");
    vi.useRealTimers();
    expect(infisical.logins).toBe(before + 1);
    await reads.end();
  });

  it("outlast a folder that is refused, and a log-in that failed", async () => {
    await read("one");
    infisical.set("dev:/hidden", "A", { value: "hidden", hidden: true });
    await expect(read("hidden")).rejects.toThrow("HTTP 403");
    expect([infisical.logins, infisical.validTokens]).toEqual([2, 1]);
    await read("one");
    expect(infisical.logins).toBe(2);

    const wrong = { INFISICAL_CLIENT_SECRET: "wrong" };
    const both = await Promise.allSettled([read("one", wrong), read("two", wrong)]);
    expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    // A wrong secret that is sent three times locks the identity.
    expect(infisical.logins).toBe(3);
    await expect(read("one", wrong)).rejects.toThrow("the credentials were refused");
    expect(infisical.logins).toBe(4);
  });
});
