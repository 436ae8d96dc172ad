import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LanguageStage, startLanguageStage } from "../support/pulumi/language-stage.js";
import { plantValues } from "../support/pulumi/planted-values.js";
import { buildPluginLines, pluginFolder } from "../support/pulumi/plugin.js";
import { usePythonSdk } from "./use-python-sdk.js";

const values = plantValues("kept", "changed", "removed", "next");
type Name = keyof typeof values;

/** What a program gives: a planted value, as a plain text or as a secret of its config, or what only `up` knows. */
type Given = Name | { readonly secret: Name } | "unknown";
type Secrets = Readonly<Record<string, Given>>;

/** A sync `app`, and a sync `first`, of which an output is known only once it is made. */
interface Program {
  readonly secrets: Secrets;
  readonly withFirst?: boolean;
}

/** With `apart`, what only `up` knows is in a sync of its own, `later`. */
const yaml = (how: "together" | "apart") => (program: Program) => {
  const { secrets, withFirst = false } = program;
  const write = (given: Given) =>
    given === "unknown"
      ? `"\${first.lastSyncJobId}"`
      : typeof given === "string"
        ? // In YAML "$${" is a "${" that refers to nothing.
          JSON.stringify(values[given]).replaceAll("${", () => "$${")
        : `"\${${given.secret}}"`;
  const resource = (name: string, map: string) => `  ${name}:
    type: snowflake-secrets:SnowflakeSecretSync
    properties:
      secrets: ${map}
      destinationConfig: { database: APP, schema: SECRETS }
      syncOptions: { initialSyncBehavior: overwrite-destination, keySchema: "${name}_{{secretKey}}" }
`;
  const isLater = ([, given]: [string, Given]) => how === "apart" && given === "unknown";
  const writeMap = (entries: [string, Given][]) =>
    `{ ${entries.map(([key, given]) => `${key}: ${write(given)}`).join(", ")} }`;
  const all = Object.entries(secrets);
  const later = all.filter(isLater);
  const app = all.filter((entry) => !isLater(entry));
  return {
    "Pulumi.yaml": `name: shop
runtime: yaml
${buildPluginLines(pluginFolder)}config:
  changed: { type: string, secret: true }
  next: { type: string, secret: true }
resources:
${withFirst ? resource("first", `{ X: "\${next}" }`) : ""}${resource("app", writeMap(app))}${later.length > 0 ? resource("later", writeMap(later)) : ""}`,
  };
};

const python =
  (wrap: (map: string) => string) =>
  ({ secrets, withFirst = false }: Program, more = "") => {
    const write = (given: Given) =>
      given === "unknown"
        ? "first.last_sync_job_id"
        : typeof given === "string"
          ? JSON.stringify(values[given])
          : `config.require_secret("${given.secret}")`;
    const options = (name: string) =>
      `destination_config={"database": "APP", "schema": "SECRETS"}, sync_options={"initialSyncBehavior": "overwrite-destination", "keySchema": "${name}_{{secretKey}}"}`;
    const map = Object.entries(secrets).map(([key, given]) => `"${key}": ${write(given)}`);
    return {
      "Pulumi.yaml": `name: shop\nruntime: python\n${buildPluginLines(pluginFolder)}`,
      "__main__.py": `from types import MappingProxyType
import pulumi
from pulumi_snowflake_secrets import Provider, SnowflakeSecretSync

config = pulumi.Config()
${withFirst ? `first = SnowflakeSecretSync("first", secrets={"X": config.require_secret("next")}, ${options("first")})` : ""}
SnowflakeSecretSync("app", secrets=${wrap(`{${map.join(", ")}}`)}, ${options("app")})
${more}`,
    };
  };

const asDict = python((map) => map);
const asMapping = python((map) => `MappingProxyType(${map})`);

const pythonEnv = usePythonSdk();

const before: Program = { secrets: { KEPT: "kept", CHANGED: "kept", REMOVED: { secret: "changed" } } };
const after: Program = {
  secrets: { KEPT: "kept", CHANGED: { secret: "changed" }, LATER: "unknown", ADDED: "next" },
  withFirst: true,
};

