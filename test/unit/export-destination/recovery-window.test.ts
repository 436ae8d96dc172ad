import { describe, expect, it } from "vitest";
import { notVisibleYet } from "../../support/aws/faults.js";
import { StackOfOne } from "../../support/stack-of-one.js";
import { useFixture } from "./fixture.js";

const fixture = useFixture();
const fixed = { destinationId: "warehouse" };
const isDestination = (body: Readonly<Record<string, unknown>>) =>
  !String(body.Name ?? body.SecretId).includes("/active/");

it("a secret that AWS shows only seconds after its creation is waited for", async () => {
  const hiddenMs = 3_500;
  const madeAt = new Map<string, number>();
  fixture.aws.faults.add({
    operation: "*",
    times: Number.POSITIVE_INFINITY,
    matches: (body, { operation }) => {
      const name = String(body.Name ?? body.SecretId).replace(/^arn:.*:secret:(.*)-\w{6}$/, "$1");
      if (operation === "CreateSecret" && !madeAt.has(name)) madeAt.set(name, Date.now());
      const age = Date.now() - (madeAt.get(name) ?? 0);
      return operation !== "CreateSecret" && age < hiddenMs;
    },
    effect: notVisibleYet,
  });
  const stack = new StackOfOne({ stack: "dev", name: "bi" });
  const up = await stack.up(fixture.args());
  expect(up.error).toBeUndefined();
  expect(stack.outs).toMatchObject({ integrationStatus: "Connected" });
  expect(madeAt.size).toBe(2);
  fixture.aws.faults.clear();
  expect((await stack.up(fixture.args())).steps).toEqual(["same"]);
}, 60_000);

describe("a name inside its recovery window", () => {
  it("is refused before a log-in, with the date and the choices", async () => {
    const former = await fixture.connectedStack(fixed);
    const { secretArn = "" } = former.outs;
    await former.destroy();
    const date = (await fixture.aws.control.secret(secretArn))?.deletedDate?.toISOString() ?? "no date";
    fixture.server.control.resetCounts();
    const stack = new StackOfOne({ stack: "dev", name: "bi" });
    const up = await stack.up(fixture.args(fixed));
    expect(up.error?.code).toBe("PENDING_DELETION");
    expect(up.error?.message).toContain(date);
    for (const choice of ['onPendingDeletion to "restore"', "another name or destinationId", "or wait."]) {
      expect(up.error?.message).toContain(choice);
    }
    expect(fixture.server.control.counts().logins).toBe(0);
    expect(stack.kept).toBeUndefined();
    expect((await fixture.claim())?.active).toBeNull();
  });

  it("is restored and overwritten under restore, by the same owner or the next", async () => {
    for (const place of ["dev", "prod"]) {
      await fixture.reset();
      const former = await fixture.connectedStack(fixed);
      const { secretArn = "" } = former.outs;
      await former.destroy();
      const next = fixture.addUser();
      const stack = new StackOfOne({ stack: place, name: "bi" });
      const up = await stack.up(fixture.args({ ...fixed, credentials: next, onPendingDeletion: "restore" }));
      expect(up.error).toBeUndefined();
      expect(stack.outs).toMatchObject({ integrationStatus: "Connected", secretArn });
      const secret = await fixture.aws.control.secret(secretArn);
      expect(secret?.deletedDate).toBeUndefined();
      expect(JSON.parse(secret?.value ?? "{}").password).toBe(next.password);
      expect(secret?.tags["pulumi-snowflake-secrets:owner"]).toBe(stack.outs.ownerId);
      expect((await stack.destroy()).error).toBeUndefined();
    }
  });

  it.each(["AWS's", "moto's"])(
    "%s own answer to the creation of such a name comes to the same",
    async (whose) => {
      const former = await fixture.connectedStack(fixed);
      const { secretArn = "" } = former.outs;
      await former.destroy();
      // As if it had been scheduled between our look and our creation.
      fixture.aws.faults.add({
        operation: "DescribeSecret",
        matches: isDestination,
        times: 2,
        effect: notVisibleYet,
      });
      if (whose === "moto's") {
        const effect = { kind: "error", code: "ResourceExistsException" } as const;
        fixture.aws.faults.add({ operation: "CreateSecret", matches: isDestination, effect });
      }
      const stack = new StackOfOne({ stack: "dev", name: "bi" });
      const up = await stack.up(fixture.args(fixed));
      expect(up.error?.code).toBe("PENDING_DELETION");
      expect(up.error?.message).toContain(secretArn);
      const again = await stack.up(fixture.args({ ...fixed, onPendingDeletion: "restore" }));
      expect(again.error).toBeUndefined();
      expect(stack.outs).toMatchObject({ integrationStatus: "Connected", secretArn });
    },
  );

  it("of somebody else's secret is refused whatever onPendingDeletion says", async () => {
    const name = "exports/org_42/bi_warehouse";
    await fixture.aws.control.createSecret(name, "theirs");
    const changes = { ...fixed, onPendingDeletion: "restore" };
    const up = await new StackOfOne({ stack: "dev", name: "bi" }).up(fixture.args(changes));
    expect(up.error?.code).toBe("NOT_OURS");
    expect((await fixture.aws.control.secret(name))?.value).toBe("theirs");
    await fixture.aws.control.deleteSecret(name, "scheduled");
    const later = await new StackOfOne({ stack: "dev", name: "bi" }).up(fixture.args(changes));
    expect(later.error?.code).toBe("NOT_OURS");
  });
});
