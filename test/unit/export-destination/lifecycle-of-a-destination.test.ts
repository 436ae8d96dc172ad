import { beforeEach, describe, expect, it } from "vitest";
import { type SnowflakeServer, startSnowflakeServer } from "../../../sdk/snowflake-server/index.js";
import { useAws } from "../../support/aws/use-aws.js";
import { seedWarehouse } from "../../support/snowflake/export-warehouse.js";
import { StackOfOne } from "../../support/stack-of-one.js";
import { buildArgs } from "./fixture.js";

const aws = useAws();
let server: SnowflakeServer;
let credentials: ReturnType<typeof seedWarehouse>;

beforeEach(async () => {
  await aws().reset();
  server = await startSnowflakeServer();
  credentials = seedWarehouse(server);
  return () => server.stop();
});

const claimName = "exports/org_42/active/snowflake";

async function readClaim() {
  return JSON.parse((await aws().control.valueOf(claimName, { versionStage: "HOLDER" })) ?? "null");
}

describe("a first creation", () => {
  it("validates, stores the whole payload under the right name, and claims", async () => {
    const stack = new StackOfOne({ stack: "dev", name: "bi" });
    const up = await stack.up(buildArgs(aws(), server, credentials));
    expect(up.error).toBeUndefined();
    const { outs } = stack;
    expect(outs).toMatchObject({
      status: "Validated",
      integrationStatus: "Connected",
      destinationMetadata: { account: server.account, warehouse: "EXPORT_WH", database: "ANALYTICS" },
      egressIp: "127.0.0.1",
    });
    expect(outs.secretName).toBe(`exports/org_42/bi_${outs.destinationId}`);
    const secret = await aws().control.secret(outs.secretName ?? "");
    expect(secret?.arn).toBe(outs.secretArn);
    expect(JSON.parse(secret?.value ?? "")).toEqual(credentials);
    expect(await readClaim()).toMatchObject({
      active: { destinationId: outs.destinationId, secretArn: outs.secretArn },
    });
    expect(outs.statusHistory.map(({ status }) => status)).toEqual(["Pending", "Testing", "Validated"]);
    expect(server.control.counts().openSessions).toBe(0);
  });

  it("is disconnected with a scheduled deletion, and the claim is free at once", async () => {
    const stack = new StackOfOne({ stack: "dev", name: "bi" });
    await stack.up(buildArgs(aws(), server, credentials));
    const { secretArn = "" } = stack.outs;
    const down = await stack.destroy();
    expect(down.error).toBeUndefined();
    expect((await aws().control.secret(secretArn))?.deletedDate).toBeInstanceOf(Date);
    expect(await readClaim()).toMatchObject({ active: null, archived: [{ secretArn }] });
    const again = new StackOfOne({ stack: "prod", name: "bi" });
    expect((await again.up(buildArgs(aws(), server, credentials))).error).toBeUndefined();
  });
});
