import type { Check } from "./check.js";

const oldestNode = 20;
const oldestEngine = [3, 200] as const;

/** Node and the Pulumi engine on PATH. */
export async function checkMachine(): Promise<Check[]> {
  return [checkNode(process.versions.node), await checkEngine()];
}

/** Whether this version of Node is new enough: "20.1.0". */
export function checkNode(version: string): Check {
  const isNew = Number(version.split(".")[0]) >= oldestNode;
  return {
    area: "Node",
    status: isNew ? "ok" : "bad",
    detail: `v${version}`,
    ...(isNew ? {} : { fix: `install Node ${oldestNode} or newer.` }),
  };
}

async function checkEngine(): Promise<Check> {
  const automation = await import("@pulumi/pulumi/automation/index.js");
  try {
    const version = (await automation.PulumiCommand.get()).version;
    if (version === null) throw new Error("no version");
    const isNew =
      version.major > oldestEngine[0] ||
      (version.major === oldestEngine[0] && version.minor >= oldestEngine[1]);
    return {
      area: "Pulumi",
      status: isNew ? "ok" : "bad",
      detail: `v${version.version}`,
      ...(isNew ? {} : { fix: `install Pulumi ${oldestEngine.join(".")} or newer.` }),
    };
  } catch {
    return {
      area: "Pulumi",
      status: "bad",
      detail: "not found on PATH, or too old to be used",
      fix: "install the Pulumi CLI: https://www.pulumi.com/docs/install/.",
    };
  }
}
