import { describe, expect, it } from "vitest";
import { loadDriver } from "../../../provider/snowflake/driver/session.js";
import { type FaultRule, startSnowflakeServer } from "../../../sdk/snowflake-server/index.js";
import { seedWarehouse } from "../../support/snowflake/export-warehouse.js";
import { StackOfOne } from "../../support/stack-of-one.js";
import { useFixture } from "./fixture.js";

const fixture = useFixture();

const newStack = () => new StackOfOne({ stack: "dev", name: "bi" });
const wrongPassword = () => ({ credentials: { ...fixture.credentials, password: "wrong-password" } });

describe("a first creation with credentials that do not work", () => {
  it("is kept as Failed with its message; there is no secret and no claim", async () => {
    const stack = newStack();
    const up = await stack.up(fixture.args(wrongPassword()));
    expect(up.error?.code).toBe("CREDENTIALS_REJECTED");
    expect(up.error?.reasons).toEqual([up.error?.message]);
    expect(stack.outs).toMatchObject({
      status: "Failed",
      integrationStatus: "Error",
      errorCode: "AUTHENTICATION_FAILED",
      errorMessage: expect.stringContaining("the log-in to Snowflake failed"),
    });
    expect(stack.outs.secretArn).toBeUndefined();
    expect(stack.outs.secretName).toBeUndefined();
    expect(stack.outs.statusHistory.map(({ status }) => status)).toEqual(["Pending", "Testing", "Failed"]);
    expect(await fixture.aws.control.secretNames()).toEqual([]);
  });

  it("is not retried by itself: the next up repeats message and date, and logs in nowhere", async () => {
    const stack = newStack();
    await stack.up(fixture.args(wrongPassword()));
    const { outs } = stack;
    fixture.server.control.resetCounts();
    for (const _again of [1, 2]) {
      const up = await stack.up(fixture.args(wrongPassword()));
      expect(up.error?.code).toBe("CREDENTIALS_REJECTED");
      expect(up.error?.message).toContain(outs.statusHistory.at(-1)?.at);
      expect(up.error?.message).toContain("[AUTHENTICATION_FAILED]");
      expect(up.error?.message).toContain("change the credentials");
      expect(up.error?.message).toContain("retryTrigger");
    }
    expect(stack.outs).toEqual(outs);
    expect(fixture.server.control.counts().logins).toBe(0);
    const preview = await stack.preview(fixture.args(wrongPassword()));
    expect(preview.lines.join("\n")).toContain("does not log in again with the same credentials");
  });

  it("is tried again in place with other credentials, under a new id; the failed attempt stays on record", async () => {
    const stack = newStack();
    await stack.up(fixture.args(wrongPassword()));
    const failed = stack.outs;
    const up = await stack.up(fixture.args());
    expect(up.error).toBeUndefined();
    expect(up.steps).toEqual(["update"]);
    expect(stack.outs).toMatchObject({ status: "Validated", integrationStatus: "Connected" });
    expect(stack.outs.errorMessage).toBe("");
    expect(stack.outs.destinationId).not.toBe(failed.destinationId);
    expect(stack.outs.attempts).toMatchObject([
      { destinationId: failed.destinationId, status: "Failed", errorCode: "AUTHENTICATION_FAILED" },
      { destinationId: stack.outs.destinationId, status: "Validated" },
    ]);
    expect(stack.outs.createdAt).toBe(failed.createdAt);
  });

  it("sticks in a rotation only if the service refused the credentials", async () => {
    const stack = await fixture.connectedStack();
    const { kept } = stack;
    const next = fixture.addUser();
    const missing = fixture.args({ credentials: { ...next, warehouse: "NOT_YET" } });
    expect((await stack.up(missing)).error?.code).toBe("NOT_FOUND");
    expect(stack.kept).toEqual(kept);
    fixture.server.control.createWarehouse("NOT_YET");
    fixture.server.control.grant("USAGE", { warehouse: "NOT_YET" }, "EXPORT_ROLE");
    expect((await stack.preview(missing)).lines).toEqual([expect.stringContaining("bi: to be replaced, ")]);
    expect((await stack.up(missing)).error).toBeUndefined();
    expect(stack.outs.destinationMetadata.warehouse).toBe("NOT_YET");
  });

  it("is destroyed without a change in AWS", async () => {
    const stack = newStack();
    await stack.up(fixture.args(wrongPassword()));
    fixture.aws.forgetCalls();
    expect((await stack.destroy()).error).toBeUndefined();
    const reads = ["GetCallerIdentity", "GetSecretValue"];
    expect(
      fixture.aws.calls.map(({ operation }) => operation).filter((call) => !reads.includes(call)),
    ).toEqual([]);
  });

  it("says the address and the failure in a sentence each, and no JSON", async () => {
    const up = await newStack().up(fixture.args(wrongPassword()));
    expect(up.lines).toEqual([
      "export destination bi: Pending",
      "export destination bi: Testing",
      "export destination bi: the address of the login is not known (export_secret_ip_check)",
      "export destination bi: Failed, Error",
      "export destination bi: provisioning failed with AUTHENTICATION_FAILED (export_secret_provisioning_error)",
    ]);
  });
});

