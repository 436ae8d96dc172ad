import { describe, expect, it } from "vitest";
import { ProviderError } from "../../../provider/core/errors.js";
import { combineFailures, listFailures } from "../../../provider/secret-sync/apply/write-failures.js";
import { buildSecrets, createFixture, database, preserve, schema } from "./fixture.js";

const refused = (name: string, code: "STATEMENT_FAILED" | "TIMED_OUT" = "STATEMENT_FAILED") =>
  [
    name,
    new ProviderError(code, {
      operation: "create secret failed (001003)",
      target: `"APP"."SECRETS"."${name}"`,
      hint: `run GRANT OWNERSHIP ON SECRET "APP"."SECRETS"."${name}" TO ROLE SYNC_ROLE;`,
    }),
  ] as const;

const many = Array.from({ length: 3_000 }, (_, n) => refused(`K_${n}`, n < 2_990 ? undefined : "TIMED_OUT"));

describe("thousands of writes that failed", () => {
  it("are ten with their reason, and the others by code", () => {
    const lines = listFailures(many);
    expect(lines).toHaveLength(11);
    expect(lines[0]).toMatch(/^"K_0": \[STATEMENT_FAILED\]/);
    expect(lines[10]).toBe("and 2990 more failed: 2980 STATEMENT_FAILED, 10 TIMED_OUT");
  });

  it("make one error of a few kilobytes, with the way out", () => {
    const { message } = combineFailures(many, {
      operation: "sync",
      wroteSomething: true,
      next: "Run again.",
    });
    expect(message.length).toBeLessThan(6_000);
    expect(message).toContain("and 2990 more failed: 2980 STATEMENT_FAILED, 10 TIMED_OUT. Fix: run GRANT");
    expect(message).toMatch(/Run again\.$/);
  });

  it("ten or fewer are told one by one", () => {
    expect(listFailures(many.slice(0, 10))).toHaveLength(10);
    expect(listFailures(many.slice(0, 10)).join()).not.toContain("more failed");
  });

  it("leave the time of the last sync alone, and a state and an error that stay small", async () => {
    const { stack, sync, failNext } = await createFixture();
    await stack.upOk({ app: sync({ A: "1" }) });
    const before = stack.state().lastSyncedAt;
    failNext(/^CREATE SECRET/, { times: 300 });
    const { problems } = await stack.up({ app: sync({ A: "1", ...buildSecrets(300) }) });
    expect(problems.join().length).toBeLessThan(20_000);
    expect(problems.join()).toContain("and 290 more failed: 290 ");
    expect(stack.state().lastSyncedAt).toBe(before);
    expect(stack.state().lastSyncMessage.length).toBeLessThan(10_000);
  });
});

it("of many secrets that may not be touched ten are told", async () => {
  const { stack, sync, put } = await createFixture();
  const names = Array.from({ length: 15 }, (_, n) => `K_${String(n).padStart(2, "0")}`);
  for (const name of names) put(name);
  const secrets = Object.fromEntries(names.map((name) => [name, "1"]));
  const { problems } = await stack.up({ app: sync(secrets, { syncOptions: preserve }) });
  expect(problems.join()).toContain("15 of 15 secrets must not be changed");
  expect(problems.join()).toContain("And 5 more");
  expect(problems.join()).not.toContain("K_10");
});

it("of many secrets that are missing twenty are told, by a refresh and by a preview", async () => {
  const { stack, sync, control } = await createFixture();
  const secrets = buildSecrets(25);
  const program = { app: sync(secrets) };
  await stack.upOk(program);
  for (const name of Object.keys(secrets)) control.dropSecret(database, schema, name);
  const preview = await stack.preview(program);
  for (const { lines } of [preview, await stack.refresh()]) {
    const told = lines.filter((line) => line.includes('"KEY_0"'));
    expect(told).toHaveLength(1);
    expect(told[0]).toContain('"KEY_19" and 5 more');
    expect(told[0]).not.toContain('"KEY_20"');
  }
});

describe("more secrets than Snowflake lists", () => {
  const secrets = buildSecrets(10_001);

  it("without a prefix are refused before the first write, and the preview says so", async () => {
    const { stack, sync, values } = await createFixture();
    const told =
      '[UNPROVEN] the schema would hold 10001 secrets after this update, and Snowflake lists at most 10000, so nothing was written: "APP"."SECRETS". Fix: use several syncs';
    const preview = await stack.preview({ app: sync(secrets) });
    expect(preview.lines.join("\n")).toContain(told);
    const { problems } = await stack.up({ app: sync(secrets) });
    expect(problems.join()).toContain(told);
    expect(values()).toEqual({});
  }, 60_000);
});
