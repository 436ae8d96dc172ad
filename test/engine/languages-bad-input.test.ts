import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Aws, startAws } from "../support/aws/aws.js";
import { atNight } from "../support/nightly.js";
import { type LanguageStage, startLanguageStage } from "../support/pulumi/language-stage.js";
import { buildPluginLines, pluginFolder } from "../support/pulumi/plugin.js";
import { usePythonSdk } from "./use-python-sdk.js";

const value = "value-beside-a-mistake-7b3";
/** The value in each language; in Python from the environment, as its own traceback shows the program's text. */
const given = { yaml: `{ fn::secret: "${value}" }`, python: 'os.environ["TEST_VALUE"]' } as const;
type Language = keyof typeof given;

/** An argument by the names of both languages, as each writes its value; "" leaves it out. */
type Argument = readonly [name: Readonly<Record<Language, string>>, text: Readonly<Record<Language, string>>];

const named = (yaml: string, python: string) => ({ yaml, python });
const same = (text: string) => ({ yaml: text, python: text });
/** An object that both languages write alike, but for the value in it. */
const map = (fields: string) => ({
  yaml: `{ ${fields.replace("VALUE", given.yaml)} }`,
  python: `{${fields.replace(/(\w+):/g, '"$1":').replace("VALUE", given.python)}}`,
});

const names = {
  secrets: named("secrets", "secrets"),
  destination: named("destinationConfig", "destination_config"),
  options: named("syncOptions", "sync_options"),
  flag: named("isAutoSyncEnabled", "is_auto_sync_enabled"),
  organization: named("organizationId", "organization_id"),
  credentials: named("credentials", "credentials"),
  glue: named("glue", "glue"),
  bogus: named("bogus", "bogus"),
};

const snowflake = 'account: "acme", database: "APP", username: "exporter"';
const postgresql = 'type: "postgresql", host: "127.0.0.1", port: 9, username: "exporter"';

/** What is right of each resource. */
const resources: Readonly<Record<string, readonly Argument[]>> = {
  SnowflakeSecretSync: [
    [names.secrets, map("A: VALUE")],
    [names.destination, map('database: "APP", schema: "SECRETS"')],
    [names.options, map('initialSyncBehavior: "overwrite-destination"')],
  ],
  SnowflakeExportDestination: [
    [names.organization, same('"acme"')],
    [names.credentials, map(`${snowflake}, warehouse: "WH", password: VALUE`)],
  ],
  ExportDestination: [
    [names.organization, same('"acme"')],
    [names.credentials, map(`${postgresql}, database: "app", password: VALUE`)],
  ],
};

/** What is wrong, what the message has to name, and what stands in the place of what is right. */
const mistakes: readonly (readonly [what: string, resource: string, told: RegExp, ...mistake: Argument])[] = [
  ["an unknown argument", "SnowflakeSecretSync", /bogus/, names.bogus, same("1")],
  [
    "an unknown field",
    "SnowflakeSecretSync",
    /syncOptions\.bogus|bogus/,
    names.options,
    map('initialSyncBehavior: "overwrite-destination", bogus: 1'),
  ],
  [
    "a flag that is no flag",
    "SnowflakeSecretSync",
    /isAutoSyncEnabled|is_auto_sync_enabled/,
    names.flag,
    same("[1]"),
  ],
  [
    "a choice that there is not",
    "SnowflakeSecretSync",
    /initialSyncBehavior/,
    names.options,
    map('initialSyncBehavior: "import-all"'),
  ],
  [
    "a value that is a list",
    "SnowflakeSecretSync",
    /secrets/,
    names.secrets,
    named(`{ A: { fn::secret: ["${value}"] } }`, `{"A": [${given.python}]}`),
  ],
  [
    "a missing argument",
    "SnowflakeSecretSync",
    /destinationConfig|destination_config/,
    names.destination,
    named("", "None"),
  ],
  // Both kinds of destination have the same arguments but for the credentials.
  ["an unknown argument", "ExportDestination", /bogus/, names.bogus, same("1")],
  ["an unknown field", "ExportDestination", /glue\.bogus|bogus/, names.glue, map("bogus: 1")],
  ["a list that is none", "ExportDestination", /jobNames|job_names/, names.glue, map("jobNames: 7")],
  [
    "a missing argument",
    "ExportDestination",
    /organizationId|organization_id/,
    names.organization,
    named("", "None"),
  ],
  [
    "a missing credential",
    "SnowflakeExportDestination",
    /credentials\.warehouse|'warehouse'/,
    names.credentials,
    map(`${snowflake}, password: VALUE`),
  ],
  [
    "a missing credential",
    "ExportDestination",
    /credentials\.database|'database'/,
    names.credentials,
    map(`${postgresql}, password: VALUE`),
  ],
];

/** A program with all that is right of a resource, but for the mistake. */
function buildProgram(
  language: Language,
  resource: string,
  mistake?: Argument,
): Readonly<Record<string, string>> {
  const right = [...(resources[resource] ?? []), ...(mistake === undefined ? [] : [mistake])];
  const texts = new Map(right.map(([name, text]) => [name[language], text[language]]));
  const lines = [...texts].filter(([, text]) => text !== "");
  return language === "yaml"
    ? {
        "Pulumi.yaml": `name: shop\nruntime: yaml\n${buildPluginLines(pluginFolder)}resources:\n  it:\n    type: snowflake-secrets:${resource}\n    properties:\n${lines.map(([name, text]) => `      ${name}: ${text}\n`).join("")}`,
      }
    : {
        "Pulumi.yaml": `name: shop\nruntime: python\n${buildPluginLines(pluginFolder)}`,
        "__main__.py": `import os\n\nfrom pulumi_snowflake_secrets import ${resource}\n\n${resource}("it", ${lines.map(([name, text]) => `${name}=${text}`).join(", ")})\n`,
      };
}

const pythonEnv = usePythonSdk();

describe.each<Language>(["yaml", ...atNight<Language>("python")])(
  "a program in %s with a mistake",
  (language) => {
    let stage: LanguageStage;
    let aws: Aws;
    beforeAll(async () => {
      aws = await startAws();
      stage = await startLanguageStage({
        name: "shop",
        plants: [value],
        files: buildProgram(language, "SnowflakeSecretSync"),
        env: { ...aws.env, ...pythonEnv(), TEST_VALUE: value },
      });
      stage.project.giveVariables({ TEST_VALUE: value });
    });
    afterAll(async () => {
      await stage?.stop();
      await aws?.stop();
    });
    const write = (...args: Parameters<typeof buildProgram>) => {
      for (const [path, text] of Object.entries(buildProgram(...args))) stage.project.write(path, text);
    };

    it.each(mistakes)(
      "is told of %s of a %s, and nothing is changed",
      async (_, resource, told, ...mistake) => {
        write(language, resource, mistake);
        for (const command of resource === "SnowflakeSecretSync"
          ? (["preview", "up"] as const)
          : (["up"] as const)) {
          const { code, output } = await stage.project[command]();
          expect(code, output).not.toBe(0);
          expect(output).toMatch(told);
          expect(output).not.toContain(value);
        }
        expect([stage.held(), stage.takeWrites(), await aws.control.secretNames()]).toEqual([{}, [], []]);
        if (resource !== "SnowflakeSecretSync") expect(stage.server.control.counts().logins).toBe(0);
      },
    );

    it("would be carried out without it", async () => {
      write(language, "SnowflakeSecretSync");
      await stage.run("up");
      expect(stage.held()).toEqual({ A: value });
    });
  },
);
