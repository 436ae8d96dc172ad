import { readdirSync, readFileSync } from "node:fs";

/**
 * Ends every process whose environment holds a text. Plugins run in process groups of their own and outlive an engine
 * that was killed; by the project's own Pulumi home they are told from everything else. Linux only: elsewhere a
 * killed engine may leave a plugin that ends when its hook does.
 */
export function endProcessesWith(environmentText: string): number {
  let ended = 0;
  for (const pid of listProcesses()) {
    try {
      if (!readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(environmentText)) continue;
      process.kill(pid, "SIGKILL");
      ended += 1;
    } catch {
      // It has ended, or is not ours to read.
    }
  }
  return ended;
}

function listProcesses(): number[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid);
}
