import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  findFixtureFolder,
  findSecretFields,
  fixtureFiles,
  readFixture,
} from "../fixtures/release-fixture.js";
import { type FixtureStage, type Host, hosts, startFixture } from "../fixtures/stage.js";
import { type PowerBi, startPowerBi } from "../support/export-services/power-bi.js";
import { type QlikTenant, startQlikTenant } from "../support/export-services/qlik.js";
import { type Postgres, startPostgres } from "../support/postgres/postgres.js";
import { findIn } from "../support/pulumi/search.js";

const release = "0.1.0";
const names = ["sync", "sync-half-made", "exports", "exports-unfinished"];
const readsOfAws = /^(Get|Describe|List)/;
/** The dynamic provider goes on with what it has; the plugin takes it over in its first `up`. */
const typesIn: Readonly<Record<Host, RegExp>> = {
  dynamic: /^pulumi-nodejs:dynamic\/snowflake:/,
  plugin: /^snowflake-secrets:index:/,
};

async function expectOnlyTypesOf(host: Host, stage: FixtureStage): Promise<void> {
  const types = await stage.types();
  expect(types).not.toEqual([]);
  for (const type of types) expect(type).toMatch(typesIn[host]);
}

/** Statements that change something, since the last look. */
function takeWrites({ snowflake: { control } }: FixtureStage): string[] {
  const kinds = control.statements().map(({ kind }) => kind);
  control.resetCounts();
  return kinds.filter((kind) => /^(CREATE|ALTER|DROP)/.test(kind)).sort();
}

/** Calls that change something, since the last look. */
function takeAwsWrites({ aws }: FixtureStage): string[] {
  const operations = aws.calls.map(({ operation }) => operation);
  aws.forgetCalls();
  return operations.filter((operation) => !readsOfAws.test(operation));
}

