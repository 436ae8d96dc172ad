import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { inspect } from "node:util";
import { parse } from "dotenv";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { resolveSources } from "../../../provider/sources/index.js";
import { sourceContext, sourceFailureOf, valuesOf } from "../../support/sources.js";

type Reading = Readonly<Record<string, string | null>> | null;

/** How other readers read odd files; null where they refuse one. */
const readings: readonly { text: string; python: Reading; godotenv: Reading; compose: Reading }[] =
  JSON.parse(readFileSync(resolve(__dirname, "../../fixtures/dotenv/readings.json"), "utf8"));

// In braces, which are none of a template string.
const refer = (to: string) => ["$", `{${to}}`].join("");

const planted = "pl4nted-v4lue";
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dotenv-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function read(content: string | Uint8Array): Promise<Readonly<Record<string, string>>> {
  writeFileSync(join(folder, ".env"), content);
  const context = { ...sourceContext, programDirectory: folder };
  return valuesOf(resolveSources([{ type: "dotenv", allowEmpty: true }], context));
}

const failWith = async (content: string | Uint8Array) =>
  (await sourceFailureOf(read(content), [planted])).message;

const withoutMark = (text: string) => text.replace(/^\ufeff/, "");

/** What other readers take for a template, for a wrong key or for no text, and this one on purpose does not. */
const readAlone: readonly string[] = [
  "A=$B",
  `A=${refer("B")}`,
  "A=a$b",
  'A="$B"',
  `A="${refer("B")}"`,
  `B=1\nA=${refer("B")}`,
  "A=pa$$word",
  `A=${refer("B:-x")}`,
  "A=${",
  "A-B=x",
  "\ufeffA=x",
];

/** What every other reader agrees on, and this one refuses: slips, and what cannot be seen in an editor. */
const refusedAlone: readonly string[] = [
  "A=x\nA=y",
  "A=x\nA=",
  "A='x'\nA='x'",
  "A=`",
  "A=`abc",
  "A=it's # c",
  "A=x' #c'",
  'A=x" #c"',
  'A={"a": "b"} # c',
  "export=x",
  "export export=x",
  "A=x\u00a0",
  "A=\u00a0x",
  "\u00a0A=x",
  "A\u00a0=x",
  "A=x\u2028B=y",
  "A=x\fy",
  "A=x\u000b",
];

describe("a corpus of odd dotenv files", () => {
  it("is read only as every reader reads it, or refused", async () => {
    const accepted: string[] = [];
    const refused: string[] = [];
    for (const { text, python, godotenv, compose } of readings) {
      // A key of this name gets lost in npm's reader, and a NUL is no text; both are told below.
      if (/__proto__|\0/.test(text)) continue;
      const npm = { ...parse(withoutMark(text)) };
      const others = [npm, python, godotenv, compose];
      const found = await read(text).catch(() => undefined);
      const agreed = others.every((other) => other !== null && isEqual(other, npm)) ? npm : undefined;
      if (found === undefined && agreed !== undefined) refused.push(text);
      if (found !== undefined && !(agreed !== undefined && isEqual(found, agreed))) {
        accepted.push(text);
        // Nothing is expanded, cut or added: it is what npm's reader reads.
        expect([text, found]).toEqual([text, npm]);
      }
    }
    expect(accepted.sort()).toEqual([...readAlone].sort());
    expect(refused.sort()).toEqual([...refusedAlone].sort());
    expect(readings.length).toBeGreaterThan(250);
  });
});

function isEqual(a: object, b: object): boolean {
  return inspect(Object.entries(a).sort()) === inspect(Object.entries(b).sort());
}

