import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { projectFolder } from "../support/engine/engine.js";

/** A place in the code that makes an error: its texts, with "…" for what is filled in. */
interface ErrorText {
  readonly code: string;
  readonly operation: string;
  readonly target: string | undefined;
  readonly hint: string;
}

/** The page of all error codes: what each means, and every text that stands behind it. */
export function buildErrorsPage(): string {
  const meanings = readMeanings();
  const texts = ["provider", "sdk"].flatMap(sourceFiles).flatMap(readErrorTexts);
  const unknown = texts.filter(({ code }) => !meanings.has(code) && code !== "…");
  if (unknown.length > 0) throw new Error(`codes without a meaning: ${unknown.map(({ code }) => code)}`);
  const sections = [...meanings].map(([code, meaning]) => {
    const own = texts.filter((text) => text.code === code);
    return `## ${code}\n${capitalize(meaning)}\n\n${own.map(formatText).sort().filter(isFirst).join("\n")}\n`;
  });
  return `${head}\n${sections.join("\n")}`;
}

const head = `# Errors by code

Built by \`npm run generate\` from the code. An error reads \`[CODE] what failed: target. Fix: hint\`; "…" stands for a name, a number, or a text that is made elsewhere. A code does not change its meaning between releases; a text may.
`;

/** What the comment of \`ErrorCode\` says of each code, in its order. */
function readMeanings(): ReadonlyMap<string, string> {
  const text = readFileSync(join(projectFolder, "provider/core/errors.ts"), "utf8");
  const comment = text.slice(0, text.indexOf("export type ErrorCode")).replace(/\n \* {2,}/g, " ");
  return new Map(
    [...comment.matchAll(/^ \* - `([A-Z_]+)`: (.*)$/gm)].map(([, code = "", what = ""]) => [code, what]),
  );
}

function sourceFiles(room: string): string[] {
  return readdirSync(join(projectFolder, room), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !file.includes("snowflake-server"))
    .sort();
}

function readErrorTexts(path: string): ErrorText[] {
  const file = ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest, true);
  const found: ErrorText[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isNewExpression(node) && node.expression.getText(file) === "ProviderError") {
      const [code, options] = node.arguments ?? [];
      if (code && options && ts.isObjectLiteralExpression(options)) {
        const field = (name: string) => readField(options, name, file);
        const hint = field("hint");
        const operation = field("operation");
        if (operation !== undefined && hint !== undefined) {
          for (const each of readTexts(code, file))
            found.push({ code: each, operation, target: field("target"), hint });
        }
      }
    }
    if (ts.isObjectLiteralExpression(node)) found.push(...readMeaning(node, file));
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/** A row of a table that maps a service's codes: its own code stands in the place of what failed. */
function readMeaning(node: ts.ObjectLiteralExpression, file: ts.SourceFile): ErrorText[] {
  const [code, hint] = [readField(node, "code", file), readField(node, "hint", file)];
  if (code === undefined || hint === undefined || hint === "…" || !/^[A-Z_]+$/.test(code)) return [];
  const key = ts.isPropertyAssignment(node.parent) ? node.parent.name.getText(file).replaceAll('"', "") : "…";
  return [{ code, operation: `a call failed (${key})`, target: undefined, hint }];
}

function readField(
  options: ts.ObjectLiteralExpression,
  name: string,
  file: ts.SourceFile,
): string | undefined {
  for (const property of options.properties) {
    if (property.name?.getText(file) !== name) continue;
    return ts.isPropertyAssignment(property) ? readTexts(property.initializer, file).join(" / ") : "…";
  }
  return undefined;
}

/** The texts that an expression may be; "…" for what only the run knows. */
function readTexts(node: ts.Expression, file: ts.SourceFile): string[] {
  if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) return [node.text];
  if (ts.isIdentifier(node)) return readConstant(node.text, file);
  if (ts.isParenthesizedExpression(node)) return readTexts(node.expression, file);
  if (ts.isConditionalExpression(node)) {
    return [...readTexts(node.whenTrue, file), ...readTexts(node.whenFalse, file)];
  }
  if (ts.isTemplateExpression(node)) {
    return [node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join("")];
  }
  return ["…"];
}

/** The text of a constant of the same file. */
function readConstant(name: string, file: ts.SourceFile): string[] {
  for (const statement of file.statements) {
    if (!ts.isVariableStatement(statement)) continue;
    for (const { name: found, initializer } of statement.declarationList.declarations) {
      if (found.getText(file) === name && initializer && ts.isStringLiteral(initializer))
        return [initializer.text];
    }
  }
  return ["…"];
}

function formatText({ operation, target, hint }: ErrorText): string {
  return `- ${operation}${target === undefined ? "" : `: ${target}`}. **Fix:** ${hint}`;
}

function isFirst(text: string, index: number, all: readonly string[]): boolean {
  return all.indexOf(text) === index;
}

function capitalize(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
