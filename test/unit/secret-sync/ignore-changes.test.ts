import { describe, expect, it } from "vitest";
import { createFixture, database, destination, schema } from "./fixture.js";

describe("ignoreChanges on the whole map", () => {
  const ignoreChanges = ["secrets"];

  it("keeps values, keys and fingerprints as they are, and writes nothing", async () => {
    const { stack, sync, values, takeStatements } = await createFixture();
    await stack.upOk({ app: sync({ A: "1", B: "1" }) });
    const before = JSON.stringify(stack.state());
    takeStatements();
    const { changes } = await stack.upOk({ app: sync({ A: "2", C: "1" }, {}, { ignoreChanges }) });
    expect(changes).toEqual({ app: "same" });
    expect(JSON.stringify(stack.state())).toBe(before);
    expect(values()).toEqual({ A: "1", B: "1" });
    expect(takeStatements()).toEqual(["SELECT", "SHOW SECRETS"]);
  });

  it("is no change at the first creation", async () => {
    const { stack, sync, values } = await createFixture();
    await stack.upOk({ app: sync({ A: "1" }, {}, { ignoreChanges }) });
    expect(values()).toEqual({ A: "1" });
  });

  it("repairs a secret whose value is the same in the program, and warns of one whose value is another", async () => {
    const { stack, sync, control, values } = await createFixture();
    await stack.upOk({ app: sync({ A: "1", B: "1" }) });
    for (const name of ["A", "B"]) control.dropSecret(database, schema, name);
    const program = { app: sync({ A: "1", B: "2" }, {}, { ignoreChanges }) };
    const { lines } = await stack.preview(program);
    expect(lines.join("\n")).toContain('under ignoreChanges, stays although it was changed: "B"');
    await stack.upOk(program);
    expect(values()).toEqual({ A: "1" });
  });

  it.each([
    ["a changed value", { A: "2" }],
    ["a new key", { A: "1", B: "1" }],
    ["a removed key", { B: "1" }],
  ])("refuses a replacement that would carry %s, before anything is changed", async (_, secrets) => {
    const { stack, sync, addSchema, values } = await createFixture();
    const destinationConfig = addSchema("NEXT");
    await stack.upOk({ app: sync({ A: "1" }) });
    const changed = { app: sync(secrets, { destinationConfig }, { ignoreChanges }) };
    const refusal = "a replacement needs values that ignoreChanges ignores";
    expect((await stack.preview(changed)).problems.join()).toContain(refusal);
    expect((await stack.up(changed)).problems.join()).toContain(refusal);
    expect([values(), values("NEXT")]).toEqual([{ A: "1" }, {}]);
    await stack.upOk({ app: sync({ A: "1" }, { destinationConfig }, { ignoreChanges }) });
    expect([values(), values("NEXT")]).toEqual([{}, { A: "1" }]);
  });
});

it("a drift under ignoreChanges is told by refreshes until it is undone, and then the fingerprint is back", async () => {
  const { stack, sync, control } = await createFixture();
  await stack.upOk({ app: sync({ A: "1", B: "1" }) });
  const ignoring = (b: string) => ({ app: sync({ A: "2", B: b }, {}, { ignoreChanges: ["secrets.A"] }) });
  await stack.upOk(ignoring("2"));
  const { secrets, managedSecrets } = stack.state();
  const comment = control.secret(database, schema, "A")?.comment ?? "";
  control.alterSecret({ ...destination, name: "A" }, { comment: undefined });
  for (const b of ["3", "4"]) {
    expect((await stack.refresh()).lines.join()).toContain('"A" has lost its ownership comment');
    await stack.upOk(ignoring(b));
    expect(stack.state().managedSecrets.A?.fingerprint).toBe(managedSecrets.A?.fingerprint);
  }
  control.alterSecret({ ...destination, name: "A" }, { comment });
  expect((await stack.refresh()).lines).toEqual([]);
  expect(stack.state().secrets.A).toBe(secrets.A);
});

describe("ignoreChanges on one key", () => {
  const ignoreChanges = ["secrets.A"];

  it("keeps that one and carries the others over", async () => {
    const { stack, sync, values } = await createFixture();
    await stack.upOk({ app: sync({ A: "1", B: "1" }) });
    await stack.upOk({ app: sync({ A: "2", B: "2" }, {}, { ignoreChanges }) });
    expect(values()).toEqual({ A: "1", B: "2" });
    expect(stack.state().managedSecrets).toMatchObject({ A: { state: "ignored" }, B: { state: "synced" } });
    await stack.upOk({ app: sync({ A: "2", B: "2" }) });
    expect(values()).toEqual({ A: "2", B: "2" });
  });

  it("keeps a key that the program removed", async () => {
    const { stack, sync, values } = await createFixture();
    await stack.upOk({ app: sync({ A: "1", B: "1" }) });
    await stack.upOk({ app: sync({ B: "1" }, {}, { ignoreChanges }) });
    expect(values()).toEqual({ A: "1", B: "1" });
  });

  it("does not add a key that was not there", async () => {
    const { stack, sync, values } = await createFixture();
    await stack.upOk({ app: sync({ B: "1" }) });
    const { changes } = await stack.upOk({ app: sync({ A: "1", B: "1" }, {}, { ignoreChanges }) });
    expect(changes).toEqual({ app: "same" });
    expect(values()).toEqual({ B: "1" });
  });

  it("keeps one that a source supplies", async () => {
    const { stack, sync, values } = await createFixture();
    const sources = [{ type: "environment", keys: ["SYNC_TEST_K"] }];
    process.env.SYNC_TEST_K = "1";
    await stack.upOk({ app: sync({ B: "1" }, { sources }) });
    process.env.SYNC_TEST_K = "2";
    await stack.upOk({ app: sync({ B: "1" }, { sources }, { ignoreChanges: ["secrets.SYNC_TEST_K"] }) });
    delete process.env.SYNC_TEST_K;
    expect(values()).toEqual({ B: "1", SYNC_TEST_K: "1" });
  });

  it("of another argument keeps that argument", async () => {
    const { stack, sync, values } = await createFixture();
    await stack.upOk({ app: sync({ A: "1" }) });
    const destinationConfig = { database, schema: "ELSEWHERE" };
    const changed = sync({ A: "2" }, { destinationConfig }, { ignoreChanges: ["destinationConfig"] });
    expect((await stack.upOk({ app: changed })).changes).toEqual({ app: "update" });
    expect(values()).toEqual({ A: "2" });
    expect(stack.state().destinationConfig).toEqual(destination);
  });
});

it("ignoreChanges on everything keeps everything", async () => {
  const { stack, sync, values } = await createFixture();
  await stack.upOk({ app: sync({ A: "1" }) });
  const { changes } = await stack.upOk({
    app: sync({ A: "2" }, { description: "new" }, { ignoreChanges: ["*"] }),
  });
  expect(changes).toEqual({ app: "same" });
  expect(values()).toEqual({ A: "1" });
});
