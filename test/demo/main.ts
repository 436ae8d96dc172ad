import { randomBytes } from "node:crypto";
import { join } from "node:path";
import {
  type DemoSeed,
  type SnowflakeServer,
  seedDemo,
  startSnowflakeServer,
} from "../../sdk/snowflake-server/index.js";
import { type Aws, startAws } from "../support/aws/aws.js";
import { projectFolder } from "../support/engine/engine.js";
import { createProject, type PulumiProject } from "../support/pulumi/project.js";
import { buildConnectionEnv } from "../support/snowflake/connection-env.js";
import { Transcript } from "./transcript.js";
import { writeYamlProgram } from "./yaml-program.js";

interface Stage {
  readonly t: Transcript;
  readonly server: SnowflakeServer;
  readonly seed: DemoSeed;
  readonly aws: Aws;
  readonly project: PulumiProject;
  /** Every value that must not be found anywhere. */
  readonly values: string[];
  /** What the sources hold now, by name. */
  readonly secrets: Map<string, string>;
}

const projectName = "snowflake-secrets-quickstart";
const stackName = "demo";
const organizationId = "acme";
const exportJob = "nightly-export";
const randomValue = (label: string) => `${label}-${randomBytes(12).toString("base64url")}`;

async function main(): Promise<number> {
  const t = new Transcript();
  console.log(
    "pulumi-snowflake-secrets: the main job, through the real Pulumi engine, the real Snowflake driver and the real AWS SDK.",
  );
  console.log("Snowflake and AWS are test servers of this project. They run on this machine.");
  const server = await startSnowflakeServer();
  const aws = await startAws();
  const seed = seedDemo(server.control);
  const project = await createProject({
    inPlace: projectFolder,
    name: projectName,
    stack: stackName,
    plants: [seed.password],
    snowflake: [server],
    env: {
      ...aws.env,
      ...buildConnectionEnv(server, seed),
    },
  });
  try {
    const secrets = new Map<string, string>();
    const stage = { t, server, seed, aws, project, values: [seed.password], secrets };
    await configure(stage);
    await createAll(stage);
    await changeSecrets(stage);
    await refuseWrongSchema(stage);
    await refuseDisconnect(stage);
    await moveToYaml(stage);
    proveSecrecy(stage);
  } finally {
    project.stop();
    await aws.stop();
    await server.stop();
  }
  console.log(t.failures === 0 ? "\nAll checks passed." : `\n${t.failures} of the checks above failed.`);
  return t.failures === 0 ? 0 : 1;
}

async function setSecret({ project, values, secrets }: Stage, name: string): Promise<void> {
  const value = randomValue(name);
  values.push(value);
  secrets.set(name, value);
  await project.setConfig(`secrets.${name}`, value, "secret");
}

async function configure(stage: Stage): Promise<void> {
  const { t, project, server, seed, aws } = stage;
  t.step(
    "A stack",
    "examples/quickstart has one of each resource; its values are secrets of the stack's config.",
  );
  await aws.control.createJobs([exportJob]);
  const plain = {
    database: seed.database,
    schema: seed.schema,
    organizationId,
    snowflakeEndpoint: server.url,
    "exportJobs[0]": exportJob,
    "warehouse.account": server.account,
    "warehouse.warehouse": seed.warehouse,
    "warehouse.database": seed.database,
    "warehouse.username": seed.username,
  };
  for (const [key, value] of Object.entries(plain)) await project.setConfig(key, value);
  await project.setConfig("warehouse.password", seed.password, "secret");
  for (const name of ["API_KEY", "DATABASE_URL", "WEBHOOK_TOKEN"]) await setSecret(stage, name);
  t.note(
    `Snowflake: account ${server.account}, schema ${seed.database}.${seed.schema}, role ${seed.role}; it is empty.`,
  );
}

