import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ProviderError } from "../../../provider/core/errors.js";
import { renderChecks } from "../../../sdk/cli/doctor/check.js";
import { paint, paintMarks } from "../../../sdk/cli/output.js";
import { alignRows, wrapText } from "../../../sdk/cli/text-layout.js";
import { openOutput } from "../../support/cli/screen.js";

const esc = String.fromCharCode(27);

const open = (isTTY: boolean, isJson = false) => openOutput(isTTY, { isJson, columns: 40 });

const error = new ProviderError("NOT_FOUND", {
  operation: "find the syncs to run",
  target: "nobody in stack dev",
  hint: "give logical names of deployed resources: app.",
});

describe("what a command writes", () => {
  beforeEach(() => {
    vi.stubEnv("NO_COLOR", undefined);
    vi.stubEnv("TERM", "xterm");
  });
  afterEach(() => vi.unstubAllEnvs());

  it("shows an error and its fix apart on a terminal, wrapped at words, and in one line elsewhere", () => {
    const terminal = open(true);
    terminal.output.fail(error, "sync");
    const lines = terminal.stderr.text
      .replaceAll(new RegExp(`${esc}\\[\\d+m`, "g"), "")
      .trimEnd()
      .split("\n");
    expect(lines).toEqual([
      "[NOT_FOUND] find the syncs to run:",
      "  nobody in stack dev.",
      "  Fix: give logical names of deployed",
      "    resources: app.",
      "  Details: npx pulumi-snowflake-secrets explain NOT_FOUND",
    ]);
    expect(terminal.stderr.text).toContain(`${esc}[31m[NOT_FOUND]${esc}[0m`);
    const pipe = open(false);
    pipe.output.fail(error, "sync");
    expect(pipe.stderr.text).toBe(
      `${error.message}\n  Details: npx pulumi-snowflake-secrets explain NOT_FOUND\n`,
    );
  });

  it("says that there is nothing on stderr, and in a document under --json", () => {
    const pipe = open(false);
    pipe.output.tellNothing("no schemas found", { schemas: [] });
    expect([pipe.stdout.text, pipe.stderr.text]).toEqual(["", "no schemas found\n"]);
    const json = open(false, true);
    json.output.tellNothing("no schemas found", { schemas: [] });
    expect([json.stdout.text, json.stderr.text]).toEqual(['{"schemas":[]}\n', ""]);
  });

  it("shows colours and what is under way on a terminal alone, and no colours under NO_COLOR", () => {
    const terminal = open(true);
    terminal.output.progress("asking Snowflake …");
    terminal.output.tell(paint("green", "done"), {});
    expect(terminal.stderr.text).toBe(`${esc}[2masking Snowflake …${esc}[0m\r${esc}[K`);
    expect(terminal.stdout.text).toBe(`${esc}[32mdone${esc}[0m\n`);
    for (const [quiet, written] of [
      [open(false), "done\n"],
      [open(true, true), "{}\n"],
    ] as const) {
      quiet.output.progress("asking Snowflake …");
      quiet.output.tell(paint("green", "done"), {});
      quiet.output.end();
      expect([quiet.stdout.text, quiet.stderr.text]).toEqual([written, ""]);
    }
    vi.stubEnv("NO_COLOR", "1");
    const plain = open(true);
    plain.output.fail(error, "sync");
    plain.output.tell(paint("red", "BAD"), {});
    expect(plain.stdout.text).toBe("BAD\n");
    expect(plain.stderr.text).not.toContain(esc);
  });

  it("gives the marks of a sync the colours that Pulumi gives them, on a terminal alone", () => {
    const text = "synced app: ~ A, + B, - C-D and 2 more";
    const show = (isTTY: boolean) => {
      const { output, stdout } = open(isTTY);
      output.tell(paintMarks(text), {});
      return stdout.text;
    };
    const [yellow, green, red] = [33, 32, 31].map(
      (code) => (mark: string) => `${esc}[${code}m${mark}${esc}[0m`,
    );
    expect(show(true)).toBe(
      `synced app: ${yellow?.("~")} A, ${green?.("+")} B, ${red?.("-")} C-D and 2 more\n`,
    );
    expect(show(false)).toBe(`${text}\n`);
    vi.stubEnv("NO_COLOR", "1");
    expect(show(true)).toBe(`${text}\n`);
  });

  it("says below an error what Pulumi's engine said, in the text and under --json", () => {
    const failure = new ProviderError("ENGINE_FAILED", {
      operation: "the run of pulumi failed, and nothing was changed",
      hint: "mend what it says.",
      details: { engineMessages: ["app: [UNREACHABLE] log in failed"] },
    });
    const { output, stderr } = open(false);
    output.fail(failure, "sync");
    expect(stderr.text).toBe(
      `${failure.message}\n  app: [UNREACHABLE] log in failed\n  Details: npx pulumi-snowflake-secrets explain ENGINE_FAILED\n`,
    );
    const json = open(false, true);
    json.output.fail(failure, "sync");
    expect(JSON.parse(json.stdout.text)).toEqual({
      error: {
        code: "ENGINE_FAILED",
        message: `${failure.message}\n  app: [UNREACHABLE] log in failed`,
        retryable: false,
      },
    });
  });
});

describe("the layout of what people read", () => {
  it("breaks at spaces alone, keeps a margin, and leaves a longer word whole", () => {
    expect(wrapText("one two three", 7)).toEqual(["one two", "three"]);
    expect(wrapText("  one two three", 9, "> ")).toEqual(["  one two", "  > three"]);
    expect(wrapText(`${"x".repeat(12)} y`, 7)).toEqual(["x".repeat(12), "y"]);
    expect(wrapText("a\nb", 1)).toEqual(["a\\u000ab"]);
  });

  it("aligns rows, and puts what follows a long cell below it", () => {
    expect(
      alignRows(
        [
          ["A", "T", "1"],
          ["LONG", "TT", "2"],
        ],
        "  ",
      ),
    ).toEqual(["  A     T   1", "  LONG  TT  2"]);
    expect(alignRows([["x".repeat(41), "T"]])).toEqual(["x".repeat(41), `${" ".repeat(42)}T`]);
  });

  it("keeps the doctor's screen within 80 columns, colours aside", () => {
    const detail = "a detail of many words ".repeat(6).trim();
    const { output, stdout } = open(false);
    const checks = [
      { area: "Node", status: "ok", detail: "v20" },
      { area: "connection", status: "bad", detail, fix: detail },
    ] as const;
    output.tell(renderChecks(checks), {});
    for (const line of stdout.text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    expect(stdout.text).toContain("\n1 problem found.\n");
  });
});
