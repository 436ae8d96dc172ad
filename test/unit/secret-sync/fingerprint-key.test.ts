import { describe, expect, it } from "vitest";
import { createWorld, database, schema } from "./world.js";

const given = "a key of the team's own, 32 bytes or more";
const other = "another key of the team's own, long enough";

describe("a fingerprintKey", () => {
  it("that is removed gives back the random one, which the state kept as a secret", async () => {
    const { stack, sync } = await createWorld();
    const random = { app: sync({ A: "1" }) };
    await stack.upOk(random);
    const before = stack.state();
    for (const fingerprintKey of [given, other]) {
      await stack.upOk({ app: sync({ A: "1" }, { fingerprintKey }) });
      expect(stack.state()).toMatchObject({ fingerprintKey, keptFingerprintKey: before.fingerprintKey });
      expect(stack.state().secrets.A).not.toBe(before.secrets.A);
    }
    await stack.upOk(random);
    expect(stack.state().fingerprintKey).toBe(before.fingerprintKey);
    expect(stack.state().secrets).toEqual(before.secrets);
    expect(stack.state()).not.toHaveProperty("keptFingerprintKey");
    expect((await stack.upOk(random)).changes).toEqual({ app: "same" });
    expect(stack.seen.join("\n")).not.toContain(before.fingerprintKey);
  });

  it("that was there from the first creation on gives way to a new random one", async () => {
    const { stack, sync } = await createWorld();
    await stack.upOk({ app: sync({ A: "1" }, { fingerprintKey: given }) });
    await stack.upOk({ app: sync({ A: "1" }) });
    const { fingerprintKey } = stack.state();
    expect(fingerprintKey).not.toBe(given);
    expect(fingerprintKey.length).toBeGreaterThanOrEqual(32);
    await stack.upOk({ app: sync({ A: "2" }) });
    expect(stack.state().fingerprintKey).toBe(fingerprintKey);
  });

  it("keeps the random one through a replacement", async () => {
    const { stack, sync, door } = await createWorld();
    await stack.upOk({ app: sync({ A: "1" }) });
    const { fingerprintKey: random } = stack.state();
    await stack.upOk({ app: sync({ A: "1" }, { fingerprintKey: given }) });
    await stack.upOk({ app: sync({ A: "1" }, { fingerprintKey: given }, { replace: true }) });
    await stack.upOk({ app: sync({ A: "1" }) });
    expect(stack.state().fingerprintKey).toBe(random);
    expect(door.secret(database, schema, "A")?.value).toBe("1");
  });
});
