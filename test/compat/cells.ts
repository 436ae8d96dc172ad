import type { EngineName } from "../support/engine/engine.js";
import type { InstallerName } from "./installers.js";
import type { ProgramName } from "./programs.js";

/** The oldest @pulumi/pulumi that hands a stack's config to the hooks of a dynamic provider; `peerDependencies` says the same. */
export const oldestSdk = "3.139.0";
/** The newest one that a Node can run. */
export const newestSdk = { 20: "3.248.0", 22: "3.270.0", 24: "3.270.0" } as const;

/** A place where the package has to work. */
export interface Cell {
  readonly program: ProgramName;
  readonly node: keyof typeof newestSdk;
  /** The version of @pulumi/pulumi; absent where the program does not run on Node. */
  readonly sdk?: string;
  readonly installer: InstallerName;
  /** @default "newest" */
  readonly engine?: EngineName;
  /** What the project's folder is called. */
  readonly folderName?: string;
}

const onNode = (
  program: ProgramName,
  node: Cell["node"],
  installer: InstallerName = "npm",
  sdk: string = newestSdk[node],
): Cell => ({ program, node, sdk, installer });

/** Every Node with the oldest and the newest SDK, every program, every installer; either host with the oldest engine. */
export const cells: readonly Cell[] = [
  onNode("JavaScript, dynamic", 20, "npm", oldestSdk),
  onNode("JavaScript, dynamic", 20),
  onNode("JavaScript, dynamic", 22, "npm", oldestSdk),
  onNode("JavaScript, dynamic", 22),
  onNode("JavaScript, dynamic", 24, "npm", oldestSdk),
  onNode("JavaScript, dynamic", 24),
  onNode("TypeScript, dynamic", 20, "npm", oldestSdk),
  onNode("TypeScript, dynamic", 24),
  onNode("TypeScript by pulumi new, dynamic", 20),
  onNode("ES modules, dynamic", 20),
  onNode("ES modules, dynamic", 24),
  onNode("ES modules in TypeScript, dynamic", 22),
  onNode("TypeScript by Node itself, dynamic", 24),
  onNode("JavaScript, dynamic", 20, "pnpm 10"),
  onNode("JavaScript, dynamic", 22, "pnpm 12"),
  onNode("JavaScript, dynamic", 20, "Yarn 1"),
  onNode("JavaScript, dynamic", 24, "Yarn 4, node_modules"),
  onNode("JavaScript, dynamic", 24, "Yarn 4, PnP"),
  onNode("JavaScript, dynamic", 22, "Bun"),
  { ...onNode("TypeScript, dynamic", 22), folderName: "Мой проект – äöü 秘密" },
  onNode("JavaScript, plugin", 20, "npm", oldestSdk),
  onNode("JavaScript, plugin", 24),
  onNode("TypeScript, plugin", 22),
  onNode("TypeScript by pulumi new, plugin", 22),
  onNode("JavaScript, plugin", 22, "pnpm 12"),
  { ...onNode("JavaScript, plugin", 24), folderName: "Мой проект – äöü 秘密" },
  { program: "YAML, plugin", node: 20, installer: "npm" },
  { program: "YAML, plugin", node: 22, installer: "npm" },
  { program: "YAML, plugin", node: 24, installer: "npm" },
  { program: "Python, plugin", node: 20, installer: "npm" },
  { program: "Python, plugin", node: 24, installer: "npm" },
  { ...onNode("JavaScript, dynamic", 20, "npm", oldestSdk), engine: "oldest" },
  { ...onNode("JavaScript, dynamic", 20), engine: "oldest" },
  { ...onNode("JavaScript, plugin", 20), engine: "oldest" },
  { program: "YAML, plugin", node: 20, installer: "npm", engine: "oldest" },
  { program: "Python, plugin", node: 20, installer: "npm", engine: "oldest" },
];

/** What a cell is called, and found by. */
export function nameCell({ program, node, sdk, installer, engine, folderName }: Cell): string {
  const place = [
    ...(engine === undefined ? [] : [`${engine} engine`]),
    ...(folderName === undefined ? [] : [`in "${folderName}"`]),
  ];
  return [program, `Node ${node}`, ...(sdk === undefined ? [] : [`SDK ${sdk}`]), installer, ...place].join(
    ", ",
  );
}
