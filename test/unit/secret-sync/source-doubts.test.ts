import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type EngineClient, secret, startEngineClient } from "../../support/engine-client.js";
import { type InfisicalServer, startInfisicalServer } from "../../support/infisical-server/index.js";
import { createFixture, destination } from "./fixture.js";

// Infisical's form of a reference, which is not one of JavaScript's.
const nowhere = ["$", "{dev.gone.KEY}"].join("");

/** What a sync of a folder with everything of it is told. */
const told = [
  'app: infisical dev:/app and infisical dev:/app/deep have the same keys, and the values of infisical dev:/app are used: "A", "B"',
  'app: infisical dev:/app/deep: references that were not expanded are stored as text: "REFERS", "TOO"',
];

let server: InfisicalServer;
let client: EngineClient | undefined;

beforeAll(async () => {
  server = await startInfisicalServer();
  for (const key of ["A", "B"]) server.set("dev:/app", key, `near-${key}`);
  for (const key of ["A", "B", "ONLY"]) server.set("dev:/app/deep", key, `far-${key}`);
  for (const key of ["REFERS", "TOO", "OWN"]) server.set("dev:/app/deep", key, `x${nowhere}`);
});
afterAll(() => server.close());
afterEach(async () => {
  await client?.stop();
  client = undefined;
});

const buildSource = () => ({
  type: "infisical",
  projectId: server.projectId,
  siteUrl: server.siteUrl,
  environment: "dev",
  secretPath: "/app",
  recursive: true,
  auth: { method: "token", token: server.issueToken() },
});

describe("values that a person should look at", () => {
  it("are told by their keys, once, in the preview and in up, where no later source has them", async () => {
    const { stack, sync, values } = await createFixture();
    const program = { app: sync({ OWN: "of the program" }, { sources: [buildSource()] }) };
    const warnings = (lines: readonly string[]) =>
      lines.filter((line) => /same keys|references|infisical dev:\/app wins/.test(line));
    expect(warnings((await stack.preview(program)).lines)).toEqual(told.map((line) => `warning: ${line}`));
    expect(warnings((await stack.up(program)).lines)).toEqual(told.map((line) => `warning: ${line}`));
    expect(values()).toMatchObject({ A: "near-A", ONLY: "far-ONLY", REFERS: `x${nowhere}` });
  });

  it("are told by the plugin too", async () => {
    const { connection } = await createFixture();
    client = await startEngineClient({ settings: { ...connection } });
    await client.check(
      "urn:pulumi:dev::shop::snowflake-secrets:index:SnowflakeSecretSync::app",
      {},
      {
        secrets: secret({ OWN: "of the program" }),
        sources: secret([buildSource()]),
        destinationConfig: destination,
        syncOptions: { initialSyncBehavior: "overwrite-destination" },
      },
    );
    expect(client.told.map(({ severity, line }) => `${severity}: ${line}`)).toEqual(
      told.map((line) => `warning: ${line}`),
    );
  });
});
