import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { type FollowedShell, followInShell } from "../support/docs/follow-in-shell.js";
import { type Block, isShown, readBlocks } from "../support/docs/page.js";
import { readTerminal } from "../support/docs/terminal-svg.js";
import { projectFolder } from "../support/engine/engine.js";

const blocks = readBlocks("README.md");
const textsIn = (blocks: readonly Block[], wanted: string) =>
  blocks.filter(({ language }) => language === wanted).map(({ text }) => text);
const [list = ""] = textsIn(blocks, "");
const [first = "", change = ""] = textsIn(blocks, "sh");
const [yaml = ""] = textsIn(
  readBlocks("docs/languages.md").filter(({ text }) => /try-yaml/.test(text)),
  "sh",
);
const inPython = readBlocks("docs/languages.md").filter(({ text }) => /try-python/.test(text));
const [python = ""] = textsIn(inPython, "sh");
const [pythonList = ""] = textsIn(inPython, "");
const picture = readTerminal(readFileSync(join(projectFolder, "docs/images/preview.svg"), "utf8"));

// The commands as they stand, in one shell, in an empty folder.
describe("README.md and docs/languages.md, followed in an empty folder", () => {
  let shell: FollowedShell;
  let printed: readonly string[];

  beforeAll(async () => {
    const leaveYaml = "pulumi destroy --yes && cd ../python";
    shell = await followInShell([first, change, python, `cd ..\n${yaml}`, leaveYaml, leave], {
      timeoutMs: 200_000,
    });
    printed = shell.printed;
  });

  it("ends without an error", () => {
    expect(shell.failed, shell.output).toEqual([]);
  });

  it("prints the lists that the page shows", () => {
    ensureShown(list, printed[0]);
    ensureShown(pythonList, printed[2]);
  });

  it("creates a secret in YAML", () => {
    expect(printed[3]).toContain("1 created");
  });

  it("prints the preview of the picture, and no value in it", () => {
    const [shown = "", written = ""] = (printed[1] ?? "").split(/^Updating/m);
    // The engine prints the summary at any time.
    const [summary = ""] = /^app: .*$/m.exec(picture) ?? [];
    expect(summary).toMatch(/1 to create, 1 to alter, 1 to drop/);
    expect(shown).toContain(summary);
    ensureShown(picture.replace(summary, ""), shown.replace(summary, ""));
    for (const value of ["first-", "second", "new"]) expect(shown).not.toContain(`"${value}`);
    // What the control API of the account shows: JSON in one line.
    const held = JSON.parse(/^\[\{.*\}\]$/m.exec(written)?.[0] ?? "[]") as { name: string; value: string }[];
    expect(Object.fromEntries(held.map(({ name, value }) => [name, value]))).toEqual({
      API_KEY: "second",
      DATABASE_URL: "first-DATABASE_URL",
      SIGNING_KEY: "new",
    });
  });

  it("takes away at the end what it made", () => {
    expect(printed[5]).toContain("NOTHING LEFT");
  });
});

function ensureShown(shown: string, text = ""): void {
  expect(isShown(shown, text), `the page shows\n${shown}\nand this was printed:\n${text}`).toBe(true);
}

// What the page says in words, at its end.
const leave = `
pulumi destroy --yes
cd .. && pulumi destroy --yes
test -z "$(npx pulumi-snowflake-secrets list secrets --database APP --schema SECRETS | grep GENERIC_STRING)" && echo "NOTHING LEFT"
kill %1
`;
