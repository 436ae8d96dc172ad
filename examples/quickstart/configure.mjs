// Sets the config of a stack of this example: `node configure.mjs --help`.
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const options = {
  stack: { type: "string", default: "dev" },
  database: { type: "string", default: "APP" },
  schema: { type: "string", default: "SECRETS" },
  export: { type: "boolean", default: false },
  organization: { type: "string", default: "acme" },
  help: { type: "boolean", default: false },
};
const help = `Usage: node configure.mjs [options]

Creates a stack of the quickstart, or selects it, and sets its config. If the
stack has no secrets yet, three get a random value.

  --stack NAME         stack (default: dev)
  --database NAME      existing database, exact name (default: APP)
  --schema NAME        existing schema, exact name (default: SECRETS)
  --export             also set up the export destination, with the account,
                       user, password, role and warehouse of the SNOWFLAKE_*
                       variables; needs AWS
  --organization NAME  organization of the export destination (default: acme)`;

const sampleNames = ["API_KEY", "DATABASE_URL", "WEBHOOK_TOKEN"];
// The folder of Pulumi.yaml.
const cwd = fileURLToPath(new URL("../..", import.meta.url));

/** A problem that its message explains. */
class Problem extends Error {}

function pulumi(args, input) {
  // Values are written to the standard input, because other users can see arguments.
  const run = spawnSync("pulumi", [...args, "--non-interactive"], { cwd, input, encoding: "utf8" });
  if (run.error !== undefined)
    throw new Problem("pulumi was not found. Fix: install Pulumi, and add it to PATH.");
  if (run.status !== 0)
    throw new Problem(`pulumi ${args.slice(0, 2).join(" ")} failed:\n${run.stderr.trim()}`);
  return run.stdout;
}

function setSecret(key, value) {
  pulumi(["config", "set", "--secret", "--path", key], value);
}

function setPlain(values) {
  const flags = Object.entries(values).flatMap(([key, value]) => ["--plaintext", `${key}=${value}`]);
  pulumi(["config", "set-all", "--path", ...flags]);
}

function variable(name) {
  const value = process.env[name];
  if (value) return value;
  throw new Problem(
    `${name} is not set. Fix: set the SNOWFLAKE_* variables of the account, or leave out --export.`,
  );
}

function findOptions() {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    throw new Problem(`${error.message}\n\n${help}`);
  }
}

function configure({ stack, database, schema, organization, ...chosen }) {
  const warehouse = chosen.export && {
    account: variable("SNOWFLAKE_ACCOUNT"),
    username: variable("SNOWFLAKE_USER"),
    warehouse: variable("SNOWFLAKE_WAREHOUSE"),
    role: process.env.SNOWFLAKE_ROLE ?? "",
    database,
  };
  const password = chosen.export && variable("SNOWFLAKE_PASSWORD");
  pulumi(["stack", "select", "--create", stack]);
  setPlain({ database, schema });
  const names = Object.keys(JSON.parse(pulumi(["config", "--json"])));
  if (!names.some((name) => name.endsWith(":secrets"))) {
    for (const name of sampleNames) setSecret(`secrets.${name}`, randomBytes(18).toString("base64url"));
  }
  if (warehouse) {
    const {
      SNOWFLAKE_HOST: host,
      SNOWFLAKE_PORT: port,
      SNOWFLAKE_PROTOCOL: protocol = "https",
    } = process.env;
    setPlain({
      organizationId: organization,
      ...Object.fromEntries(Object.entries(warehouse).map(([key, value]) => [`warehouse.${key}`, value])),
      ...(host && { snowflakeEndpoint: `${protocol}://${host}${port ? `:${port}` : ""}` }),
    });
    setSecret("warehouse.password", password);
  }
  console.log(`Stack ${stack} is configured for schema "${database}"."${schema}". Next: pulumi up`);
}

try {
  const chosen = findOptions();
  if (chosen.help) console.log(help);
  else configure(chosen);
} catch (error) {
  if (!(error instanceof Problem)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
