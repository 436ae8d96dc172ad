import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inHosts } from "../support/nightly.js";
import { plantValues } from "../support/pulumi/planted-values.js";
import { runKilled, type Stage, startStage } from "./stage.js";

const values = plantValues("a1", "a2", "b1", "c1");

const sync = (secrets: string) => `
new SnowflakeSecretSync("app", {
  secrets: ${secrets},
  destinationConfig: { database: "APP", schema: "SECRETS" },
  syncOptions: { initialSyncBehavior: "overwrite-destination", keySchema: "APP_{{secretKey}}" },
});`;

describe.each(inHosts("dynamic"))("an engine and the host %s that are killed", (host) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage(host, values);
  });
  afterAll(() => stage.stop());

  /** Kills engine and plugins right after the server carried out the k-th statement that matches. */
  async function killedAfter(command: "up" | "destroy", match: RegExp, k = 1): Promise<void> {
    const { project, server } = stage;
    await runKilled(project, command, (call) =>
      server.control.addFault({ match, skip: k - 1, effect: { kind: "call", when: "after", call } }),
    );
    server.control.clearFaults();
  }

  it("in a creation: the next up finds its own and finishes", async () => {
    stage.setProgram(sync(`{ A: v.a1, B: v.b1 }`));
    await killedAfter("up", /^CREATE SECRET/);
    expect(Object.keys(stage.held())).not.toHaveLength(0);
    expect(await stage.project.state()).toEqual([]);
    await stage.run("up");
    expect(stage.held()).toEqual({ APP_A: values.a1, APP_B: values.b1 });
  });

  it("after a write, and the source goes back: the next up repairs it", async () => {
    stage.setProgram(sync(`{ A: v.a2, B: v.b1 }`));
    await killedAfter("up", /^ALTER SECRET .*APP_A/);
    expect(stage.held()).toEqual({ APP_A: values.a2, APP_B: values.b1 });
    stage.setProgram(sync(`{ A: v.a1, B: v.b1 }`));
    expect((await stage.run("up")).writes).toEqual(["ALTER SECRET"]);
    expect(stage.held()).toEqual({ APP_A: values.a1, APP_B: values.b1 });
  });

  // At each statement `test/unit/secret-sync/interleavings.test.ts` dies.
  it("in the middle of an update that alters, creates and drops: the next up finishes", async () => {
    stage.setProgram(sync(`{ A: v.a1, B: v.b1 }`));
    await stage.run("up");
    stage.setProgram(sync(`{ A: v.a2, C: v.c1 }`));
    await killedAfter("up", /^(ALTER|CREATE|DROP) SECRET/, 2);
    await stage.run("up");
    expect(stage.held()).toEqual({ APP_A: values.a2, APP_C: values.c1 });
  });

  it("in the middle of a destroy: the next one finishes", async () => {
    stage.setProgram(sync(`{ A: v.a1, B: v.b1 }`));
    await stage.run("up");
    await killedAfter("destroy", /^DROP SECRET/);
    await stage.run("destroy");
    expect(stage.held()).toEqual({});
  });
});
