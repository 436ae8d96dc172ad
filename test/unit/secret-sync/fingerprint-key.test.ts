import { describe, expect, it } from "vitest";
import { createFixture, database, schema } from "./fixture.js";

const given = "a key of the team's own, 32 bytes or more";
const other = "another key of the team's own, long enough";

describe("another fingerprintKey", () => {
  it("writes each value once more, by ALTER, so that grants and creation times stay", async () => {
    const { stack, sync, control, markOf, values, takeStatements } = await createFixture();
    const secrets = { A: "1", B: "2" };
    await stack.upOk({ app: sync(secrets) });
    const createdOn = control.secret(database, schema, "A")?.createdOn;
    for (const fingerprintKey of [given, other]) {
      const program = { app: sync(secrets, { fingerprintKey }) };
      takeStatements();
      await stack.upOk(program);
      expect(takeStatements().filter((kind) => /^(CREATE|ALTER|DROP)/.test(kind))).toEqual([
        "ALTER SECRET",
        "ALTER SECRET",
      ]);
      expect(values()).toEqual(secrets);
      expect(markOf("A")?.fingerprint).toBe(stack.state().secrets.A);
      expect((await stack.upOk(program)).changes).toEqual({ app: "same" });
    }
    expect(control.secret(database, schema, "A")?.createdOn).toEqual(createdOn);
  });

  it("that is removed again stays in use, and nothing is written", async () => {
    const { stack, sync, takeStatements } = await createFixture();
    await stack.upOk({ app: sync({ A: "1" }, { fingerprintKey: given }) });
    takeStatements();
    expect((await stack.upOk({ app: sync({ A: "1" }) })).changes).toEqual({ app: "same" });
    expect(stack.state().fingerprintKey).toBe(given);
    expect(takeStatements()).toEqual(["SELECT", "SHOW SECRETS"]);
  });
});

it("a random fingerprintKey is kept through a replacement", async () => {
  const { stack, sync } = await createFixture();
  await stack.upOk({ app: sync({ A: "1" }) });
  const { fingerprintKey } = stack.state();
  await stack.upOk({ app: sync({ A: "1" }, {}, { replace: true }) });
  expect(stack.state().fingerprintKey).toBe(fingerprintKey);
  expect(stack.seen.join("\n")).not.toContain(fingerprintKey);
});
