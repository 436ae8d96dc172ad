import { readdirSync, readFileSync } from "node:fs";
import type { SearchText } from "./search.js";

/**
 * The processes whose environment holds a text, by their ids. Plugins run in process groups of their own and outlive an
 * engine that was killed; by the project's own Pulumi home they are told from everything else. Linux only: elsewhere a
 * killed engine may leave a plugin that ends when its hook does.
 */
export function findProcessesWith(environmentText: string): number[] {
  return listProcesses().filter((pid) => readProcess(pid, "environ").includes(environmentText));
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

/** What was seen of processes while they ran. */
export interface ProcessWatch {
  /** Looks now, beside every `lookEveryMs`. */
  look(): void;
  /** The arguments and the variables that were seen, each once. */
  readonly texts: readonly SearchText[];
  stop(): void;
}

const lookEveryMs = 100;

/**
 * What the engine itself puts into the environment of a program: the stack's config, secrets in clear. A program
 * cannot be run without it, and nothing of ours has a part in it; SECURITY.md says so.
 */
const ofTheEngine = /^PULUMI_CONFIG=/;

/**
 * Watches the processes whose environment holds a text: their arguments, and their variables beside those that the test
 * itself gave them. Linux only.
 */
export function watchProcesses(
  environmentText: string,
  isGiven: (variable: string) => boolean,
): ProcessWatch {
  const seen = new Map<string, SearchText>();
  const keep = (name: string, text: string) => {
    seen.set(`${name}\0${text}`, { name, text });
  };
  const look = () => {
    for (const pid of listProcesses()) {
      const environment = readProcess(pid, "environ");
      if (!environment.includes(environmentText)) continue;
      const command = readProcess(pid, "cmdline");
      const program = command[0]?.split("/").at(-1) ?? "";
      for (const argument of command) keep(`arguments of ${program}`, argument);
      for (const variable of environment) {
        if (isGiven(variable) || ofTheEngine.test(variable)) continue;
        keep(`variable ${variable.split("=", 1)[0]} of ${program}`, variable);
      }
    }
  };
  const timer = setInterval(look, lookEveryMs).unref();
  return {
    look,
    get texts() {
      return [...seen.values()];
    },
    stop: () => clearInterval(timer),
  };
}

/** The entries of a list that the kernel keeps of a process; empty if it has ended, or is not ours to read. */
function readProcess(pid: number, list: "environ" | "cmdline"): string[] {
  try {
    return readFileSync(`/proc/${pid}/${list}`, "utf8").split("\0");
  } catch {
    return [];
  }
}

function listProcesses(): number[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid);
}
