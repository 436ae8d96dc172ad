import { readdirSync, readFileSync } from "node:fs";

/**
 * The processes whose environment holds a text, by their ids. Plugins run in process groups of their own and outlive an
 * engine that was killed; by the project's own Pulumi home they are told from everything else. Linux only: elsewhere a
 * killed engine may leave a plugin that ends when its hook does.
 */
export function findProcessesWith(environmentText: string): number[] {
  return listProcesses().filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(environmentText);
    } catch {
      // It has ended, or is not ours to read.
      return false;
    }
  });
}

/** Ends every process whose environment holds a text. */
export function endProcessesWith(environmentText: string): number {
  const pids = findProcessesWith(environmentText);
  for (const pid of pids) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has ended meanwhile.
    }
  }
  return pids.length;
}

function listProcesses(): number[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid);
}
