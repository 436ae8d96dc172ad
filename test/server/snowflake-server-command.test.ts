import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { makeCertificate } from "../support/postgres/certificate.js";
import { closeDriver, connectDriver, queryRows } from "../support/snowflake/node-driver.js";
import { tsxLoader } from "../support/tsx-loader.js";

const PROJECT = resolve(__dirname, "../..");
// A loader, not the command: a signal then reaches the server itself.

let folder: string;
const running: ChildProcess[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "snowflake-server-command-"));
});
afterEach(() => {
  for (const child of running.splice(0)) child.kill("SIGKILL");
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Run {
  readonly child: ChildProcess;
  /** The `export` lines. */
  readonly variables: Readonly<Record<string, string>>;
  readonly stdout: string;
  readonly ended: Promise<{ code: number | null; stderr: string }>;
}

/** Starts the command in a folder of its own and waits until it says how to connect, or ends. */
async function start(args: readonly string[], env: Record<string, string> = {}): Promise<Run> {
  const child = spawn(
    process.execPath,
    ["--import", tsxLoader, join(PROJECT, "sdk/cli/main.ts"), "snowflake-server", ...args],
    {
      cwd: folder,
      env: { PATH: process.env.PATH ?? "", HOME: folder, ...env },
    },
  );
  running.push(child);
  let stdout = "";
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => {
    stderr += chunk.toString("utf8");
  });
  const ended = new Promise<{ code: number | null; stderr: string }>((done) => {
    child.once("close", (code) => done({ code, stderr }));
  });
  const said = new Promise<void>((done) => {
    child.stdout.on("data", (chunk: Buffer) => {
      stdout += chunk.toString("utf8");
      if (stdout.includes("export SNOWFLAKE_PROTOCOL")) done();
    });
  });
  await Promise.race([said, ended]);
  const variables = [...stdout.matchAll(/^export (\w+)=(.*)$/gm)].map(([, name = "", value = ""]) => [
    name,
    value.replaceAll("'", ""),
  ]);
  return { child, variables: Object.fromEntries(variables) as Record<string, string>, stdout, ended };
}

async function queryAs({ variables }: Run, sql: string, privateKey?: string): Promise<unknown> {
  const {
    SNOWFLAKE_ACCOUNT = "",
    SNOWFLAKE_USER = "",
    SNOWFLAKE_PASSWORD,
    SNOWFLAKE_HOST,
    SNOWFLAKE_PORT,
  } = variables;
  const connection = await connectDriver({
    account: SNOWFLAKE_ACCOUNT,
    username: SNOWFLAKE_USER,
    accessUrl: `http://${SNOWFLAKE_HOST}:${SNOWFLAKE_PORT}`,
    timeout: 10_000,
    sfRetryMaxLoginRetries: 0,
    ...(privateKey === undefined
      ? { password: SNOWFLAKE_PASSWORD ?? "" }
      : { authenticator: "SNOWFLAKE_JWT", privateKey }),
  });
  const rows = await queryRows(connection, sql);
  await closeDriver(connection);
  return rows;
}

const WHO = "SELECT CURRENT_USER() AS WHO, CURRENT_ROLE() AS ROLE";

describe("snowflake-server", () => {
  it.each(["SIGINT", "SIGTERM"] as const)(
    "prints what connects a shell, works, and ends at once on %s with exit code 0, with nothing left behind",
    async (signal) => {
      const run = await start([]);
      expect(run.stdout.split("\n").filter((line) => !/^(#.*|export \w+=\S+|)$/.test(line))).toEqual([]);
      expect(await queryAs(run, WHO)).toEqual([{ WHO: "SYNC_USER", ROLE: "SYNC_ROLE" }]);
      const asked = performance.now();
      run.child.kill(signal);
      expect(await run.ended).toEqual({ code: 0, stderr: "" });
      expect(performance.now() - asked).toBeLessThan(1500);
      expect(readdirSync(folder)).toEqual([]);
    },
  );

  it("prints a user's name of any characters in lines that a shell reads back, and acts on none of them", async () => {
    const user = "a\n\u001b[2J\u202e b'c\\";
    const { stdout } = await start(["--user", user, "--password", "x"]);
    expect(stdout.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
    const shell = spawnSync("bash", ["-c", `${stdout}\nprintf %s "$SNOWFLAKE_USER"`], {
      env: { LC_ALL: "C.UTF-8" },
    });
    expect(shell.stdout.toString("utf8")).toBe(user);
  });

  it("ends with the npm that started it, whose shell passes no signal on", async () => {
    const main = join(PROJECT, "sdk/cli/main.ts");
    const shell = spawn(
      "sh",
      ["-c", `"${process.execPath}" --import "${tsxLoader}" "${main}" snowflake-server & echo; wait`],
      {
        cwd: folder,
        env: { PATH: process.env.PATH ?? "", HOME: folder, npm_command: "exec" },
      },
    );
    running.push(shell);
    const port = await new Promise<string>((done) => {
      let said = "";
      shell.stdout.on("data", (chunk: Buffer) => {
        said += chunk.toString("utf8");
        const found = /^export SNOWFLAKE_PORT=(\d+)\n[\s\S]*PROTOCOL/m.exec(said)?.[1];
        if (found !== undefined) done(found);
      });
    });
    const isUp = (): Promise<boolean> =>
      fetch(`http://127.0.0.1:${port}/healthz`).then(
        () => true,
        () => false,
      );
    expect(await isUp()).toBe(true);
    shell.kill("SIGTERM");
    const until = performance.now() + 5000;
    while ((await isUp()) && performance.now() < until) await new Promise((soon) => setTimeout(soon, 50));
    expect(await isUp()).toBe(false);
  });

  it("takes the password from the environment, and the account from the line", async () => {
    const run = await start(["--account", "my-dev_1", "--user", "me"], {
      SNOWFLAKE_SERVER_PASSWORD: "it is mine",
    });
    expect(run.variables).toMatchObject({ SNOWFLAKE_ACCOUNT: "my-dev_1", SNOWFLAKE_PASSWORD: "it is mine" });
    expect(await queryAs(run, WHO)).toEqual([{ WHO: "ME", ROLE: "SYNC_ROLE" }]);
  });

  it("has the account's parameters from the line", async () => {
    const run = await start([
      ...["--account-parameter", "allow_id_token=true"],
      ...["--account-parameter", "QUOTED_IDENTIFIERS_IGNORE_CASE=TRUE"],
    ]);
    const shown = (await queryAs(run, "SHOW PARAMETERS IN ACCOUNT")) as readonly Record<string, string>[];
    const changed = shown.filter(({ level }) => level !== "").map(({ key, value }) => [key, value]);
    expect(changed).toEqual([
      ["ALLOW_ID_TOKEN", "true"],
      ["QUOTED_IDENTIFIERS_IGNORE_CASE", "true"],
    ]);
  });

  it("logs in by key pair, and then makes no password", async () => {
    const keys = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const file = join(folder, "key.pub");
    writeFileSync(file, keys.publicKey.export({ type: "spki", format: "pem" }));
    const run = await start(["--public-key", file]);
    expect(run.variables).not.toHaveProperty("SNOWFLAKE_PASSWORD");
    const privateKey = keys.privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    expect(await queryAs(run, WHO, privateKey)).toEqual([{ WHO: "SYNC_USER", ROLE: "SYNC_ROLE" }]);
    rmSync(file);
  });

  it.each<[string, string]>([
    [
      "SQL",
      `CREATE ROLE APP_ROLE; GRANT ROLE APP_ROLE TO ROLE ACCOUNTADMIN;
       CREATE WAREHOUSE LOAD WITH WAREHOUSE_SIZE = 'XSMALL';
       CREATE DATABASE STORE; CREATE SCHEMA STORE.KEYS;
       CREATE SECRET STORE.KEYS.TOKEN TYPE = GENERIC_STRING SECRET_STRING = 'it''s; seeded';
       GRANT USAGE ON DATABASE STORE TO ROLE APP_ROLE; GRANT USAGE ON SCHEMA STORE.KEYS TO ROLE APP_ROLE;
       GRANT READ ON SECRET STORE.KEYS.TOKEN TO ROLE APP_ROLE;
       CREATE USER LOADER PASSWORD = 'pw' DEFAULT_ROLE = APP_ROLE; GRANT ROLE APP_ROLE TO USER LOADER;`,
    ],
    [
      "JSON",
      JSON.stringify({
        roles: [{ name: "APP_ROLE", grantedTo: ["ACCOUNTADMIN"] }],
        warehouses: [{ name: "LOAD" }],
        databases: [{ name: "STORE", schemas: [{ name: "KEYS" }] }],
        users: [{ name: "LOADER", password: "pw", roles: ["APP_ROLE"] }],
        secrets: [{ database: "STORE", schema: "KEYS", name: "TOKEN", value: "it's; seeded" }],
        grants: [
          { privilege: "USAGE", on: { database: "STORE" }, to: "APP_ROLE" },
          { privilege: "USAGE", on: { database: "STORE", schema: "KEYS" }, to: "APP_ROLE" },
          { privilege: "READ", on: { database: "STORE", schema: "KEYS", secret: "TOKEN" }, to: "APP_ROLE" },
        ],
      }),
    ],
  ])("holds what a seed of %s says, and nothing of the demo", async (_, seed) => {
    const file = join(folder, "seed");
    writeFileSync(file, seed);
    const run = await start(["--seed", file, "--user", "LOADER", "--control-port", "0"]);
    expect(run.variables).not.toHaveProperty("SNOWFLAKE_PASSWORD");
    const loader = { ...run, variables: { ...run.variables, SNOWFLAKE_PASSWORD: "pw" } };
    expect(await queryAs(loader, WHO)).toEqual([{ WHO: "LOADER", ROLE: "APP_ROLE" }]);
    expect(await queryAs(loader, "SHOW SECRETS IN ACCOUNT")).toMatchObject([
      { name: "TOKEN", schema_name: "KEYS" },
    ]);
    const { SNOWFLAKE_SERVER_CONTROL = "", SNOWFLAKE_SERVER_CONTROL_TOKEN = "" } = run.variables;
    const headers = { authorization: `Bearer ${SNOWFLAKE_SERVER_CONTROL_TOKEN}` };
    const secrets = await (await fetch(`${SNOWFLAKE_SERVER_CONTROL}/secrets`, { headers })).json();
    expect(secrets).toMatchObject([{ name: "TOKEN", value: "it's; seeded" }]);
    rmSync(file);
  });

  it("answers HTTPS with a certificate", async () => {
    const { certificateFile, keyFile, text: ca } = await makeCertificate(folder, undefined);
    const run = await start(["--tls", certificateFile, keyFile]);
    expect(run.variables.SNOWFLAKE_PROTOCOL).toBe("https");
    const { SNOWFLAKE_HOST: host, SNOWFLAKE_PORT: port } = run.variables;
    const status = await new Promise((done, failed) => {
      request({ host, port, path: "/healthz", ca, servername: "localhost" }, (response) =>
        done(response.statusCode),
      )
        .on("error", failed)
        .end();
    });
    expect(status).toBe(200);
  });

  it.each<[readonly string[], RegExp]>([
    [["--port", "70000"], /Give a port/],
    [["--account", "plain"], /ORGANIZATION-ACCOUNT/],
    [["--tls", "only-one"], /the certificate and its key/],
    [["--seed", "not-there"], /not-there cannot be read \(ENOENT\)/],
    [["--account-parameter", "TIMEZONE"], /NAME=VALUE/],
    [["--account-parameter", "NO_SUCH=1"], /parameter and a value that this server supports/],
    [["--host", "203.0.113.1"], /give an address of this machine/],
  ])("says what is wrong with %j, and does not start", async (args, text) => {
    const run = await start(args);
    const { code, stderr } = await run.ended;
    expect(code).not.toBe(0);
    expect(stderr).toMatch(text);
    expect(run.stdout).toBe("");
  });

  it("names the place of a wrong seed, and none of its values", async () => {
    const file = join(folder, "seed");
    for (const [seed, text] of [
      [
        '{"users": [{"name": "U", "password": 5, "geheim": "x"}]}',
        "seed.users[0] must have a text under password",
      ],
      ["CREATE USER U PASSWORD = 'geheim' NONSENSE;", "unexpected 'NONSENSE'"],
    ] as const) {
      writeFileSync(file, seed);
      const { code, stderr } = await (await start(["--seed", file])).ended;
      expect(code).toBe(2);
      expect(stderr).toContain(text);
      expect(stderr).not.toContain("geheim");
    }
    rmSync(file);
  });
});
