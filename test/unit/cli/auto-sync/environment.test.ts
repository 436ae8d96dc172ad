import { execFile } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { withAws } from "../../../../provider/aws/with-aws.js";
import { findProxy } from "../../../../provider/core/proxy.js";
import {
  buildEnvironment,
  createBound,
  runInEnvironment,
} from "../../../../sdk/cli/auto-sync/environment.js";

const run = promisify(execFile);

describe("the environment of a stack", () => {
  afterEach(() => {
    delete process.env.STACK_TEST;
  });

  it("takes nothing from the process that says who it is, and keeps the rest", () => {
    const ofProcess = {
      PATH: "/bin",
      AWS_ACCESS_KEY_ID: "a",
      pulumi_config_passphrase: "b",
      VAULT_TOKEN: "c",
    };
    const ofFile = { AWS_PROFILE: "prod", HTTPS_PROXY: "http://proxy:1" };
    expect(buildEnvironment(ofProcess, ofFile)).toEqual({ PATH: "/bin", ...ofFile });
  });

  it("is what code, programs that it starts, and requests see there, side by side, and nowhere else", async () => {
    const look = (name: string) =>
      runInEnvironment(
        { PATH: process.env.PATH, STACK_TEST: name, HTTPS_PROXY: `http://${name}:1` },
        async () => {
          await sleep(name === "dev" ? 5 : 1);
          const { stdout } = await run(process.execPath, ["-p", "process.env.STACK_TEST"]);
          const proxy = findProxy(new URL("https://example.com"))?.label;
          return [process.env.STACK_TEST, stdout.trim(), proxy, Object.keys({ ...process.env }).sort()];
        },
      );
    process.env.STACK_TEST = "process";
    const [dev, prod] = await Promise.all([look("dev"), look("prod")]);
    const names = ["HTTPS_PROXY", "PATH", "STACK_TEST"];
    expect(dev).toEqual(["dev", "dev", expect.stringContaining("dev"), names]);
    expect(prod).toEqual(["prod", "prod", expect.stringContaining("prod"), names]);
    expect(process.env.STACK_TEST).toBe("process");
  });

  it("stays the same for work that waits for that of another stack to end", async () => {
    const bound = createBound(1);
    const look = (name: string) =>
      runInEnvironment({ STACK_TEST: name }, () =>
        bound(async () => {
          await sleep(1);
          return process.env.STACK_TEST;
        }),
      );
    const stacks = ["dev", "staging", "prod"];
    expect(await Promise.all(stacks.map(look))).toEqual(stacks);
  });

  it("gives AWS's own credential chain the keys of the stack, and none where it has none", async () => {
    const seen: string[] = [];
    const server = createServer((request, response) => {
      seen.push(/Credential=(\w+)/.exec(request.headers.authorization ?? "")?.[1] ?? "none");
      response.writeHead(403).end("<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const base = { HOME: "/nowhere", AWS_EC2_METADATA_DISABLED: "true" };
    const ask = (env: Record<string, string>) =>
      runInEnvironment({ ...base, ...env }, () =>
        withAws({ region: "eu-west-1", endpoint }, async ({ accountId }) => accountId).catch(() => undefined),
      );
    const keys = (name: string) => ({ AWS_ACCESS_KEY_ID: name, AWS_SECRET_ACCESS_KEY: "none" });
    try {
      await Promise.all([ask(keys("DEVKEY")), ask(keys("PRODKEY"))]);
      expect([...new Set(seen)].sort()).toEqual(["DEVKEY", "PRODKEY"]);
      seen.length = 0;
      Object.assign(process.env, keys("PROCESSKEY"));
      await ask({});
      expect(seen).toEqual([]);
    } finally {
      for (const name of Object.keys(keys(""))) delete process.env[name];
      server.close();
    }
  });
});