describe.each(names)(`the fixture %s of release ${release}`, (name) => {
  const read = (file: string) => readFileSync(join(findFixtureFolder(release, name), file), "utf8");

  it("holds no value and no path of the machine that made it", () => {
    const { program, variables } = readFixture(release, name).environment;
    const text = read(fixtureFiles.stack);
    expect(
      findIn([...Object.values(variables), ...findSecretFields(program)], {
        folders: [],
        texts: [{ name: fixtureFiles.stack, text }],
        leaveOut: new Set(),
      }),
    ).toEqual([]);
    expect(text).not.toMatch(/sourcePosition|\/(tmp|home|root|Users|var|work)\//);
  });
});

describe.each(hosts)(`syncs of release ${release}, in the host %s`, (host) => {
  let stage: FixtureStage;
  beforeAll(async () => {
    stage = await startFixture(release, "sync", host);
  });
  afterAll(() => stage?.stop());

  it("are unchanged to preview, refresh and up, which write nothing", async () => {
    expect(await stage.preview({ args: ["--expect-no-changes"] })).toContain("5 unchanged");
    expect(await stage.refresh()).toContain("5 unchanged");
    expect(await stage.up()).toContain("5 unchanged");
    await expectOnlyTypesOf(host, stage);
    expect(await stage.refresh()).toContain("5 unchanged");
    expect(takeWrites(stage)).toEqual([]);
  });

  it("are updated in place: only what changed is written", async () => {
    const before = stage.values();
    stage.setProgram({
      token: "token-of-today-5b1c",
      fromProgram: "from-todays-program-9e7d",
      syncTrigger: "twice",
    });
    expect(await stage.preview()).toContain("~ 3 to update");
    await stage.up();
    expect(takeWrites(stage)).toEqual(["ALTER SECRET", "ALTER SECRET", "ALTER SECRET"]);
    expect(stage.values()).toEqual({
      ...before,
      dev_KEYED_TOKEN: "token-of-today-5b1c",
      FROM_PROGRAM: "from-todays-program-9e7d",
      WAITING_SFTP_PASSWORD: stage.program.sftpPassword,
    });
  });

  it("are destroyed with all that is theirs", async () => {
    await stage.destroy();
    expect(stage.values()).toEqual({});
  });
});

describe.each(hosts)(`syncs that release ${release} left half-made, in the host %s`, (host) => {
  let stage: FixtureStage;
  beforeEach(async () => {
    stage = await startFixture(release, "sync-half-made", host);
  });
  afterEach(() => stage?.stop());

  it("are finished by up, and then are unchanged and can be updated", async () => {
    expect(await stage.preview()).toContain("~ 2 to update");
    await stage.refresh();
    expect(takeWrites(stage)).toEqual([]);
    await stage.up();
    expect(takeWrites(stage)).toEqual(["ALTER SECRET", "CREATE SECRET"]);
    const { first, second, third, fourth } = stage.program;
    const finished = {
      CREATED_FIRST: first,
      CREATED_SECOND: second,
      UPDATED_THIRD: third,
      UPDATED_FOURTH: fourth,
    };
    expect(stage.values()).toEqual(finished);
    await expectOnlyTypesOf(host, stage);
    expect(await stage.preview({ args: ["--expect-no-changes"] })).toContain("3 unchanged");
    stage.setProgram({ second: "second-of-today-c40a" });
    await stage.up();
    expect(stage.values()).toEqual({ ...finished, CREATED_SECOND: "second-of-today-c40a" });
  });

  it("are destroyed as they are", async () => {
    await stage.destroy();
    expect(stage.values()).toEqual({});
  });
});

describe.each(hosts)(`export destinations of release ${release}, in the host %s`, (host) => {
  let stage: FixtureStage;
  let postgres: Postgres;
  let qlik: QlikTenant;
  let powerBi: PowerBi;
  beforeAll(async () => {
    [stage, postgres, qlik, powerBi] = await Promise.all([
      startFixture(release, "exports", host),
      startPostgres(),
      startQlikTenant(),
      startPowerBi(),
    ]);
  });
  afterAll(async () => {
    await Promise.all([stage, postgres, qlik, powerBi].map((each) => each?.stop()));
  });

  /** The names of what is stored and not scheduled for deletion, without the claims. */
  const stored = async () => {
    const all = (await stage.aws.control.secretNames()).filter((each) => !each.includes("/active/"));
    const seen = await Promise.all(all.map((each) => stage.aws.control.secret(each)));
    return seen.filter((secret) => secret !== undefined && secret.deletedDate === undefined);
  };

  it("are unchanged to preview, refresh and up, which neither log in nor write", async () => {
    expect(await stage.preview({ args: ["--expect-no-changes"] })).toContain("7 unchanged");
    expect(await stage.refresh()).toContain("7 unchanged");
    expect(await stage.up()).toContain("7 unchanged");
    await expectOnlyTypesOf(host, stage);
    expect(await stage.refresh()).toContain("7 unchanged");
    expect(takeAwsWrites(stage)).toEqual([]);
    expect(stage.snowflake.control.counts().logins).toBe(0);
  });

  it("are replaced, each type, when their credentials change", async () => {
    const before = await stored();
    expect(before).toHaveLength(6);
    const { tenant, workspace, clientId, clientSecret } = powerBi;
    stage.setProgram({
      snowflake: stage.createExportUser("EXPORTER_OF_TODAY", "exporter-password-of-today-0d2b"),
      snowflakeEndpoint: stage.snowflake.url,
      postgresql: {
        ...{ host: postgres.host, port: postgres.port, database: postgres.database },
        ...{ username: postgres.user, password: postgres.password },
      },
      qlik: { tenant: "acme.eu.qlikcloud.com", apiKey: qlik.apiKey },
      qlikEndpoint: qlik.url,
      powerBi: { tenant, workspace, clientId, clientSecret },
      powerBiEndpoint: powerBi.url,
      rotated: stage.createExportUser("EXPORTER_ROTATED", "password-after-todays-rotation-61ea"),
    });
    expect(await stage.preview()).toContain("+-6 to replace");
    await stage.up();
    const after = await stored();
    expect(after).toHaveLength(6);
    const names = before.map((secret) => secret?.name);
    for (const secret of after) expect(names).not.toContain(secret?.name);
    expect(await stage.up()).toContain("7 unchanged");
  });

  it("are disconnected by destroy", async () => {
    await stage.destroy();
    expect(await stored()).toEqual([]);
  });
});

describe(`export destinations of release ${release}, destroyed as they are`, () => {
  it("are disconnected, each type", async () => {
    const stage = await startFixture(release, "exports");
    try {
      const output = await stage.destroy();
      // Each line is shown while it happens, and in the summary.
      expect(new Set(output.match(/export destination \S+ \(\S+\): archived, Disconnected/g)).size).toBe(6);
    } finally {
      await stage.stop();
    }
  });
});

describe.each(hosts)(
  `export destinations that release ${release} left unfinished, in the host %s`,
  (host) => {
    let stage: FixtureStage;
    beforeEach(async () => {
      stage = await startFixture(release, "exports-unfinished", host);
      stage.setProgram({ snowflakeEndpoint: stage.snowflake.url });
    });
    afterEach(() => stage?.stop());

    it("are resumed where a try may help, and say again what was refused, without a log-in", async () => {
      const { halfMade } = stage.program as { halfMade: { username: string; password: string } };
      stage.createExportUser(halfMade.username, halfMade.password);
      await stage.preview();
      await stage.refresh();
      expect(takeAwsWrites(stage)).toEqual([]);
      const output = await stage.upThatFails({ args: ["--continue-on-error"] });
      expect(output).toContain("did not pass validation on");
      expect(output).toContain("export destination half-made: Validated, Connected");
      expect(stage.snowflake.control.counts().logins).toBe(1);

      const { failed } = stage.program as { failed: { username: string } };
      stage.setProgram({ failed: stage.createExportUser(failed.username, "failed-no-more-3a77") });
      await stage.up();
      expect(await stage.up()).toContain("3 unchanged");
    });

    it("are destroyed as they are", async () => {
      await stage.destroy();
      expect((await stage.aws.control.secretNames()).filter((name) => !name.includes("/active/"))).toEqual(
        [],
      );
    });
  },
);

describe("a state that a later release wrote", () => {
  const refusal =
    "was written by a newer release of pulumi-snowflake-secrets (version 2 of its form; this release knows 1)";

  it.each([
    ["plugin", "sync"],
    ["plugin", "exports"],
    ["dynamic", "exports"],
  ] as const)(
    "in the host %s, of %s, is refused in a sentence by preview, up, refresh and destroy, which write nothing",
    async (host, name) => {
      const stage = await startFixture(release, name, host);
      try {
        await stage.up();
        await expectOnlyTypesOf(host, stage);
        await stage.setStateVersion(2);
        const before = JSON.stringify(stage.values());
        takeWrites(stage);
        takeAwsWrites(stage);
        const outputs = [
          await stage.previewThatFails(),
          await stage.upThatFails(),
          await stage.refreshThatFails(),
          await stage.destroyThatFails(),
        ];
        for (const output of outputs) {
          expect(output).toContain(refusal);
          expect(output).toContain("Fix: update the package, or the plugin");
        }
        expect(takeWrites(stage)).toEqual([]);
        expect(takeAwsWrites(stage)).toEqual([]);
        expect(JSON.stringify(stage.values())).toBe(before);
        // Whoever updates goes on where the later release was.
        await stage.setStateVersion(1);
        expect(await stage.up()).toContain("unchanged");
      } finally {
        await stage.stop();
      }
    },
  );
});
