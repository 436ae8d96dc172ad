import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Aws, startAws } from "../support/aws/aws.js";
import { denied } from "../support/aws/faults.js";
import { runCliAsPerson, startCli } from "../support/cli/run-cli.js";
import { plantValues } from "../support/pulumi/planted-values.js";
import { buildConnectionEnv } from "../support/snowflake/connection-env.js";
import { hosts, startStage } from "./stage.js";

const program = `
new SnowflakeSecretSync("app", {
  sources: [
    { type: "aws-ssm", path: "/app", recursive: true, keys: ["APP_*"], prefix: "APP_", rename: { db_PASS: "DB_PASSWORD" } },
  ],
  destinationConfig: { database: "APP", schema: "SECRETS" },
  syncOptions: { initialSyncBehavior: "overwrite-destination", maxRemovals: 0 },
});`;

describe.each(hosts)("AWS Parameter Store as the source of a sync in the host %s", (host) => {
  let aws: Aws;
  let client: SSMClient;
  beforeAll(async () => {
    aws = await startAws();
    client = new SSMClient(aws);
  });
  afterAll(async () => {
    client.destroy();
    await aws.stop();
  });
  const put = (Name: string, Value: string) =>
    client.send(new PutParameterCommand({ Name, Value, Type: "SecureString", Overwrite: true }));

  it("is written, followed and examined, loses nothing with a right, and shows no value", async () => {
    const values = plantValues("token", "password", "other", "second", "third");
    const stage = await startStage(host, {}, { env: aws.env });
    const { project } = stage;
    const env = { ...aws.env, ...buildConnectionEnv(stage.server, stage.seed) };
    try {
      project.plant(...Object.values(values));
      await put("/app/APP_TOKEN", values.token);
      await put("/app/APP_db/PASS", values.password);
      await put("/app/OTHER", values.other);
      stage.setProgram(program);
      expect((await project.preview()).code).toBe(0);
      await stage.run("up");
      expect(stage.held()).toEqual({ TOKEN: values.token, DB_PASSWORD: values.password });

      await put("/app/APP_TOKEN", values.second);
      const preview = await project.preview();
      expect(preview.output).toContain('app: 1 to alter, 1 unchanged in "APP"."SECRETS"');
      await stage.run("up");
      expect(stage.held()).toMatchObject({ TOKEN: values.second });

      await put("/app/APP_TOKEN", values.third);
      const sync = startCli(project, ["sync", "--stack", "dev"], env);
      expect(await sync.exited, sync.output).toBe(0);
      expect(stage.held()).toEqual({ TOKEN: values.third, DB_PASSWORD: values.password });
      const { screen } = await runCliAsPerson(project, ["doctor", "--stack", "dev"], env);
      expect(screen).toContain("aws-ssm /app: 2 keys");

      aws.faults.add({ operation: "GetParametersByPath", times: 9, effect: denied });
      const refused = await project.up();
      expect(refused.code).not.toBe(0);
      expect(refused.output).toContain("allow ssm:GetParametersByPath");
      aws.faults.clear();
      expect(stage.held()).toEqual({ TOKEN: values.third, DB_PASSWORD: values.password });

      await stage.run("destroy");
      expect(stage.held()).toEqual({});
      expect(project.findPlanted()).toEqual([]);
    } finally {
      await stage.stop();
    }
  });
});
