import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ProviderError } from "../../../provider/core/errors.js";
import { runCommandLine } from "../../../sdk/cli/command-line.js";
import { findExitCode } from "../../../sdk/cli/exit-codes.js";
import { Screen } from "../../support/cli/screen.js";
import { projectFolder } from "../../support/engine/engine.js";
import { tsxLoader } from "../../support/tsx-loader.js";

async function run(...args: string[]) {
  const streams = { stdout: new Screen(false, 200), stderr: new Screen(false, 200) };
  const code = await runCommandLine(args, streams);
  return { code, stdout: streams.stdout.text, stderr: streams.stderr.text };
}

describe("the command line", () => {
  afterEach(() => vi.unstubAllEnvs());

  it("tells its version", async () => {
    const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
    expect(await run("--version")).toEqual({ code: 0, stdout: `${version}\n`, stderr: "" });
  });

  it("explains a code without its page, in any case", async () => {
    const { code, stdout } = await run("explain", "not_ours");
    expect(code).toBe(0);
    expect(stdout).toMatch(/^NOT_OURS\nThe object /);
    expect(stdout).toMatch(/^- .*\n(?: {2}.*\n)* {2}.*Fix: /m);
    expect(stdout).not.toContain("**");
    const { errors } = JSON.parse((await run("explain", "NOT_OURS", "--json")).stdout) as {
      errors: string[];
    };
    expect(errors.length).toBe(stdout.match(/^- /gm)?.length);
  });

  it("ends without a word when nobody reads its output any more", () => {
    const main = join(projectFolder, "sdk/cli/main.ts");
    const command = `"${process.execPath}" --import "${tsxLoader}" "${main}" explain NOT_FOUND`;
    const { stdout, stderr } = spawnSync("bash", ["-c", `${command} | true; echo "${"$"}{PIPESTATUS[0]}"`]);
    expect([String(stdout), String(stderr)]).toEqual(["141\n", ""]);
  });

  it("names the codes that there are, if one is unknown", async () => {
    const { code, stderr } = await run("explain", "NOPE");
    expect(code).toBe(2);
    expect(stderr).toContain("[INVALID_INPUT] unknown error code: NOPE. Fix: give one of: INVALID_INPUT, ");
  });

  it.each([
    [[]],
    [["auto-sync"]],
    [["sync"]],
    [["doctor"]],
    [["drift"]],
    [["release"]],
    [["list"]],
    [["explain"]],
    [["list", "databases"]],
    [["list", "schemas"]],
    [["list", "secrets"]],
    [["list", "destinations"]],
    [["snowflake-server"]],
  ])("keeps the help of %j within 80 columns", async (command) => {
    const { code, stdout } = await run(...command, "--help");
    expect(code).toBe(0);
    expect(stdout).toContain("Usage: pulumi-snowflake-secrets");
    for (const line of stdout.split("\n")) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  it.each([
    [["list", "secrets", "--database", "", "--schema", "S"], "--database"],
    [["list", "schemas", ""], "<database>"],
    [["doctor", "--database", "D", "--schema", ""], "--database, --schema"],
    [["doctor", "--schema", "S"], "--database, --schema"],
    [["doctor", "--deep"], "--database, --schema"],
  ])("answers 2 to the wrong call %j, and names the argument", async (args, argument) => {
    const { code, stderr } = await run(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(`: ${argument}. Fix: `);
    expect(stderr).not.toContain("sqlState");
  });

  it.each([
    ["no secret for webhooks is set: INFISICAL_WEBHOOK_SECRET, AUTO_SYNC_WEBHOOK_SECRET", "\n"],
    ["the secret for webhooks cannot be sent as a bearer token: AUTO_SYNC_WEBHOOK_SECRET", "two words"],
  ])("does not listen if %s", async (problem, secret) => {
    vi.stubEnv("INFISICAL_WEBHOOK_SECRET", "");
    vi.stubEnv("AUTO_SYNC_WEBHOOK_SECRET", secret);
    const { code, stdout, stderr } = await run("auto-sync", "--stack", "dev", "--listen", "0");
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain(`[INVALID_INPUT] ${problem}. Fix: `);
    expect(stderr).not.toContain("two words");
  });

  it.each([[["sync", "--stack", "dev"]], [["auto-sync", "--stack", "dev"]], [["drift", "--all"]]])(
    "says where to get Pulumi if %j does not find it",
    async (args) => {
      vi.stubEnv("PATH", "");
      const { code, stderr } = await run(...args);
      expect(code).toBe(1);
      expect(stderr).toContain(
        "[ENGINE_FAILED] Pulumi's command line was not found on PATH, or is too old. Fix: install it: https://www.pulumi.com/docs/install/.",
      );
    },
  );

  it("says how to see the options after a wrong call, and writes it as a document under --json", async () => {
    const call = ["list", "secrets", "--schema", "S"];
    const wrong = "required option '--database <name>' not specified";
    expect(await run(...call)).toEqual({
      code: 2,
      stdout: "",
      stderr: `error: ${wrong}\nAdd --help to see how to call it.\n`,
    });
    const { code, stdout, stderr } = await run(...call, "--json");
    expect([code, stderr]).toEqual([2, ""]);
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: "INVALID_INPUT",
        message: `[INVALID_INPUT] ${wrong}. Fix: add --help to see how to call it.`,
        retryable: false,
      },
    });
  });

  it("answers by what an error says of the run", () => {
    const answer = (code: ConstructorParameters<typeof ProviderError>[0]) =>
      findExitCode(new ProviderError(code, { operation: "try", hint: "mend it." }));
    expect([
      answer("INVALID_INPUT"),
      answer("UNPROVEN"),
      answer("EXPORT_RUNNING"),
      answer("NOT_FOUND"),
    ]).toEqual([2, 3, 3, 1]);
    expect(findExitCode(new Error("any"))).toBe(1);
  });
});
