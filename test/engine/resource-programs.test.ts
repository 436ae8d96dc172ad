import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { buildWholeProgram } from "../docs/resource-programs.js";
import { type Aws, startAws } from "../support/aws/aws.js";
import { projectFolder } from "../support/engine/engine.js";
import { type Postgres, startPostgres } from "../support/postgres/postgres.js";
import { startLanguageStage } from "../support/pulumi/language-stage.js";
import { plantValues } from "../support/pulumi/planted-values.js";
import { buildPluginLines, pluginFolder } from "../support/pulumi/plugin.js";
import { seedExportWarehouse } from "../support/snowflake/export-warehouse.js";
import { usePythonSdk } from "./use-python-sdk.js";

const pythonEnv = usePythonSdk();
const { apiKey } = plantValues("apiKey");
const fromFile = "value-from-the-file-3f1";
const { privateKey, publicKey } = generateKeyPairSync("rsa", {
  modulusLength: 2048,
  privateKeyEncoding: { type: "pkcs8", format: "pem" },
  publicKeyEncoding: { type: "spki", format: "pem" },
});

let aws: Aws;
let postgres: Postgres;
beforeAll(async () => {
  [aws, postgres] = await Promise.all([startAws(), startPostgres()]);
});
afterAll(() => Promise.all([aws?.stop(), postgres?.stop()]));

const project = (runtime: string) => `name: programs\nruntime: ${runtime}\n${buildPluginLines(pluginFolder)}`;
const files = {
  typescript: (program: string) => ({
    "Pulumi.yaml": project("nodejs"),
    "package.json": JSON.stringify({ name: "programs", main: "index.ts" }),
    "tsconfig.json": readFileSync(join(projectFolder, "examples/tsconfig.json"), "utf8"),
    "index.ts": program,
  }),
  python: (program: string) => ({ "Pulumi.yaml": project("python"), "__main__.py": program }),
  yaml: (program: string) => ({ "Pulumi.yaml": `${project("yaml")}${program}` }),
};

/** How each language says that no service is to be asked for an address, and where the account is. */
const organization = {
  typescript: [
    'organizationId: "acme",',
    (url: string) => `egressIpService: false, validation: { endpoint: "${url}" },`,
  ],
  python: [
    'organization_id="acme",',
    (url: string) => `egress_ip_service=False, validation={"endpoint": "${url}"},`,
  ],
  yaml: [
    "organizationId: acme",
    (url: string) => `\n      egressIpService: false\n      validation: { endpoint: "${url}" }`,
  ],
} as const;

it.each(["typescript", "python", "yaml"] as const)(
  "the examples of the Registry in %s fill a schema and store the credentials",
  async (language) => {
    const [given, buildMore] = organization[language];
    const stage = await startLanguageStage({
      name: "programs",
      plants: [apiKey, fromFile, postgres.password],
      files: { ...files[language](""), ".env": `FROM_FILE=${fromFile}\n` },
      packages: Object.fromEntries(
        ["typescript", "@types/node"].map((each) => [each, join(projectFolder, "node_modules", each)]),
      ),
      account: { accountName: "PROD" },
      env: { ...aws.env, ...pythonEnv() },
    });
    const { control, url } = stage.server;
    seedExportWarehouse({ control });
    control.createUser({ name: "EXPORT_USER", publicKey, roles: ["EXPORT_ROLE"] });
    // The servers of the tests in the place of Acme's.
    const { host, port, database, user } = postgres;
    const program = buildWholeProgram(language)
      .replaceAll(given, `${given} ${buildMore(url)}`)
      .replace("db.acme.com", host)
      .replace("5432", String(port))
      .replace(/(database\W+)reports/, `$1${database}`)
      .replace(/(username\W+)export\b/, `$1${user}`)
      .replace(/(ssl_?mode\W+)require/i, "$1disable");
    try {
      for (const [path, text] of Object.entries(files[language](program))) stage.project.write(path, text);
      await stage.project.setConfig("apiKey", apiKey, "secret");
      await stage.project.setConfig("exportKey", privateKey, "secret");
      await stage.project.setConfig("exportPassword", postgres.password, "secret");
      await stage.run("up");
      expect(stage.held()).toEqual({ API_KEY: apiKey, FROM_FILE: fromFile });
      const destinations = (await stage.project.state()).filter(({ type }) => type.endsWith("Destination"));
      const stored = await Promise.all(
        destinations.map(
          async ({ outputs }) => (await aws.control.secret(String(outputs?.secretName)))?.value,
        ),
      );
      expect(stored.map((value) => JSON.parse(value ?? "{}").username).sort()).toEqual(
        ["EXPORT_USER", user].sort(),
      );
      await stage.run("destroy");
    } finally {
      await stage.stop();
    }
  },
);
