import { describe, expect, it } from "vitest";
import { startLanguageStage } from "../support/pulumi/language-stage.js";
import { plantValues } from "../support/pulumi/planted-values.js";
import { buildPluginLines, pluginFolder } from "../support/pulumi/plugin.js";
import { usePythonSdk } from "./use-python-sdk.js";

const values = plantValues("a", "b");
const args = `
  secrets: { A: process.env.VALUE_A, B: process.env.VALUE_B },
  destinationConfig: { database: "APP", schema: "SECRETS" },
  syncOptions: { initialSyncBehavior: "overwrite-destination" },
`;

const dynamicProgram = {
  "Pulumi.yaml": "name: shop\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n",
  "index.js": `const { SnowflakeSecretSync } = require("pulumi-snowflake-secrets");\nnew SnowflakeSecretSync("app", {${args}});\n`,
};
/** The same resource in the same project, in another language. */
const programs = {
  yaml: {
    "Pulumi.yaml": `name: shop
runtime: yaml
${buildPluginLines(pluginFolder)}config:
  a: { type: string, secret: true }
  b: { type: string, secret: true }
resources:
  app:
    type: snowflake-secrets:SnowflakeSecretSync
    properties:
      secrets: { A: "\${a}", B: "\${b}" }
      destinationConfig: { database: APP, schema: SECRETS }
      syncOptions: { initialSyncBehavior: overwrite-destination }
    options:
      aliases:
        - urn:pulumi:dev::shop::pulumi-nodejs:dynamic/snowflake:SnowflakeSecretSync::app
`,
  },
  python: {
    "Pulumi.yaml": `name: shop\nruntime: python\n${buildPluginLines(pluginFolder)}`,
    "__main__.py": `import os
from pulumi_snowflake_secrets import SnowflakeSecretSync

SnowflakeSecretSync(
    "app",
    secrets={"A": os.environ["VALUE_A"], "B": os.environ["VALUE_B"]},
    destination_config={"database": "APP", "schema": "SECRETS"},
    sync_options={"initialSyncBehavior": "overwrite-destination"},
)
`,
  },
} as const;

describe("a stack of the dynamic resource", () => {
  const pythonEnv = usePythonSdk();

  it.each(["yaml", "python"] as const)(
    "is taken over by a program in %s, and nothing is written",
    async (language) => {
      const variables = { VALUE_A: values.a, VALUE_B: values.b };
      const stage = await startLanguageStage({
        name: "shop",
        plants: Object.values(values),
        files: dynamicProgram,
        env: { ...variables, ...pythonEnv() },
      });
      const { project } = stage;
      project.giveVariables(variables);
      const run = async (command: "up" | "refresh" | "destroy") => {
        stage.takeWrites();
        const { code, shown } = await project[command]();
        expect(code, shown).toBe(0);
        return { shown, writes: stage.takeWrites() };
      };
      try {
        await run("up");
        for (const [path, text] of Object.entries(programs[language])) project.write(path, text);
        await project.setConfig("a", values.a, "secret");
        await project.setConfig("b", values.b, "secret");
        const moved = await run("up");
        expect(moved.writes).toEqual([]);
        expect(moved.shown).not.toMatch(/created|deleted|replaced/);
        expect(await project.state()).toEqual([
          expect.objectContaining({ type: "snowflake-secrets:index:SnowflakeSecretSync" }),
        ]);
        expect((await run("refresh")).writes).toEqual([]);
        await run("destroy");
        expect(stage.held()).toEqual({});
      } finally {
        await stage.stop();
      }
    },
  );
});
