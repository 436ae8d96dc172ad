import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readBlocks } from "../support/docs/page.js";
import { projectFolder } from "../support/engine/engine.js";

/** The languages whose programs tests run or compile. */
export const testedLanguages = ["typescript", "python", "go", "yaml"] as const;
export type TestedLanguage = (typeof testedLanguages)[number];
export type Language = TestedLanguage | "csharp";

/** The file of each resource's class, whose comment has the example in TypeScript. */
const classes = {
  SnowflakeSecretSync: "sdk/snowflake-secret-sync.ts",
  SnowflakeExportDestination: "sdk/snowflake-export-destination.ts",
  ExportDestination: "sdk/export-destination.ts",
};
export type ResourceName = keyof typeof classes;
export const resourceNames = Object.keys(classes) as ResourceName[];

/** How a program in each language makes a resource. */
const calls: Readonly<Record<Exclude<Language, "typescript">, (resource: string) => string>> = {
  python: (resource) => `\n${resource}(`,
  go: (resource) => `.New${resource}(`,
  csharp: (resource) => `new ${resource}(`,
  yaml: (resource) => `type: snowflake-secrets:${resource}\n`,
};

/**
 * The example of a resource in a language as a whole program. It is the one that the class's comment, the README or
 * docs/languages.md shows.
 */
export function buildProgram(resource: ResourceName, language: Language): string {
  switch (language) {
    case "typescript":
      return wrapTypescript([resource], readClassExample(resource));
    case "go":
      return wrapGo(findExample(resource, language));
    case "yaml":
      return `${declareConfig(findExample(resource, language))}${findExample(resource, language)}`;
    default:
      return findExample(resource, language);
  }
}

/** One program with the examples of all resources; a test runs it. */
export function buildWholeProgram(language: "typescript" | "python" | "yaml"): string {
  if (language === "typescript")
    return wrapTypescript(resourceNames, resourceNames.map(readClassExample).join("\n"));
  const examples = resourceNames.map((resource) => findExample(resource, language));
  if (language === "python") return examples.join("\n");
  const resources = examples.map((example) => example.replace("resources:\n", "")).join("");
  return `${declareConfig(resources)}resources:\n${resources}`;
}

function readClassExample(resource: ResourceName): string {
  const text = readFileSync(join(projectFolder, classes[resource]), "utf8");
  const [, example] = /@example\n((?: \* .*\n)*? \* }\);\n)/.exec(text) ?? [];
  if (!example?.includes(`new ${resource}(`)) throw new Error(`${resource} has no @example.`);
  return example.replaceAll(/^ \* /gm, "");
}

function findExample(resource: ResourceName, language: Exclude<Language, "typescript">): string {
  const found = ["README.md", "docs/languages.md"]
    .flatMap(readBlocks)
    .find((block) => block.language === language && block.text.includes(calls[language](resource)));
  if (found === undefined) throw new Error(`No page has an example of ${resource} in ${language}.`);
  return found.text;
}

function wrapTypescript(resources: readonly string[], text: string): string {
  return `import * as pulumi from "@pulumi/pulumi";
import { ${resources.join(", ")} } from "pulumi-snowflake-secrets/plugin";

const config = new pulumi.Config();

${text}`;
}

function wrapGo(call: string): string {
  return `package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
	"pulumi-snowflake-secrets/sdk/go/snowflakesecrets"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
${call.replaceAll(/^(?=.)/gm, "\t\t")}		return err
	})
}
`;
}

/** The settings that a program in YAML refers to, as secrets. */
function declareConfig(program: string): string {
  const names = [...program.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name);
  return `config:\n${names.map((name) => `  ${name}: { type: string, secret: true }\n`).join("")}`;
}
