import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { plantValues } from "../support/pulumi/planted-values.js";
import { type SyncStage, startSyncStage } from "./sync-stage.js";

const values = plantValues("a1", "a2", "b1");

const sync = (secrets: string) => `
new SnowflakeSecretSync("app", {
  secrets: ${secrets},
  destinationConfig: { database: "APP", schema: "SECRETS" },
  syncOptions: { initialSyncBehavior: "overwrite-destination", keySchema: "APP_{{secretKey}}" },
});`;

describe("an engine and a plugin that are killed in the middle of an up", () => {
  let stage: SyncStage;
  beforeAll(async () => {
    stage = await startSyncStage({ plants: values });
  });
  afterAll(() => stage.stop());

  /** Runs `up` and kills engine and plugins right after the server carried out a statement that matches. */
  async function upKilledAfter(match: RegExp): Promise<void> {
    const { project, server } = stage;
    let kill: (signal: NodeJS.Signals) => void = () => undefined;
    server.door.addFault({
      match,
      effect: {
        kind: "call",
        when: "after",
        call: () => {
          kill("SIGKILL");
          project.endPlugins();
        },
      },
    });
    const { code } = await project.up({
      onOutput: (_output, killRun) => {
        kill = killRun;
      },
    });
    expect(code).toBe(-1);
    server.door.clearFaults();
    expect((await project.pulumi(["cancel", "--yes"])).code).toBe(0);
  }

  const up = async () => {
    const { code, output } = await stage.project.up();
    expect(code, output).toBe(0);
  };

  it("in a creation: the next up finds its own and finishes", async () => {
    stage.setProgram(sync(`{ A: v.a1, B: v.b1 }`));
    await upKilledAfter(/^CREATE SECRET/);
    expect(Object.keys(stage.values())).not.toHaveLength(0);
    expect((await stage.project.state()).filter(({ type }) => type.endsWith("SecretSync"))).toEqual([]);
    await up();
    expect(stage.values()).toEqual({ APP_A: values.a1, APP_B: values.b1 });
  });

  it("after a write, and the source goes back: the next up repairs it", async () => {
    stage.setProgram(sync(`{ A: v.a2, B: v.b1 }`));
    await upKilledAfter(/^ALTER SECRET .*APP_A/);
    expect(stage.values()).toEqual({ APP_A: values.a2, APP_B: values.b1 });
    stage.setProgram(sync(`{ A: v.a1, B: v.b1 }`));
    stage.server.door.resetCounts();
    await up();
    expect(stage.values()).toEqual({ APP_A: values.a1, APP_B: values.b1 });
    expect(stage.server.door.counts().byKind["ALTER SECRET"]).toBe(1);
  });

  it("and a destroy of which a part is refused: the next one finishes", async () => {
    stage.setProgram(sync(`{ A: v.a1, B: v.b1 }`));
    stage.server.door.addFault({
      match: /^DROP SECRET .*APP_B/,
      effect: { kind: "sql-error", code: "003001", sqlState: "42501", message: "SQL access control error" },
    });
    expect((await stage.project.destroy()).code).not.toBe(0);
    expect(stage.values()).toEqual({ APP_B: values.b1 });
    expect((await stage.project.destroy()).code).toBe(0);
    expect(stage.values()).toEqual({});
  });
});
