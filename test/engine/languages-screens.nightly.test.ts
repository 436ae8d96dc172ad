import { join } from "node:path";
import { expect, it } from "vitest";
import { projectFolder } from "../support/engine/engine.js";
import type { CommandResult } from "../support/pulumi/command.js";
import { startLanguageStage } from "../support/pulumi/language-stage.js";
import { buildPluginLines, pluginFolder } from "../support/pulumi/plugin.js";
import { tidy } from "./stage.js";
import { usePythonSdk } from "./use-python-sdk.js";

const values = {
  first: "value-of-the-first-9c1",
  second: "value-of-the-second-e07",
  third: "value-of-the-third-58a",
};
type Values = keyof typeof values;

interface Sync {
  readonly secrets: Readonly<Record<string, Values>>;
  readonly schema?: string;
}

const settings = (Object.keys(values) as Values[]).map(
  (name) => `  ${name}: { type: string, secret: true }\n`,
);

/** The same program in either language. */
const languages = {
  yaml: ({ secrets, schema = "SECRETS" }: Sync) => ({
    "Pulumi.yaml": `name: shop
runtime: yaml
${buildPluginLines(pluginFolder)}config:
${settings.join("")}resources:
  app:
    type: snowflake-secrets:SnowflakeSecretSync
    properties:
      secrets: { ${Object.entries(secrets)
        .map(([key, name]) => `${key}: "\${${name}}"`)
        .join(", ")} }
      destinationConfig: { database: APP, schema: ${schema} }
      syncOptions: { initialSyncBehavior: overwrite-destination, keySchema: "APP_{{secretKey}}" }
`,
  }),
  python: ({ secrets, schema = "SECRETS" }: Sync) => ({
    "Pulumi.yaml": `name: shop\nruntime: python\n${buildPluginLines(pluginFolder)}`,
    "__main__.py": `import pulumi
from pulumi_snowflake_secrets import SnowflakeSecretSync

config = pulumi.Config()
SnowflakeSecretSync(
    "app",
    secrets={${Object.entries(secrets)
      .map(([key, name]) => `"${key}": config.require_secret("${name}")`)
      .join(", ")}},
    destination_config={"database": "APP", "schema": "${schema}"},
    sync_options={"initialSyncBehavior": "overwrite-destination", "keySchema": "APP_{{secretKey}}"},
)
`,
  }),
} as const;

const pythonEnv = usePythonSdk();

const importing = ["import", "snowflake-secrets:index:SnowflakeSecretSync", "taken-over", '"APP"."SECRETS"'];

/** Without what is no resource's: progress, the stack itself, and in Python the traceback that an error ends in. */
function withoutStack(shown: string): string {
  const kept: string[] = [];
  let isStack = false;
  for (const line of shown.split("\n")) {
    if (/^ {0,2}\S/.test(line)) isStack = line.includes("pulumi:pulumi:Stack (");
    const isNoise =
      /using pulumi-language-|^ +\[provider=|pulumi:pulumi:Stack shop-|^ .* (creating|importing)( |$)/;
    if (!isStack && !isNoise.test(line)) kept.push(line);
  }
  return kept.join("\n");
}

/** What a person sees, step by step, as a page. */
async function takeScreens(language: keyof typeof languages): Promise<string> {
  const stage = await startLanguageStage({
    name: "shop",
    plants: Object.values(values),
    files: languages[language]({ secrets: {} }),
    env: pythonEnv(),
  });
  const { project, server, seed } = stage;
  const sections: string[] = [];
  const show = (
    title: string,
    command: string,
    { code, shown }: CommandResult,
    wanted: "passes" | "fails",
  ) => {
    expect(code === 0 ? "passes" : "fails", shown).toBe(wanted);
    sections.push(`## ${title}\n\n\`\`\`\n$ ${command}\n${tidy(withoutStack(shown))}\n\`\`\`\n`);
  };
  const setProgram = (sync: Sync) => {
    for (const [path, text] of Object.entries(languages[language](sync))) project.write(path, text);
  };
  try {
    for (const [name, value] of Object.entries(values)) await project.setConfig(name, value, "secret");
    server.control.createSchema(seed.database, "NEXT", { owner: seed.role });
    setProgram({ secrets: { API_KEY: "first", DATABASE_URL: "first", OLD_TOKEN: "first" } });
    const first = await project.up();
    expect(first.code, first.output).toBe(0);

    const changed = { API_KEY: "second", DATABASE_URL: "first", SIGNING_KEY: "third" } as const;
    setProgram({ secrets: changed });
    show("One changed, one added, one removed", "pulumi preview --diff", await project.preview(), "passes");
    setProgram({ secrets: changed, schema: "NEXT" });
    show("A replacement: another schema", "pulumi preview --diff", await project.preview(), "passes");
    setProgram({ secrets: changed, schema: "Secrets" });
    show(
      "A schema name that is wrong, in the preview",
      "pulumi preview --diff",
      await project.preview(),
      "passes",
    );
    show("… and in up, which writes nothing", "pulumi up", await project.up(), "fails");
    const imported = await project.pulumi([
      ...[...importing, "--yes", "--protect=false", "--generate-code=false", "--skip-preview"],
      ...["--non-interactive", "--color", "never"],
    ]);
    show("An import", `pulumi ${importing.join(" ").replace(/('?)("APP".*)/, "'$2'")}`, imported, "passes");
    return sections.join("\n");
  } finally {
    await stage.stop();
  }
}

const head = `# What a person sees

With the plugin, in YAML and in Python alike. A test runs both, and holds them to this page; \`<fingerprint>\`, \`<owner>\` and \`<id>\` stand for hexadecimal digits, and lines about the stack itself are left out (Python adds a traceback there when an \`up\` is refused). No value is anywhere.

`;

it("shows in YAML and in Python what docs/screens.md says", async () => {
  const yaml = await takeScreens("yaml");
  expect(await takeScreens("python")).toBe(yaml);
  await expect(head + yaml).toMatchFileSnapshot(join(projectFolder, "docs/screens.md"));
});
