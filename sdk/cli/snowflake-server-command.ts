import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { type Command, InvalidArgumentError, Option } from "commander";
import { ProviderError } from "../../provider/core/errors.js";
import { toOneLine } from "../../provider/core/one-line.js";
import { whenParentEnds } from "../../provider/engine/interrupt.js";
import { type ControlServer, startControlServer } from "../snowflake-server/control/control-server.js";
import {
  type ControlApi,
  type SnowflakeServer,
  seedDemo,
  startSnowflakeServer,
} from "../snowflake-server/index.js";
import { parseSeed, SeedError } from "../snowflake-server/seed-file.js";
import { SqlError } from "../snowflake-server/sql-error.js";
import type { AddCommand } from "./command-context.js";
import { exitCodes } from "./exit-codes.js";

interface SnowflakeServerFlags {
  readonly host: string;
  readonly port: number;
  readonly account: string;
  readonly user: string;
  readonly password?: string;
  readonly publicKey?: string;
  readonly seed?: string;
  readonly accountParameter: Readonly<Record<string, string>>;
  readonly latency: number;
  readonly rowCap: number;
  readonly tls?: readonly string[];
  readonly stsEndpoint?: string;
  readonly googleIssuer?: string;
  readonly controlPort?: number;
}

const help = `
Without --seed, the account has database APP with schema SECRETS, and
warehouse WH; the user has role SYNC_ROLE, which can create secrets in that
schema. With --seed, the account has what the file creates. If the file does
not create the user, the user has role ACCOUNTADMIN. The account exists in
memory only.

A password on the command line is visible in the process list: set
SNOWFLAKE_SERVER_PASSWORD instead. Without a password and without
--public-key, a password is generated and printed.

--control-port starts the control API on the loopback address. It shows
secret values, so each request needs the token in
SNOWFLAKE_SERVER_CONTROL_TOKEN. Without that variable, a token is generated
and printed.

Supported statements and differences from Snowflake: docs/snowflake-server.md`;

/** `snowflake-server`: a Snowflake account in memory, for people without an account to test with. */
export const addSnowflakeServerCommand: AddCommand = (program, { run }) => {
  program
    .command("snowflake-server")
    .description("run a Snowflake account in memory that supports secrets, and print how to connect to it")
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .addOption(new Option("--port <port>", "port; 0 chooses a free port").argParser(parsePort).default(0))
    .addOption(
      new Option("--account <name>", "account identifier: ORGANIZATION-ACCOUNT")
        .argParser(parseAccount)
        .default("ACME-TESTING"),
    )
    .option("--user <name>", "user name in the printed variables", "SYNC_USER")
    .option("--password <password>", "the user's password; prefer SNOWFLAKE_SERVER_PASSWORD")
    .option("--public-key <file>", "the user's public key (PEM), to log in with a key pair")
    .option("--seed <file>", "file that creates the account's objects: SQL or JSON")
    .addOption(
      new Option(
        "--account-parameter <name=value>",
        "parameter of the account, for every session; repeatable",
      )
        .argParser(addParameter)
        .default({}, "none"),
    )
    .addOption(
      new Option("--latency <ms>", "delay of each response, in milliseconds")
        .argParser(parseCount)
        .default(0),
    )
    .addOption(new Option("--row-cap <rows>", "maximum rows of a SHOW").argParser(parseCount).default(10_000))
    .option("--tls <files...>", "certificate and key (PEM): serve HTTPS")
    .option("--sts-endpoint <url>", "ask this AWS STS about workloads on AWS, in place of AWS's own")
    .option("--google-issuer <url>", "take this issuer's tokens for those of Google Cloud")
    .addOption(new Option("--control-port <port>", "start the control API on this port").argParser(parsePort))
    .addHelpText("after", help)
    .action(async (flags: SnowflakeServerFlags, command: Command) => {
      await run(command, "run the Snowflake server", async () => {
        await serveUntilSignal(flags, process.stdout);
        return exitCodes.done;
      });
    });
};

