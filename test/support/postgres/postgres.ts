import { type ChildProcess, execFile, spawn } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Client } from "pg";
import { findFreePort } from "../network/free-port.js";
import { findPostgresBinaries } from "./binaries.js";
import { makeCertificate } from "./certificate.js";

/** A PostgreSQL for a test, with password log-in (SCRAM) and TLS. */
export interface Postgres {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly password: string;
  /** The self-signed certificate that the server shows, for `localhost` and 127.0.0.1. */
  readonly certificate: string;
  /** Runs SQL as the superuser and resolves to its rows. */
  adminQuery(sql: string, values?: readonly unknown[]): Promise<Record<string, unknown>[]>;
  stop(): Promise<void>;
}

const run = promisify(execFile);
const database = "warehouse";
const user = "exporter";
const startTimeoutMs = 30_000;
const pollMs = 50;
/** The account without rights that every Unix has: PostgreSQL refuses to run as root. */
const nobody = { uid: 65_534, gid: 65_534 };

/** Starts a real PostgreSQL on a free port of this machine, with an empty cluster in a temporary folder. */
export async function startPostgres(): Promise<Postgres> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "postgres-")));
  const account = process.getuid?.() === 0 ? nobody : undefined;
  const passwords = { admin: randomPassword(), user: randomPassword() };
  let server: ChildProcess | undefined;
  const stopWithParent = () => server?.kill("SIGKILL");
  process.once("exit", stopWithParent);
  const stop = async () => {
    process.off("exit", stopWithParent);
    if (server !== undefined) await end(server);
    rmSync(root, { recursive: true, force: true });
  };
  try {
    const binaries = await findPostgresBinaries(root);
    const data = join(root, "data");
    mkdirSync(data, { mode: 0o700 });
    const passwordFile = join(root, "password");
    writeFileSync(passwordFile, passwords.admin, { mode: 0o600 });
    if (account !== undefined) {
      chmodSync(root, 0o755);
      for (const path of [data, passwordFile]) chownSync(path, account.uid, account.gid);
    }
    const options = { ...account, cwd: data, env: { PATH: process.env.PATH ?? "", LC_ALL: "C" } };
    await run(
      join(binaries, "initdb"),
      [
        ...["--pgdata", data, "--username", "postgres", "--pwfile", passwordFile],
        ...["--auth", "scram-sha-256", "--encoding", "UTF8", "--no-locale", "--no-sync"],
      ],
      options,
    );
    const certificate = await makeCertificate(data, account);
    const port = await findFreePort();
    const settings = {
      port: String(port),
      listen_addresses: "127.0.0.1",
      unix_socket_directories: "",
      ssl: "on",
      ssl_cert_file: certificate.certificateFile,
      ssl_key_file: certificate.keyFile,
      fsync: "off",
    };
    server = spawn(
      join(binaries, "postgres"),
      ["-D", data, ...Object.entries(settings).flatMap(([key, value]) => ["-c", `${key}=${value}`])],
      { ...options, stdio: ["ignore", "ignore", "pipe"] },
    );
    const log = collect(server);
    const started = server;

    const adminQuery = async (sql: string, values: readonly unknown[] = [], inDatabase = database) => {
      const client = new Client({
        ...{ host: "127.0.0.1", port, user: "postgres", password: passwords.admin, database: inDatabase },
      });
      await client.connect();
      try {
        return (await client.query(sql, [...values])).rows as Record<string, unknown>[];
      } finally {
        await client.end();
      }
    };
    await untilAnswering(() => adminQuery("SELECT 1", [], "postgres"), started, log);
    // The password is hex, so it needs no quoting.
    await adminQuery(`CREATE ROLE ${user} LOGIN PASSWORD '${passwords.user}'`, [], "postgres");
    await adminQuery(`CREATE DATABASE ${database} OWNER ${user}`, [], "postgres");
    return {
      host: "127.0.0.1",
      port,
      database,
      user,
      password: passwords.user,
      certificate: certificate.text,
      adminQuery: (sql, values) => adminQuery(sql, values),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function randomPassword(): string {
  return crypto.randomUUID().replaceAll("-", "");
}

function collect(server: ChildProcess): () => string {
  let log = "";
  server.stderr?.setEncoding("utf8").on("data", (text: string) => {
    log = (log + text).slice(-10_000);
  });
  return () => log;
}

async function untilAnswering(
  ask: () => Promise<unknown>,
  server: ChildProcess,
  log: () => string,
): Promise<void> {
  const deadline = Date.now() + startTimeoutMs;
  for (;;) {
    try {
      await ask();
      return;
    } catch (error) {
      if (server.exitCode !== null || Date.now() > deadline) {
        throw new Error(`PostgreSQL did not start:\n${log()}`, { cause: error });
      }
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
  }
}

/** Ends the server at once (SIGQUIT): nothing of it is kept. */
async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  const ended = new Promise((resolve) => server.once("exit", resolve));
  server.kill("SIGQUIT");
  await ended;
}
