import { chmodSync } from "node:fs";
import { join } from "node:path";
import { it } from "vitest";
import { plantValues } from "../support/pulumi/planted-values.js";
import { startGuideStage } from "./guide-stage.js";

const values = plantValues("key");

it("docs/guides/from-a-command.md syncs what a program prints", async () => {
  const printed = JSON.stringify({ API_KEY: values.key });
  const stage = await startGuideStage("docs/guides/from-a-command.md", {
    plants: Object.values(values),
    files: {
      "secrets.json": printed,
      "secrets.sh":
        '#!/bin/sh\n[ "$1" = billing ] && [ -z "$PULUMI_CONFIG_PASSPHRASE" ] && cat secrets.json\n',
    },
  });
  try {
    chmodSync(join(stage.project.folder, "secrets.sh"), 0o755);
    stage.takeProgram();
    stage.expectShown(await stage.runNext());
    await stage.project.up();
    stage.expectShown(await stage.runNext());
    stage.page.end();
  } finally {
    await stage.stop();
  }
});