describe("the dotenv source", () => {
  it("reads quotes, comments, line breaks, and escapes that all readers know", async () => {
    expect(
      await read(
        `# c\r\nexport A="x y"\r\nB='#no'\r\nC=plain text # c\r\nD=\r\n E = C:\\new # c\nF="two\nlines\\n" # c\nG='{"a":"b\\n"}'`,
      ),
    ).toEqual({
      A: "x y",
      B: "#no",
      C: "plain text",
      D: "",
      E: "C:\\new",
      F: "two\nlines\n",
      G: '{"a":"b\\n"}',
    });
  });

  it("keeps $ in a value, whatever follows it", async () => {
    expect(await read(`A=$HOME\nB="${refer("HOME")}"\nC=pa$$w0rd\nD='$1'\nE=$(id)`)).toEqual({
      A: "$HOME",
      B: refer("HOME"),
      C: "pa$$w0rd",
      D: "$1",
      E: "$(id)",
    });
  });

  it.each([
    ["A=1\nB=ab#V", "line 2 (B): a # in or behind a value without quotes"],
    ["A=1\n\nB= # V", "line 3 (B): a # in or behind a value without quotes"],
    ['A="V \\" x"', "line 1 (A): a backslash that readers take differently"],
    ["A='V\\\\'", "line 1 (A): a backslash that readers take differently"],
    ['A="1\n2"\nB="V\nC=3', "line 3 (B): a quote that is not closed"],
    ['A="abc"V', "line 1 (A): text after the closing quote"],
    ["A=`V`", "line 1 (A): a value that begins with a backtick"],
    ["A=real\nA=", "line 2 (A): a key that an earlier line has"],
    ["A=V\u00a0", "line 1 (A): a space at the value's end"],
    ["A='V\r\nx'\r\n", "line 1 (A): a line end that readers take differently"],
    ["A=V\rB=2", "line 1 (A): a line end that readers take differently"],
    ["A=1\n__proto__=V", "line 2 (__proto__): a line that readers take differently"],
    ["A=1\nmy key=V\nB=3\n", "line 2: no KEY=value"],
    ["A: V", "line 1: no KEY=value"],
    ["A", "line 1: no KEY=value"],
    ["# c\n\nA=1\n- B: V\nC=3\n{}\n", "line 4: no KEY=value; line 6: no KEY=value"],
    ["A='x\ny'\n\n\nK€Y=V\r\n", "line 5: no KEY=value"],
  ])("names line, key and rule of what it refuses, and nothing of the value: %j", async (content, told) => {
    const message = await failWith(content.replaceAll("V", planted));
    expect(message.startsWith(`[SOURCE_FAILED] cannot read dotenv file: .env, ${told}`)).toBe(true);
    expect(message.split("Fix: ")[1]).toMatch(/^[A-Z].+\.$/);
  });

  it("takes nothing for a key where a value of several lines has no quotes", async () => {
    const message = await failWith(`A=x\nA=y\nKEY=-----BEGIN\n${planted}\npl4nted-v4lue==\n`);
    expect(message).toContain(".env, line 2: a key that an earlier line has; line 4: no KEY=value. Fix:");
  });

  it("names ten lines of many", async () => {
    expect(await failWith("A\n".repeat(13))).toContain(
      "line 10: no KEY=value; and 3 more. Fix: Write KEY=value",
    );
  });

  it("reads UTF-8 with or without its mark", async () => {
    expect(await read("\ufeffA=é\n")).toEqual({ A: "é" });
    expect(await read("A=é€𝄞\n")).toEqual({ A: "é€𝄞" });
  });

  it.each([
    [
      "Latin-1",
      Buffer.from(`A=1\nB=${planted}é\n`, "latin1"),
      "Latin-1, Windows-1252 or another encoding, line 2",
    ],
    [
      "a cut-off letter",
      Buffer.from("A=é").subarray(0, 3),
      "Latin-1, Windows-1252 or another encoding, line 1",
    ],
    ["UTF-16 LE", Buffer.from(`\ufeffA=${planted}`, "utf16le"), "UTF-16, or no text"],
    ["UTF-16 BE", Buffer.from(`\ufeffA=${planted}`, "utf16le").swap16(), "UTF-16, or no text"],
    ["UTF-16 without a mark", Buffer.from(`A=${planted}`, "utf16le"), "UTF-16, or no text"],
    ["a NUL", Buffer.from("A=x\0y"), "UTF-16, or no text"],
  ])("refuses what is not UTF-8, by its name: %s", async (_, bytes, encoding) => {
    expect(await failWith(bytes)).toBe(
      `[SOURCE_FAILED] dotenv file is not UTF-8: .env (${encoding}). Fix: save the file as UTF-8.`,
    );
  });

  it("reads a long value in no time", async () => {
    const long = "x\\n".repeat(200_000);
    expect(await read(`A="${long}"\nB='${long}'\n`)).toEqual({ A: "x\n".repeat(200_000), B: long });
  });
});
