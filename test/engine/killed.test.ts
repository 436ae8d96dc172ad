import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { plantValues } from "../support/pulumi/planted-values.js";
import { startPluginStage } from "./plugin-stage.js";
import { type SyncStage, startSyncStage } from "./sync-stage.js";

const values = plantValues("a1", "a2", "b1", "c1");

const declare = (className: string, secrets: string, more: string) => `
new ${className}("app", {
  secrets: ${secrets}, ${more}
  destinationConfig: { database: "APP", schema: "SECRETS" },
  syncOptions: { initialSyncBehavior: "overwrite-destination", keySchema: "APP_{{secretKey}}" },
});`;

describe.each([
  { host: "the dynamic provider", className: "SnowflakeSecretSync", start: startSyncStage },
  { host: "the plugin", className: "SnowflakeSecretSync", start: startPluginStage },
])("an engine and $host that are killed", ({ className, start }) => {
  let stage: SyncStage;
  beforeAll(async () => {
    stage = await start({ plants: values });
  });
  afterAll(() => stage.stop());
  const sync = (secrets: string, more = "") => declare(className, secrets, more);

  /** Kills engine and plugins right after the server carried out the k-th statement that matches. */
  async function killedAfter(run: "up" | "destroy", match: RegExp, k = 1): Promise<void> {
    const { project, server } = stage;
    let kill: (signal: NodeJS.Signals) => void = () => undefined;
    server.control.addFault({
      match,
      skip: k - 1,
      effect: {
        kind: "call",
        when: "after",
        call: () => {
          kill("SIGKILL");
          project.endPlugins();
        },
      },
    });
    const { code } = await project[run]({
      onOutput: (_output, killRun) => {
        kill = killRun;
      },
    });
    expect(code).toBe(-1);
    server.control.clearFaults();
    expect((await project.pulumi(["cancel", "--yes"])).code).toBe(0);
  }

  const up = async () => {
    const { code, output } = await stage.project.up();
    expect(code, output).toBe(0);
  };

  it("in a creation: the next up finds its own and finishes", async () => {
    stage.setProgram(sync(`{ A: v.a1, B: v.b1 }`));
    await killedAfter("up", /^CREATE SECRET/);
    expect(Object.keys(stage.values())).not.toHaveLength(0);
    expect((await stage.project.state()).filter(({ type }) => type.endsWith("SnowflakeSecretSync"))).toEqual(
      [],
    );
    await up();
    expect(stage.values()).toEqual({ APP_A: values.a1, APP_B: values.b1 });
  });

  it("after a write, and the source goes back: the next up repairs it", async () => {
    stage.setProgram(sync(`{ A: v.a2, B: v.b1 }`));
    await killedAfter("up", /^ALTER SECRET .*APP_A/);
    expect(stage.values()).toEqual({ APP_A: values.a2, APP_B: values.b1 });
    stage.setProgram(sync(`{ A: v.a1, B: v.b1 }`));
    stage.server.control.resetCounts();
    await up();
    expect(stage.values()).toEqual({ APP_A: values.a1, APP_B: values.b1 });
    expect(stage.server.control.counts().byKind["ALTER SECRET"]).toBe(1);
  });

  it.each([1, 2, 3])(
    "after write %i of an update that alters, creates and drops: the next up finishes",
    async (k) => {
      stage.setProgram(sync(`{ A: v.a1, B: v.b1 }`));
      await up();
      stage.setProgram(sync(`{ A: v.a2, C: v.c1 }`));
      await killedAfter("up", /^(ALTER|CREATE|DROP) SECRET/, k);
      await up();
      expect(stage.values()).toEqual({ APP_A: values.a2, APP_C: values.c1 });
    },
  );

  it.each([1, 2])("after drop %i of a destroy: the next one finishes", async (k) => {
    stage.setProgram(sync(`{ A: v.a1, B: v.b1 }`));
    await up();
    await killedAfter("destroy", /^DROP SECRET/, k);
    const { code, output } = await stage.project.destroy();
    expect(code, output).toBe(0);
    expect(stage.values()).toEqual({});
  });

  it("and a destroy of which a part is refused: the next one finishes", async () => {
    stage.setProgram(sync(`{ A: v.a1, B: v.b1 }`));
    await up();
    stage.server.control.addFault({
      match: /^DROP SECRET .*APP_B/,
      effect: { kind: "sql-error", code: "003001", sqlState: "42501", message: "SQL access control error" },
    });
    expect((await stage.project.destroy()).code).not.toBe(0);
    expect(stage.values()).toEqual({ APP_B: values.b1 });
    expect((await stage.project.destroy()).code).toBe(0);
    expect(stage.values()).toEqual({});
  });
});
