import { expect, it } from "vitest";
import { plantValues } from "../support/pulumi/planted-values.js";
import { openWire } from "../support/snowflake/wire-client.js";
import { startGuideStage } from "./guide-stage.js";

const values = plantValues("key", "token");

it("docs/guides/read-it-in-snowflake.md grants what it creates, and lists it", async () => {
  const stage = await startGuideStage("docs/guides/read-it-in-snowflake.md", {
    plants: Object.values(values),
  });
  try {
    const { server, project, page } = stage;
    await project.setConfig("apiKey", values.key, "secret");
    await project.setConfig("gitToken", values.token, "secret");
    const admin = await openWire(server, server.connection);
    const runSql = async () => {
      for (const statement of page.next("sql").split(";\n")) {
        if (statement.trim() === "") continue;
        const { success, message } = await admin.query(statement);
        expect(success, `${statement}: ${message}`).toBe(true);
      }
    };
    stage.takeProgram();
    await runSql();
    await stage.runNext();
    expect(stage.takeWrites()).toEqual(["CREATE SECRET", "CREATE SECRET"]);
    for (const name of ["API_KEY", "GIT"]) {
      expect(server.control.secret("APP", "SECRETS", name)?.grants).toMatchObject([
        { privilege: "READ", role: "READER" },
      ]);
    }
    await runSql();
    page.end();
  } finally {
    await stage.stop();
  }
});
