import { randomUUID } from "node:crypto";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Aws, startAws } from "../support/aws/aws.js";
import { type CliRun, startCli } from "../support/cli/run-cli.js";
import { type InfisicalServer, startInfisicalServer } from "../support/infisical-server/index.js";
import { plantValues } from "../support/pulumi/planted-values.js";
import { buildConnectionEnv } from "../support/snowflake/connection-env.js";
import { startVault, type Vault } from "../support/vault/vault.js";
import { type Stage, startStage } from "./stage.js";

const buildProgram = (program: string) => `
new SnowflakeSecretSync("app", {
  environment: "dev",
  sources: [
    { type: "dotenv", path: "app.env" },
    { type: "environment", prefix: "OF_" },
    { type: "command", command: ["cat", "command.json"] },
    { type: "infisical", projectId: process.env.PROJECT_ID, secretPath: "/app" },
    { type: "aws-secrets-manager", secretId: "app" },
    { type: "aws-ssm", path: "/app" },
    { type: "vault", path: "app" },
  ],
  secrets: { PROGRAM: ${JSON.stringify(program)} },
  destinationConfig: { database: "APP", schema: "SECRETS" },
  syncOptions: { initialSyncBehavior: "overwrite-destination", maxRemovals: 0 },
});`;

describe("a sync of one value of each source", () => {
  let aws: Aws;
  let ssm: SSMClient;
  let infisical: InfisicalServer;
  let vault: Vault;
  let stage: Stage;
  let lead: Record<string, string>;
  let variables: Record<string, string> = {};
  const held: Record<string, string> = {};

  /** By key, how its source gets another value. */
  const writers: Readonly<Record<string, (value: string) => unknown>> = {
    DOTENV: (value) => stage.project.write("app.env", `DOTENV=${value}\n`),
    ENVIRONMENT: (value) => {
      variables = { OF_ENVIRONMENT: value };
    },
    COMMAND: (value) => stage.project.write("command.json", JSON.stringify({ COMMAND: value })),
    INFISICAL: (value) => infisical.set("dev:/app", "INFISICAL", value),
    SECRETS_MANAGER: (value) => aws.control.putValue("app", JSON.stringify({ SECRETS_MANAGER: value })),
    PARAMETER_STORE: (Value) => {
      const parameter = {
        Name: "/app/PARAMETER_STORE",
        Value,
        Type: "SecureString",
        Overwrite: true,
      } as const;
      return ssm.send(new PutParameterCommand(parameter));
    },
    VAULT: (value) => vault.call("POST", "secret/data/app", { data: { VAULT: value } }),
    PROGRAM: (value) => stage.setProgram(buildProgram(value)),
  };
  const keys = Object.keys(writers);
  const change = async (key: string) => {
    // What a dotenv file can hold without quotes.
    const value = key === "DOTENV" ? randomUUID() : plantValues("value").value;
    stage.project.plant(value);
    held[key] = value;
    await writers[key]?.(value);
  };
  /** With its preview, as a person runs it. */
  const up = async () => {
    stage.takeWrites();
    const args = ["up", "--yes", "--diff", "--non-interactive", "--color", "never"];
    const { code, output } = await stage.project.pulumi(args, { env: variables });
    expect(code, output).toBe(0);
    expect(stage.held()).toEqual(held);
    return { preview: output.split("Updating")[0] ?? "", writes: stage.takeWrites() };
  };

  beforeAll(async () => {
    [aws, infisical, vault] = await Promise.all([startAws(), startInfisicalServer(), startVault()]);
    ssm = new SSMClient(aws);
    lead = { ...aws.env, ...infisical.env, ...vault.env, PROJECT_ID: infisical.projectId };
    stage = await startStage("plugin", {}, { env: lead });
    stage.project.plant(infisical.clientSecret, vault.rootToken);
    await aws.control.createSecret("app", "{}");
    for (const key of keys) await change(key);
    expect((await up()).writes).toEqual(keys.map(() => "CREATE SECRET"));
  });
  afterAll(async () => {
    // Searches for all values, too.
    await stage.stop();
    ssm.destroy();
    await Promise.all([aws.stop(), infisical.close(), vault.stop()]);
  });

  it("follows each by itself by up, and its preview names that key alone", async () => {
    for (const key of keys) {
      await change(key);
      const { preview, writes } = await up();
      expect(writes, key).toEqual(["ALTER SECRET"]);
      expect(preview).toContain(`app: 1 to alter, ${keys.length - 1} unchanged in "APP"."SECRETS"`);
      const shown = [...preview.matchAll(/^ +[~+-] (\w+) *: "/gm)].map(([, name]) => name);
      expect(shown, preview).toEqual([key]);
    }
  });

  it("follows each by itself by auto-sync, but for the program's", async () => {
    const follow = (): CliRun => {
      const args = ["auto-sync", "--stack", "dev", "--interval", "1s", "--log-level", "debug"];
      const env = { ...lead, ...buildConnectionEnv(stage.server, stage.seed), ...variables };
      return startCli(stage.project, [...args, "--allow-command", "cat"], env);
    };
    let run = follow();
    try {
      await run.find("unchanged");
      for (const key of keys.filter((name) => name !== "PROGRAM")) {
        stage.takeWrites();
        let from = run.events.length;
        await change(key);
        if (key === "ENVIRONMENT") {
          // The variables of a process stay as they were when it began.
          await run.stop();
          run = follow();
          from = 0;
        }
        expect(await run.find("synced", from)).toMatchObject({ changes: `app: ~ ${key}` });
        expect(stage.takeWrites(), key).toEqual(["ALTER SECRET"]);
        expect(stage.held()).toEqual(held);
      }
      const before = { ...held };
      await change("PROGRAM");
      await run.find("unchanged", run.events.length);
      await run.find("unchanged", run.events.length);
      expect(stage.held()).toEqual(before);
    } finally {
      await run.stop();
    }
  });
});
