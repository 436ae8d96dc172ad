import { expect, it } from "vitest";
import { plantValues } from "../support/pulumi/planted-values.js";
import { startGuideStage } from "./guide-stage.js";

const values = plantValues("key");

it("docs/guides/from-one-resource-per-secret.md takes over what stands, with its grants", async () => {
  const stage = await startGuideStage("docs/guides/from-one-resource-per-secret.md", {
    plants: Object.values(values),
  });
  try {
    const { server, seed, project, takeProgram, runNext, expectShown } = stage;
    const place = { database: seed.database, schema: seed.schema };
    server.control.putSecret({ ...place, owner: seed.role, name: "API_KEY", value: values.key });
    server.control.createRole("CONSUMER");
    server.control.grant("READ", { ...place, secret: "API_KEY" }, "CONSUMER");
    const before = server.control.secret(seed.database, seed.schema, "API_KEY");
    await project.setConfig("apiKey", values.key, "secret");

    takeProgram();
    expectShown(await runNext());
    await runNext();
    expect(stage.takeWrites()).toEqual(["ALTER SECRET"]);
    expect(stage.held()).toEqual({ API_KEY: values.key });
    const after = server.control.secret(seed.database, seed.schema, "API_KEY");
    expect(after).toMatchObject({ createdOn: before?.createdOn, grants: before?.grants });
    takeProgram();
    await runNext();
    expect(stage.takeWrites()).toEqual([]);
    stage.page.end();
  } finally {
    await stage.stop();
  }
});
