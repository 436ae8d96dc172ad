import { spawn } from "node:child_process";

/** A failure that a person can act on: shown without a stack. */
export class StepError extends Error {}

const heartbeatMs = 15_000;
const tailChars = 8_000;

/** One line on the terminal. */
export function say(line) {
  process.stdout.write(`${line}\n`);
}

/** Runs a step and shows what it does, at least every 15 s while it lasts, and how long it took. */
export async function showing(title, work) {
  const startedAt = Date.now();
  const seconds = () => Math.round((Date.now() - startedAt) / 1000);
  say(`- ${title}`);
  const heartbeat = setInterval(() => say(`  … ${title}: ${seconds()} s`), heartbeatMs);
  try {
    const result = await work();
    say(`  done in ${seconds()} s`);
    return result;
  } finally {
    clearInterval(heartbeat);
  }
}

/** Runs a command without a shell; resolves to its exit code and output, also when it cannot be started. */
export function capture(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const collect = (chunk) => {
      output += chunk;
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.on("error", (error) => resolve({ code: 127, output: error.message }));
    child.on("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

/** Like `capture`, but a failure is an error that shows the end of the output. */
export async function run(command, args, options = {}) {
  const { code, output } = await capture(command, args, options);
  if (code !== 0) {
    throw new StepError(
      `\`${[command, ...args].join(" ")}\` failed with ${code}:\n${output.slice(-tailChars).trimEnd()}`,
    );
  }
  return output;
}

/** Runs a command on this terminal and resolves to its exit code. */
export function runHere(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: "inherit" });
    // Ctrl-C reaches the child too; wait for its own clean-up instead of leaving first.
    const stay = () => {};
    process.on("SIGINT", stay);
    const terminate = () => child.kill("SIGTERM");
    process.on("SIGTERM", terminate);
    child.on("error", reject);
    child.on("close", (code, signal) => {
      process.off("SIGINT", stay);
      process.off("SIGTERM", terminate);
      resolve(signal === null ? code : 1);
    });
  });
}
