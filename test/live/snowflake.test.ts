import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildText } from "../../provider/core/secret-content.js";
import { SecretValue } from "../../provider/core/secret-value.js";
import { buildContent } from "../../provider/secret-sync/secret-types.js";
import { resolveConnection } from "../../provider/snowflake/connection/resolve.js";
import { openSession, type Row, type SnowflakeSession } from "../../provider/snowflake/driver/session.js";
import {
  buildAlterSecret,
  buildCreateSecret,
  buildDropSecret,
  buildShowGrantsOnSecret,
  buildShowSecretsNamed,
  type SchemaName,
} from "../../provider/snowflake/statements.js";
import { findSetting } from "./announce.js";

const setting = findSetting("Snowflake", "LIVE_SNOWFLAKE_SCHEMA");
const otherRole = process.env.LIVE_SNOWFLAKE_OTHER_ROLE;
const [database = "", schema = ""] = (setting ?? "").split(".");
const place: SchemaName = { database, schema };
const run = `LIVE_${randomBytes(4).toString("hex").toUpperCase()}`;

async function connect(role?: string): Promise<SnowflakeSession> {
  const resolved = await resolveConnection({
    argument: role === undefined ? {} : { role },
    config: { get: () => undefined },
  });
  if (resolved.unknown) throw new Error("The connection is not known.");
  return openSession(resolved.connection);
}

describe.skipIf(setting === undefined)("a real Snowflake account", () => {
  let session: SnowflakeSession;
  const made = new Set<string>();

  const create = async (name: string, more: { replace?: boolean } = {}) => {
    made.add(name);
    await session.execute(
      buildCreateSecret(place, name, {
        content: buildText(new SecretValue(randomBytes(8).toString("hex"))),
        comment: "one",
        ...more,
      }),
    );
  };
  const show = async (name: string, by = session) =>
    (await by.execute(buildShowSecretsNamed(place, name))).find((row) => row.name === name);

  // Milliseconds: the text of the driver's dates ends at the second.
  const createdOf = (row: Row | undefined) => Number(row?.created_on);

  beforeAll(async () => {
    session = await connect();
  });
  afterAll(async () => {
    for (const name of made) await session?.execute(buildDropSecret(place, name));
    const left = session ? await session.execute(buildShowSecretsNamed(place, run)) : [];
    await session?.close();
    expect(left).toEqual([]);
  });

  it("takes a bind in CREATE SECRET and in ALTER SECRET", async () => {
    const name = `${run}_BIND`;
    await create(name);
    await session.execute(
      buildAlterSecret(place, name, { content: buildText(new SecretValue("two")), comment: "two" }),
    );
    expect((await show(name))?.comment).toBe("two");
  });

  it("takes the parts of a PASSWORD secret as binds, in CREATE and in ALTER", async () => {
    const name = `${run}_PASSWORD`;
    const build = (password: string) => buildContent({ type: "password", username: "u", password });
    made.add(name);
    await session.execute(buildCreateSecret(place, name, { content: build("one"), comment: "one" }));
    await session.execute(buildAlterSecret(place, name, { content: build("two"), comment: "two" }));
    expect(await show(name)).toMatchObject({ secret_type: "PASSWORD", comment: "two" });
  });

  it("keeps created_on when a value is altered", async () => {
    const name = `${run}_CREATED`;
    await create(name);
    const before = await show(name);
    await session.execute(
      buildAlterSecret(place, name, { content: buildText(new SecretValue("two")), comment: "two" }),
    );
    expect(createdOf(await show(name))).toBe(createdOf(before));
  });

  it("moves created_on when a secret is replaced", async () => {
    const name = `${run}_REPLACED`;
    await create(name);
    const before = await show(name);
    await create(name, { replace: true });
    expect(createdOf(await show(name))).not.toBe(createdOf(before));
  });

  it("takes names that need quotes, exactly", async () => {
    const name = `${run}_a"b/ c`;
    await create(name);
    expect(await show(name)).toBeDefined();
  });

  it("shows the grants on a secret to its owner", async () => {
    const name = `${run}_GRANTS`;
    await create(name);
    const rows = await session.execute(buildShowGrantsOnSecret(place, name));
    expect(rows.map(({ privilege }) => privilege)).toContain("OWNERSHIP");
  });

  it.skipIf(otherRole === undefined)("hides a secret from a role without a privilege on it", async () => {
    const name = `${run}_HIDDEN`;
    await create(name);
    const other = await connect(otherRole);
    try {
      expect(await show(name, other)).toBeUndefined();
    } finally {
      await other.close();
    }
  });
});
