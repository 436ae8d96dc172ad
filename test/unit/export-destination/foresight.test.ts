import { describe, expect, it } from "vitest";
import { denied } from "../../support/aws/faults.js";
import { StackOfOne } from "./stage.js";
import { useWorld } from "./world.js";

const world = useWorld();

describe("a preview looks ahead", () => {
  it("and warns that another destination is active, and fails nothing", async () => {
    const first = await world.connectedStack();
    const preview = await new StackOfOne({ stack: "prod", name: "bi" }).preview(world.args());
    expect(preview.error).toBeUndefined();
    expect(preview.lines.join("\n")).toMatch(
      /^warning: export destination bi: up will fail as things stand: \[INTEGRATION_EXISTS\]/m,
    );
    expect(preview.lines.join("\n")).toContain(first.outs.destinationId);
  });

  it("and warns of a name inside its recovery window", async () => {
    const former = await world.connectedStack({ destinationId: "warehouse" });
    await former.destroy();
    const preview = await new StackOfOne({ stack: "dev", name: "bi" }).preview(
      world.args({ destinationId: "warehouse" }),
    );
    expect(preview.error).toBeUndefined();
    expect(preview.lines.join("\n")).toContain("[PENDING_DELETION]");
  });

  it("and warns of credentials that are known not to work, without a log-in", async () => {
    const stack = await world.connectedStack();
    const wrong = world.args({ credentials: { ...world.credentials, password: "wrong-password" } });
    await stack.up(wrong);
    world.server.door.resetCounts();
    const preview = await stack.preview(wrong);
    expect(preview.lines.join("\n")).toContain("[CREDENTIALS_REJECTED]");
    expect(world.server.door.counts().logins).toBe(0);
  });

  it("and says nothing where nothing is in the way, or nothing changes", async () => {
    expect((await new StackOfOne({ stack: "dev", name: "bi" }).preview(world.args())).lines).toEqual([]);
    const stack = await world.connectedStack();
    expect((await stack.preview(world.args())).lines).toEqual([]);
    expect((await stack.preview(world.args({ credentials: world.addUser() }))).lines).toEqual([]);
  });

  it("and says so where it may not look", async () => {
    world.aws.faults.add({ operation: "GetSecretValue", times: 10, effect: denied });
    const preview = await new StackOfOne({ stack: "dev", name: "bi" }).preview(world.args());
    expect(preview.error).toBeUndefined();
    expect(preview.lines.join("\n")).toContain("what up will find in AWS is not known");
    expect(preview.lines.join("\n")).toContain("allow secretsmanager:GetSecretValue");
  });
});
