import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, it } from "vitest";
import { type Aws, startAws } from "../support/aws/aws.js";
import { denied } from "../support/aws/faults.js";
import { followSource } from "./follow-source.js";

const program = `
new SnowflakeSecretSync("app", {
  sources: [
    { type: "aws-ssm", path: "/app", recursive: true, keys: ["APP_*"], prefix: "APP_", rename: { db_PASS: "DB_PASSWORD" } },
  ],
  destinationConfig: { database: "APP", schema: "SECRETS" },
  syncOptions: { initialSyncBehavior: "overwrite-destination", maxRemovals: 0 },
});`;

describe("AWS Parameter Store as the source of a sync", () => {
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

  it("is written, followed and examined, loses nothing with a right, and shows no value", () =>
    followSource({
      program,
      env: aws.env,
      passwordKey: "DB_PASSWORD",
      write: async (token, password) => {
        await put("/app/APP_TOKEN", token);
        await put("/app/APP_db/PASS", password);
      },
      writeOther: (value) => put("/app/OTHER", value),
      examined: "aws-ssm /app: 2 keys",
      takeAway: async (refused) => {
        aws.faults.add({ operation: "GetParametersByPath", times: 9, effect: denied });
        await refused("allow ssm:GetParametersByPath");
        aws.faults.clear();
      },
    }));
});
