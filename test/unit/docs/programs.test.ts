import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readBlocks } from "../../support/docs/page.js";
import { projectFolder } from "../../support/engine/engine.js";

const guides = readdirSync(join(projectFolder, "docs/guides")).map((name) => `docs/guides/${name}`);
const pages = ["README.md", "CONTRIBUTING.md", "docs/languages.md", ...guides];

// Inside the project, so that its packages are found.
const folder = join(projectFolder, ".cache/programs-of-pages");
beforeAll(() => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it("every program in TypeScript on the pages is one that the compiler takes", () => {
  const programs = pages.flatMap((page) =>
    readBlocks(page)
      .filter(({ language, untried }) => language === "ts" && untried === undefined)
      .map(({ text, line }) => ({ file: join(folder, `${page.replaceAll("/", "-")}-${line}.ts`), text })),
  );
  for (const { file, text } of programs) {
    // A file of the provider lies in its folder of sources.
    const placed = text.replaceAll(/"(\.\.?\/[a-z/-]+\.js)"/g, (_, path: string) =>
      JSON.stringify(join(projectFolder, "provider/sources", path)),
    );
    writeFileSync(file, `${placed}\nexport {};\n`);
  }
  const { options } = ts.parseJsonConfigFileContent(
    ts.readConfigFile(join(projectFolder, "test/tsconfig.json"), ts.sys.readFile).config,
    ts.sys,
    join(projectFolder, "test"),
  );
  const program = ts.createProgram(
    programs.map(({ file }) => file),
    {
      ...options,
      paths: {
        "pulumi-snowflake-secrets": [join(projectFolder, "sdk/index.ts")],
        "pulumi-snowflake-secrets/plugin": [join(projectFolder, "sdk/plugin/index.ts")],
      },
    },
  );
  const found = programs.flatMap(({ file }) => [
    ...program.getSyntacticDiagnostics(program.getSourceFile(file)),
    ...program.getSemanticDiagnostics(program.getSourceFile(file)),
  ]);
  expect(ts.formatDiagnostics(found, formatHost)).toBe("");
  expect(programs.length).toBeGreaterThan(8);
});

const formatHost: ts.FormatDiagnosticsHost = {
  getCanonicalFileName: (name) => name,
  getCurrentDirectory: () => folder,
  getNewLine: () => "\n",
};