async function serveUntilSignal(
  flags: SnowflakeServerFlags,
  stdout: { write(text: string): unknown },
): Promise<void> {
  const told = waitForSignal();
  const start = planStart(flags);
  const server = await startSnowflakeServer({
    host: flags.host,
    port: flags.port,
    ...splitAccount(flags.account),
    latencyMs: flags.latency,
    rowCap: flags.rowCap,
    ...readTls(flags.tls),
    ...readUrl("--sts-endpoint", "stsEndpoint", flags.stsEndpoint),
    ...readUrl("--google-issuer", "googleIssuer", flags.googleIssuer),
    accountParameters: flags.accountParameter,
    seed: start.seed,
  }).catch(explainStart);
  const control = flags.controlPort === undefined ? undefined : await openControl(server, flags.controlPort);
  stdout.write(describeConnection(server, flags, start.password(), control));
  await told;
  await Promise.all([server.stop(), control?.api.stop()]);
}

/** Ctrl-C, SIGTERM, or the end of the npm that started it: its shell takes a signal and does not pass it on. */
function waitForSignal(): Promise<void> {
  return new Promise((resolve) => {
    const unwatch = process.env.npm_command === undefined ? () => {} : whenParentEnds(() => stop());
    const stop = (): void => {
      unwatch();
      resolve();
    };
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, stop);
  });
}

interface Control {
  readonly api: ControlServer;
  readonly token: string;
}

async function openControl(server: SnowflakeServer, port: number): Promise<Control> {
  const token = process.env.SNOWFLAKE_SERVER_CONTROL_TOKEN || newSecret();
  try {
    return { api: await startControlServer(server.control, { port, token }), token };
  } catch (error) {
    await server.stop();
    return explainStart(error);
  }
}

function newSecret(): string {
  return randomBytes(18).toString("base64url");
}

const DEMO_ROLE = "SYNC_ROLE";

interface Start {
  readonly seed: (control: ControlApi) => void;
  /** The password to print, once the seed was applied: none for a key pair, or where the seed made the user. */
  password(): string | undefined;
}

function planStart(flags: SnowflakeServerFlags): Start {
  const { user: name, seed } = flags;
  const given = flags.password || process.env.SNOWFLAKE_SERVER_PASSWORD || undefined;
  const publicKey = flags.publicKey === undefined ? undefined : readText(flags.publicKey, "--public-key");
  const password = given ?? (publicKey === undefined ? newSecret() : undefined);
  const user = {
    name,
    ...(password === undefined ? {} : { password }),
    ...(publicKey === undefined ? {} : { publicKey }),
  };
  if (seed === undefined) {
    return {
      seed: (control) => {
        const { warehouse } = seedDemo(control);
        control.createUser({ ...user, roles: [DEMO_ROLE], defaultWarehouse: warehouse });
      },
      password: () => password,
    };
  }
  const applySeed = asUsageError("--seed", () => parseSeed(readText(seed, "--seed")));
  let isSeedsUser = false;
  return {
    seed: (control) => {
      asUsageError("--seed", () => applySeed(control));
      isSeedsUser = control.hasUser(name);
      if (!isSeedsUser) control.createUser({ ...user, roles: ["ACCOUNTADMIN"] });
      else if (given !== undefined) control.setPassword(name, given);
    },
    password: () => (isSeedsUser ? given : password),
  };
}

function readTls(files: readonly string[] | undefined): { tls?: { cert: string; key: string } } {
  if (files === undefined) return {};
  const [cert, key, ...rest] = files;
  if (cert === undefined || key === undefined || rest.length > 0) {
    throw refusal("--tls", "give two files, the certificate and its key.");
  }
  return { tls: { cert: readText(cert, "--tls"), key: readText(key, "--tls") } };
}

function readUrl<Key extends string>(
  option: string,
  key: Key,
  url: string | undefined,
): { readonly [key in Key]?: string } {
  if (url === undefined) return {};
  if (URL.canParse(url) && /^https?:/.test(url)) return { [key]: url } as { readonly [key in Key]: string };
  throw refusal(option, "give an http or https URL.");
}

function readText(file: string, option: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "no file";
    throw refusal(option, `${file} cannot be read (${code}).`);
  }
}

function asUsageError<Result>(option: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof SeedError)) throw error;
    throw refusal(option, error.message);
  }
}

