import { expect, it } from "vitest";
import { readBlocks } from "../support/docs/page.js";
import { startLanguageStage } from "../support/pulumi/language-stage.js";
import { plantValues } from "../support/pulumi/planted-values.js";
import { buildPluginLines, pluginFolder } from "../support/pulumi/plugin.js";
import { usePythonSdk } from "./use-python-sdk.js";

const pythonEnv = usePythonSdk();
const { apiKey } = plantValues("apiKey");

const shown = (language: string) =>
  readBlocks("README.md").find((block) => block.language === language)?.text;
const project = (runtime: string) => `name: readme\nruntime: ${runtime}\n${buildPluginLines(pluginFolder)}`;

it.each([
  [
    "yaml",
    {
      "Pulumi.yaml": `${project("yaml")}config: { apiKey: { type: string, secret: true } }\n${shown("yaml")}`,
    },
  ],
  ["python", { "Pulumi.yaml": project("python"), "__main__.py": String(shown("python")) }],
])("the program of the README in %s fills the schema", async (_, files) => {
  const stage = await startLanguageStage({ name: "readme", plants: [apiKey], files, env: pythonEnv() });
  try {
    await stage.project.setConfig("apiKey", apiKey, "secret");
    await stage.run("up");
    expect(stage.held()).toEqual({ API_KEY: apiKey });
  } finally {
    await stage.stop();
  }
});
