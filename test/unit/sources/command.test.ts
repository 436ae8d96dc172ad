import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  ownVariables,
  resolveSources,
  type SourceContext,
  type SourceInputs,
} from "../../../provider/sources/index.js";
import { projectFolder } from "../../support/engine/engine.js";
import { sourceContext, sourceFailureOf, valuesOf } from "../../support/sources.js";

type Spec = Omit<Extract<SourceInputs, { type: "command" }>, "type" | "command">;

const planted = "pl4nted-v4lue";
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "command-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A program of this folder that does what a line of shell says. */
function write(name: string, script: string): string {
  mkdirSync(join(folder, "bin"), { recursive: true });
  const file = join(folder, "bin", name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}

const path = () => `${join(folder, "bin")}${delimiter}/usr/bin${delimiter}/bin`;

async function read(script: string, spec: Spec = {}, more: Partial<SourceContext> = {}) {
  write("print", script);
  const context = { ...sourceContext, programDirectory: folder, env: { PATH: path() }, mayRun: () => true };
  return valuesOf(
    resolveSources([{ type: "command", command: ["print", "one argument"], ...spec }], {
      ...context,
      ...more,
    }),
  );
}

const failWith = async (...args: Parameters<typeof read>) =>
  (await sourceFailureOf(read(...args), [planted])).message;

/** What a tool documents that it prints. */
const printed: Readonly<Record<string, string>> = {
  SOPS: '{"API_KEY": "1"}',
  "HashiCorp Vault, KV 2":
    '{"request_id": "a", "lease_id": "", "data": {"data": {"API_KEY": "1"}, "metadata": {"version": 2, "destroyed": false}}, "warnings": null}',
  "HashiCorp Vault, KV 1": '{"request_id": "a", "lease_duration": 2764800, "data": {"API_KEY": "1"}}',
  "1Password": '{ "API_KEY": "1" }',
  Doppler: '{"API_KEY":"1","DOPPLER_CONFIG":"prd"}',
  "Bitwarden Secrets Manager": 'API_KEY="1"',
  Infisical: "API_KEY='1'",
  "Google Secret Manager, a JSON secret": '{"API_KEY": "1"}',
  "Azure Key Vault, a JSON secret": '{"API_KEY": "1"}',
};

/** By tool, a variable that leads it to its own service. */
const ledBy: Readonly<Record<string, string>> = {
  "HashiCorp Vault, KV 2": "VAULT_TOKEN",
  "HashiCorp Vault, KV 1": "VAULT_ADDR",
  Infisical: "INFISICAL_TOKEN",
  "Google Secret Manager, a JSON secret": "GOOGLE_APPLICATION_CREDENTIALS",
  "Azure Key Vault, a JSON secret": "AZURE_CONFIG_DIR",
};

describe("a tool of the guide", () => {
  const guide = readFileSync(join(projectFolder, "docs/guides/from-a-command.md"), "utf8");
  const rows = [...guide.matchAll(/^\| ([^|]+) \| `(\[.+\])` \| (?:`(.+)` )?\|$/gm)];

  it.each(rows.map(([, tool = "", command = "", more = "{}"]) => [tool, command, more] as const))(
    "is read as it prints: %s",
    async (tool, command, more) => {
      const [program = "", ...args] = JSON.parse(command) as string[];
      writeFileSync(join(folder, "printed"), `${printed[tool]}\n`);
      const asked = args.map((arg) => `[ "$1" = '${arg}' ] || exit 9; shift`).join("\n");
      const variable = ledBy[tool] ?? "HOME";
      write(program, `${asked}\n[ $# = 0 ] && [ "$${variable}" = here ] && cat printed`);
      const env = { PATH: path(), [variable]: "here" };
      const spec = { command: [program, ...args], ...JSON.parse(more) } as Spec;
      expect(await read("true", spec, { env })).toMatchObject({ API_KEY: "1" });
    },
  );

  it.each(["docs/guides/from-a-command.md", "docs/auto-sync-service.md"])(
    "finds on %s which variables a program or another stack does not get",
    (page) => {
      const text = readFileSync(join(projectFolder, page), "utf8");
      const [, list = ""] = /begins? with ((?:`[A-Z_]+`(?:, | or )?)+)\./.exec(text) ?? [];
      expect([...list.matchAll(/`([A-Z_]+)`/g)].map(([, start]) => start)).toEqual(ownVariables);
    },
  );

  it("has a stand-in that prints", () => expect(rows.map(([, tool]) => tool)).toEqual(Object.keys(printed)));
});

describe("a command", () => {
  it("is read as a JSON object, numbers as they are written", async () => {
    expect(
      await read(`echo '{"A": "text", "N": 1.10, "ID": 12345678901234567890, "B": true, "E": ""}'`),
    ).toEqual({
      A: "text",
      N: "1.10",
      ID: "12345678901234567890",
      B: "true",
      E: "",
    });
  });

  it("is read below the keys that select names", async () => {
    const script = `echo '{"data": {"data": {"A": "1"}, "metadata": {"version": 3}}}'`;
    expect(await read(script, { select: "data.data" })).toEqual({ A: "1" });
  });

  it("gives objects and lists as JSON where that is wanted, and null never", async () => {
    const script = `echo '{"A": {"n": 1.10, "t": ["a b", null]}, "L": [ 1 ], "N": 2.50, "T": "{}"}'`;
    expect(await read(script, { objectsAsJson: true })).toEqual({
      A: '{"n":1.10,"t":["a b",null]}',
      L: "[1]",
      N: "2.50",
      T: "{}",
    });
    expect(await failWith(`echo '{"A": null}'`, { objectsAsJson: true })).toContain("or null");
  });

  it("is read as a dotenv text", async () => {
    expect(await read(`printf 'A=1\\nB="two words"\\n'`, { format: "dotenv" })).toEqual({
      A: "1",
      B: "two words",
    });
  });

  it("gets its arguments as they are: there is no shell", async () => {
    expect(await read(`printf '{"A": "%s"}' "$1"`)).toEqual({ A: "one argument" });
  });

  it("gets the environment, without what reaches Pulumi, Snowflake and the sources unless that is named", async () => {
    const names = [
      "PULUMI_CONFIG_PASSPHRASE",
      "SNOWFLAKE_PASSWORD",
      "INFISICAL_TOKEN",
      "VAULT_TOKEN",
      "BAO_TOKEN",
      "AWS_SECRET_ACCESS_KEY",
      "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
      "PRIVATE_KEY_PASSPHRASE",
    ];
    const own = Object.fromEntries(names.map((name) => [name, planted]));
    const env = { PATH: path(), LANG: "eu", ...own };
    const script = `for n in LANG GIVEN ${names.join(" ")}; do eval "v=\\$$n"; echo "$n='$v'"; done`;
    const spec = { format: "dotenv", environment: { GIVEN: "given" } } as const;
    expect(await read(script, spec, { env })).toEqual({
      LANG: "eu",
      GIVEN: "given",
      ...Object.fromEntries(names.map((name) => [name, ""])),
    });
    await expect(
      read("exit 1", {}, { env: { PATH: path(), BAO_TOKEN: planted, PULUMI_HOME: "h" } }),
    ).rejects.toThrow("It did not get BAO_TOKEN: if it needs one, name it in passEnvironment.");
    const passEnvironment = ["INFISICAL_TOKEN", "VAULT_*"];
    expect(await read(script, { ...spec, passEnvironment }, { env })).toMatchObject({
      INFISICAL_TOKEN: planted,
      VAULT_TOKEN: planted,
      BAO_TOKEN: "",
      SNOWFLAKE_PASSWORD: "",
    });
  });

  it("runs in the program's folder, or where workingDirectory says", async () => {
    mkdirSync(join(folder, "below"));
    const script = `printf '{"D": "%s"}' "$(basename "$PWD")"`;
    expect(await read(script, { workingDirectory: "below" })).toEqual({ D: "below" });
  });

  it.each<[string, string, Spec, string]>([
    [
      "fails",
      `echo ${planted}; echo ${planted} >&2; exit 3`,
      {},
      "the command failed (exit code 3, 14 bytes on standard error): command print. Fix: run it yourself",
    ],
    ["is killed", "kill -9 $$", {}, "the command failed (signal SIGKILL, 0 bytes on standard error)"],
    ["prints nothing", "true", {}, "the command prints nothing"],
    ["prints half of a JSON", `printf '{"A": "${planted}"'`, {}, "the command's output is no JSON"],
    ["prints a list", `echo '["${planted}"]'`, {}, "the command's output is no JSON object"],
    ["prints null", "echo null", {}, "the command's output is no JSON object"],
    [
      "prints what lies deeper",
      `echo '{"${planted}": {"A": "1"}, "B": null}'`,
      {},
      "2 values of the command's output are lists, objects or null",
    ],
    [
      "lacks what select names",
      "echo '{}'",
      { select: "data" },
      "that the command's output does not have (data)",
    ],
    [
      "prints no dotenv text",
      `echo '${planted} A=1'`,
      { format: "dotenv" },
      "the command's output is not in dotenv format: line 1: no KEY=value",
    ],
    ["prints another encoding", `printf '{"A": "\\344"}'`, {}, "the command's output is not UTF-8"],
    ["prints UTF-16", `printf 'A\\0=\\0'`, { format: "dotenv" }, "the command's output is not UTF-8 (UTF-16"],
    ["prints an empty object", "echo '{}'", {}, "the source is empty: command print"],
    ["prints without end", "exec yes", {}, "the command prints more than 10 MB"],
    ["never ends", "sleep 60", { timeoutMs: 200 }, "the command did not end within 0.2 s, and was ended"],
    [
      "has no folder to run in",
      "true",
      { workingDirectory: "nowhere" },
      "the command cannot be started (ENOENT)",
    ],
  ])("that %s is told, and nothing of what it printed", async (_what, script, spec, text) => {
    expect(await failWith(script, spec)).toContain(text);
  });

  it.each<[string, (end: AbortController) => Partial<Spec>]>([
    ["its time is over", () => ({ timeoutMs: 1_000 })],
    [
      "the operation is cancelled",
      (end) => {
        setTimeout(() => end.abort(), 1_000);
        return {};
      },
    ],
  ])("is ended with what it started, when %s", async (_what, prepare) => {
    const end = new AbortController();
    const alive = join(folder, "alive");
    const script = `(while :; do date +%s%N > ${alive}; sleep 0.05; done) & while :; do sleep 0.05; done`;
    await failWith(script, prepare(end), { signal: end.signal });
    expect(existsSync(alive)).toBe(true);
    await sleep(300);
    const last = readFileSync(alive, "utf8");
    await sleep(300);
    expect(readFileSync(alive, "utf8")).toBe(last);
  });

  it("is not waited for where it leaves behind what holds its output", async () => {
    const gone = join(folder, "gone");
    write("stay", `trap "" PIPE; while echo ' '; do sleep 0.05; done 2>/dev/null; touch ${gone}`);
    const failed = await failWith(`setsid stay & echo '{"A": "${planted}"}'`, { timeoutMs: 1_000 });
    expect(failed).toContain("the command did not end within 1 s, and was ended");
    await expect.poll(() => existsSync(gone), { timeout: 10_000 }).toBe(true);
  });

  it("is not begun once the operation is cancelled", async () => {
    const marker = join(folder, "ran");
    await failWith(`touch ${marker}; echo '{"A": "1"}'`, {}, { signal: AbortSignal.abort() });
    expect(existsSync(marker)).toBe(false);
  });

  it("is looked for in PATH, and in the working folder only by a path", async () => {
    write("other", `echo '{"A": "1"}'`);
    const notThere = "the program is not there, or is none";
    const env = { PATH: [".", "", "bin", "/usr/bin", "/bin"].join(delimiter) };
    const command = (name: string): Spec => ({ command: [name] }) as Spec;
    expect(await failWith("true", { ...command("other"), workingDirectory: "bin" }, { env })).toContain(
      notThere,
    );
    expect(await read("true", command("./bin/other"), { env })).toEqual({ A: "1" });
    expect(await failWith("true", command("./bin"), { env })).toContain(notThere);
    chmodSync(join(folder, "bin/other"), 0o644);
    expect(await failWith("true", command("./bin/other"), { env })).toContain(notThere);
  });

  it("that a state names runs only if it is allowed", async () => {
    const marker = join(folder, "ran");
    const script = `touch ${marker}; echo '{"A": "1"}'`;
    const text =
      "the command stands in the stack's state, and is not allowed here: command print. Fix: if this machine may run it, add --allow-command print";
    write("print", script);
    const context = { ...sourceContext, programDirectory: folder, env: { PATH: path() } };
    await expect(resolveSources([{ type: "command", command: ["print"] }], context)).rejects.toThrow(text);
    expect(await failWith(script, {}, { mayRun: (program) => program === "other" })).toContain(text);
    expect(existsSync(marker)).toBe(false);
    await read(script, {}, { mayRun: (program) => program === "print" });
    expect(existsSync(marker)).toBe(true);
  });
});
