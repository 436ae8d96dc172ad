import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, posix, relative, resolve } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const projectFolder = resolve(__dirname, "../..");

/** How a module gets at another one. */
interface Import {
  readonly specifier: string;
  /** "type" leaves nothing in the output; "lazy" runs when a function does; "run" runs when the file is loaded. */
  readonly kind: "type" | "lazy" | "run";
}

interface Source {
  /** From the top of the project, with slashes: "provider/snowflake/driver/session.ts". */
  readonly path: string;
  readonly imports: readonly Import[];
  /** Literals, with `?` for what a template fills in. */
  readonly texts: readonly string[];
}

/** Where imports go down only: from a higher floor to a lower one, or within one room. */
const floors: readonly (readonly [floor: number, room: RegExp])[] = [
  [5, /^sdk\/(cli|plugin)\//],
  // A room of its own, for users and tests: the provider never imports it, nor it the provider.
  [4, /^sdk\/snowflake-server\//],
  [3.5, /^sdk\/generated\//],
  [4, /^sdk\//],
  [3, /^provider\/((index|dynamic-host)\.ts$|plugin\/)/],
  [2, /^provider\/(secret-sync|export-destination)\//],
  [1, /^provider\/sources\//],
  [0, /^provider\/(snowflake|aws)\//],
  [-1, /^provider\/engine\//],
  [-2, /^provider\/core\/|^provider\/[^/]+\.ts$/],
];

function floorOf(path: string): number {
  const found = floors.find(([, room]) => room.test(path));
  if (found === undefined) throw new Error(`${path} is in no room of the architecture.`);
  return found[0];
}

/** The room within a floor: neighbours on one floor do not know each other. */
function roomOf(path: string): string {
  return [-2, 3].includes(floorOf(path)) ? "provider" : dirname(path).split("/").slice(0, 2).join("/");
}

function parse(path: string, text: string): Source {
  const imports: Import[] = [];
  const texts: string[] = [];
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const visit = (node: ts.Node, depth: number): void => {
    if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier)) {
      imports.push({ specifier: node.moduleSpecifier.text, kind: isTypeOnly(node) ? "type" : "run" });
      return;
    }
    if (ts.isExportDeclaration(node) && node.moduleSpecifier && ts.isStringLiteral(node.moduleSpecifier)) {
      imports.push({ specifier: node.moduleSpecifier.text, kind: node.isTypeOnly ? "type" : "run" });
      return;
    }
    if (
      ts.isImportTypeNode(node) &&
      ts.isLiteralTypeNode(node.argument) &&
      ts.isStringLiteral(node.argument.literal)
    ) {
      imports.push({ specifier: node.argument.literal.text, kind: "type" });
      return;
    }
    if (ts.isCallExpression(node)) {
      const [argument] = node.arguments;
      const isRequire = ts.isIdentifier(node.expression) && node.expression.text === "require";
      const isDynamic = node.expression.kind === ts.SyntaxKind.ImportKeyword;
      if ((isRequire || isDynamic) && argument !== undefined && ts.isStringLiteral(argument)) {
        imports.push({ specifier: argument.text, kind: depth > 0 ? "lazy" : "run" });
        return;
      }
    }
    if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) texts.push(node.text);
    if (ts.isTemplateExpression(node)) {
      texts.push([node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join("?"));
    }
    const inner = ts.isFunctionLike(node) ? depth + 1 : depth;
    ts.forEachChild(node, (child) => visit(child, inner));
  };
  visit(file, 0);
  return { path, imports, texts };
}

function isTypeOnly({ importClause }: ts.ImportDeclaration): boolean {
  if (importClause === undefined) return false;
  if (importClause.phaseModifier === ts.SyntaxKind.TypeKeyword) return true;
  const { name, namedBindings } = importClause;
  return (
    name === undefined &&
    namedBindings !== undefined &&
    ts.isNamedImports(namedBindings) &&
    namedBindings.elements.every((element) => element.isTypeOnly)
  );
}

/** The file of the project that an import means; undefined for a package. */
function targetOf(source: Source, { specifier }: Import): string | undefined {
  if (specifier === "pulumi-snowflake-secrets/provider") return "provider/index.ts";
  if (specifier === "pulumi-snowflake-secrets") return "sdk/index.ts";
  if (!specifier.startsWith(".")) return undefined;
  return posix.join(posix.dirname(source.path), specifier).replace(/\.js$/, ".ts");
}

function packageOf({ specifier }: Import): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

/** A file that is loaded with the program. */
function isShell(path: string): boolean {
  return /^sdk\/((plugin|generated)\/|[^/]+\.ts$)/.test(path);
}

/** One line for each thing that a source must not do. */
function violationsOf(source: Source): string[] {
  const found: string[] = [];
  const complain = (what: string) => found.push(`${source.path} ${what}`);
  const floor = floorOf(source.path);
  for (const imported of source.imports) {
    const target = targetOf(source, imported);
    if (target !== undefined) {
      if (source.path.startsWith("sdk/snowflake-server/") && !target.startsWith("sdk/snowflake-server/")) {
        complain(`imports ${target}, and the server stands by itself`);
      } else if (!/^(provider|sdk)\//.test(target)) {
        complain(`imports ${target}, which is not in the package`);
      } else if (floorOf(target) > floor) {
        complain(`imports ${target}, which lies above it`);
      } else if (floorOf(target) === floor && roomOf(target) !== roomOf(source.path)) {
        complain(`imports ${target}, a neighbour that it must not know`);
      } else if (isShell(source.path) && imported.kind === "run" && target.startsWith("provider/")) {
        complain(`loads ${target} with the program; a shell imports types, or loads lazily`);
      }
      continue;
    }
    const name = packageOf(imported);
    if (name === "@pulumi/pulumi" && imported.kind !== "type" && source.path.startsWith("provider/")) {
      // The plugin speaks the engine's protocol, whose files need nothing else of the package.
      const isProtocol = imported.specifier.startsWith("@pulumi/pulumi/proto/");
      if (!isProtocol || !source.path.startsWith("provider/plugin/")) {
        complain("loads @pulumi/pulumi at run time");
      }
    }
    const mayDrive =
      source.path === "provider/snowflake/driver/session.ts" ||
      (source.path === "provider/snowflake/driver/driver-options.ts" && imported.kind === "type");
    if (name === "snowflake-sdk" && !mayDrive) {
      complain("imports snowflake-sdk");
    }
    if (name.startsWith("@aws-sdk/") && !source.path.startsWith("provider/aws/")) {
      complain(`imports ${name}`);
    }
  }
  // The probe of a PostgreSQL speaks another SQL.
  const maySpeakSql =
    /^provider\/(snowflake\/statements|export-destination\/credentials\/postgresql)\.ts$|^sdk\/snowflake-server\//;
  if (!maySpeakSql.test(source.path)) {
    for (const text of source.texts.filter(isStatement)) complain(`writes SQL: ${text.slice(0, 60)}`);
  }
  return found;
}

/** Each file that imports itself by way of others, with the shortest way. */
function findCircles(sources: readonly Source[]): readonly (readonly string[])[] {
  const targetsOf = new Map(
    sources.map((source) => [source.path, source.imports.flatMap((each) => targetOf(source, each) ?? [])]),
  );
  const seen = new Set<string>();
  return sources.flatMap(({ path }) => {
    const ways = [[path]];
    const visited = new Set<string>();
    for (const way of ways) {
      for (const target of targetsOf.get(way.at(-1) ?? "") ?? []) {
        if (target === path) {
          const isKnown = way.some((each) => seen.has(each));
          for (const each of way) seen.add(each);
          return isKnown ? [] : [way];
        }
        if (!visited.has(target)) ways.push([...way, target]);
        visited.add(target);
      }
    }
    return [];
  });
}

/**
 * What tests share lies in `support`: unit tests know no other layer of tests, and no other layer knows them.
 * (`test/docs` is no layer: it builds the pages.)
 */
function strangersOf(source: Source): string[] {
  const isUnit = source.path.startsWith("test/unit/");
  return source.imports.flatMap((imported) => {
    const target = targetOf(source, imported);
    if (target === undefined || !target.startsWith("test/")) return [];
    const isStranger = isUnit
      ? !/^test\/(unit|support|docs)\//.test(target)
      : target.startsWith("test/unit/");
    return isStranger ? [`${source.path} imports ${target}`] : [];
  });
}

/** `CREATE SECRET` alone is the name of a privilege. */
function isStatement(text: string): boolean {
  return /^\s*((CREATE|ALTER|DROP|GRANT|REVOKE)\s+\S+|SHOW|SELECT|DESCRIBE|USE|COMMENT ON)\s+\S/.test(text);
}

function sourcesOf(folder: string): Source[] {
  const absolute = join(projectFolder, folder);
  if (!existsSync(absolute)) return [];
  return readdirSync(absolute).flatMap((name) => {
    const path = join(absolute, name);
    const fromTop = relative(projectFolder, path).replaceAll("\\", "/");
    if (statSync(path).isDirectory()) return sourcesOf(fromTop);
    return name.endsWith(".ts") ? [parse(fromTop, readFileSync(path, "utf8"))] : [];
  });
}

describe("the architecture", () => {
  const sources = ["provider", "sdk"].flatMap(sourcesOf);

  it("is kept: imports go down only, and each driver, SDK and grammar has one room", () => {
    expect(sources.length).toBeGreaterThan(0);
    expect(sources.flatMap(violationsOf)).toEqual([]);
  });

  it("has no circle of imports", () => {
    expect(findCircles(sources)).toEqual([]);
  });

  it("is kept by the tests: what two layers of them need lies in test/support", () => {
    expect(sourcesOf("test").flatMap(strangersOf)).toEqual([]);
    expect(strangersOf(parse("test/unit/a.test.ts", 'import { b } from "../faults/b.js";'))).toHaveLength(1);
    expect(strangersOf(parse("test/bench/a.ts", 'import { b } from "../unit/b.js";'))).toHaveLength(1);
  });

  it("notices a circle of imports, of types too", () => {
    const [a, b, c] = [
      parse("provider/core/a.ts", 'import type { B } from "./b.js";'),
      parse("provider/core/b.ts", 'export { c } from "./c.js";'),
      parse("provider/core/c.ts", 'const a = () => import("./a.js");'),
    ] as [Source, Source, Source];
    expect(findCircles([a, b])).toEqual([]);
    expect(findCircles([a, b, c])).toEqual([
      ["provider/core/a.ts", "provider/core/b.ts", "provider/core/c.ts"],
    ]);
  });

  it.each([
    ["provider/snowflake/a.ts", 'import { b } from "../aws/b.js";', "a neighbour"],
    ["provider/core/errors.ts", 'import type { B } from "../aws/b.js";', "above"],
    ["provider/sources/a.ts", 'export { b } from "../secret-sync/b.js";', "above"],
    ["provider/secret-sync/a.ts", 'const b = () => require("../../sdk/b.js");', "above"],
    ["provider/index.ts", 'import { output } from "@pulumi/pulumi";', "at run time"],
    ["provider/index.ts", 'const b = () => import("@pulumi/pulumi/dynamic");', "at run time"],
    ["provider/index.ts", 'import { B } from "@pulumi/pulumi/proto/provider_pb.js";', "at run time"],
    ["provider/plugin/a.ts", 'import { output } from "@pulumi/pulumi";', "at run time"],
    ["provider/snowflake/a.ts", 'import type { B } from "snowflake-sdk";', "imports snowflake-sdk"],
    ["provider/sources/a.ts", 'import { B } from "@aws-sdk/client-glue";', "imports @aws-sdk/client-glue"],
    ["provider/secret-sync/a.ts", ["const a = `DROP SECRET $", "{b}`;"].join(""), "writes SQL"],
    ["sdk/a.ts", 'import { b } from "../provider/b.js";', "with the program"],
    ["sdk/a.ts", 'const b = require("pulumi-snowflake-secrets/provider");', "with the program"],
    ["sdk/plugin/a.ts", 'import { b } from "../../provider/b.js";', "with the program"],
    ["provider/a.ts", 'import { b } from "../test/b.js";', "not in the package"],
    ["sdk/snowflake-server/a.ts", 'import { b } from "../../provider/core/b.js";', "stands by itself"],
  ])("notices in %s: %s", (path, text, complaint) => {
    expect(violationsOf(parse(path, text))).toEqual([expect.stringContaining(complaint)]);
  });

  it.each([
    ["provider/index.ts", 'import type { dynamic } from "@pulumi/pulumi";'],
    ["provider/plugin/a.ts", 'import { B } from "@pulumi/pulumi/proto/provider_pb.js";'],
    ["provider/sources/a.ts", 'import { b } from "../aws/b.js";'],
    ["provider/secret-sync/a.ts", 'const privilege = "CREATE SECRET";'],
    [
      "sdk/a.ts",
      'const b = () => require("pulumi-snowflake-secrets/provider").b; import type { C } from "../provider/c.js";',
    ],
    ["sdk/cli/a.ts", 'import { b } from "../../provider/index.js";'],
  ])("lets pass in %s: %s", (path, text) => {
    expect(violationsOf(parse(path, text))).toEqual([]);
  });
});
