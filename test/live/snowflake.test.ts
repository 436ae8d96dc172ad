import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { resolveConnection } from "../../provider/snowflake/connection/resolve.js";
import { openSession, type SnowflakeSession } from "../../provider/snowflake/driver/session.js";
import {
  buildWhoAmI,
  quoteName,
  type SchemaName,
  type Statement,
} from "../../provider/snowflake/statements.js";
import { deepChecks } from "../../sdk/cli/doctor/deep-checks.js";
import { TestSecrets } from "../../sdk/cli/doctor/test-secrets.js";
import { findSetting } from "./announce.js";

const setting = findSetting("Snowflake", "LIVE_SNOWFLAKE_SCHEMA");
const otherRole = process.env.LIVE_SNOWFLAKE_OTHER_ROLE;
const tag = process.env.LIVE_SNOWFLAKE_TAG;
const profiles = (process.env.LIVE_SNOWFLAKE_PROFILES ?? "").split(",").filter((name) => name !== "");
const [database = "", schema = ""] = (setting ?? "").split(".");
const place: SchemaName = { database, schema };

async function connect(argument: { role?: string; profile?: string } = {}): Promise<SnowflakeSession> {
  const resolved = await resolveConnection({ argument, config: { get: () => undefined } });
  if (resolved.unknown) throw new Error("The connection is not known.");
  return openSession(resolved.connection);
}

const build = (text: string): Statement => ({ text, operation: "ask a real account", target: setting ?? "" });

describe.skipIf(setting === undefined)("a real Snowflake account", () => {
  let session: SnowflakeSession;
  let secrets: TestSecrets;

  beforeAll(async () => {
    session = await connect();
    const [row] = await session.execute(buildWhoAmI([]));
    secrets = new TestSecrets(session, place, String(row?.role));
  });
  afterAll(async () => {
    const { left, foreign } = (await secrets?.removeAll()) ?? {};
    await session?.close();
    expect([left, foreign]).toEqual([[], []]);
  });

  it.each(deepChecks)("$expectation", async ({ run }) => {
    expect(await run(secrets)).toBeUndefined();
  });

  it("shows a new secret at once to another session of the same role", async () => {
    const other = await connect({ role: secrets.role });
    try {
      await secrets.create("AT_ONCE");
      expect(await secrets.show("AT_ONCE", other)).toBeDefined();
      await secrets.drop("AT_ONCE");
      expect(await secrets.show("AT_ONCE", other)).toBeUndefined();
    } finally {
      await other.close();
    }
  });

  it("keeps names exact where QUOTED_IDENTIFIERS_IGNORE_CASE is set", async () => {
    const other = await connect({ role: secrets.role });
    try {
      await other.execute(build("ALTER SESSION SET QUOTED_IDENTIFIERS_IGNORE_CASE = TRUE"));
      await secrets.create("exact");
      expect(await secrets.show("exact", other)).toBeDefined();
    } finally {
      await other.close();
    }
  });

  it.skipIf(otherRole === undefined)("hides a secret from a role without a privilege on it", async () => {
    const other = await connect({ role: otherRole ?? "" });
    try {
      // They are active by default, and the first role is among them.
      await other.execute(build("USE SECONDARY ROLES NONE"));
      await secrets.create("HIDDEN");
      expect(await secrets.show("HIDDEN", other)).toBeUndefined();
    } finally {
      await other.close();
    }
  });

  it.skipIf(tag === undefined)("keeps a tag on a secret when its value and comment are altered", async () => {
    const name = quoteName(place, secrets.nameOf("TAG"));
    await secrets.create("TAG");
    await session.execute(build(`ALTER SECRET ${name} SET TAG ${tag} = 'kept'`));
    await secrets.alter("TAG");
    const [row] = await session.execute(
      build(`SELECT SYSTEM$GET_TAG('${tag}', '${name}', 'SECRET') AS "tag"`),
    );
    expect(row?.tag).toBe("kept");
  });

  it.skipIf(profiles.length === 0)("logs in by every profile that the environment names", async () => {
    for (const profile of profiles) {
      const other = await connect({ profile });
      try {
        expect(await other.execute(buildWhoAmI([])), profile).toHaveLength(1);
      } finally {
        await other.close();
      }
    }
  });
});
