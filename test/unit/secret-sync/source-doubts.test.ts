import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hosts, openSyncHost } from "../../support/hosts.js";
import { type InfisicalServer, startInfisicalServer } from "../../support/infisical-server/index.js";
import { createFixture, destination, overwrite } from "./fixture.js";

// Infisical's form of a reference, which is not one of JavaScript's.
const nowhere = ["$", "{dev.gone.KEY}"].join("");

/** What a sync of a folder with everything of it is told. */
const told = [
  'app: infisical dev:/app and infisical dev:/app/deep have the same keys, and the values of infisical dev:/app are used: "A", "B"',
  'app: infisical dev:/app/deep: references that were not expanded are stored as text: "REFERS", "TOO"',
];

let server: InfisicalServer;

beforeAll(async () => {
  server = await startInfisicalServer();
  for (const key of ["A", "B"]) server.set("dev:/app", key, `near-${key}`);
  for (const key of ["A", "B", "ONLY"]) server.set("dev:/app/deep", key, `far-${key}`);
  for (const key of ["REFERS", "TOO", "OWN"]) server.set("dev:/app/deep", key, `x${nowhere}`);
});
afterAll(() => server.close());

const buildSource = () => ({
  type: "infisical",
  projectId: server.projectId,
  siteUrl: server.siteUrl,
  environment: "dev",
  secretPath: "/app",
  recursive: true,
  auth: { method: "token", token: server.issueToken() },
});

const findDoubts = (lines: readonly string[]) =>
  lines.filter((line) => /same keys|references|infisical dev:\/app wins/.test(line));

describe.each(hosts)("values that a person should look at, in the host %s", (host) => {
  it("are told by their keys, once, where no later source has them", async () => {
    const { connection, values } = await createFixture();
    const { lines, problems } = await openSyncHost(host, connection).up({
      secrets: { OWN: "of the program" },
      sources: [buildSource()],
      destinationConfig: destination,
      syncOptions: overwrite,
    });
    expect(problems).toEqual([]);
    expect(findDoubts(lines)).toEqual(told.map((line) => `warning: ${line}`));
    expect(values()).toMatchObject({ A: "near-A", ONLY: "far-ONLY", REFERS: `x${nowhere}` });
  });
});

it("they are told in a preview too", async () => {
  const { stack, sync } = await createFixture();
  const { lines } = await stack.preview({
    app: sync({ OWN: "of the program" }, { sources: [buildSource()] }),
  });
  expect(findDoubts(lines)).toEqual(told.map((line) => `warning: ${line}`));
});
