import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SecretValue } from "../../../provider/core/secret-value.js";
import type {
  SnowflakeAuthentication,
  SnowflakeConnection,
} from "../../../provider/snowflake/connection/connection.js";
import { findAbsence, findPersonsPart, warnOfNextLogin } from "../../../provider/snowflake/driver/person.js";
import { openSession } from "../../../provider/snowflake/driver/session.js";
import { projectFolder } from "../../support/engine/engine.js";
import { tsxLoader } from "../../support/tsx-loader.js";

const password = new SecretValue("pl4nted-p4ssword");
const browser = { kind: "external-browser", keepsToken: true } as const;
const connect = (authentication: SnowflakeAuthentication, more: Partial<SnowflakeConnection> = {}) => ({
  account: "acme-prod",
  username: "ADA",
  authentication,
  maxConcurrentStatements: 1,
  ...more,
});
const isThere = { findAbsence: () => undefined };
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "person-"));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

describe("a log-in that needs a person", () => {
  it.each<[string, SnowflakeAuthentication]>([
    ["log in with the browser", browser],
    ["log in with the browser", { kind: "oauth-authorization-code", keepsToken: true }],
    ["approve the log-in on your second factor", { kind: "password-mfa", password, keepsToken: true }],
  ])("is refused at once where nobody can %s", async (what, authentication) => {
    await expect(
      openSession(connect(authentication), { findAbsence: () => "the environment variable CI is set" }),
    ).rejects.toMatchObject({
      code: "INVALID_INPUT",
      message: `[INVALID_INPUT] this log-in needs a person who can ${what}, and the environment variable CI is set: account acme-prod. Fix: set authenticator to a way that needs nobody: WORKLOAD_IDENTITY, SNOWFLAKE_JWT, PROGRAMMATIC_ACCESS_TOKEN, OAUTH, OAUTH_CLIENT_CREDENTIALS, SNOWFLAKE or OKTA.`,
    });
  });

  it("needs nobody with a passcode, with Okta, or with a key", () => {
    const absent = { findAbsence: () => "nobody is there" };
    for (const authentication of [
      { kind: "password-mfa", password, passcode: password, keepsToken: true },
      { kind: "okta", url: "https://acme.okta.com", password },
      { kind: "key-pair", privateKey: password },
    ] satisfies SnowflakeAuthentication[]) {
      expect(findPersonsPart(connect(authentication), absent)).toBeUndefined();
    }
  });

  it.each([
    [{ CI: "true" }, "linux", "the environment variable CI is set"],
    [{ CI: "1" }, "win32", "the environment variable CI is set"],
    [{ CI: "false" }, "win32", undefined],
    [{}, "win32", undefined],
  ] as const)("is told by %j on %s", (env, platform, reason) => {
    expect(findAbsence(env, platform)).toBe(reason);
  });

  it("is told by the terminal, whatever the streams are", () => {
    const module = pathToFileURL(join(projectFolder, "provider/snowflake/driver/person.ts")).href;
    const program = `import(${JSON.stringify(module)}).then((m) => require("fs").writeFileSync(process.argv[1], String((m.default ?? m).findAbsence({}))))`;
    const run = (name: string, inTerminal: boolean) => {
      const file = join(folder, name);
      const node = [process.execPath, "--import", tsxLoader, "-e", program, file];
      const pty = ["python3", "-c", "import pty, sys; pty.spawn(sys.argv[1:])"];
      const alone = ["python3", "-c", "import os, sys; os.setsid(); os.execv(sys.argv[1], sys.argv[1:])"];
      const [command = "", ...args] = [...(inTerminal ? pty : alone), ...node];
      spawnSync(command, args, { stdio: "pipe", timeout: 60_000 });
      return spawnSync("cat", [file], { encoding: "utf8" }).stdout;
    };
    expect(run("with", true)).toBe("undefined");
    expect(run("without", false)).toBe("this process has no terminal");
  });
});

