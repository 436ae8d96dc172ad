import type { Tool } from "./tools.js";

/** A package manager as a user has it, and what he has to tell it so that it takes this package. */
export interface Installer {
  /** Absent for the npm that is on PATH. */
  readonly tool?: Tool;
  readonly args: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
  /** What the page says of it, as a sentence. */
  readonly note?: string;
  /** Variables of every later run of `pulumi`. */
  readonly env?: Readonly<Record<string, string>>;
}

export const installers = {
  npm: { args: ["install", "--no-audit", "--no-fund"] },
  "pnpm 10": {
    tool: { package: "pnpm", version: "10", bin: "bin/pnpm.cjs" },
    args: ["install"],
  },
  "pnpm 12": {
    tool: { package: "pnpm", version: "12", bin: "pnpm" },
    args: ["install"],
    note: "its install ends with 1 (`ERR_PNPM_IGNORED_BUILDS`) until `pnpm-workspace.yaml` says `allowBuilds: { protobufjs: false }`: that package's script is not needed. pnpm 10 only warns.",
    files: { "pnpm-workspace.yaml": "allowBuilds:\n  protobufjs: false\n" },
  },
  "Yarn 1": {
    tool: { package: "yarn", version: "1", bin: "bin/yarn.js" },
    note: "on Node 20 it refuses `@azure/identity`, which `snowflake-sdk` brings and which asks for Node 22: `yarn install --ignore-engines`. Node 20 runs it all the same.",
    args: ["install", "--ignore-engines"],
  },
  "Yarn 4, node_modules": {
    tool: { package: "@yarnpkg/cli-dist", version: "4", bin: "bin/yarn.js" },
    args: ["install"],
    files: { ".yarnrc.yml": "nodeLinker: node-modules\n" },
  },
  "Yarn 4, PnP": {
    tool: { package: "@yarnpkg/cli-dist", version: "4", bin: "bin/yarn.js" },
    args: ["install"],
    files: { ".yarnrc.yml": "nodeLinker: pnp\n" },
    note: '`pulumi` has to run with `NODE_OPTIONS="--require ./.pnp.cjs --loader ./.pnp.loader.mjs"`; without it Pulumi\'s own host says that its SDK is not installed. The plugin has no path below `node_modules` there: use `nodeLinker: node-modules`, or install the plugin from its archive.',
    env: { NODE_OPTIONS: "--require ./.pnp.cjs --loader ./.pnp.loader.mjs --no-warnings" },
  },
  Bun: {
    tool: { package: `@oven/bun-${process.platform}-${process.arch}`, version: "1", bin: "bin/bun" },
    args: ["install"],
  },
} as const satisfies Record<string, Installer>;

export type InstallerName = keyof typeof installers;
