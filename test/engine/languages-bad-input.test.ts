import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Aws, startAws } from "../support/aws/aws.js";
import {
  installPythonSdk,
  type LanguageStage,
  startLanguageStage,
} from "../support/pulumi/language-stage.js";
import { buildPluginLines, pluginFolder } from "../support/pulumi/plugin.js";

const value = "value-beside-a-mistake-7b3";

/** What is wrong, what the message has to name, and the properties as YAML and as Python have them. */
const mistakes = [
  {
    what: "an unknown argument",
    names: /bogus/,
    yaml: "bogus: 1",
    python: "bogus=1,",
  },
  {
    what: "an unknown field",
    names: /syncOptions\.bogus|bogus/,
    yaml: "syncOptions: { initialSyncBehavior: overwrite-destination, bogus: 1 }",
    python: 'sync_options={"initialSyncBehavior": "overwrite-destination", "bogus": 1},',
  },
  {
    what: "a flag that is no flag",
    names: /isAutoSyncEnabled|is_auto_sync_enabled/,
    yaml: "isAutoSyncEnabled: [1]",
    python: "is_auto_sync_enabled=[1],",
  },
  {
    what: "a choice that there is not",
    names: /initialSyncBehavior/,
    yaml: "syncOptions: { initialSyncBehavior: import-all }",
    python: 'sync_options={"initialSyncBehavior": "import-all"},',
  },
  {
    what: "a value that is a list",
    names: /secrets/,
    yaml: `secrets: { A: { fn::secret: ["${value}"] } }`,
    python: 'secrets={"A": [os.environ["TEST_VALUE"]]},',
  },
  {
    what: "a missing argument",
    names: /destinationConfig|destination_config/,
    yaml: "destinationConfig: null",
    python: "destination_config=None,",
  },
] as const;

