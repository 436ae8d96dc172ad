import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { ProviderError } from "../../../provider/core/errors.js";
import { toOneLine } from "../../../provider/core/one-line.js";
import { formatOwnershipComment } from "../../../provider/secret-sync/plan/ownership-comment.js";
import { runCommandLine } from "../../../sdk/cli/command-line.js";
import { renderChecks } from "../../../sdk/cli/doctor/check.js";
import { paintMarks } from "../../../sdk/cli/output.js";
import { type SnowflakeServer, startSnowflakeServer } from "../../../sdk/snowflake-server/index.js";
import { openOutput, Screen } from "../../support/cli/screen.js";

/** What a terminal or a log would take for its own: controls, line separators, turns of the reading direction. */
const hostileRanges = [
  [0x00, 0x1f],
  [0x7f, 0x9f],
  [0x061c, 0x061c],
  [0x200e, 0x200f],
  [0x2028, 0x202e],
  [0x2066, 0x2069],
] as const;
const hostile = hostileRanges.flatMap(([first, last]) =>
  Array.from({ length: last - first + 1 }, (_, index) => String.fromCharCode(first + index)),
);
const isHostile = (character: string) => hostile.includes(character);

/** Hostile characters among any others. */
const anyText = fc.string({
  unit: fc.oneof(fc.constantFrom(...hostile), fc.string({ unit: "grapheme", minLength: 1, maxLength: 3 })),
  maxLength: 60,
});

/** The lines of what was written, and whether any of them holds a character that is not the output's own. */
function readScreen(text: string): { lines: string[]; foreign: string[] } {
  const esc = String.fromCharCode(27);
  // The colours, and what takes a progress away.
  const plain = text.replaceAll(new RegExp(`${esc}\\[(\\d+m|K)|\\r(?=${esc}\\[K)`, "g"), "");
  const lines = plain.split("\n");
  return { lines: lines.slice(0, -1), foreign: [...lines.join("")].filter(isHostile) };
}

describe("text from outside", () => {
  it("holds in one line nothing that a terminal acts on, and nothing else is changed", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const shown = toOneLine(text);
        expect([...shown].filter(isHostile)).toEqual([]);
        expect(toOneLine(shown)).toBe(shown);
        expect(
          shown.replaceAll(/\\u([0-9a-f]{4})/g, (_, hex) => String.fromCharCode(Number(`0x${hex}`))),
        ).toBe(text.replaceAll(/\\u([0-9a-f]{4})/g, (_, hex) => String.fromCharCode(Number(`0x${hex}`))));
      }),
    );
  });

  it.each([
    ["on a terminal", true],
    ["elsewhere", false],
  ])("makes no line and no escape of its own %s", (_, isTTY) => {
    vi.stubEnv("NO_COLOR", undefined);
    vi.stubEnv("TERM", "xterm");
    fc.assert(
      fc.property(fc.array(anyText, { minLength: 1, maxLength: 5 }), (texts) => {
        const { output, stdout, stderr } = openOutput(isTTY);
        const [first = ""] = texts;
        output.progress(first);
        output.tell(texts, {});
        output.tell(paintMarks(`synced app: ~ ${first}`), {});
        output.tell(renderChecks([{ area: "source", status: "bad", detail: first, fix: first }]), {});
        const told = readScreen(stdout.text);
        expect(told.foreign).toEqual([]);
        expect(told.lines.slice(0, texts.length)).toEqual(texts.map(toOneLine));
        output.fail(
          new ProviderError("ENGINE_FAILED", {
            operation: first,
            target: first,
            hint: first,
            details: { engineMessages: texts },
          }),
          "sync",
        );
        output.fail(new Error(first), "sync");
        expect(readScreen(stderr.text).foreign).toEqual([]);
      }),
    );
    vi.unstubAllEnvs();
  });

  it("is the same to whoever parses --json, which is one line of harmless characters", () => {
    fc.assert(
      fc.property(fc.dictionary(anyText, fc.array(anyText)), (data) => {
        const { output, stdout } = openOutput(false, { isJson: true });
        output.tell([], data);
        expect(readScreen(stdout.text)).toMatchObject({ lines: [stdout.text.slice(0, -1)], foreign: [] });
        expect(JSON.parse(stdout.text)).toEqual(JSON.parse(JSON.stringify(data)));
      }),
    );
  });
});

describe("the commands on a hostile account", () => {
  let server: SnowflakeServer;
  const before = { ...process.env };

  beforeAll(async () => {
    server = await startSnowflakeServer();
    const { username, password } = server.connection;
    Object.assign(process.env, {
      SNOWFLAKE_ACCOUNT: server.account,
      SNOWFLAKE_USER: username,
      SNOWFLAKE_PASSWORD: password,
      SNOWFLAKE_HOST: server.host,
      SNOWFLAKE_PORT: String(server.port),
      SNOWFLAKE_PROTOCOL: "http",
      SNOWFLAKE_HOME: "/nonexistent",
    });
  });
  afterAll(async () => {
    process.env = before;
    await server.stop();
  });

  const run = async (...args: string[]) => {
    const streams = { stdout: new Screen(false, 80), stderr: new Screen(false, 80) };
    const code = await runCommandLine(args, streams);
    return { code, stdout: streams.stdout.text, stderr: streams.stderr.text };
  };

  it("show its names and comments in lines of their own, as text and as JSON", async () => {
    const role = server.connection.role ?? "ACCOUNTADMIN";
    const named = anyText.filter((text) => text.length > 0 && !/[\0\p{Surrogate}]/u.test(text));
    let count = 0;
    await fc.assert(
      fc.asyncProperty(named, named, async (name, place) => {
        const database = `${name}${count++}`;
        server.control.createDatabase(database);
        server.control.createSchema(database, name);
        const [ownerId, revision, fingerprint] = ["0".repeat(32), "0".repeat(8), "0".repeat(32)];
        const comment = formatOwnershipComment({ ownerId, revision, fingerprint, place });
        server.control.putSecret({ database, schema: name, name, value: "v", owner: role, comment });
        for (const args of [
          ["databases"],
          ["schemas", database],
          ["schemas", `${database}-not-there`],
          ["secrets", "--database", database, "--schema", name],
        ]) {
          const { code, stdout, stderr } = await run("list", ...args);
          expect([0, 1]).toContain(code);
          for (const text of [stdout, stderr]) expect(readScreen(text).foreign, text).toEqual([]);
          if (code === 0) expect(stdout).toContain(toOneLine(args[0] === "databases" ? database : name));
          if (args[0] === "secrets") expect(stdout).toContain(`managed by ${toOneLine(place)}\n`);
        }
        const { stdout } = await run("list", "secrets", "--database", database, "--schema", name, "--json");
        expect(readScreen(stdout)).toMatchObject({ lines: [expect.any(String)], foreign: [] });
        expect(JSON.parse(stdout)).toMatchObject({ database, secrets: [{ name }] });
      }),
      { numRuns: 10 },
    );
  });

  it("show what they were called with, wrong or not, without acting on it", async () => {
    await fc.assert(
      fc.asyncProperty(anyText, async (text) => {
        for (const args of [
          [text],
          ["list", text],
          ["sync", `--${text}`],
          ["auto-sync", "--interval", text],
        ]) {
          const { stdout, stderr } = await run(...args);
          const lines = [...(stdout + stderr)].filter((c) => isHostile(c) && c !== "\n");
          expect(lines).toEqual([]);
        }
      }),
    );
  });
});