async function createAll({ t, project, server, seed, aws }: Stage): Promise<void> {
  t.step(
    "Preview and up",
    "The preview shows which secrets would be created. In place of each value it shows a keyed fingerprint, which changes with the value and does not reveal it.",
  );
  const preview = await project.preview({ args: ["--suppress-outputs"] });
  t.show("pulumi preview --diff", preview);
  t.check(
    "the preview succeeded and wrote nothing",
    preview.code === 0 && server.control.secrets(seed.database, seed.schema).length === 0,
  );
  const up = await project.up({ args: ["--suppress-outputs"] });
  t.show("pulumi up", up);
  t.check("up succeeded", up.code === 0);
  t.check(
    "three native secrets stand in the schema",
    server.control.secrets(seed.database, seed.schema).length === 3,
  );
  const { exportStatus, exportSecretName } = await project.outputs();
  t.check("the warehouse credentials were checked by a login", exportStatus === "Validated");
  const stored = await aws.control.secret(String(exportSecretName));
  t.check(
    `AWS Secrets Manager stores them as ${String(exportSecretName)}`,
    stored?.value?.includes(seed.password) === true,
  );
}

async function changeSecrets(stage: Stage): Promise<void> {
  const { t, project, server, seed } = stage;
  t.step(
    "One changed, one added, one removed",
    "The sync writes only what changed. A changed secret keeps its grants.",
  );
  const before = server.control.secret(seed.database, seed.schema, "APP_API_KEY");
  await setSecret(stage, "API_KEY");
  await setSecret(stage, "SIGNING_KEY");
  await project.removeConfig("secrets.WEBHOOK_TOKEN");
  stage.secrets.delete("WEBHOOK_TOKEN");
  const preview = await project.preview({ args: ["--suppress-outputs"] });
  t.show("pulumi preview --diff", preview);
  for (const [sign, name] of [
    ["~", "API_KEY"],
    ["+", "SIGNING_KEY"],
    ["-", "WEBHOOK_TOKEN"],
  ] as const) {
    t.check(`the preview shows ${sign} ${name}`, new RegExp(`\\${sign} ${name} *:`).test(preview.output));
  }
  server.control.resetCounts();
  const up = await project.up({ args: ["--suppress-outputs"] });
  t.show("pulumi up", up);
  const { byKind } = server.control.counts();
  t.check(
    "up wrote three statements: one CREATE, one ALTER, one DROP",
    up.code === 0 &&
      byKind["CREATE SECRET"] === 1 &&
      byKind["ALTER SECRET"] === 1 &&
      byKind["DROP SECRET"] === 1,
  );
  const after = server.control.secret(seed.database, seed.schema, "APP_API_KEY");
  t.check(
    "API_KEY has its new value and is the same object",
    after?.value === stage.values.at(-2) && after?.createdOn.getTime() === before?.createdOn.getTime(),
  );
}

async function refuseWrongSchema({ t, project, server, seed }: Stage): Promise<void> {
  t.step(
    "A wrong schema name",
    "The preview warns. It is not an error yet, because the same program could create the schema. `pulumi up` fails before anything is written.",
  );
  const wrong = "Secrets";
  await project.setConfig("schema", wrong);
  const preview = await project.preview({ args: ["--suppress-outputs"] });
  t.show("pulumi preview --diff", preview);
  t.check(
    `the preview warns and asks: did you mean "${seed.schema}"?`,
    preview.code === 0 && preview.output.includes(`did you mean "${seed.schema}"?`),
  );
  server.control.resetCounts();
  const up = await project.up({ args: ["--suppress-outputs"] });
  t.show("pulumi up", up);
  t.check(
    "up refuses, and nothing was written",
    up.code !== 0 && up.output.includes("[NOT_FOUND]") && countWrites(server) === 0,
  );
  await project.setConfig("schema", seed.schema);
}

async function refuseDisconnect({ t, project, aws }: Stage): Promise<void> {
  t.step(
    "A disconnect while an export job runs",
    `The Glue job ${exportJob} is running, so the credentials are not deleted.`,
  );
  const runId = await aws.control.startRun(exportJob, { state: "RUNNING" });
  const target = (await project.state()).find(({ type }) => type.endsWith("ExportDestination"))?.urn ?? "";
  const { exportSecretName } = await project.outputs();
  const args = ["--target", target];
  const refused = await project.destroy({ args: [...args, "--suppress-outputs"] });
  t.show("pulumi destroy --target …::bi", refused);
  t.check(`pulumi up fails and names the run ${runId}`, refused.code !== 0 && refused.output.includes(runId));
  const still = await aws.control.secret(String(exportSecretName));
  t.check("the credentials were not changed", still !== undefined && still.deletedDate === undefined);
  aws.control.setRunState(runId, "SUCCEEDED");
  t.note("The run ends.");
}

