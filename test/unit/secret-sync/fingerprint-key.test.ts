import { describe, expect, it } from "vitest";
import { buildSecrets, createFixture, database, destination, type Fixture, role, schema } from "./fixture.js";

const given = "a key of the team's own, 32 bytes or more";
const other = "another key of the team's own, long enough";

describe("a fingerprintKey", () => {
  it("that is removed gives back the random one, which the state kept as a secret", async () => {
    const { stack, sync } = await createFixture();
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
    const { stack, sync } = await createFixture();
    await stack.upOk({ app: sync({ A: "1" }, { fingerprintKey: given }) });
    await stack.upOk({ app: sync({ A: "1" }) });
    const { fingerprintKey } = stack.state();
    expect(fingerprintKey).not.toBe(given);
    expect(fingerprintKey.length).toBeGreaterThanOrEqual(32);
    await stack.upOk({ app: sync({ A: "2" }) });
    expect(stack.state().fingerprintKey).toBe(fingerprintKey);
  });

  it("keeps the random one through a replacement", async () => {
    const { stack, sync, door } = await createFixture();
    await stack.upOk({ app: sync({ A: "1" }) });
    const { fingerprintKey: random } = stack.state();
    await stack.upOk({ app: sync({ A: "1" }, { fingerprintKey: given }) });
    await stack.upOk({ app: sync({ A: "1" }, { fingerprintKey: given }, { replace: true }) });
    await stack.upOk({ app: sync({ A: "1" }) });
    expect(stack.state().fingerprintKey).toBe(random);
    expect(door.secret(database, schema, "A")?.value).toBe("1");
  });
});

/** What was sent to Snowflake since the last look, by name: the mark alone, or a value with it. */
function takeWrites({ door }: Fixture): Record<string, string> {
  const writes = door.statements().filter(({ kind }) => /^(CREATE|ALTER|DROP) SECRET$/.test(kind));
  door.resetCounts();
  return Object.fromEntries(
    writes.map(({ kind, sql }) => {
      const [, name = ""] = /"SECRETS"\."([^"]*)"/.exec(sql) ?? [];
      const isMarkOnly = /^ALTER SECRET \S+ SET COMMENT = '[^']*'$/.test(sql);
      return [name, isMarkOnly ? "mark" : kind];
    }),
  );
}

const failure = {
  kind: "sql-error",
  code: "000603",
  sqlState: "XX000",
  message: "Processing aborted.",
} as const;

