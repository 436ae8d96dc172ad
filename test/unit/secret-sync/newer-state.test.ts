import { expect, it } from "vitest";
import { createFixture } from "./fixture.js";

it("a state of a newer release is refused in a sentence by preview, up, refresh and destroy, and nothing is written", async () => {
  const { stack, sync, values, takeStatements } = await createFixture();
  await stack.upOk({ app: sync({ A: "1" }) });
  const kept = stack.resources.get("app");
  if (kept === undefined) throw new Error("There is no sync.");
  stack.resources.set("app", { ...kept, outputs: { ...kept.outputs, stateVersion: 2 as never } });
  takeStatements();
  const program = { app: sync({ A: "2" }) };
  const outcomes = [
    await stack.preview(program),
    await stack.up(program),
    await stack.refresh(),
    await stack.destroy(),
  ];
  for (const { ok, problems } of outcomes) {
    expect(ok).toBe(false);
    expect(problems.join()).toContain("was written by a newer release");
    expect(problems.join()).toContain("Fix: update the package, or the plugin");
  }
  expect(takeStatements().filter((kind) => /^(CREATE|ALTER|DROP)/.test(kind))).toEqual([]);
  expect(values()).toEqual({ A: "1" });
});
