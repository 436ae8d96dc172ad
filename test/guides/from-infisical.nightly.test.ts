import { expect, it } from "vitest";
import { startInfisicalServer } from "../support/infisical-server/index.js";
import { plantValues } from "../support/pulumi/planted-values.js";
import { startGuideStage } from "./guide-stage.js";

const values = plantValues("key", "url", "old");

it("docs/guides/from-infisical.md takes the secrets over with grants and creation time", async () => {
  const infisical = await startInfisicalServer();
  infisical.set("prod:/", "API_KEY", values.key);
  infisical.set("prod:/", "DATABASE_URL", values.url);
  const stage = await startGuideStage("docs/guides/from-infisical.md", {
    plants: [...Object.values(values), infisical.clientSecret],
    ownNames: { "3c90c3cc-0d44-4b50-8888-8dd25736052a": infisical.projectId },
    env: infisical.env,
  });
  try {
    const { server, seed, takeProgram, runNext, expectShown } = stage;
    const { control } = server;
    const place = { database: seed.database, schema: seed.schema };
    // What Infisical's sync has left, and what a consumer was granted.
    for (const [name, value] of Object.entries({
      API_KEY: values.key,
      DATABASE_URL: values.url,
      OLD_KEY: values.old,
    }))
      control.putSecret({ ...place, owner: seed.role, name: `prod_${name}`, value });
    control.createRole("CONSUMER");
    control.grant("READ", { ...place, secret: "prod_API_KEY" }, "CONSUMER");
    const before = control.secret(seed.database, seed.schema, "prod_API_KEY");

    takeProgram();
    expectShown(await runNext());
    expect(stage.takeWrites()).toEqual([]);
    await runNext();
    expect(stage.takeWrites()).toEqual(["ALTER SECRET", "ALTER SECRET", "DROP SECRET"]);
    expect(stage.held()).toEqual({ prod_API_KEY: values.key, prod_DATABASE_URL: values.url });
    const after = control.secret(seed.database, seed.schema, "prod_API_KEY");
    expect(after).toMatchObject({ createdOn: before?.createdOn, grants: before?.grants });
    expectShown(await runNext());
    stage.page.end();
  } finally {
    await stage.stop();
    await infisical.close();
  }
});
