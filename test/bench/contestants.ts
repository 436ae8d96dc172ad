import { buildPluginLines, pluginFolder } from "../support/pulumi/plugin.js";
import { buildTofuProgram } from "./open-tofu.js";

/** What a program gives its secrets: the values of the first run, or another value for one of them. */
export type Values = "first" | "one changed";

/** A way to have N secrets in a schema. */
export interface Contestant {
  readonly name: string;
  /** Larger ones would take hours. */
  readonly maxSize: number;
  /** Whether the plugin is installed into Pulumi, as the documents say for its language. */
  readonly installsPlugin?: true;
  /** Whether Pulumi previews it before its `up`, as OpenTofu always plans. */
  readonly previews?: true;
  /** Whether OpenTofu runs it, where that is found, and not Pulumi. */
  readonly runsInOpenTofu?: true;
  buildFiles(size: number, values: Values): Readonly<Record<string, string>>;
}

const database = "APP";
const schema = "SECRETS";
const options = { initialSyncBehavior: "overwrite-destination", keySchema: "APP_{{secretKey}}" };

function buildSecrets(size: number, values: Values): Record<string, string> {
  const buildValue = (index: number) =>
    `value-${index}${values === "one changed" && index === 0 ? "-changed" : ""}`;
  return Object.fromEntries(Array.from({ length: size }, (_, index) => [`KEY_${index}`, buildValue(index)]));
}

const nodeProject = (body: string, plugins = "") => ({
  "Pulumi.yaml": `name: bench\nruntime: { name: nodejs, options: { typescript: false } }\n${plugins}`,
  "package.json": '{ "name": "bench", "version": "0.0.0", "private": true, "main": "index.js" }\n',
  "index.js": `const pulumi = require("@pulumi/pulumi");\n${body}`,
});
const yamlProject = (body: string) => ({ "Pulumi.yaml": `name: bench\nruntime: yaml\n${body}` });
const pythonProject = (body: string) => ({
  "Pulumi.yaml": "name: bench\nruntime: python\n",
  "__main__.py": `import pulumi\n${body}`,
});

const sync = (module: string, size: number, values: Values) => `
const { SnowflakeSecretSync } = require(${JSON.stringify(module)});
new SnowflakeSecretSync("app", ${JSON.stringify({
  secrets: buildSecrets(size, values),
  destinationConfig: { database, schema },
  syncOptions: options,
})});
`;

/** As one writes it without this package: a resource for each secret, one log-in in a process. */
const perSecret = (size: number, values: Values) => `
const provider = {
  create: async ({ key, value }) => {
    await require("./session.js").run('CREATE OR REPLACE SECRET "${database}"."${schema}"."APP_' + key + '" TYPE = GENERIC_STRING SECRET_STRING = ?', value);
    return { id: key, outs: { key, value } };
  },
  update: async (id, olds, { key, value }) => {
    await require("./session.js").run('ALTER SECRET "${database}"."${schema}"."APP_' + key + '" SET SECRET_STRING = ?', value);
    return { outs: { key, value } };
  },
  delete: async (id) => { await require("./session.js").run('DROP SECRET "${database}"."${schema}"."APP_' + id + '"'); },
};
class Secret extends pulumi.dynamic.Resource {
  constructor(key, value) { super(provider, key, { key, value: pulumi.secret(value) }); }
}
for (const [key, value] of Object.entries(${JSON.stringify(buildSecrets(size, values))})) new Secret(key, value);
`;
const session = `
const snowflake = require("snowflake-sdk");
snowflake.configure({ logLevel: "OFF" });
const env = process.env;
let connected;
const connect = () => new Promise((resolve, reject) => snowflake.createConnection({
  account: env.SNOWFLAKE_ACCOUNT, username: env.SNOWFLAKE_USER, password: env.SNOWFLAKE_PASSWORD, role: env.SNOWFLAKE_ROLE,
  host: env.SNOWFLAKE_HOST, port: Number(env.SNOWFLAKE_PORT), protocol: env.SNOWFLAKE_PROTOCOL,
  accessUrl: env.SNOWFLAKE_PROTOCOL + "://" + env.SNOWFLAKE_HOST + ":" + env.SNOWFLAKE_PORT,
}).connect((error, connection) => (error ? reject(error) : resolve(connection))));
exports.run = async (sqlText, ...binds) => {
  connected ??= connect();
  const connection = await connected;
  await new Promise((resolve, reject) => connection.execute({ sqlText, binds, complete: (error) => (error ? reject(error) : resolve()) }));
};
`;

const everySize = 10_000;

const dynamic: Contestant = {
  name: "JavaScript, dynamic",
  maxSize: everySize,
  buildFiles: (size, values) => nodeProject(sync("pulumi-snowflake-secrets", size, values)),
};

export const contestants: readonly Contestant[] = [
  { name: "JavaScript, empty", maxSize: everySize, buildFiles: () => nodeProject("") },
  dynamic,
  { ...dynamic, name: "JavaScript, dynamic, with preview", maxSize: 1_000, previews: true },
  {
    name: "JavaScript, plugin",
    maxSize: everySize,
    buildFiles: (size, values) =>
      nodeProject(sync("pulumi-snowflake-secrets/plugin", size, values), buildPluginLines(pluginFolder)),
  },
  {
    name: "YAML, empty",
    maxSize: everySize,
    buildFiles: () => yamlProject("resources: {}\n"),
  },
  {
    name: "YAML, plugin",
    installsPlugin: true,
    maxSize: everySize,
    buildFiles: (size, values) =>
      yamlProject(
        `resources:
  app:
    type: snowflake-secrets:SnowflakeSecretSync
    properties:
      secrets: { fn::secret: ${JSON.stringify(buildSecrets(size, values))} }
      destinationConfig: { database: ${database}, schema: ${schema} }
      syncOptions: ${JSON.stringify(options)}
`,
      ),
  },
  { name: "Python, empty", maxSize: everySize, buildFiles: () => pythonProject("") },
  {
    name: "Python, plugin",
    installsPlugin: true,
    maxSize: everySize,
    buildFiles: (size, values) =>
      pythonProject(`from pulumi_snowflake_secrets import SnowflakeSecretSync

SnowflakeSecretSync(
    "app",
    secrets=${JSON.stringify(buildSecrets(size, values))},
    destination_config={"database": "${database}", "schema": "${schema}"},
    sync_options=${JSON.stringify(options)},
)
`),
  },
  {
    name: "JavaScript, one dynamic resource per secret",
    maxSize: 100,
    buildFiles: (size, values) => ({ ...nodeProject(perSecret(size, values)), "session.js": session }),
  },
  {
    name: "OpenTofu, one resource per secret",
    maxSize: 1_000,
    runsInOpenTofu: true,
    buildFiles: (size, values) => ({
      "main.tf.json": buildTofuProgram({ database, schema }, buildSecrets(size, values)),
    }),
  },
];
