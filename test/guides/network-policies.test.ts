import { it } from "vitest";
import { startGuideStage } from "./guide-stage.js";

it("docs/guides/network-policies.md finds the address that a policy refuses", async () => {
  const stage = await startGuideStage("docs/guides/network-policies.md");
  try {
    const { control } = stage.server;
    control.setNetworkPolicy({ allowed: ["203.0.113.7"], blocked: [] });
    stage.expectShown(await stage.runNext({ code: 4 }));
    control.setNetworkPolicy(undefined);
    stage.expectShown(await stage.runNext());
    stage.page.end();
  } finally {
    await stage.stop();
  }
});
