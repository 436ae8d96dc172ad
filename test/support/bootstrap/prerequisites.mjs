import { capture, StepError } from "./commands.mjs";

const pythonNames = ["python3", "python3.13", "python3.12", "python3.11", "python3.10", "python"];
const minimumNode = 20;
const minimumPython = [3, 10];

/** Fails if this Node is too old for the project's packages. */
export function requireNode() {
  const major = Number(process.versions.node.split(".")[0]);
  if (major < minimumNode) {
    throw new StepError(
      `Node ${process.versions.node} is too old, >= ${minimumNode} is needed: https://nodejs.org/en/download`,
    );
  }
}

/** The command of a Python that is new enough and can make virtual environments. */
export async function findPython() {
  const probe = "import sys, venv, ensurepip; print('%d.%d' % sys.version_info[:2])";
  const seen = [];
  for (const name of pythonNames) {
    const { code, output } = await capture(name, ["-c", probe]);
    if (code === 127) continue;
    if (code !== 0) {
      seen.push(`${name} without venv and ensurepip`);
      continue;
    }
    const [major, minor] = output.trim().split(".").map(Number);
    if (major === minimumPython[0] && minor >= minimumPython[1]) return name;
    seen.push(`${name} ${output.trim()}`);
  }
  throw new StepError(
    `Python >= ${minimumPython.join(".")} with venv is needed for the AWS and the Python programs of tests and demo` +
      `${seen.length > 0 ? ` (found: ${seen.join(", ")})` : ""}: ` +
      "https://www.python.org/downloads, or on Debian and Ubuntu: apt-get install python3 python3-venv",
  );
}

/** Fails if there is no Go that can build what is needed; `why` begins the sentence that says what to install. */
export async function requireGo(why) {
  const { code, output } = await capture("go", ["env", "GOVERSION"]);
  // From 1.21 on, Go fetches the toolchain that a go.mod asks for by itself.
  const minor = /^go1\.(\d+)/.exec(output.trim())?.[1];
  if (code === 0 && minor !== undefined && Number(minor) >= 21) return;
  throw new StepError(`${why} Go >= 1.21 (https://go.dev/doc/install)`);
}
