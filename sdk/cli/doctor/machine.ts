import { findPulumi } from "../pulumi-command.js";
import { asBadCheck, type Check } from "./check.js";

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
  try {
    const { version } = await findPulumi();
    if (version === null) return { area: "Pulumi", status: "skipped", detail: "its version is not known" };
    const isNew =
      version.major > oldestEngine[0] ||
      (version.major === oldestEngine[0] && version.minor >= oldestEngine[1]);
    return {
      area: "Pulumi",
      status: isNew ? "ok" : "bad",
      detail: `v${version.version}`,
      ...(isNew ? {} : { fix: `install Pulumi ${oldestEngine.join(".")} or newer.` }),
    };
  } catch (error) {
    return asBadCheck("Pulumi", error);
  }
}