describe("another fingerprintKey", () => {
  const secrets = { A: "1", B: "1", C: "1" };

  it("renews the marks alone, says so, and grants and creation times stay", async () => {
    const fixture = await createFixture();
    const { stack, sync, door, markOf, values } = fixture;
    await stack.upOk({ app: sync(secrets) });
    const random = stack.state();
    const createdOn = door.secret(database, schema, "A")?.createdOn;
    for (const fingerprintKey of [given, other, undefined]) {
      const program = { app: sync(secrets, fingerprintKey === undefined ? {} : { fingerprintKey }) };
      takeWrites(fixture);
      const { lines } = await stack.preview(program);
      expect(lines).toEqual([
        'app: 3 marks to renew under the new fingerprintKey, without a value in "APP"."SECRETS"',
      ]);
      const result = await stack.upOk(program);
      expect(result.lines).toEqual([
        "app: 0 created, 0 altered, 0 replaced, 0 dropped, 3 marks renewed without a value; 3 managed",
      ]);
      expect(takeWrites(fixture)).toEqual({ A: "mark", B: "mark", C: "mark" });
      expect(values()).toEqual(secrets);
      expect(markOf("A")?.fingerprint).toBe(stack.state().secrets.A);
      expect(stack.state().managedSecrets.A?.fingerprint).toBe(stack.state().secrets.A);
      expect((await stack.upOk(program)).changes).toEqual({ app: "same" });
    }
    expect(stack.state().secrets).toEqual(random.secrets);
    expect(door.secret(database, schema, "A")?.createdOn).toEqual(createdOn);
  });

  it("with a value that changed meanwhile writes that one", async () => {
    const fixture = await createFixture();
    const { stack, sync, values } = fixture;
    await stack.upOk({ app: sync(secrets) });
    takeWrites(fixture);
    const { B: _, ...rest } = secrets;
    const changed = { ...rest, A: "2", D: "1" };
    await stack.upOk({ app: sync(changed, { fingerprintKey: given }) });
    expect(takeWrites(fixture)).toEqual({
      A: "ALTER SECRET",
      B: "DROP SECRET",
      C: "mark",
      D: "CREATE SECRET",
    });
    expect(values()).toEqual(changed);
  });

  it("with another rewriteTrigger writes every value", async () => {
    const fixture = await createFixture();
    const { stack, sync } = fixture;
    await stack.upOk({ app: sync({ A: "1" }, { rewriteTrigger: 1 }) });
    await stack.upOk({ app: sync({ A: "1" }, { rewriteTrigger: 1, fingerprintKey: given }) });
    takeWrites(fixture);
    await stack.upOk({ app: sync({ A: "1" }, { rewriteTrigger: 2, fingerprintKey: other }) });
    expect(takeWrites(fixture)).toEqual({ A: "ALTER SECRET" });
    await stack.upOk({ app: sync({ A: "1" }, { rewriteTrigger: 2, fingerprintKey: given }) });
    expect(takeWrites(fixture)).toEqual({ A: "mark" });
  });

  it.each([
    ["dropped", "CREATE SECRET", (w: Fixture) => w.door.dropSecret(database, schema, "A")],
    ["left without a mark", "ALTER SECRET", (w: Fixture) => w.door.alterSecret(at, { comment: undefined })],
    ["made anew", "ALTER SECRET", makeAnew],
  ])("writes the value of a secret that somebody has %s", async (_, written, interfere) => {
    const fixture = await createFixture();
    const { stack, sync, values } = fixture;
    await stack.upOk({ app: sync(secrets) });
    interfere(fixture);
    takeWrites(fixture);
    await stack.upOk({ app: sync(secrets, { fingerprintKey: given }) });
    expect(takeWrites(fixture)).toEqual({ A: written, B: "mark", C: "mark" });
    expect(values()).toEqual(secrets);
  });

  it("renews no mark while auto-sync is off, and none of a secret under ignoreChanges", async () => {
    const fixture = await createFixture();
    const { stack, sync } = fixture;
    const off = { isAutoSyncEnabled: false, syncTrigger: 1 };
    await stack.upOk({ app: sync(secrets) });
    takeWrites(fixture);
    await stack.upOk({ app: sync(secrets, { isAutoSyncEnabled: true }, { ignoreChanges: ["secrets.A"] }) });
    await stack.upOk({ app: sync(secrets, { fingerprintKey: given }, { ignoreChanges: ["secrets.A"] }) });
    expect(takeWrites(fixture)).toEqual({ B: "mark", C: "mark" });
    await stack.upOk({ app: sync(secrets, { ...off, fingerprintKey: given }) });
    takeWrites(fixture);
    const { lines } = await stack.preview({ app: sync(secrets, { ...off, fingerprintKey: other }) });
    expect(lines.join()).toContain('waiting in "APP"."SECRETS": ');
    expect(lines.join()).toContain('"B" (mark only), "C" (mark only)');
    await stack.upOk({ app: sync(secrets, { ...off, fingerprintKey: other }) });
    expect(takeWrites(fixture)).toEqual({});
  });
});

const at = { ...destination, name: "A" };

function makeAnew({ door }: Fixture): void {
  const comment = String(door.secret(database, schema, "A")?.comment);
  door.dropSecret(database, schema, "A");
  door.putSecret({ ...at, value: "theirs", owner: role, comment });
}

