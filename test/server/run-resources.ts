import { spawn } from "node:child_process";
import { Stack } from "../support/stack.js";
import { StackOfOne } from "../support/stack-of-one.js";

type Args = Record<string, unknown>;

/** The arguments of resources, by name; each is made in a stack of its own. */
export interface Resources {
  readonly syncs?: Readonly<Record<string, Args>>;
  readonly destinations?: Readonly<Record<string, Args>>;
}

/** By name, what `up` said of a resource: nothing where it worked. */
export type Said = Readonly<Record<string, readonly string[]>>;

/**
 * Runs `up` of resources in a process of its own: Node reads which authorities it trusts when it begins.
 *
 * @throws what the process wrote to stderr, if it did not end well
 */
export function runResources(resources: Resources, env: NodeJS.ProcessEnv): Promise<Said> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--import", "tsx", __filename, JSON.stringify(resources)], {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
    });
    child.once("error", reject);
    child.once("close", (code) => {
      const line = stdout.split("\n").findLast((each) => each.startsWith("{"));
      if (code !== 0 || line === undefined) reject(new Error(`exit ${code}\n${stderr}\n${stdout}`));
      else resolve(JSON.parse(line) as Said);
    });
  });
}

async function run({ syncs = {}, destinations = {} }: Resources): Promise<Said> {
  const said: Record<string, readonly string[]> = {};
  for (const [name, args] of Object.entries(syncs)) {
    said[name] = (await new Stack({ stack: name }).up({ app: { args } })).problems;
  }
  for (const [name, args] of Object.entries(destinations)) {
    const stack = new StackOfOne({ stack: name, name });
    const { error, failures } = await stack.up(args);
    said[name] = [
      ...failures.map(({ reason }) => reason),
      ...(error === undefined ? [] : [error.message]),
      ...(stack.kept?.outs.errorMessage ? [stack.kept.outs.errorMessage] : []),
    ];
  }
  return said;
}

if (require.main === module) {
  run(JSON.parse(process.argv[2] ?? "{}") as Resources).then((said) => {
    process.stdout.write(`\n${JSON.stringify(said)}\n`);
  });
}
