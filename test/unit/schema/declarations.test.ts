import { readFileSync } from "node:fs";
import { join, posix } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { projectFolder } from "../../support/engine/engine.js";

const read = (path: string) => readFileSync(join(projectFolder, path), "utf8");

/** The declaration that the package has of a file. What it does not write out, the compiler could not tell from it. */
function declare(path: string): string {
  const { outputText, diagnostics = [] } = ts.transpileDeclaration(read(path), {
    fileName: path,
    reportDiagnostics: true,
    compilerOptions: { declaration: true, isolatedDeclarations: true, target: ts.ScriptTarget.ES2022 },
  });
  expect(diagnostics.map(({ messageText }) => `${path}: ${messageText}`)).toEqual([]);
  return outputText;
}

/** What a declaration leads to: files of the project, and packages. */
function followImports(entry: string): { readonly files: string[]; readonly packages: string[] } {
  const files = new Set([entry]);
  const packages = new Set<string>();
  for (const file of files) {
    for (const { fileName } of ts.preProcessFile(declare(file), true, true).importedFiles) {
      if (fileName.startsWith(".")) {
        files.add(posix.join(posix.dirname(file), fileName).replace(/\.js$/, ".ts"));
      } else packages.add(fileName);
    }
  }
  return { files: [...files], packages: [...packages] };
}

describe("the declarations of the package", () => {
  it.each(["sdk/index.ts", "sdk/plugin/index.ts"])("of %s lead to Pulumi's SDK, and to no zod", (entry) => {
    const { files, packages } = followImports(entry);
    expect(files).toContain("sdk/generated/types.ts");
    expect(files.filter((file) => !file.startsWith("sdk/"))).toEqual([]);
    expect(packages).toEqual(["@pulumi/pulumi"]);
  });

  it("have a text for every type and every field of the arguments", () => {
    const path = "sdk/generated/types.ts";
    const file = ts.createSourceFile(path, read(path), ts.ScriptTarget.Latest, true);
    const types = file.statements
      .filter(ts.isInterfaceDeclaration)
      .filter(({ name }) => name.text.endsWith("Args"));
    // The text that tells one source from another says itself what it is.
    const fields = types
      .flatMap(({ members }) => [...members])
      .filter((field) => !/^pulumi\.Input<"/.test((field as ts.PropertySignature).type?.getText() ?? ""));
    expect(fields.length).toBeGreaterThan(100);
    const without = [...types, ...fields].filter((node) => ts.getJSDocCommentsAndTags(node).length === 0);
    expect(without.map((node) => node.getText())).toEqual([]);
  });
});
