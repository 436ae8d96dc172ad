import { afterEach, describe, expect, it } from "vitest";
import { syncNowVariable } from "../../../provider/secret-sync/changes.js";
import { createFixture, database, preserve, schema } from "./fixture.js";

const off = { isAutoSyncEnabled: false };

afterEach(() => {
  delete process.env[syncNowVariable];
});

describe("with auto-sync off", () => {
  it("nothing is written at creation, and the preview says what waits", async () => {
    const { stack, sync, values } = await createFixture();
    const program = { app: sync({ A: "1", B: "1" }, off) };
    const { lines } = await stack.preview(program);
    expect(lines).toEqual([
      'app: auto-sync is off. Nothing is written until syncTrigger changes or the command sync runs. Waiting in "APP"."SECRETS": "A" (create), "B" (create)',
    ]);
    await stack.upOk(program);
    expect(values()).toEqual({});
    expect(stack.state()).toMatchObject({ syncStatus: "pending", lastSyncedAt: "", lastSyncJobId: "" });
    expect(stack.state().managedSecrets).toMatchObject({ A: { state: "waiting", fingerprint: "" } });
    expect((await stack.upOk(program)).changes).toEqual({ app: "same" });
  });

  it("a first syncTrigger is not a changed one, a changed one writes once", async () => {
    const { stack, sync, values } = await createFixture();
    await stack.upOk({ app: sync({ A: "1" }, { ...off, syncTrigger: 1 }) });
    expect(values()).toEqual({});
    await stack.upOk({ app: sync({ A: "1" }, { ...off, syncTrigger: 2 }) });
    expect(values()).toEqual({ A: "1" });
    expect(stack.state().syncStatus).toBe("succeeded");

    await stack.upOk({ app: sync({ A: "2" }, { ...off, syncTrigger: 2 }) });
    expect(values()).toEqual({ A: "1" });
    expect(stack.state()).toMatchObject({
      syncStatus: "pending",
      managedSecrets: { A: { state: "waiting" } },
    });
    await stack.upOk({ app: sync({ A: "2" }, { ...off, syncTrigger: 3 }) });
    expect(values()).toEqual({ A: "2" });
  });

  it.each(["app", "*", "other, app"])("the command sync writes what waits: %s", async (asked) => {
    const { stack, sync, values } = await createFixture();
    const program = { app: sync({ A: "1" }, off) };
    await stack.upOk(program);
    process.env[syncNowVariable] = "other";
    expect((await stack.upOk(program)).changes).toEqual({ app: "same" });
    process.env[syncNowVariable] = asked;
    expect((await stack.upOk(program)).changes).toEqual({ app: "update" });
    expect(values()).toEqual({ A: "1" });
  });

  it("a removed key and a dropped secret wait too", async () => {
    const { stack, sync, control, values } = await createFixture();
    await stack.upOk({ app: sync({ A: "1", B: "1" }) });
    control.dropSecret(database, schema, "A");
    const { lines } = await stack.preview({ app: sync({ A: "1" }, off) });
    expect(lines.join()).toContain('Waiting in "APP"."SECRETS": "A" (create), "B" (drop)');
    await stack.upOk({ app: sync({ A: "1" }, off) });
    expect(values()).toEqual({ B: "1" });
    await stack.upOk({ app: sync({ A: "1" }, { ...off, syncTrigger: 1 }) });
    expect(values()).toEqual({ A: "1" });
  });

  it("a manual sync that failed is finished by the next up", async () => {
    const { stack, sync, values, failNext } = await createFixture();
    await stack.upOk({ app: sync({ A: "1", B: "1" }, off) });
    failNext(/"B"/);
    const program = { app: sync({ A: "1", B: "1" }, { ...off, syncTrigger: 1 }) };
    expect((await stack.up(program)).ok).toBe(false);
    expect(values()).toEqual({ A: "1" });
    await stack.upOk(program);
    expect(values()).toEqual({ A: "1", B: "1" });
  });

  it("what would be refused waits without an error", async () => {
    const { stack, sync, values, put } = await createFixture();
    put("A");
    const program = { app: sync({ A: "1" }, { ...off, syncOptions: preserve }) };
    expect((await stack.preview(program)).lines.join()).toContain('"A" (refuse)');
    await stack.upOk(program);
    expect(values()).toEqual({ A: "theirs" });
  });

  it("switched on again carries everything over", async () => {
    const { stack, sync, values } = await createFixture();
    await stack.upOk({ app: sync({ A: "1" }, off) });
    await stack.upOk({ app: sync({ A: "1" }) });
    expect(values()).toEqual({ A: "1" });
  });
});
