import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stateVersion } from "../../provider/engine/state-version.js";
import {
  findFixtureFile,
  findSecretFields,
  fixtureNames,
  readFixture,
  release,
} from "../fixtures/release-fixture.js";
import { type FixtureStage, startFixture } from "../fixtures/stage.js";
import { atNight } from "../support/nightly.js";

describe.each(fixtureNames)(`$resource of release ${release}, in the host $host`, (name) => {
  let stage: FixtureStage;
  beforeAll(async () => {
    stage = await startFixture(name);
  });
  afterAll(() => stage?.stop());

  /** What changed something in Snowflake or AWS, since the last look. */
  const takeWrites = () => {
    const { snowflake, aws } = stage;
    const kinds = snowflake.control.statements().map(({ kind }) => kind);
    const calls = aws.calls.map(({ operation }) => operation);
    snowflake.control.resetCounts();
    aws.forgetCalls();
    return [
      ...kinds.filter((kind) => /^(CREATE|ALTER|DROP)/.test(kind)),
      ...calls.filter((operation) => !/^(Get|Describe|List)/.test(operation)),
    ];
  };

  /** What stands in Snowflake, and in AWS without the claims and what is scheduled for deletion. */
  const stored = async () => {
    const { snowflake, aws } = stage;
    const names = (await aws.control.secretNames()).filter((each) => !each.includes("/active/"));
    const seen = await Promise.all(
      names.map(async (each) => ({ each, found: await aws.control.secret(each) })),
    );
    return [
      ...snowflake.control.secrets("APP", "SECRETS").map((secret) => secret.name),
      ...seen.filter(({ found }) => found?.deletedDate === undefined).map(({ each }) => each),
    ];
  };

  it("holds no value in its state, and no path of the machine that made it", () => {
    const { environment, stack } = readFixture(name);
    const text = JSON.stringify(stack);
    const values = [...Object.values(environment.variables), ...findSecretFields(environment.program)];
    expect(values.filter((value) => text.includes(value))).toEqual([]);
    expect(readFileSync(findFixtureFile(name), "utf8")).not.toMatch(
      /sourcePosition|\/(tmp|home|root|Users|var|work)\//,
    );
  });

  it("is unchanged to refresh and up, which write nothing", async () => {
    await stage.run("refresh", { args: ["--expect-no-changes"] });
    await stage.run("up", { args: ["--expect-no-changes"] });
    expect(takeWrites()).toEqual([]);
  });

  it("is refused, with nothing written, if a later release wrote it", async () => {
    await stage.setStateVersion(stateVersion + 1);
    for (const command of ["up", "destroy", ...atNight("preview", "refresh")] as const) {
      const output = await stage.run(command, { ends: "with an error" });
      expect(output).toContain("was written by a newer release of pulumi-snowflake-secrets");
      expect(output).toContain("Fix: update the package, or the plugin");
    }
    expect(takeWrites()).toEqual([]);
    await stage.setStateVersion(stateVersion);
    await stage.run("up", { args: ["--expect-no-changes"] });
  });

  it("is destroyed with all that is its own", async () => {
    expect(await stored()).not.toEqual([]);
    await stage.run("destroy");
    expect(await stored()).toEqual([]);
  });
});
