import { generateKeyPairSync } from "node:crypto";
import { transformSync } from "esbuild";
import { expect, it } from "vitest";
import { type SnowflakeServer, seedDemo, startSnowflakeServer } from "../../sdk/snowflake-server/index.js";
import { startAws } from "../support/aws/aws.js";
import { readBlocks } from "../support/docs/page.js";
import { startInfisicalServer } from "../support/infisical-server/index.js";
import { plantValues } from "../support/pulumi/planted-values.js";
import { createProject } from "../support/pulumi/project.js";
import { buildConnectionEnv } from "../support/snowflake/connection-env.js";
import { seedExportWarehouse } from "../support/snowflake/export-warehouse.js";
import { buildStart } from "./guide-stage.js";

const values = plantValues("fromInfisical", "fromFile", "fromProgram");

// Both in one stack, which they do not notice.
it("README.md's programs run as they stand: a sync of three sources, and an export destination", async () => {
  const programs = readBlocks("README.md").filter(({ language }) => language === "ts");
  const [sync, destination] = programs.map(({ text }) => text);
  expect(programs).toHaveLength(2);
  const keys = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  const [server, infisical, aws] = await Promise.all([
    startSnowflakeServer({ locator: "XY12345", region: "AWS_US_EAST_1" }),
    startInfisicalServer(),
    startAws(),
  ]);
  const seed = seedDemo(server.control);
  seedExport(server, keys.publicKey);
  infisical.set("dev:/", "LOG_TOKEN", values.fromInfisical);
  const compile = (text = "") => transformSync(text, { loader: "ts", format: "cjs" }).code;
  const project = await createProject({
    plants: [...Object.values(values), seed.password, infisical.clientSecret, keys.privateKey],
    snowflake: [server],
    env: {
      ...aws.env,
      ...buildConnectionEnv(server, seed),
      ...infisical.env,
    },
    files: {
      "index.js": buildStart(server),
      "program.js": 'require("./sync.js");\nrequire("./destination.js");\n',
      "sync.js": compile(sync?.replace(/projectId: "[^"]+"/, `projectId: "${infisical.projectId}"`)),
      "destination.js": compile(destination),
      ".env.local": `CACHE_URL='${values.fromFile.replaceAll(/[^A-Za-z0-9]/g, "")}'\n`,
    },
  });
  try {
    await project.setConfig("apiKey", values.fromProgram, "secret");
    await project.setConfig("exportKey", keys.privateKey, "secret");
    const { code, output } = await project.up();
    expect(code, output).toBe(0);
    expect(server.control.secrets("APP", "SECRETS").map(({ name, value }) => [name, value])).toEqual([
      ["dev_API_KEY", values.fromProgram],
      ["dev_CACHE_URL", values.fromFile.replaceAll(/[^A-Za-z0-9]/g, "")],
      ["dev_LOG_TOKEN", values.fromInfisical],
    ]);
    const [made] = (await project.state()).filter(({ type }) => type.endsWith("ExportDestination"));
    expect(made?.outputs).toMatchObject({ status: "Validated", integrationStatus: "Connected" });
    expect(made?.outputs?.secretArn).toContain(":eu-west-1:");
  } finally {
    project.stop();
    await Promise.all([server.stop(), infisical.close(), aws.stop()]);
  }
});

function seedExport({ control }: SnowflakeServer, publicKey: string): void {
  seedExportWarehouse({ control });
  control.createUser({ name: "EXPORT_USER", roles: ["EXPORT_ROLE"], publicKey });
}
