import { execFile, spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const PROJECT = resolve(__dirname, "../../..");
const CACHE = join(PROJECT, ".cache");
const CLIENTS = join(PROJECT, "test/server/clients");

/** What a client program gets: how to connect, in its own driver's words, and what to run. */
export interface ClientJob {
  readonly connection: Readonly<Record<string, unknown>>;
  readonly statements: readonly {
    readonly sql: string;
    readonly binds?: readonly string[];
    /** Asks for the columns only, in the driver's own way; by clients that have one. */
    readonly describe?: true;
  }[];
}

export interface ClientFailure {
  readonly number: number;
  readonly sqlState: string;
  readonly message: string;
}

/** What a client program says: a refused log-in, or one outcome for each statement. */
export type ClientReport =
  | { readonly loginError: ClientFailure }
  | {
      readonly outcomes: readonly (
        | { readonly rows: readonly Readonly<Record<string, string | null>>[] }
        /** Name and type of each. */
        | { readonly columns: readonly (readonly [string, string])[] }
        | { readonly error: ClientFailure }
      )[];
    };

/** Runs statements through an unmodified official driver of another language. */
export type SnowflakeClient = (job: ClientJob) => Promise<ClientReport>;

/**
 * Whether a language's tools are there. Where not, says so on stderr, so that a skipped test is seen.
 *
 * @throws Error under `CI=true`, where nothing is skipped.
 */
export function isLanguageInstalled(language: "Python" | "Go"): boolean {
  const [command, versionArgument] =
    language === "Python" ? (["python3", "--version"] as const) : (["go", "version"] as const);
  if (spawnSync(command, [versionArgument]).status === 0) return true;
  const message = `${command} is not on PATH: the tests with Snowflake's ${language} driver need it`;
  if (process.env.CI === "true") throw new Error(`${message}.`);
  process.stderr.write(`SKIPPED: ${message} and are skipped.\n`);
  return false;
}

/** The virtual environment of a version of snowflake-connector-python, which has boto3, too. */
export function pythonConnectorFolder(version: string): string {
  return join(CACHE, `python-connector-${version}`);
}

/** Installs a version of snowflake-connector-python into the project's cache, unless it is there. */
export async function installPythonConnector(version: string): Promise<SnowflakeClient> {
  const folder = pythonConnectorFolder(version);
  const python = join(folder, "bin/python");
  const complete = join(folder, "complete");
  if (!existsSync(complete)) {
    process.stderr.write(`Installing snowflake-connector-python ${version} (once) …\n`);
    await rm(folder, { recursive: true, force: true });
    await mkdir(CACHE, { recursive: true });
    await run("python3", ["-m", "venv", folder]);
    await run(python, ["-m", "pip", "install", "--quiet", `snowflake-connector-python==${version}`]);
    await writeFile(complete, `${version}\n`);
  }
  return (job) => runClient(python, [join(CLIENTS, "python/run_statements.py")], job);
}

/** The versions of gosnowflake in use, by the folder of their go.mod below `clients/go`. */
const GO_CLIENTS = { "1.19": ".", "2.1": "v2" } as const;
export type GoClientVersion = keyof typeof GO_CLIENTS;

/** Builds the one program around a gosnowflake, in a module of its own in the cache; Go's own cache makes a second build quick. */
export async function buildGoClient(version: GoClientVersion): Promise<SnowflakeClient> {
  const source = join(CLIENTS, "go");
  const folder = join(CACHE, `gosnowflake-${version}`);
  const program = join(folder, "client");
  if (!existsSync(program)) process.stderr.write(`Building the gosnowflake ${version} client (once) …\n`);
  await mkdir(folder, { recursive: true });
  for (const name of ["go.mod", "go.sum"])
    await cp(join(source, GO_CLIENTS[version], name), join(folder, name));
  const main = await readFile(join(source, "main.go"), "utf8");
  // The second major version differs in its path only.
  const path = "github.com/snowflakedb/gosnowflake";
  const ownPath = version.startsWith("2.") ? `${path}/v2` : path;
  await writeFile(join(folder, "main.go"), main.replace(`"${path}"`, `"${ownPath}"`));
  await run("go", ["build", "-o", program, "."], { cwd: folder });
  return (job) => runClient(program, [], job);
}

/** The job goes in on standard input: credentials and values stay out of the argument list. */
function runClient(program: string, args: readonly string[], job: ClientJob): Promise<ClientReport> {
  return new Promise((done, failed) => {
    const child = spawn(program, args, {
      stdio: ["pipe", "pipe", "pipe"],
      // A home of its own: drivers look for configuration and caches there.
      env: { ...process.env, HOME: CACHE, NO_PROXY: "127.0.0.1", no_proxy: "127.0.0.1" },
    });
    let output = "";
    let errors = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString("utf8");
    });
    child.stderr.on("data", (chunk: Buffer) => {
      errors += chunk.toString("utf8");
    });
    child.once("error", failed);
    child.once("close", (code) => {
      if (code === 0) done(JSON.parse(output) as ClientReport);
      else failed(new Error(`The client ended with ${code}: ${errors.slice(-2000)}`));
    });
    child.stdin.end(JSON.stringify(job));
  });
}
