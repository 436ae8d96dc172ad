import { describe, expect, it } from "vitest";
import { Operation } from "../../../provider/engine/operation.js";
import { exportDestination } from "../../../provider/export-destination/resource.js";
import { StackOfOne } from "../../support/stack-of-one.js";
import { useFixture } from "./fixture.js";

const fixture = useFixture();

/** The state of a stack in another one: after `pulumi stack rename`, or as a copy. */
async function adoptedStack(): Promise<{ first: StackOfOne; second: StackOfOne }> {
  const first = await fixture.connectedStack();
  const second = new StackOfOne({ stack: "copy", name: "bi" });
  second.adopt(first);
  return { first, second };
}

describe("a state that another stack wrote", () => {
  it("is moved in place by up, with a warning in the preview, and then destroyed as any other", async () => {
    const { first, second } = await adoptedStack();
    const before = await fixture.secrets();
    const told =
      "names organization/exports/dev/bi, as after a rename of the stack. If this state is a copy, do not run pulumi up";
    expect((await second.preview(fixture.args())).lines.join("\n")).toContain(told);
    const up = await second.up(fixture.args());
    expect(up.error).toBeUndefined();
    expect(up.lines.join("\n")).toContain(told);
    expect(await fixture.secrets()).toEqual(before);
    expect((await fixture.claim())?.active?.owner.place).toBe("organization/exports/copy/bi");
    expect(second.outs).toMatchObject({
      destinationId: first.outs.destinationId,
      place: "organization/exports/copy/bi",
    });
    expect((await second.up(fixture.args())).lines).toEqual([]);
    expect((await second.destroy()).error).toBeUndefined();
    expect((await fixture.claim())?.active).toBeNull();
  });

  it("is not replaced, as a copy would take the credentials of a live stack away", async () => {
    const { first, second } = await adoptedStack();
    const args = fixture.args({ credentials: fixture.addUser() });
    const told =
      "[UNPROVEN] the state was written by organization/exports/dev/bi, and this is organization/exports/copy/bi";
    expect((await second.preview(args)).lines.join("\n")).toContain(told);
    expect((await second.up(args)).error?.message).toContain(told);
    expect((await fixture.claim())?.active?.destinationId).toBe(first.outs.destinationId);
  });

  it("is refused by preview, up and destroy of its original, once the copy was updated", async () => {
    const { first, second } = await adoptedStack();
    await second.up(fixture.args());
    const held = (await fixture.claim())?.active;
    const told = `[UNPROVEN] a copy of this state in organization/exports/copy/bi has written its destination ${held?.destinationId} since`;
    expect((await first.preview(fixture.args())).lines.join("\n")).toContain(told);
    for (const operation of [await first.up(fixture.args()), await first.destroy()]) {
      expect(operation.error?.message).toContain(told);
      expect(operation.error?.message).toContain("pulumi state delete");
    }
    expect((await fixture.claim())?.active).toEqual(held);
    expect((await fixture.secrets()).stored).toEqual([second.outs.secretName]);
  });

  it("is not destroyed where the host is told the stack", async () => {
    const first = await fixture.connectedStack();
    const { kept } = first;
    if (kept === undefined) throw new Error("nothing is kept");
    const operation = new Operation({ report: () => undefined, warn: () => undefined });
    const place = { organization: "organization", project: "exports", parentTypes: "", type: "", name: "bi" };
    const destroy = (stack: string) =>
      exportDestination.delete(kept.id, kept.outs, operation, { ...place, stack });
    await expect(destroy("copy")).rejects.toThrow(
      "[UNPROVEN] the state was written by organization/exports/dev/bi, and this is organization/exports/copy/bi",
    );
    expect((await fixture.claim())?.active?.destinationId).toBe(kept.outs.destinationId);
    await destroy("dev");
    expect((await fixture.claim())?.active).toBeNull();
    await operation.end();
  });
});
