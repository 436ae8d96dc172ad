import { generateKeyPairSync } from "node:crypto";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type DemoSeed, type SnowflakeServer, seedDemo, startSnowflakeServer } from "./index.js";

const USAGE = "usage: main.ts [--port <number>]  (a free port by default)\n";

/** Runs the server until it is told to stop, and says how to connect. */
async function main(): Promise<void> {
  const port = readPort();
  if (port === undefined) {
    process.stderr.write(USAGE);
    process.exitCode = 2;
    return;
  }
  const server = await startSnowflakeServer({ port });
  const seed = seedDemo(server.door);
  // Both are made anew at each start, and the file goes when the server stops.
  const keys = generateKeyPairSync("rsa", { modulusLength: 2048 });
  server.door.createUser({ name: "KEY_USER", publicKey: keys.publicKey, roles: [seed.role] });
  const keyFile = resolve(__dirname, `../../../.cache/snowflake-server/${server.port}/rsa_key.p8`);
  await mkdir(dirname(keyFile), { recursive: true, mode: 0o700 });
  await writeFile(keyFile, keys.privateKey.export({ type: "pkcs8", format: "pem" }), { mode: 0o600 });
  process.stdout.write(describeConnection(server, seed, keyFile));

  const stop = (): void => {
    process.stdout.write("\nStopping.\n");
    Promise.all([server.stop(), rm(dirname(keyFile), { recursive: true, force: true })]).catch(
      (error: unknown) => {
        process.stderr.write(`${String(error)}\n`);
        process.exitCode = 1;
      },
    );
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
}

/** The port asked for, 0 for any, `undefined` for what is no port. */
function readPort(): number | undefined {
  try {
    const { values } = parseArgs({ options: { port: { type: "string", default: "0" } } });
    return /^[0-9]{1,5}$/.test(values.port) && Number(values.port) < 65_536 ? Number(values.port) : undefined;
  } catch {
    return undefined;
  }
}

function describeConnection(server: SnowflakeServer, seed: DemoSeed, keyFile: string): string {
  const { host, port, account, url } = server;
  const { username, password, role, warehouse, database, schema } = seed;
  const shownKeyFile = relative(process.cwd(), keyFile);
  return `A Snowflake account in memory, for tests and demos, listens on ${url} (Ctrl-C stops it).

  user ${username}, password ${password}
  user KEY_USER, private key ${shownKeyFile}
  role ${role} may create secrets in ${database}.${schema}; warehouse ${warehouse}
  administrator: user ${server.connection.username}, password ${server.connection.password}, role ${server.connection.role}

This package, by environment:

  export SNOWFLAKE_ACCOUNT=${account} SNOWFLAKE_USER=${username} SNOWFLAKE_PASSWORD='${password}'
  export SNOWFLAKE_ROLE=${role} SNOWFLAKE_WAREHOUSE=${warehouse}
  export SNOWFLAKE_HOST=${host} SNOWFLAKE_PORT=${port} SNOWFLAKE_PROTOCOL=http

Node (snowflake-sdk):

  snowflake.createConnection({ account: "${account}", username: "${username}", password: "${password}",
    accessUrl: "${url}", role: "${role}", warehouse: "${warehouse}", database: "${database}", schema: "${schema}" })

Python (snowflake-connector-python):

  snowflake.connector.connect(account="${account}", user="${username}", password="${password}",
    host="${host}", port=${port}, protocol="http", role="${role}", warehouse="${warehouse}",
    database="${database}", schema="${schema}")

Go (gosnowflake):

  &gosnowflake.Config{Account: "${account}", User: "${username}", Password: "${password}",
    Host: "${host}", Port: ${port}, Protocol: "http", Role: "${role}", Warehouse: "${warehouse}",
    Database: "${database}", Schema: "${schema}"}
`;
}

main().catch((error: unknown) => {
  const inUse = error instanceof Error && "code" in error && error.code === "EADDRINUSE";
  process.stderr.write(inUse ? "That port is in use.\n" : `${String(error)}\n`);
  process.exitCode = 1;
});
