import { expect, it } from "vitest";
import { useFixture } from "./fixture.js";

const fixture = useFixture();

it("a state of a newer release is refused in a sentence by preview, up, refresh and destroy, and nothing is written", async () => {
  const stack = await fixture.connectedStack();
  stack.edit({ stateVersion: 2 as never });
  fixture.aws.forgetCalls();
  const args = fixture.args({ credentials: fixture.addUser() });
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
  expect(fixture.aws.calls.filter(({ operation }) => !/^(Get|Describe|List)/.test(operation))).toEqual([]);
});