function refusal(option: string, hint: string): ProviderError {
  return new ProviderError("INVALID_INPUT", {
    operation: "the Snowflake server cannot start",
    target: option,
    hint,
  });
}

function explainStart(error: unknown): never {
  if (error instanceof SqlError) {
    throw refusal("--account-parameter", "give a parameter and a value that this server supports.");
  }
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") throw refusal("--port", "choose another port: this one is in use.");
  if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") {
    throw refusal("--host", "give an address of this machine.");
  }
  throw error;
}

/** Lines for a shell: `export …`, and everything else behind a `#`, so that they can be sourced. */
function describeConnection(
  server: SnowflakeServer,
  { user, publicKey, seed, tls, host }: SnowflakeServerFlags,
  password: string | undefined,
  control: Control | undefined,
): string {
  const variables: (readonly [string, string | undefined])[] = [
    ["SNOWFLAKE_ACCOUNT", server.account],
    ["SNOWFLAKE_USER", user],
    ["SNOWFLAKE_PASSWORD", password],
    ["SNOWFLAKE_ROLE", seed === undefined ? DEMO_ROLE : undefined],
    ["SNOWFLAKE_WAREHOUSE", seed === undefined ? "WH" : undefined],
    ["SNOWFLAKE_HOST", server.host],
    ["SNOWFLAKE_PORT", String(server.port)],
    ["SNOWFLAKE_PROTOCOL", tls === undefined ? "http" : "https"],
    ["SNOWFLAKE_SERVER_CONTROL", control?.api.url],
    ["SNOWFLAKE_SERVER_CONTROL_TOKEN", control?.token],
  ];
  const notes = [
    `The Snowflake server listens on ${server.url}. Ctrl-C stops it. To connect a shell to it, run:`,
  ];
  if (seed === undefined) notes.push(`Role ${DEMO_ROLE} can create secrets in schema APP.SECRETS.`);
  if (publicKey !== undefined) {
    notes.push(
      `User ${user} logs in with a key pair: set SNOWFLAKE_PRIVATE_KEY_PATH to the private key file.`,
    );
  } else if (password === undefined) notes.push(`User ${user} has the credentials from the seed file.`);
  if (tls === undefined && server.host !== "127.0.0.1" && server.host !== "localhost") {
    notes.push("Credentials and values are sent to this address unencrypted. To encrypt them, use --tls.");
  } else if (tls === undefined && host !== server.host) {
    notes.push("It listens on every address of this machine, unencrypted. To encrypt, use --tls.");
  }
  return [
    ...notes.map((note) => toOneLine(`# ${note}`)),
    ...variables.flatMap(([name, value]) => (value === undefined ? [] : [`export ${name}=${quote(value)}`])),
    "",
  ].join("\n");
}

function quote(value: string): string {
  if (/^[\w.:/-]+$/.test(value)) return value;
  if (toOneLine(value) === value) return `'${value.replaceAll("'", "'\\''")}'`;
  // bash and zsh read toOneLine's escapes in such quotes.
  return `$'${toOneLine(value.replaceAll(/['\\]/g, "\\$&"))}'`;
}

function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!(port <= 65_535)) throw new InvalidArgumentError("Give a port, 0 to 65535.");
  return port;
}

function addParameter(
  text: string,
  before: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const [, name, value] = /^([A-Za-z_]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new InvalidArgumentError("Give NAME=VALUE, such as TIMEZONE=Europe/Vienna.");
  }
  return { ...before, [name.toUpperCase()]: value };
}

function parseCount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("Give a number.");
  return Number(text);
}

function parseAccount(text: string): string {
  if (!/^[A-Za-z][A-Za-z0-9]*-[A-Za-z][A-Za-z0-9_]*$/.test(text)) {
    throw new InvalidArgumentError("Give ORGANIZATION-ACCOUNT, such as ACME-TESTING.");
  }
  return text.toUpperCase();
}

function splitAccount(account: string): { organizationName: string; accountName: string } {
  const dash = account.indexOf("-");
  return { organizationName: account.slice(0, dash), accountName: account.slice(dash + 1) };
}
