import { expect, it } from "vitest";
import { plantValues } from "../support/pulumi/planted-values.js";
import { startGuideStage } from "./guide-stage.js";

const values = plantValues("key", "url");

it("docs/guides/after-an-accident.md mends a killed run, a lost state, a destroy and drift", async () => {
  const stage = await startGuideStage("docs/guides/after-an-accident.md", { plants: Object.values(values) });
  try {
    const { server, seed, project, takeProgram, runNext, expectShown } = stage;
    const { control } = server;
    const held = { APP_API_KEY: values.key, APP_DATABASE_URL: values.url };
    await project.setConfig("secrets.API_KEY", values.key, "secret");
    await project.setConfig("secrets.DATABASE_URL", values.url, "secret");
    takeProgram();

    // Killed with the second of the two begun.
    let kill: (signal: NodeJS.Signals) => void = () => undefined;
    control.addFault({
      match: /^CREATE SECRET/,
      effect: {
        kind: "call",
        when: "after",
        call: () => {
          kill("SIGKILL");
          project.endPlugins();
        },
      },
    });
    const killed = await project.up({
      onOutput: (_output, killRun) => {
        kill = killRun;
      },
    });
    expect(killed.code).toBe(-1);
    control.clearFaults();
    await runNext();
    expect(stage.held()).toEqual(held);
    await runNext();

    await project.pulumi(["stack", "rm", "prod", "--yes", "--force", "--preserve-config"]);
    stage.takeWrites();
    expectShown(await runNext());
    expect(stage.takeWrites()).toEqual(["ALTER SECRET", "ALTER SECRET"]);
    expect(stage.held()).toEqual(held);

    await project.destroy();
    expect(stage.held()).toEqual({});
    await runNext();
    expect(stage.held()).toEqual(held);

    control.dropSecret(seed.database, seed.schema, "APP_API_KEY");
    stage.takeWrites();
    const repaired = await runNext();
    expect(repaired.output).toContain('"APP_API_KEY"');
    expect(stage.takeWrites()).toEqual(["CREATE SECRET"]);
    expect(stage.held()).toEqual(held);
    stage.page.end();
  } finally {
    await stage.stop();
  }
});