const hidden =
  "app: the keys of its secrets are not known until up, so this preview cannot list what will change. See docs/languages.md#values-that-are-not-known-yet.";

describe.each([
  ["YAML, in a sync of its own", yaml("together"), yaml("apart"), "later"],
  ["Python, in a map that is no dict", asDict, asMapping, "app"],
] as const)("a value that only up knows: in %s", (_, buildHiding, build, owner) => {
  let stage: LanguageStage;
  const setProgram = (files: Readonly<Record<string, string>>) => {
    for (const [path, text] of Object.entries(files)) stage.project.write(path, text);
  };
  beforeAll(async () => {
    stage = await startLanguageStage({
      name: "shop",
      plants: Object.values(values),
      files: build(before),
      env: pythonEnv(),
    });
  });
  afterAll(() => stage.stop());

  it("leaves the other keys visible in the preview, one by one, where a plain map hides them", async () => {
    const { project } = stage;
    await project.setConfig("changed", values.changed, "secret");
    await project.setConfig("next", values.next, "secret");
    const first = await project.up();
    expect(first.code, first.output).toBe(0);

    setProgram(buildHiding(after));
    const hiding = await project.preview();
    expect(hiding.code, hiding.output).toBe(0);
    expect(hiding.shown).toMatch(/secrets *: \[unknown\]/);
    expect(hiding.shown).toContain(hidden);

    setProgram(build(after));
    const preview = await project.preview({ args: ["--save-plan", "plan.json"] });
    expect(preview.code, preview.output).toBe(0);
    expect(preview.shown).toMatch(/\+ ADDED *: "[0-9a-f]{32}"/);
    expect(preview.shown).toMatch(/~ CHANGED *: "[0-9a-f]{32}" => "[0-9a-f]{32}"/);
    expect(preview.shown).toMatch(owner === "app" ? /\+ LATER *: \[unknown\]/ : /secrets *: \[unknown\]/);
    expect(preview.shown).not.toContain(hidden);
    expect(preview.shown).toMatch(/- REMOVED *: "[0-9a-f]{32}"/);
    expect(preview.shown).not.toMatch(/[~+-] KEPT *:/);
    const later = owner === "app" ? "1 known after up, " : "";
    expect(preview.shown).toContain(
      `app: 1 to create, 1 to alter, 1 to drop, ${later}1 unchanged in "APP"."SECRETS"`,
    );

    const up = await project.up();
    expect(up.code, up.output).toBe(0);
    expect(up.shown).toContain('1 dropped ("app_REMOVED")');
    expect(stage.held()).toEqual({
      app_KEPT: values.kept,
      app_CHANGED: values.changed,
      [`${owner}_LATER`]: expect.stringMatching(/^[0-9a-f-]{36}$/),
      app_ADDED: values.next,
      first_X: values.next,
    });
  });
});

it("a map in Python that is no dict stays a secret for an unknown Provider, in preview and plan", async () => {
  const late = `
late = Provider("late", user=first.last_sync_job_id)
SnowflakeSecretSync("late", secrets=MappingProxyType({"A": ${JSON.stringify(values.kept)}, "B": first.last_sync_job_id}),
    destination_config={"database": "APP", "schema": "SECRETS"}, sync_options={"initialSyncBehavior": "preserve-destination"},
    opts=pulumi.ResourceOptions(provider=late))
`;
  const stage = await startLanguageStage({
    name: "shop",
    plants: Object.values(values),
    files: asMapping(after, late),
    env: pythonEnv(),
  });
  try {
    const { project } = stage;
    await project.setConfig("changed", values.changed, "secret");
    await project.setConfig("next", values.next, "secret");
    const preview = await project.preview({ args: ["--save-plan", "late.json"] });
    expect(preview.code, preview.output).toBe(0);
    expect(preview.shown).toMatch(/secrets *: \[secret\]/);
    expect(project.findPlanted()).toEqual([]);
  } finally {
    await stage.stop();
  }
});
