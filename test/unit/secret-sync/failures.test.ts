import { describe, expect, it } from "vitest";
import { SecretValue } from "../../../provider/core/secret-value.js";
import { deriveOwnerId } from "../../../provider/engine/ownership.js";
import { applyWrites } from "../../../provider/secret-sync/apply/apply.js";
import { openSession } from "../../../provider/snowflake/driver/session.js";
import { buildSecrets, createFixture, database, destination, type Fixture, role, schema } from "./fixture.js";

const failure = {
  kind: "sql-error",
  code: "000603",
  sqlState: "XX000",
  message: "Processing aborted.",
} as const;
const ours = {
  organization: "org",
  project: "proj",
  stack: "dev",
  parentTypes: "",
  type: "SnowflakeSecretSync",
  name: "app",
};

/** Names that were written, by kind, since the last look. */
function takeWrites({ control }: Fixture): string[] {
  const writes = control.statements().filter(({ kind }) => /^(CREATE|ALTER|DROP) SECRET$/.test(kind));
  control.resetCounts();
  return writes.map(({ kind, sql }) => `${kind.split(" ")[0]} ${/"([^"]*)"(?: |$)/.exec(sql)?.[1]}`).sort();
}

describe("a failure at the k-th write", () => {
  const count = 5;
  for (let k = 0; k < count; k += 1) {
    it(`of a creation (k = ${k + 1}) is finished by the next up, with exactly the rest`, async () => {
      const fixture = await createFixture();
      const { stack, sync, control, values } = fixture;
      const secrets = buildSecrets(count);
      const program = { app: sync(secrets) };
      control.addFault({ match: /^CREATE SECRET/, skip: k, times: 1, effect: failure });
      const first = await stack.up(program);
      expect(first.problems.join()).toContain("[PARTLY_DONE] sync app: 1 of 5 writes failed");
      expect(stack.state().syncStatus).toBe("failed");
      const failed = Object.entries(stack.state().managedSecrets).filter(
        ([, { state }]) => state === "failed",
      );
      expect(failed).toHaveLength(1);
      const [[name = ""] = []] = failed;
      expect(stack.state().lastSyncMessage).toContain(`"${name}": [STATEMENT_FAILED]`);
      takeWrites(fixture);

      await stack.upOk(program);
      expect(takeWrites(fixture)).toEqual([`CREATE ${name}`]);
      expect(values()).toEqual(secrets);
      expect(stack.state()).toMatchObject({ syncStatus: "succeeded", lastSyncMessage: "" });
      expect((await stack.upOk(program)).changes).toEqual({ app: "same" });
    });

    it(`of an update (k = ${k + 1}) is finished by the next up, with exactly the rest`, async () => {
      const fixture = await createFixture();
      const { stack, sync, control, values } = fixture;
      await stack.upOk({ app: sync({ A: "1", B: "1", C: "1", GONE: "1", GONE2: "1" }) });
      takeWrites(fixture);
      const wanted = { A: "2", B: "2", C: "1", NEW: "1" };
      control.addFault({ match: /^(CREATE|ALTER|DROP) SECRET/, skip: k, times: 1, effect: failure });
      expect((await stack.up({ app: sync(wanted) })).ok).toBe(false);
      const all = ["ALTER A", "ALTER B", "CREATE NEW", "DROP GONE", "DROP GONE2"];
      expect(takeWrites(fixture)).toEqual(all);

      await stack.upOk({ app: sync(wanted) });
      const rest = takeWrites(fixture);
      expect(rest).toHaveLength(1);
      expect(all).toContain(rest[0]);
      expect(values()).toEqual(wanted);
      expect((await stack.upOk({ app: sync(wanted) })).changes).toEqual({ app: "same" });
    });
  }

  it("does not stop the other keys, and each failure is told by key, code and fix", async () => {
    const { stack, sync, control, values } = await createFixture();
    control.addFault({ match: /"B"/, times: 1, effect: failure });
    control.putSecret({ ...destination, name: "HIDDEN", value: "x", owner: "ACCOUNTADMIN" });
    const { problems } = await stack.up({ app: sync({ A: "1", B: "1", C: "1", HIDDEN: "1" }) });
    expect(values()).toMatchObject({ A: "1", C: "1", HIDDEN: "x" });
    expect(problems.join()).toContain("2 of 4 writes failed");
    expect(problems.join()).toMatch(/"B": \[STATEMENT_FAILED\].*Fix:/);
    expect(problems.join()).toMatch(
      /"HIDDEN": \[ALREADY_EXISTS\].*a secret of that name is there\. Made after the schema was listed, it is seen by the next run; otherwise role "SYNC_ROLE" cannot see it\. To get it, have its owner run GRANT OWNERSHIP ON SECRET "APP"\."SECRETS"\."HIDDEN" TO ROLE "SYNC_ROLE" COPY CURRENT GRANTS;/,
    );
  });

  it("to recreate what is not seen does not forget what was there: it may only be hidden", async () => {
    const { stack, sync, control } = await createFixture();
    await stack.upOk({ app: sync({ A: "1", B: "1" }) });
    control.dropSecret(database, schema, "A");
    control.addFault({ match: /^CREATE SECRET/, effect: failure });
    expect((await stack.up({ app: sync({ A: "1", B: "1" }) })).ok).toBe(false);
    const { secrets, managedSecrets } = stack.state();
    expect(managedSecrets.A).toMatchObject({ state: "failed", fingerprint: secrets.A, owner: role });
    expect((await stack.destroy()).lines.join("\n")).toContain(
      'now owned by a role this connection cannot see): "A"',
    );
  });

  it("stays in the status until an up, also when nothing is left to write", async () => {
    const { stack, sync, control } = await createFixture();
    await stack.upOk({ app: sync({ A: "1", B: "1" }) });
    control.addFault({ match: /^DROP SECRET/, effect: failure });
    expect((await stack.up({ app: sync({ A: "1" }) })).ok).toBe(false);
    control.dropSecret(database, schema, "B");
    await stack.refresh();
    expect(stack.state().syncStatus).toBe("failed");
    expect((await stack.upOk({ app: sync({ A: "1" }) })).changes).toEqual({ app: "update" });
    expect(stack.state()).toMatchObject({ syncStatus: "succeeded", lastSyncMessage: "" });
    expect((await stack.upOk({ app: sync({ A: "1" }) })).changes).toEqual({ app: "same" });
  });

  it("keeps nothing in the state when not one write of a creation succeeded", async () => {
    const { stack, sync, control, values } = await createFixture();
    control.addFault({ match: /^CREATE/, times: 2, effect: failure });
    expect((await stack.up({ app: sync({ A: "1", B: "1" }) })).ok).toBe(false);
    expect(stack.resources.size).toBe(0);
    await stack.upOk({ app: sync({ A: "1", B: "1" }) });
    expect(values()).toEqual({ A: "1", B: "1" });
  });
});

