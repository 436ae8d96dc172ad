import { execFile } from "node:child_process";
import { promisify } from "node:util";

/** What loading a module adds to a process that does nothing. */
export interface Loading {
  readonly what: string;
  readonly moreMs: number;
  readonly moreMb: number;
}

const runs = 5;
const modules: Readonly<Record<string, string>> = {
  "@pulumi/pulumi (every program)": "@pulumi/pulumi",
  "the shells, and @pulumi/pulumi with them": "pulumi-snowflake-secrets",
  "the provider": "pulumi-snowflake-secrets/provider",
  "the Snowflake driver (at the first log-in only)": "snowflake-sdk",
};

/** Loads each module in processes of its own; the built package, as a stack does. */
export async function measureLoading(folder: string): Promise<readonly Loading[]> {
  const nothing = await measure(folder, "");
  const measured: Loading[] = [];
  for (const [what, name] of Object.entries(modules)) {
    const { ms, mb } = await measure(folder, `require(${JSON.stringify(name)});`);
    measured.push({ what, moreMs: ms - nothing.ms, moreMb: mb - nothing.mb });
  }
  return measured;
}

async function measure(cwd: string, code: string): Promise<{ ms: number; mb: number }> {
  const results: { ms: number; mb: number }[] = [];
  for (let run = 0; run < runs; run += 1) {
    // Without this the driver would look for a cloud's metadata service.
    const env = { ...process.env, SNOWFLAKE_DISABLE_PLATFORM_DETECTION: "true" };
    const script = `const t = performance.now(); ${code} console.log(performance.now() - t, process.memoryUsage().rss / 1e6); process.exit();`;
    const { stdout } = await promisify(execFile)(process.execPath, ["-e", script], { cwd, env });
    const [ms = 0, mb = 0] = stdout.trim().split(" ").map(Number);
    results.push({ ms, mb });
  }
  return { ms: median(results.map(({ ms }) => ms)), mb: median(results.map(({ mb }) => mb)) };
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}
