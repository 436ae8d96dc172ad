/** A program with one sync, in the words of a language and a module system. */
export interface Program {
  readonly files: Readonly<Record<string, string>>;
  /** What its package.json says beside the dependencies. */
  readonly manifest?: Readonly<Record<string, unknown>>;
  /** Environment variables of its runs. */
  readonly env?: Readonly<Record<string, string>>;
  /** Packages that it needs beside this one and Pulumi's SDK, with their range. */
  readonly dependencies?: Readonly<Record<string, string>>;
  /** Whether it runs in Pulumi's SDK for Node. */
  readonly isNode: boolean;
}

const pluginLines = `plugins:
  providers: [{ name: snowflake-secrets, path: node_modules/pulumi-snowflake-secrets/dist/plugin }]
`;
const nodeProject = (options: string, plugins = "") =>
  `name: compat\nruntime: { name: nodejs, options: { ${options} } }\n${plugins}`;

const dynamicModule = "pulumi-snowflake-secrets";
const pluginModule = "pulumi-snowflake-secrets/plugin";

const args = `{
  secrets: { API_KEY: new pulumi.Config().requireSecret("value") },
  destinationConfig: { database: "APP", schema: "SECRETS" },
  syncOptions: { initialSyncBehavior: "overwrite-destination" },
}`;
const commonJs = (module: string) => `const pulumi = require("@pulumi/pulumi");
const { SnowflakeSecretSync } = require("${module}");
exports.status = new SnowflakeSecretSync("app", ${args}).syncStatus;
`;
const esModule = (module: string) => `import * as pulumi from "@pulumi/pulumi";
import { SnowflakeSecretSync } from "${module}";
export const status = new SnowflakeSecretSync("app", ${args}).syncStatus;
`;

/** Every library's declarations are checked, as strictly as the compiler can. */
const compilerOptions = {
  target: "es2022",
  module: "nodenext",
  moduleResolution: "nodenext",
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
  types: ["node"],
};
const typeScript = (module: string, options: object = compilerOptions) => ({
  "index.ts": esModule(module),
  "tsconfig.json": JSON.stringify({ compilerOptions: options, files: ["index.ts"] }),
});

/** As `pulumi new typescript` writes them. */
const templateOptions = {
  strict: true,
  outDir: "bin",
  target: "es2020",
  module: "commonjs",
  moduleResolution: "node",
  sourceMap: true,
  experimentalDecorators: true,
  pretty: true,
  noFallthroughCasesInSwitch: true,
  noImplicitReturns: true,
  forceConsistentCasingInFileNames: true,
};
const templateDependencies = { typescript: "^5.0.0", "@types/node": "^18.0.0" };

export const programs = {
  "JavaScript, dynamic": {
    files: { "Pulumi.yaml": nodeProject("typescript: false"), "index.js": commonJs(dynamicModule) },
    manifest: { main: "index.js" },
    isNode: true,
  },
  "TypeScript, dynamic": {
    files: { "Pulumi.yaml": nodeProject(""), ...typeScript(dynamicModule) },
    manifest: { main: "index.ts" },
    dependencies: { typescript: "^5.9.0", "@types/node": "^20.0.0" },
    isNode: true,
  },
  "TypeScript by pulumi new, dynamic": {
    files: { "Pulumi.yaml": nodeProject(""), ...typeScript(dynamicModule, templateOptions) },
    manifest: { main: "index.ts" },
    dependencies: templateDependencies,
    isNode: true,
  },
  "ES modules, dynamic": {
    files: { "Pulumi.yaml": nodeProject("typescript: false"), "index.js": esModule(dynamicModule) },
    manifest: { main: "index.js", type: "module" },
    isNode: true,
  },
  "ES modules in TypeScript, dynamic": {
    files: {
      "Pulumi.yaml": nodeProject('nodeargs: "--loader ts-node/esm --no-warnings"'),
      ...typeScript(dynamicModule),
    },
    manifest: { main: "index.ts", type: "module" },
    dependencies: { typescript: "^5.9.0", "@types/node": "^20.0.0", "ts-node": "^10.9.2" },
    isNode: true,
  },
  // Types are stripped, not checked: TypeScript is only asked, and may be one that Pulumi's SDK cannot load.
  "TypeScript by Node itself, dynamic": {
    files: { "Pulumi.yaml": nodeProject("typescript: false"), ...typeScript(dynamicModule) },
    // The language host that is built for the tests is never told the options of Pulumi.yaml.
    env: { NODE_OPTIONS: "--import data:text/javascript,process.env.PULUMI_NODEJS_TYPESCRIPT=false" },
    manifest: { main: "index.ts", type: "module" },
    dependencies: { "typescript-7": "npm:typescript@^7.0.2", "@types/node": "^20.0.0" },
    isNode: true,
  },
  "JavaScript, plugin": {
    files: {
      "Pulumi.yaml": nodeProject("typescript: false", pluginLines),
      "index.js": commonJs(pluginModule),
    },
    manifest: { main: "index.js" },
    isNode: true,
  },
  "TypeScript, plugin": {
    files: { "Pulumi.yaml": nodeProject("", pluginLines), ...typeScript(pluginModule) },
    manifest: { main: "index.ts" },
    dependencies: { typescript: "^5.9.0", "@types/node": "^20.0.0" },
    isNode: true,
  },
  "TypeScript by pulumi new, plugin": {
    files: { "Pulumi.yaml": nodeProject("", pluginLines), ...typeScript(pluginModule, templateOptions) },
    manifest: { main: "index.ts" },
    dependencies: templateDependencies,
    isNode: true,
  },
  "YAML, plugin": {
    files: {
      "Pulumi.yaml": `name: compat
runtime: yaml
${pluginLines}config:
  value: { type: string, secret: true }
resources:
  app:
    type: snowflake-secrets:SnowflakeSecretSync
    properties:
      secrets: { API_KEY: "\${value}" }
      destinationConfig: { database: APP, schema: SECRETS }
      syncOptions: { initialSyncBehavior: overwrite-destination }
outputs: { status: "\${app.syncStatus}" }
`,
    },
    isNode: false,
  },
  "Python, plugin": {
    files: {
      "Pulumi.yaml": `name: compat\nruntime: python\n${pluginLines}`,
      "__main__.py": `import pulumi
import pulumi_snowflake_secrets as snowflake_secrets

app = snowflake_secrets.SnowflakeSecretSync(
    "app",
    secrets={"API_KEY": pulumi.Config().require_secret("value")},
    destination_config={"database": "APP", "schema": "SECRETS"},
    sync_options={"initial_sync_behavior": "overwrite-destination"},
)
pulumi.export("status", app.sync_status)
`,
    },
    isNode: false,
  },
} as const satisfies Record<string, Program>;

export type ProgramName = keyof typeof programs;