describe("AWS failing after a log-in that passed", () => {
  it("and credentials that no longer work in the next up: Failed, with neither secret nor claim left", async () => {
    for (const operation of ["CreateSecret", "PutSecretValue"]) {
      await fixture.reset();
      const matches = (body: Readonly<Record<string, unknown>>) =>
        operation === "PutSecretValue" || !String(body.Name).includes("/active/");
      fixture.aws.faults.add({
        operation,
        matches,
        times: 10,
        effect: { kind: "error", code: "AccessDeniedException" },
      });
      const stack = newStack();
      await stack.up(fixture.args());
      expect(stack.outs.status).toBe("Testing");
      fixture.aws.faults.clear();
      const up = await stack.up(fixture.args(wrongPassword()));
      expect(up.error?.code).toBe("CREDENTIALS_REJECTED");
      expect(stack.outs.status).toBe("Failed");
      expect((await fixture.secrets()).stored).toEqual([]);
      expect((await fixture.claim())?.active).toBeNull();
      const other = new StackOfOne({ stack: "prod", name: "bi" });
      expect((await other.up(fixture.args())).error).toBeUndefined();
    }
  });
});

/** What a person sees of the rows of the troubleshooting table of the reference. */
describe("troubleshooting", () => {
  it("integration already exists", async () => {
    const first = await fixture.connectedStack();
    const up = await new StackOfOne({ stack: "prod", name: "bi" }).up(fixture.args());
    expect(up.error?.message).toBe(
      `[INTEGRATION_EXISTS] integration already exists: organization 42 has an active snowflake export destination, ${first.outs.destinationId}, held by organization/exports/dev/bi: exports/org_42/active/snowflake. Fix: list the destinations, disconnect that one (remove it from its stack), then create this one; if its stack is gone, or no longer holds it, free the claim with the command release. Details: npx pulumi-snowflake-secrets explain INTEGRATION_EXISTS`,
    );
  });

  const seen = async (changes: Record<string, unknown>) => {
    const stack = newStack();
    const up = await stack.up(fixture.args(changes));
    expect(stack.outs).toMatchObject({ status: "Failed", integrationStatus: "Error" });
    expect(up.error?.code).toBe(stack.outs.errorCode);
    expect(up.error?.message).toContain("The next pulumi up tries again.");
    return { message: up.error?.message ?? "", outs: stack.outs, lines: up.lines };
  };

  it("a wrong account locator", async () => {
    const { message, outs } = await seen({ validation: { endpoint: "http://127.0.0.1:9" } });
    expect(outs.errorCode).toBe("UNREACHABLE");
    expect(message).toContain(`account ${fixture.server.account}`);
    expect(message).toContain("check the account locator: write the account identifier alone");
  });

  it("a network policy, with the refused address", async () => {
    fixture.server.control.setClientAddress("203.0.113.7");
    fixture.server.control.setNetworkPolicy({ allowed: ["198.51.100.0/24"] });
    const { message, outs, lines } = await seen({});
    expect(outs.errorCode).toBe("NETWORK_POLICY");
    expect(message).toContain("address 203.0.113.7");
    expect(message).toContain("let this address through in its network policy");
    expect(outs.egressIp).toBe("203.0.113.7");
    expect(lines).toContain(
      "export destination bi: the login came from address 203.0.113.7 (export_secret_ip_check)",
    );
  });

  it("a suspended warehouse that does not resume by itself", async () => {
    fixture.server.control.createWarehouse("COLD", { state: "SUSPENDED", autoResume: false });
    fixture.server.control.grant("USAGE", { warehouse: "COLD" }, "EXPORT_ROLE");
    const { message } = await seen({ credentials: { ...fixture.credentials, warehouse: "COLD" } });
    expect(message).toContain("the warehouse is suspended");
    expect(message).toContain("warehouse COLD");
    expect(message).toContain("ALTER WAREHOUSE … RESUME");
  });

  it("a warehouse that resumes with its first query is no failure, and is mentioned", async () => {
    fixture.server.control.setWarehouseState("EXPORT_WH", "SUSPENDED");
    const stack = newStack();
    const up = await stack.up(fixture.args());
    expect(up.error).toBeUndefined();
    expect(up.lines.join("\n")).toContain(
      "warehouse EXPORT_WH is suspended and resumes with the first query",
    );
  });

  it("a missing warehouse, or one without USAGE", async () => {
    fixture.server.control.createWarehouse("FORBIDDEN");
    for (const warehouse of ["NOWHERE", "FORBIDDEN"]) {
      const stack = new StackOfOne({ stack: warehouse, name: "bi" });
      const up = await stack.up(fixture.args({ credentials: { ...fixture.credentials, warehouse } }));
      expect(stack.outs.errorCode).toBe("NOT_FOUND");
      expect(up.error?.message).toContain(`the session has no warehouse`);
      expect(up.error?.message).toContain(`warehouse ${warehouse}`);
    }
  });

  it("a missing database and a missing warehouse, both at once", async () => {
    const credentials = { ...fixture.credentials, database: "NOWHERE", warehouse: "NOTHING" };
    const { message, outs } = await seen({ credentials });
    expect(outs.errorCode).toBe("NOT_FOUND");
    expect(outs.errorMessage).toBe(
      `the login works, but in account ${fixture.server.account} the session has no database, and the session has no warehouse: database NOWHERE, warehouse NOTHING. Fix: check the name, and that the role has USAGE on it (GRANT USAGE ON … TO ROLE …).`,
    );
    expect(message).toContain("database NOWHERE, warehouse NOTHING");
  });

  it("a missing role", async () => {
    const { message, outs } = await seen({ credentials: { ...fixture.credentials, role: "NO_SUCH_ROLE" } });
    expect(outs.errorCode).toBe("PRIVILEGE_MISSING");
    expect(message).toContain("The role does not exist, or is not granted to the user");
    expect(message).not.toContain("NO_SUCH_ROLE");
  });

  it("login timeout, whether the server is silent, dribbles, or hangs after the log-in: 10 s in all", async () => {
    const forever = Number.POSITIVE_INFINITY;
    const faults: FaultRule[] = [
      { on: "login", times: forever, effect: { kind: "hang" } },
      { on: "login", times: forever, effect: { kind: "dribble", everyMs: 2_000 } },
      { match: /CURRENT_DATABASE/, times: forever, effect: { kind: "hang" } },
    ];
    const stages = await Promise.all(
      faults.map(async (fault, n) => {
        const server = await startSnowflakeServer();
        const credentials = seedWarehouse(server);
        server.control.addFault(fault);
        const stack = new StackOfOne({ stack: `slow-${n}`, name: "bi" });
        return { server, stack, args: fixture.args({ credentials, validation: { endpoint: server.url } }) };
      }),
    );
    // The 10 seconds begin when the driver is loaded.
    await loadDriver();
    const started = Date.now();
    const ups = await Promise.all(stages.map(({ stack, args }) => stack.up(args)));
    expect(Date.now() - started).toBeLessThan(11_500);
    for (const [n, { stack, server }] of stages.entries()) {
      expect(stack.outs).toMatchObject({ status: "Failed", errorCode: "TIMED_OUT" });
      expect(ups[n]?.error?.message).toMatch(/did not end within \d/);
      expect(ups[n]?.error?.message).toMatch(/scale|scaled/);
      await server.stop();
    }
  }, 30_000);

  it("AWS Secrets Manager failing", async () => {
    fixture.aws.faults.add({
      operation: "CreateSecret",
      matches: (body) => !String(body.Name).includes("/active/"),
      effect: { kind: "error", code: "AccessDeniedException" },
    });
    const stack = newStack();
    const up = await stack.up(fixture.args());
    expect(up.error?.message).toBe(
      `[AWS_FAILED] cannot create secret (AWS AccessDeniedException): exports/org_42/bi_${stack.outs.destinationId}. Fix: allow secretsmanager:CreateSecret for the identity that runs Pulumi. Details: npx pulumi-snowflake-secrets explain AWS_FAILED`,
    );
    expect(up.lines).toContain(
      "export destination bi: provisioning failed with AWS_FAILED (export_secret_provisioning_error)",
    );
  });

  it("cannot disconnect while an export job runs", async () => {
    await fixture.aws.control.createJobs(["nightly"]);
    const stack = await fixture.connectedStack({ glue: { jobNames: ["nightly"] } });
    const runId = await fixture.aws.control.startRun("nightly");
    const down = await stack.destroy();
    expect(down.error?.message).toBe(
      `[EXPORT_RUNNING] an export job is running, so the destination was not disconnected: ${runId} of job nightly (RUNNING): bi. Fix: wait for the job run to end, or stop it (aws glue batch-stop-job-run). Then run again. Details: npx pulumi-snowflake-secrets explain EXPORT_RUNNING`,
    );
  });
});