describe("the page of a log-in", () => {
  const openWith = async (script: string) => {
    const program = join(folder, "xdg-open");
    writeFileSync(program, `#!/bin/sh\n${script}\n`);
    chmodSync(program, 0o755);
    vi.stubEnv("PATH", `${folder}:${process.env.PATH}`);
    vi.stubEnv("BROWSER", program);
    const told: string[] = [];
    const part = findPersonsPart(connect(browser), { ...isThere, report: (line) => told.push(line) });
    part?.open("https://idp.example/login");
    await expect.poll(() => told).toHaveLength(1);
    return { part, told };
  };

  it("is announced, with who is to log in", async () => {
    const { part, told } = await openWith("exit 0");
    expect(told).toEqual([
      "A person must log in with the browser as ADA, for Snowflake account acme-prod. This waits for 120 s.",
    ]);
    expect(part?.explainTimeout()?.message).toBe(
      "[TIMED_OUT] the log-in to Snowflake waited 120 s for somebody to log in with the browser: account acme-prod. Fix: run again, and finish it in time.",
    );
  });

  it("opens once: what is asked for again was refused", async () => {
    const { part, told } = await openWith("exit 0");
    part?.open("https://idp.example/login");
    await expect(part?.failed).rejects.toMatchObject({
      code: "AUTHENTICATION_FAILED",
      message: expect.stringContaining("Snowflake refused the log-in with the browser"),
    });
    expect(told).toHaveLength(1);
  });

  it("ends the log-in if it cannot be opened", async () => {
    const { part } = await openWith("exit 3");
    await expect(part?.failed).rejects.toMatchObject({
      code: "AUTHENTICATION_FAILED",
      message: expect.stringContaining("no browser could be opened for the log-in (EXIT_3)"),
    });
  });

  it.each(["file:///etc/passwd", "--version", ""])("is no page: %j", async (url) => {
    const part = findPersonsPart(connect(browser), isThere);
    part?.open(url);
    await expect(part?.failed).rejects.toMatchObject({ code: "AUTHENTICATION_FAILED" });
  });
});

describe("what the driver cannot do", () => {
  it.each<[string, SnowflakeConnection]>([
    ["EXTERNALBROWSER", connect(browser, { host: "localhost", port: 8443 })],
    ["EXTERNALBROWSER", connect(browser, { host: "localhost", protocol: "http" })],
    [
      "OKTA",
      connect({ kind: "okta", url: "https://acme.okta.com", password }, { host: "snowflake.internal" }),
    ],
  ])("is refused: %s by another address", async (name, connection) => {
    await expect(openSession(connection, isThere)).rejects.toMatchObject({
      code: "INVALID_INPUT",
      message: expect.stringContaining(`with ${name}, the Snowflake driver uses only the account's own `),
    });
  });
});

describe("an account that lets no log-in be kept", () => {
  const warningOf = async (authentication: SnowflakeAuthentication, value: string) => {
    const warnings: string[] = [];
    await warnOfNextLogin(
      async ({ text }) => {
        expect(text).toMatch(/^SHOW PARAMETERS LIKE '\w+' IN ACCOUNT$/);
        return [{ value }];
      },
      connect(authentication),
      (line) => warnings.push(line),
    );
    return warnings.join();
  };

  it.each<[string, SnowflakeAuthentication]>([
    ["ALLOW_ID_TOKEN", browser],
    ["ALLOW_CLIENT_MFA_CACHING", { kind: "password-mfa", password, keepsToken: true }],
  ])("is named with %s", async (parameter, authentication) => {
    expect(await warningOf(authentication, "false")).toBe(
      `Snowflake account acme-prod lets no log-in be kept, so a preview and up each ask a person. Run pulumi up --skip-preview, or have an account administrator run ALTER ACCOUNT SET ${parameter} = TRUE.`,
    );
    expect(await warningOf(authentication, "true")).toBe("");
  });
});