describe("a crash", () => {
  it("between write and state, with a source that went back, is repaired", async () => {
    const { stack, sync, values } = await createFixture();
    await stack.upOk({ app: sync({ A: "first", B: "1" }) });
    const restore = stack.snapshot();
    await stack.upOk({ app: sync({ A: "second", B: "1" }) });
    restore();
    expect(values()).toEqual({ A: "second", B: "1" });
    const { changes } = await stack.upOk({ app: sync({ A: "first", B: "1" }) });
    expect(changes).toEqual({ app: "update" });
    expect(values()).toEqual({ A: "first", B: "1" });
  });

  it("in a creation leaves secrets that the next up knows as its own", async () => {
    const { stack, sync, values, markOf } = await createFixture();
    const restore = stack.snapshot();
    const options = { syncOptions: { initialSyncBehavior: "preserve-destination" } };
    await stack.upOk({ app: sync({ A: "1", B: "1" }, options) });
    restore();
    const { lines } = await stack.preview({ app: sync({ A: "1", B: "2" }, options) });
    expect(lines.join("\n")).toContain("with our mark from an earlier run");
    await stack.upOk({ app: sync({ A: "1", B: "2" }, options) });
    expect(values()).toEqual({ A: "1", B: "2" });
    expect(markOf("A")?.ownerId).toBe(deriveOwnerId(ours));
    expect(markOf("A")?.revision).toBe(stack.state().revision);
  });
});

describe("a session", () => {
  it("that ends in the middle fails the rest, which the next up does", async () => {
    const { stack, sync, control, values, connection } = await createFixture();
    const secrets = buildSecrets(6);
    const program = { app: sync(secrets, { connection: { ...connection, maxConcurrentStatements: 1 } }) };
    control.addFault({
      match: /^CREATE SECRET/,
      skip: 2,
      times: 1,
      effect: { kind: "call", when: "after", call: () => control.expireSessions("gone") },
    });
    const { problems } = await stack.up(program);
    expect(problems.join()).toContain("[PARTLY_DONE]");
    expect(Object.keys(values())).toHaveLength(3);
    await stack.upOk(program);
    expect(values()).toEqual(secrets);
  });

  it("whose token expires in the middle is renewed without a word", async () => {
    const { stack, sync, control, values } = await createFixture();
    control.addFault({ match: /^CREATE SECRET/, skip: 1, times: 1, effect: { kind: "expire-session" } });
    await stack.upOk({ app: sync(buildSecrets(4)) });
    expect(Object.keys(values())).toHaveLength(4);
    expect(control.counts().logins).toBe(1);
  });

  it("that is cut after a write gets its answer by asking again, without a second write", async () => {
    const { stack, sync, control, values } = await createFixture();
    control.addFault({ match: /^CREATE SECRET/, times: 1, effect: { kind: "cut", when: "after" } });
    await stack.upOk({ app: sync({ A: "1" }) });
    expect(values()).toEqual({ A: "1" });
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
        mark: { ownerId: deriveOwnerId(ours), revision: "0a0b0c0d", place: "org/proj/dev/app" },
        findValue: () => new SecretValue("old value"),
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
