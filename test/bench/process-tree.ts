import { readdirSync, readFileSync } from "node:fs";

/** What a process and everything that it started used. */
export interface TreeUse {
  readonly cpuMs: number;
  /** The most that was in memory at one time, all together. */
  readonly peakMb: number;
}

const sampleEveryMs = 100;
/** Linux counts CPU time so on every machine that Node runs on. */
const msPerTick = 10;
const bytesPerPage = 4096;

/** Watches a process and its descendants, by what the kernel tells of them. Linux only; elsewhere all is 0. */
export function watchTree(rootPid: number): { stop(): TreeUse } {
  const ticksOf = new Map<number, number>();
  let peakBytes = 0;
  const sample = () => {
    const processes = readProcesses();
    const tree = new Set([rootPid]);
    // A process is younger than its parent, but its number may be lower: until nothing is added.
    for (let before = 0; before !== tree.size; ) {
      before = tree.size;
      for (const { pid, parent } of processes) if (tree.has(parent)) tree.add(pid);
    }
    let bytes = 0;
    for (const { pid, ticks, pages } of processes) {
      if (!tree.has(pid)) continue;
      ticksOf.set(pid, ticks);
      bytes += pages * bytesPerPage;
    }
    peakBytes = Math.max(peakBytes, bytes);
  };
  const timer = setInterval(sample, sampleEveryMs);
  return {
    stop: () => {
      clearInterval(timer);
      const ticks = [...ticksOf.values()].reduce((sum, each) => sum + each, 0);
      return { cpuMs: ticks * msPerTick, peakMb: peakBytes / 1e6 };
    },
  };
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly ticks: number;
  readonly pages: number;
}

function readProcesses(): Process[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      // The name stands in brackets and may hold anything: what counts comes behind it.
      const text = readFileSync(`/proc/${name}/stat`, "utf8");
      const fields = text
        .slice(text.lastIndexOf(")") + 2)
        .split(" ")
        .map(Number);
      const [, parent = 0, , , , , , , , , , user = 0, system = 0] = fields;
      return [{ pid: Number(name), parent, ticks: user + system, pages: fields[21] ?? 0 }];
    } catch {
      // It has ended.
      return [];
    }
  });
}