let folder: string;
let pythonPath: string;
beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "python-sdk-")));
  pythonPath = await installPythonSdk(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A program with all that is right, but for what replaces it. */
const programs = {
  yaml: (mistake: string) => {
    const right = {
      secrets: `secrets: { A: { fn::secret: "${value}" } }`,
      destinationConfig: "destinationConfig: { database: APP, schema: SECRETS }",
      syncOptions: "syncOptions: { initialSyncBehavior: overwrite-destination }",
    };
    const lines = { ...right, [mistake.split(":")[0] ?? ""]: mistake };
    const given = Object.values(lines).filter((line) => line !== "" && !line.endsWith(": null"));
    return {
      "Pulumi.yaml": `name: shop\nruntime: yaml\n${buildPluginLines(pluginFolder)}resources:\n  app:\n    type: snowflake-secrets:SnowflakeSecretSync\n    properties:\n${given.map((line) => `      ${line}\n`).join("")}`,
    };
  },
  python: (mistake: string) => {
    const right = {
      // From the environment: Python's own traceback shows the program's text.
      secrets: 'secrets={"A": os.environ["TEST_VALUE"]},',
      destination_config: 'destination_config={"database": "APP", "schema": "SECRETS"},',
      sync_options: 'sync_options={"initialSyncBehavior": "overwrite-destination"},',
    };
    const lines = { ...right, [mistake.split("=")[0] ?? ""]: mistake };
    return {
      "Pulumi.yaml": `name: shop\nruntime: python\n${buildPluginLines(pluginFolder)}`,
      "__main__.py": `import os\n\nfrom pulumi_snowflake_secrets import SnowflakeSecretSync\n\nSnowflakeSecretSync("app", ${Object.values(lines).join(" ")})\n`,
    };
  },
};

describe.each(["yaml", "python"] as const)("a program in %s with a mistake", (language) => {
  let stage: LanguageStage;
  beforeAll(async () => {
    stage = await startLanguageStage({
      name: "shop",
      plants: [value],
      files: programs[language](""),
      env: { PYTHONPATH: pythonPath, PYTHONDONTWRITEBYTECODE: "1", TEST_VALUE: value },
    });
    stage.project.giveVariables({ TEST_VALUE: value });
  });
  afterAll(() => stage?.stop());

  it.each(mistakes)("is told of $what, and nothing is changed", async ({ names, [language]: mistake }) => {
    for (const [path, text] of Object.entries(programs[language](mistake))) stage.project.write(path, text);
    const preview = await stage.project.preview();
    expect(preview.code, preview.output).not.toBe(0);
    expect(preview.output).toMatch(names);
    const up = await stage.project.up();
    expect(up.code, up.output).not.toBe(0);
    expect(up.output).toMatch(names);
    expect(up.output).not.toContain(value);
    expect(stage.held()).toEqual({});
    expect(stage.takeWrites()).toEqual([]);
  });
});

/** The properties that are right, and one mistake in the place of one of them, as YAML and as Python have them. */
const exportMistakes = [
  { what: "an unknown argument", names: /bogus/, yaml: "bogus: 1", python: "bogus=1," },
  {
    what: "an unknown field",
    names: /glue\.bogus|bogus/,
    yaml: "glue: { bogus: 1 }",
    python: 'glue={"bogus": 1},',
  },
  {
    what: "a list that is none",
    names: /jobNames|job_names/,
    yaml: "glue: { jobNames: 7 }",
    python: 'glue={"jobNames": 7},',
  },
  {
    what: "a missing argument",
    names: /organizationId|organization_id/,
    yaml: "organizationId: null",
    python: "organization_id=None,",
  },
] as const;

const exportKinds = {
  SnowflakeExportDestination: {
    account: "acme",
    warehouse: "WH",
    database: "APP",
    username: "exporter",
    missing: "warehouse",
  },
  ExportDestination: {
    type: "postgresql",
    host: "127.0.0.1",
    port: 9,
    database: "app",
    username: "exporter",
    missing: "database",
  },
} as const;
type ExportKind = keyof typeof exportKinds;

const buildCredentials = (kind: ExportKind, isComplete: boolean) => {
  const { missing, ...credentials } = exportKinds[kind];
  const fields: Readonly<Record<string, string | number>> = credentials;
  return Object.entries(fields).filter(([field]) => isComplete || field !== missing);
};

const exportPrograms = {
  yaml: (kind: ExportKind, mistake: string, isComplete: boolean) => {
    const fields = buildCredentials(kind, isComplete).map(([field, given]) => `${field}: ${given}, `);
    const right = {
      organizationId: "organizationId: acme",
      credentials: `credentials: { ${fields.join("")}password: { fn::secret: "${value}" } }`,
    };
    const lines = { ...right, [mistake.split(":")[0] ?? ""]: mistake };
    const given = Object.values(lines).filter((line) => line !== "" && !line.endsWith(": null"));
    return {
      "Pulumi.yaml": `name: shop\nruntime: yaml\n${buildPluginLines(pluginFolder)}resources:\n  bi:\n    type: snowflake-secrets:${kind}\n    properties:\n${given.map((line) => `      ${line}\n`).join("")}`,
    };
  },
  python: (kind: ExportKind, mistake: string, isComplete: boolean) => {
    const fields = buildCredentials(kind, isComplete).map(
      ([field, given]) => `"${field}": ${JSON.stringify(given)}, `,
    );
    const right = {
      organization_id: 'organization_id="acme",',
      credentials: `credentials={${fields.join("")}"password": os.environ["TEST_VALUE"]},`,
    };
    const lines = { ...right, [mistake.split("=")[0] ?? ""]: mistake };
    return {
      "Pulumi.yaml": `name: shop\nruntime: python\n${buildPluginLines(pluginFolder)}`,
      "__main__.py": `import os\n\nfrom pulumi_snowflake_secrets import ${kind}\n\n${kind}("bi", ${Object.values(lines).join(" ")})\n`,
    };
  },
};

describe.each(["yaml", "python"] as const)("a program in %s with a mistake in an export", (language) => {
  let stage: LanguageStage;
  let aws: Aws;
  beforeAll(async () => {
    aws = await startAws();
    stage = await startLanguageStage({
      name: "shop",
      plants: [value],
      files: exportPrograms[language]("ExportDestination", "", true),
      env: { ...aws.env, PYTHONPATH: pythonPath, PYTHONDONTWRITEBYTECODE: "1", TEST_VALUE: value },
    });
    stage.project.giveVariables({ TEST_VALUE: value });
  });
  afterAll(async () => {
    await stage?.stop();
    await aws?.stop();
  });

  const expectRefused = async (files: Readonly<Record<string, string>>, names: RegExp) => {
    for (const [path, text] of Object.entries(files)) stage.project.write(path, text);
    const up = await stage.project.up();
    expect(up.code, up.output).not.toBe(0);
    expect(up.output).toMatch(names);
    expect(up.output).not.toContain(value);
    expect(await aws.control.secretNames()).toEqual([]);
    expect(stage.server.control.counts().logins).toBe(0);
  };

  // Both have the same arguments but for the credentials.
  it.each(exportMistakes)("is told of $what, and nothing is changed", ({ names, [language]: mistake }) =>
    expectRefused(exportPrograms[language]("ExportDestination", mistake, true), names),
  );

  it.each(["SnowflakeExportDestination", "ExportDestination"] as const)(
    "is told which credential of a %s is missing, and nothing is changed",
    (kind) =>
      expectRefused(
        exportPrograms[language](kind, "", false),
        new RegExp(`credentials\\.${exportKinds[kind].missing}|'${exportKinds[kind].missing}'`),
      ),
  );
});
