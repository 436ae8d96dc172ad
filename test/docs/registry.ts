import { readFileSync } from "node:fs";
import { join } from "node:path";
import { buildSchema } from "../../provider/plugin/schema/index.js";
import type { PackageSpec } from "../../provider/plugin/schema/package-spec.js";
import { projectFolder } from "../support/engine/engine.js";
import { fillPage } from "./fill-page.js";
import {
  buildProgram,
  type Language,
  type ResourceName,
  resourceNames,
  testedLanguages,
} from "./resource-programs.js";
import { drawTable } from "./table.js";

interface Manifest {
  readonly version: string;
  readonly repository?: { readonly url: string };
}

const localModule = "pulumi-snowflake-secrets/sdk/go";

/** Where the package is at home, once package.json says so: `owner/name` of a repository of GitHub. */
function readHome({ repository }: Manifest): string | undefined {
  return /github\.com[/:]([^/]+\/[^/]+?)(?:\.git)?$/.exec(repository?.url ?? "")?.[1];
}

/** `schema.json`: the package schema with an example of each resource, and the addresses that follow from its home. */
export function buildRegistrySchema(): string {
  const manifest = JSON.parse(readFileSync(join(projectFolder, "package.json"), "utf8")) as Manifest;
  const schema = buildSchema(manifest.version);
  const resources = Object.fromEntries(
    Object.entries(schema.resources).map(([token, resource]) => [
      token,
      { ...resource, description: `${resource.description}\n\n${buildExamples(token)}` },
    ]),
  );
  const text = JSON.stringify(withHome({ ...schema, resources }, readHome(manifest)), undefined, 2);
  return `${text}\n`;
}

function withHome(schema: PackageSpec, home: string | undefined): PackageSpec {
  if (home === undefined) return schema;
  const text = JSON.stringify(schema).replaceAll(localModule, `github.com/${home}/sdk/go`);
  return {
    ...(JSON.parse(text) as PackageSpec),
    homepage: `https://github.com/${home}`,
    repository: `https://github.com/${home}`,
    logoUrl: `https://raw.githubusercontent.com/${home}/main/docs/images/logo.svg`,
    pluginDownloadURL: `github://api.github.com/${home}`,
  };
}

function buildExamples(token: string): string {
  const resource = resourceNames.find((name) => token.endsWith(`:${name}`));
  if (resource === undefined) throw new Error(`${token} has no example.`);
  const programs = testedLanguages.map((language) => fence(resource, language));
  return [
    "{{% examples %}}",
    "## Example Usage",
    "{{% example %}}",
    ...programs,
    "{{% /example %}}",
    "{{% /examples %}}",
  ].join("\n\n");
}

function fence(resource: ResourceName, language: Language): string {
  return `\`\`\`${language}\n${buildProgram(resource, language)}\`\`\``;
}

/** The examples of a resource as the pages of the Registry show them: by the language that a reader chose. */
function buildChooser(resource: ResourceName): string {
  const languages: readonly Language[] = ["typescript", "python", "go", "csharp", "yaml"];
  return [
    `{{< chooser language "${languages.join(",")}" >}}`,
    ...languages.map(
      (language) =>
        `{{% choosable language ${language} %}}\n\n${fence(resource, language)}\n\n{{% /choosable %}}`,
    ),
    "{{< /chooser >}}",
  ].join("\n");
}

/** The front page of the package in the Registry. */
export function buildRegistryPage(): string {
  const shown: readonly ResourceName[] = ["SnowflakeSecretSync", "SnowflakeExportDestination"];
  return fillPage("docs/_index.md", Object.fromEntries(shown.map((name) => [name, buildChooser(name)])));
}

/** The Registry's page on installation, with every setting. */
export function buildInstallationPage(): string {
  const rows = Object.entries(buildSchema("0.0.0").config.variables).map(
    ([name, { description = "", secret }]) => [
      `\`snowflake-secrets:${name}\``,
      `${description}${secret ? " Secret." : ""}`,
    ],
  );
  return fillPage("docs/installation-configuration.md", { settings: drawTable(["Setting", ""], rows) });
}
