import { expect, it } from "vitest";
import { useWorld } from "./world.js";

const world = useWorld();

it("a state of a newer release is refused in a sentence by preview, up, refresh and destroy, and nothing is written", async () => {
  const stack = await world.connectedStack();
  stack.edit({ stateVersion: 2 as never });
  world.aws.forgetCalls();
  const args = world.args({ credentials: world.addUser() });
  const operations = [
    await stack.preview(args),
    await stack.up(args),
    await stack.refresh(),
    await stack.destroy(),
  ];
  for (const { error } of operations) {
    expect(error?.message).toContain("was written by a newer release");
    expect(error?.message).toContain("Fix: update the package, or the plugin");
  }
  expect(world.aws.calls.filter(({ operation }) => !/^(Get|Describe|List)/.test(operation))).toEqual([]);
});
