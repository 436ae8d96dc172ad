import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createFixture, preserve } from "./fixture.js";

let home: string;
const before = process.env.SNOWFLAKE_HOME;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "settings-"));
  process.env.SNOWFLAKE_HOME = home;
});
afterEach(() => {
  if (before === undefined) delete process.env.SNOWFLAKE_HOME;
  else process.env.SNOWFLAKE_HOME = before;
  rmSync(home, { recursive: true });
});

it("that others may read is warned of once an operation, and the sync goes on", async () => {
  const { stack, sync, connection, values } = await createFixture();
  const toml = Object.entries(connection).map(([key, value]) => `${key} = ${JSON.stringify(value)}`);
  const file = join(home, "connections.toml");
  writeFileSync(file, `[dev]\n${toml.join("\n")}\n`, { mode: 0o644 });
  const more = { connection: { profile: "dev" }, syncOptions: preserve };
  const program = { one: sync({ A: "a" }, more), two: sync({ B: "b" }, more) };
  const { lines } = await stack.upOk(program);
  const warnings = lines.filter((line) => line.includes("others may read"));
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain(`others may read ${file}; it may hold credentials: run chmod 600 "${file}".`);
  expect(values()).toMatchObject({ A: "a", B: "b" });
});