describe("a renewal of the marks that ends half-way", () => {
  const count = 4;
  const secrets = buildSecrets(count);
  const rotated = (fixture: Fixture, values = secrets) => ({
    app: fixture.sync(values, {
      fingerprintKey: given,
      connection: { ...fixture.connection, maxConcurrentStatements: 1 },
    }),
  });

  for (let k = 0; k <= count; k += 1) {
    it(`by a crash after ${k} of ${count} is finished without a value, and none that changed meanwhile is passed over`, async () => {
      const fixture = await createFixture();
      const { stack, values } = fixture;
      await stack.upOk({ app: fixture.sync(secrets) });
      const restore = stack.snapshot();
      fixture.door.addFault({ match: /SET COMMENT/, skip: k, times: count, effect: failure });
      await stack.up(rotated(fixture));
      restore();
      fixture.door.clearFaults();
      takeWrites(fixture);
      // One whose mark is renewed already and one whose mark is not, or as many of these as there are.
      const changed = { ...secrets, KEY_0: "other", [`KEY_${count - 1}`]: "other" };
      await stack.upOk(rotated(fixture, changed));
      const written = takeWrites(fixture);
      expect(values()).toEqual(changed);
      expect(written.KEY_0).toBe("ALTER SECRET");
      expect(written[`KEY_${count - 1}`]).toBe("ALTER SECRET");
      const { KEY_0: _first, [`KEY_${count - 1}`]: _last, ...others } = written;
      expect(others).toEqual(
        Object.fromEntries([1, 2].filter((i) => i >= k).map((i) => [`KEY_${i}`, "mark"])),
      );
      expect((await stack.upOk(rotated(fixture, changed))).changes).toEqual({ app: "same" });
    });

    it(`by a failure after ${k} of ${count} is finished by the next up, under the key of now or of before`, async () => {
      for (const next of [rotated, (fixture: Fixture) => ({ app: fixture.sync(secrets) })]) {
        const fixture = await createFixture();
        const { stack, values } = fixture;
        await stack.upOk({ app: fixture.sync(secrets) });
        fixture.door.addFault({ match: /SET COMMENT/, skip: k, times: count, effect: failure });
        expect((await stack.up(rotated(fixture))).ok).toBe(k === count);
        fixture.door.clearFaults();
        const program = next(fixture);
        await stack.upOk(program);
        expect(values()).toEqual(secrets);
        expect((await stack.upOk(program)).changes).toEqual({ app: "same" });
      }
    });
  }

  it("marks nothing as proved that was made anew between the look and the renewal", async () => {
    const fixture = await createFixture();
    const { stack, door, values } = fixture;
    await stack.upOk({ app: fixture.sync({ A: "1", B: "1" }) });
    door.addFault({
      match: /^ALTER SECRET .*"A" SET COMMENT/,
      times: 1,
      effect: { kind: "call", when: "before", call: () => makeAnew(fixture) },
    });
    const program = rotated(fixture, { A: "1", B: "1" });
    const { problems } = await stack.up(program);
    expect(problems.join()).toContain('"A": [UNPROVEN]');
    expect(values().A).toBe("theirs");
    await stack.upOk(program);
    expect(values()).toEqual({ A: "1", B: "1" });
  });

  it("stays proved where the marks could not be read back", async () => {
    const fixture = await createFixture();
    const { stack, door, values } = fixture;
    await stack.upOk({ app: fixture.sync({ A: "1" }) });
    const program = rotated(fixture, { A: "1" });
    door.addFault({ match: /^SHOW SECRETS/, skip: 2, effect: failure });
    const { lines } = await stack.upOk(program);
    expect(lines.join("\n")).toContain("could not be read back");
    door.clearFaults();
    makeAnew(fixture);
    await stack.upOk(program);
    expect(values()).toEqual({ A: "1" });
  });
});
