import { describe, expect, it, vi } from "vitest";
import { StackOfOne } from "../../support/stack-of-one.js";
import { useFixture } from "./fixture.js";

const fixture = useFixture();

it("a first creation validates, stores the whole payload under the right name, and claims", async () => {
  const { outs } = await fixture.connectedStack();
  expect(outs).toMatchObject({
    status: "Validated",
    integrationStatus: "Connected",
    destinationMetadata: { account: fixture.server.account, warehouse: "EXPORT_WH", database: "ANALYTICS" },
    egressIp: "127.0.0.1",
    secretName: `exports/org_42/bi_${outs.destinationId}`,
  });
  const secret = await fixture.aws.control.secret(outs.secretName ?? "");
  expect(secret?.arn).toBe(outs.secretArn);
  expect(JSON.parse(secret?.value ?? "")).toEqual(fixture.credentials);
  expect(await fixture.claim()).toMatchObject({
    active: { destinationId: outs.destinationId, secretArn: outs.secretArn },
  });
  expect(outs.statusHistory.map(({ status }) => status)).toEqual(["Pending", "Testing", "Validated"]);
  expect(fixture.server.control.counts().openSessions).toBe(0);
});

describe("one active destination per organization and type", () => {
  it("a second stack is told who holds it, logs in nowhere, and leaves nothing", async () => {
    const first = await fixture.connectedStack();
    fixture.server.control.resetCounts();
    const second = new StackOfOne({ stack: "prod", name: "other" });
    const up = await second.up(fixture.args());
    expect(up.error?.code).toBe("INTEGRATION_EXISTS");
    expect(up.error?.message).toContain("integration already exists");
    expect(up.error?.message).toContain(first.outs.destinationId);
    expect(up.error?.message).toContain("organization/exports/dev/bi");
    expect(second.kept).toBeUndefined();
    expect(fixture.server.control.counts().logins).toBe(0);
    expect((await fixture.secrets()).stored).toEqual([first.outs.secretName]);
  });

  it("a resource that was renamed without an alias is told so", async () => {
    await fixture.connectedStack();
    const up = await new StackOfOne({ stack: "dev", name: "warehouse" }).up(fixture.args());
    expect(up.error?.code).toBe("INTEGRATION_EXISTS");
    expect(up.error?.message).toContain("if this resource was renamed, give it its former name in aliases");
    expect(up.error?.message).toContain("if its stack is gone, or no longer holds it, free the claim");
  });

  it.each(["where nothing was", "on a claim that was freed"])(
    "of fifty at once %s exactly one wins, and no loser leaves a secret",
    async (where) => {
      if (where !== "where nothing was") await (await fixture.connectedStack()).destroy();
      const stacks = Array.from(
        { length: 50 },
        (_, n) => new StackOfOne({ stack: `stack-${n}`, name: "bi" }),
      );
      const results = await Promise.all(stacks.map((stack) => stack.up(fixture.args())));
      const winners = stacks.filter((stack) => stack.kept?.outs.integrationStatus === "Connected");
      expect(winners).toHaveLength(1);
      const [winner] = winners;
      const losers = results.filter(({ error }) => error !== undefined);
      expect(losers).toHaveLength(49);
      for (const { error } of losers) {
        expect(error?.code).toBe("INTEGRATION_EXISTS");
        expect(error?.message).toContain(winner?.outs.destinationId);
        expect(error?.message).toContain(`organization/exports/${winner?.place.stack}/bi`);
      }
      expect((await fixture.secrets()).stored).toEqual([winner?.outs.secretName]);
      expect((await fixture.claim())?.active?.destinationId).toBe(winner?.outs.destinationId);
    },
  );

  it("a stack of the same place in another backend takes nothing of it, once a day has passed", async () => {
    const first = await fixture.connectedStack();
    const { secretArn, secretVersionId } = first.outs;
    const twin = new StackOfOne({ stack: "dev", name: "bi" });
    const args = fixture.args({ credentials: fixture.addUser() });
    const continues = `continues destination ${first.outs.destinationId}, which an interrupted update`;
    expect((await twin.preview(args)).lines.join("\n")).toContain(continues);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 25 * 60 * 60 * 1_000 });
    try {
      const told = `[UNPROVEN] the active snowflake export destination of organization 42, ${first.outs.destinationId}, has this resource's owner id, but the state does not record it: it was made more than 24 hours ago`;
      expect((await twin.preview(args)).lines.join("\n")).toContain(told);
      const up = await twin.up(args);
      expect(up.error?.message).toContain(told);
      expect(up.error?.message).toContain("free the claim with the command release");
      expect(twin.kept).toBeUndefined();
      expect((await fixture.aws.control.secret(secretArn ?? ""))?.versions).toHaveProperty(
        secretVersionId ?? "",
      );
      expect((await first.up(fixture.args())).steps).toEqual(["same"]);
    } finally {
      vi.useRealTimers();
    }
  });

  it("says in up too that it goes on with what an interrupted creation left", async () => {
    const first = await fixture.connectedStack();
    const again = new StackOfOne({ stack: "dev", name: "bi" });
    const { error, lines } = await again.up(fixture.args());
    expect(error).toBeUndefined();
    expect(lines.join("\n")).toContain(`continues destination ${first.outs.destinationId}`);
    expect((await fixture.secrets()).stored).toEqual([first.outs.secretName]);
  });

  it("a secret of the claim's name that holds something else is not touched", async () => {
    await fixture.connectedStack();
    const name = "exports/org_42/active/snowflake";
    await fixture.aws.control.deleteSecret(name, "at once");
    await fixture.aws.control.createSecret(name, "theirs");
    const up = await new StackOfOne({ stack: "prod", name: "bi" }).up(fixture.args());
    expect(up.error?.code).toBe("NOT_OURS");
    expect(await fixture.aws.control.valueOf(name, {})).toBe("theirs");
  });
});
