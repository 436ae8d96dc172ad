import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { type SnowflakeServer, startSnowflakeServer } from "../../sdk/snowflake-server/index.js";
import { type Aws, startAws } from "../support/aws/aws.js";
import { plantValues } from "../support/pulumi/planted-values.js";
import { createProject, type PulumiProject } from "../support/pulumi/project.js";
import { findIn } from "../support/pulumi/search.js";
import { seedExportWarehouse } from "../support/snowflake/export-warehouse.js";
import { hosts, startStage } from "./stage.js";

/** As much as a person asks for who looks for a fault; what is above that is the engine's own, and measured below. */
const talkative = { args: ["--debug", "--logtostderr", "-v=3"] };
const names = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"] as const;

const program = `
const { first, ...others } = v;
new SnowflakeSecretSync("app", {
  secrets: { FIRST: first, ...Object.fromEntries(Object.entries(others).map(([name, value]) => [name.toUpperCase(), pulumi.secret(value)])) },
  destinationConfig: { database: "APP", schema: "SECRETS" },
  syncOptions: { initialSyncBehavior: "overwrite-destination", keySchema: "APP_{{secretKey}}" },
});`;

/** Lets the Snowflake driver of every process write all that it can into the project's temporary folder. */
function traceDriver(project: PulumiProject): { env: Record<string, string>; read(): string } {
  const folder = join(dirname(project.folder), "tmp");
  const config = join(folder, "driver.json");
  writeFileSync(config, JSON.stringify({ common: { log_level: "TRACE", log_path: folder } }));
  return {
    env: { SF_CLIENT_CONFIG_FILE: config },
    read: () =>
      readdirSync(folder, { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".log"))
        .map((file) => readFileSync(join(folder, file), "utf8"))
        .join("\n"),
  };
}

describe.each(hosts)(
  "SnowflakeSecretSync in the host %s, with the engine's and the driver's own logs",
  (host) => {
    it("keeps every shape of value from what preview, a failed up, up, refresh and destroy write", async () => {
      const values = plantValues(...names);
      const stage = await startStage(host, values);
      try {
        const { project, server } = stage;
        const trace = traceDriver(project);
        const run = { ...talkative, env: trace.env };
        stage.setProgram(program);
        const preview = await project.preview(run);
        expect(preview.code, "preview").toBe(0);
        server.control.addFault({
          match: /^CREATE SECRET .*APP_THIRD/,
          effect: { kind: "sql-error", code: "001003", sqlState: "42000", message: "SQL compilation error" },
        });
        expect((await project.up(run)).code, "up that fails").not.toBe(0);
        expect((await project.up(run)).code, "up").toBe(0);
        expect(Object.values(stage.held()).sort()).toEqual(Object.values(values).sort());
        expect((await project.refresh(run)).code, "refresh").toBe(0);
        expect((await project.destroy(run)).code, "destroy").toBe(0);
        expect(trace.read()).toContain('"level":"TRACE"');
        // Both did log.
        expect(preview.stderr).toMatch(/^(I\d{4} |\{"time":)/m);
        expect(trace.read()).toContain('"level":"TRACE"');
      } finally {
        await stage.stop();
      }
    });
  },
);

describe("SnowflakeExportDestination with the engine's and the driver's own logs", () => {
  let aws: Aws;
  let server: SnowflakeServer;
  let project: PulumiProject;
  afterEach(async () => {
    try {
      project?.stop();
    } finally {
      await Promise.all([server?.stop(), aws?.stop()]);
    }
  });

  it("keeps credentials that fail and that work from what preview, up and destroy write", async () => {
    [aws, server] = await Promise.all([startAws(), startSnowflakeServer()]);
    const values = plantValues("wrong", "right", "next");
    const username = "PLANTED_USER_OF_THE_WAREHOUSE";
    const { control } = server;
    seedExportWarehouse({ control });
    control.createUser({ name: username, password: values.right, roles: ["EXPORT_ROLE"] });
    project = await createProject({
      plants: [...Object.values(values), username],
      snowflake: [server],
      env: aws.env,
    });
    const trace = traceDriver(project);
    const run = { ...talkative, env: trace.env };
    const setPassword = (password: string) =>
      project.write(
        "index.js",
        `const { SnowflakeExportDestination } = require("pulumi-snowflake-secrets");
new SnowflakeExportDestination("bi", {
  organizationId: "42",
  credentials: { account: "${server.account}", warehouse: "EXPORT_WH", database: "ANALYTICS", username: "${username}", password: ${JSON.stringify(password)} },
  validation: { endpoint: "${server.url}" },
  egressIpService: false,
});`,
      );
    setPassword(values.wrong);
    expect((await project.preview(run)).code, "preview").toBe(0);
    expect((await project.up(run)).code, "up that fails").not.toBe(0);
    setPassword(values.right);
    expect((await project.up(run)).code, "up").toBe(0);
    control.setPassword(username, values.next);
    setPassword(values.next);
    expect((await project.up(run)).code, "rotation").toBe(0);
    expect((await project.destroy(run)).code, "destroy").toBe(0);
    expect(trace.read()).toContain('"level":"TRACE"');
  });
});

describe("the engine itself", () => {
  it("writes a program's inputs into its gRPC log, as SECURITY.md says", async () => {
    const { sixthOfTheEngine } = plantValues("sixthOfTheEngine");
    const value = `${sixthOfTheEngine} and more`;
    // Planted nowhere: that it is found is what is measured.
    const stage = await startStage("dynamic", {});
    try {
      stage.setProgram(program.replace("= v;", `= { first: ${JSON.stringify(value)} };`));
      const log = join(dirname(stage.project.folder), "grpc.json");
      const up = await stage.project.up({ env: { PULUMI_DEBUG_GRPC: log } });
      expect(up.code).toBe(0);
      const texts = [{ name: "grpc", text: readFileSync(log, "utf8") }];
      expect(findIn([value], { folders: [], texts, leaveOut: new Set() })).not.toEqual([]);
    } finally {
      await stage.stop();
    }
  });
});
