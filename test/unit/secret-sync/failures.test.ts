import { describe, expect, it } from "vitest";
import { buildText } from "../../../provider/core/secret-content.js";
import { SecretValue } from "../../../provider/core/secret-value.js";
import { deriveOwnerId } from "../../../provider/engine/ownership.js";
import { applyWrites } from "../../../provider/secret-sync/apply/apply.js";
import { openSession } from "../../../provider/snowflake/driver/session.js";
import { createFixture, database, destination, place, role, schema } from "./fixture.js";

describe("a write that fails", () => {
  it("does not stop the other keys, and each failure is told by key, code and fix", async () => {
    const { stack, sync, values, put, failNext } = await createFixture();
    failNext(/"B"/);
    put("HIDDEN", { owner: "ACCOUNTADMIN" });
    const { problems } = await stack.up({ app: sync({ A: "1", B: "1", C: "1", HIDDEN: "1" }) });
    expect(values()).toMatchObject({ A: "1", C: "1", HIDDEN: "theirs" });
    expect(problems.join()).toContain("[PARTLY_DONE] sync app: 2 of 4 writes failed");
    expect(stack.state()).toMatchObject({
      syncStatus: "failed",
      lastSyncMessage: expect.stringContaining('"B": [STATEMENT_FAILED]'),
      managedSecrets: { A: { state: "synced" }, B: { state: "failed" } },
    });
    expect(problems.join()).toMatch(/"B": \[STATEMENT_FAILED\].*Fix:/);
    expect(problems.join()).toMatch(
      /"HIDDEN": \[ALREADY_EXISTS\].*a secret of that name is there\. Made after the schema was listed, it is seen by the next run; otherwise role "SYNC_ROLE" cannot see it\. To get it, have its owner run GRANT OWNERSHIP ON SECRET "APP"\."SECRETS"\."HIDDEN" TO ROLE "SYNC_ROLE" COPY CURRENT GRANTS;/,
    );
  });

  it("to recreate what is not seen does not forget what was there: it may only be hidden", async () => {
    const { stack, sync, control, failNext } = await createFixture();
    await stack.upOk({ app: sync({ A: "1", B: "1" }) });
    control.dropSecret(database, schema, "A");
    failNext(/^CREATE SECRET/);
    expect((await stack.up({ app: sync({ A: "1", B: "1" }) })).ok).toBe(false);
    const { secrets, managedSecrets } = stack.state();
    expect(managedSecrets.A).toMatchObject({ state: "failed", fingerprint: secrets.A, owner: role });
    expect((await stack.destroy()).lines.join("\n")).toContain(
      'now owned by a role this connection cannot see): "A"',
    );
  });

  it("stays in the status until an up, also when nothing is left to write", async () => {
    const { stack, sync, control, failNext } = await createFixture();
    await stack.upOk({ app: sync({ A: "1", B: "1" }) });
    failNext(/^DROP SECRET/);
    expect((await stack.up({ app: sync({ A: "1" }) })).ok).toBe(false);
    control.dropSecret(database, schema, "B");
    await stack.refresh();
    expect(stack.state().syncStatus).toBe("failed");
    expect((await stack.upOk({ app: sync({ A: "1" }) })).changes).toEqual({ app: "update" });
    expect(stack.state()).toMatchObject({ syncStatus: "succeeded", lastSyncMessage: "" });
    expect((await stack.upOk({ app: sync({ A: "1" }) })).changes).toEqual({ app: "same" });
  });

  it("keeps nothing in the state when not one write of a creation succeeded", async () => {
    const { stack, sync, values, failNext } = await createFixture();
    failNext(/^CREATE/, { times: 2 });
    expect((await stack.up({ app: sync({ A: "1", B: "1" }) })).ok).toBe(false);
    expect(stack.resources.size).toBe(0);
    await stack.upOk({ app: sync({ A: "1", B: "1" }) });
    expect(values()).toEqual({ A: "1", B: "1" });
  });
});

describe("a statement that does not end in time", () => {
  it("fails its key with TIMED_OUT, and the next up settles what really happened", async () => {
    const { stack, sync, control, server, connection, values, takeStatements } = await createFixture();
    control.addFault({ match: /^CREATE SECRET .*"A"/, times: 10, effect: { kind: "hang", when: "after" } });
    const session = await openSession(
      {
        account: server.account,
        username: String(connection.user),
        authentication: { kind: "password", password: new SecretValue(String(connection.password)) },
        role,
        host: server.host,
        port: server.port,
        protocol: "http",
        maxConcurrentStatements: 4,
      },
      { statementTimeoutMs: 400 },
    );
    const outcomes = await applyWrites(
      {
        session,
        schema: destination,
        role,
        mark: { ownerId: deriveOwnerId(place), revision: "0a0b0c0d", place: "org/proj/dev/app" },
        findValue: () => buildText(new SecretValue("old value")),
        findSourceKey: () => undefined,
        onProgress: () => undefined,
      },
      [
        {
          name: "A",
          action: "create",
          reason: "absent",
          desired: {
            sourceKey: "A",
            source: "program",
            fingerprint: "ab".repeat(16),
            availability: "at hand",
            type: "GENERIC_STRING",
          },
        },
      ],
    );
    await session.close();
    expect(outcomes.get("A")).toMatchObject({ code: "TIMED_OUT", retryable: true });
    expect(control.secret(database, schema, "A")?.value).toBe("old value");

    control.clearFaults();
    takeStatements();
    await stack.upOk({ app: sync({ A: "new value" }) });
    expect(values()).toEqual({ A: "new value" });
    expect(takeStatements()).toContain("ALTER SECRET");
  });
});