async function moveToYaml(stage: Stage): Promise<void> {
  const { t, project, server, seed, aws, secrets } = stage;
  t.step(
    "The same stack from YAML",
    "The plugin takes over the resources by their aliases. This works in Python, Go and .NET too.",
  );
  const settings: Record<string, string> = {};
  for (const [name, value] of secrets) {
    settings[name] = name.toLowerCase().replace(/_(.)/g, (_match, letter: string) => letter.toUpperCase());
    await project.setConfig(settings[name], value, "secret");
  }
  await project.setConfig("warehousePassword", seed.password, "secret");
  const { account, url: snowflakeEndpoint } = server;
  const { username, database, schema, warehouse } = seed;
  const program = writeYamlProgram({
    project: projectName,
    stack: stackName,
    configFile: join(projectFolder, `Pulumi.${stackName}.yaml`),
    ...{ database, schema, snowflakeEndpoint, organizationId, exportJob, secrets: settings },
    warehouse: { account, warehouse, database, username },
    passwordSetting: "warehousePassword",
  });
  try {
    t.quote("Pulumi.yaml", program.resources);
    const args = [...program.args, "--suppress-outputs"];
    server.control.resetCounts();
    const callsBefore = aws.calls.length;
    const preview = await project.preview({ args });
    t.show("pulumi preview --diff", preview);
    t.check(
      "the preview shows nothing to create, change, replace or delete",
      preview.code === 0 &&
        / 3 unchanged/.test(preview.output) &&
        !/ to (create|update|replace|delete)/.test(preview.output),
    );
    const up = await project.up({ args });
    t.show("pulumi up", up);
    t.check(
      "up took both resources over, and wrote nothing to Snowflake and AWS",
      up.code === 0 &&
        (await project.state()).every(({ type }) => type.startsWith("snowflake-secrets:")) &&
        countWrites(server) === 0 &&
        aws.calls.slice(callsBefore).every(({ operation }) => /^(Get|List|Describe|Batch)/.test(operation)),
    );

    const changed = randomValue("API_KEY");
    stage.values.push(changed);
    await project.setConfig(settings.API_KEY ?? "", changed, "secret");
    const change = await project.up({ args });
    t.show("pulumi up, with another API_KEY", change);
    t.check(
      "one statement carried the change over: one ALTER",
      change.code === 0 &&
        countWrites(server) === 1 &&
        server.control.secret(database, schema, "APP_API_KEY")?.value === changed,
    );
    await destroyAll(stage, program.args);
  } finally {
    program.remove();
  }
}

function countWrites(server: SnowflakeServer): number {
  return server.control.statements().filter(({ kind }) => /^(CREATE|ALTER|DROP)/.test(kind)).length;
}

async function destroyAll({ t, project, server, seed, aws }: Stage, args: readonly string[]): Promise<void> {
  t.step(
    "Destroy",
    "The secrets are dropped at once. AWS deletes the credentials after the recovery window.",
  );
  const kept = (await project.state()).find(({ type }) => type.endsWith("ExportDestination"))?.outputs;
  const destroy = await project.destroy({ args });
  t.show("pulumi destroy", destroy);
  t.check(
    "the schema is empty again",
    destroy.code === 0 && server.control.secrets(seed.database, seed.schema).length === 0,
  );
  const stored = await aws.control.secret(String(kept?.secretName));
  t.check(
    `the credentials are scheduled for deletion${stored?.deletedDate ? ` on ${stored.deletedDate.toISOString().slice(0, 10)}` : ""}`,
    stored?.deletedDate !== undefined,
  );
  t.check("no session was left open", server.control.counts().openSessions === 0);
}

function proveSecrecy({ t, project, server, values }: Stage): void {
  t.step(
    "No value anywhere",
    "This searches for each value, plain and encoded, in state, history, backups, Pulumi's home folder and all output.",
  );
  const findings = project.searchEverything(values);
  t.check(`none of ${values.length} values was found`, findings.length === 0);
  for (const { value, form, place } of findings) t.note(`value ${value} (${form}) in ${place}`);
  const texts = server.control.statements().map(({ sql }) => sql);
  t.check(
    `none stands in the text of a statement`,
    !texts.some((sql) => values.some((value) => sql.includes(value))),
  );
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
