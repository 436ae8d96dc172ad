import { describe, expect, it } from "vitest";
import { ensurePrivileges } from "../../../provider/secret-sync/plan/privileges.js";
import { createFixture, database, destination, type Fixture, role, schema } from "./fixture.js";

/** Preview warns, up fails; neither writes. */
async function expectRefusal({ stack, sync, takeWrites }: Fixture, text: string): Promise<void> {
  const program = { app: sync({ A: "1" }) };
  takeWrites();
  const preview = await stack.preview(program);
  expect(preview.problems).toEqual([]);
  expect(preview.lines.filter((line) => line.startsWith("warning: ")).join("\n")).toContain(text);
  expect(preview.lines.join("\n")).toContain("`pulumi up` fails with this error.");
  const up = await stack.up(program);
  expect(up.problems).toHaveLength(1);
  expect(up.problems[0]).toContain(text);
  expect(takeWrites()).toEqual([]);
}

describe("a missing privilege is named with its GRANT:", () => {
  it.each<[string, (fixture: Fixture) => void, string]>([
    [
      "USAGE on the database",
      ({ control }) => control.revoke("USAGE", { database }, role),
      'GRANT USAGE ON DATABASE "APP" TO ROLE "SYNC_ROLE";',
    ],
    [
      "USAGE on a database that is seen for another privilege",
      ({ control }) => {
        control.revoke("USAGE", { database }, role);
        control.grant("MONITOR", { database }, role);
      },
      '[PRIVILEGE_MISSING] role "SYNC_ROLE" may not use the database: "APP". Fix: run GRANT USAGE ON DATABASE "APP"',
    ],
    [
      "USAGE on a schema that is seen for another privilege",
      ({ control }) => control.revoke("USAGE", destination, role),
      'may not use the schema: "APP"."SECRETS". Fix: run GRANT USAGE ON SCHEMA "APP"."SECRETS" TO ROLE "SYNC_ROLE";',
    ],
    [
      "USAGE on a schema that is not seen at all",
      ({ control }) => {
        for (const privilege of ["USAGE", "CREATE SECRET"]) control.revoke(privilege, destination, role);
      },
      'if it exists, run GRANT USAGE ON SCHEMA "APP"."SECRETS" TO ROLE "SYNC_ROLE";',
    ],
    [
      "CREATE SECRET on the schema",
      ({ control }) => control.revoke("CREATE SECRET", destination, role),
      'GRANT CREATE SECRET ON SCHEMA "APP"."SECRETS" TO ROLE "SYNC_ROLE";',
    ],
    [
      "OWNERSHIP of a secret that must change",
      ({ put, grantRead, control }) => {
        put("A", { owner: "SYSADMIN" });
        grantRead("A");
        control.grantRole("READER", { role });
      },
      'GRANT OWNERSHIP ON SECRET "APP"."SECRETS"."A" TO ROLE "SYNC_ROLE" COPY CURRENT GRANTS;',
    ],
  ])("%s", async (_, lessen, text) => {
    const fixture = await createFixture();
    lessen(fixture);
    await expectRefusal(fixture, text);
  });
});

describe("privileges that do suffice", () => {
  it("may be inherited from another role", async () => {
    const { stack, sync, control, values } = await createFixture();
    control.revoke("CREATE SECRET", destination, role);
    control.createRole("MAKER");
    control.grant("CREATE SECRET", destination, "MAKER");
    control.grantRole("MAKER", { role });
    await stack.upOk({ app: sync({ A: "1" }) });
    expect(values()).toEqual({ A: "1" });
  });

  it("may belong to the schema's owner, whatever its name is", async () => {
    const { stack, sync, control, values } = await createFixture();
    control.createRole('the "owner" role');
    control.grant("OWNERSHIP", destination, 'the "owner" role');
    control.grantRole('the "owner" role', { role });
    control.revoke("CREATE SECRET", destination, role);
    await stack.upOk({ app: sync({ A: "1" }) });
    expect(values()).toEqual({ A: "1" });
  });
});

describe("a user's secondary roles, which are all active by default,", () => {
  /** The user's other role, granted to the user and not to the primary role. */
  function addSecondaryRole({ control }: Fixture): void {
    control.createRole("MAKER");
    control.grant("CREATE SECRET", destination, "MAKER");
    control.grantRole("MAKER", { user: "SYNC_USER" });
  }

  it("do not create: CREATE SECRET is missed on the primary role", async () => {
    const fixture = await createFixture();
    addSecondaryRole(fixture);
    fixture.control.revoke("CREATE SECRET", destination, role);
    await expectRefusal(
      fixture,
      'role "SYNC_ROLE" may not create secrets in the schema, and the session has "MAKER" only as a secondary role, ' +
        'which does not count for CREATE: "APP"."SECRETS". Fix: run GRANT CREATE SECRET ON SCHEMA "APP"."SECRETS" TO ROLE "SYNC_ROLE";',
    );
  });

  it("are told from what the primary role inherits, over several roles, too", async () => {
    const fixture = await createFixture();
    addSecondaryRole(fixture);
    const { stack, sync, control, values } = fixture;
    control.revoke("CREATE SECRET", destination, role);
    control.createRole("BETWEEN");
    control.grantRole("BETWEEN", { role });
    control.grantRole("MAKER", { role: "BETWEEN" });
    await stack.upOk({ app: sync({ A: "1" }) });
    expect(values()).toEqual({ A: "1" });
  });

  it("alter and drop what they own", async () => {
    const fixture = await createFixture();
    addSecondaryRole(fixture);
    const { stack, sync, control, values } = fixture;
    await stack.upOk({ app: sync({ A: "1", B: "1" }) });
    for (const name of ["A", "B"]) control.alterSecret({ ...destination, name }, { owner: "MAKER" });
    await stack.upOk({ app: sync({ A: "2" }) });
    expect(values()).toEqual({ A: "2" });
  });
});

it("a role that Snowflake lists in quotes is asked for without them", async () => {
  const asked: string[] = [];
  const session = {
    isUp: () => true,
    stop: () => undefined,
    close: async () => undefined,
    execute: async ({ text }: { text: string }) => {
      asked.push(text);
      if (text.includes("CURRENT_SECONDARY_ROLES"))
        return [{ secondary_roles: '{"roles":"","value":"ALL"}' }];
      return text.startsWith("SHOW GRANTS")
        ? [{ privilege: "CREATE SECRET", granted_to: "ROLE", grantee_name: '"the ""maker"""' }]
        : [{ account: "XY12345", region: "AWS", role, role_0: true }];
    },
  };
  const observed = { account: "AWS.XY12345", role, activeRoles: new Set([role]), secrets: new Map() };
  await ensurePrivileges(session, destination, observed, [{ name: "A", action: "create" }]);
  expect(asked[1]).toContain(`IS_ROLE_IN_SESSION('the "maker"')`);
});

describe("a name that is not there", () => {
  it.each([
    [
      "database",
      { database: "NOPE", schema },
      'database does not exist, or role "SYNC_ROLE" may not see it: "NOPE"',
    ],
    [
      "schema",
      { database, schema: "NOPE" },
      'schema does not exist, or role "SYNC_ROLE" may not see it: "APP"."NOPE"',
    ],
    ["database in another case", { database: "app", schema }, 'did you mean "APP"?'],
    ["schema in another case", { database, schema: "Secrets" }, 'did you mean "SECRETS"?'],
  ])("is told before anything is written: %s", async (_, destinationConfig, text) => {
    const { stack, sync, takeWrites } = await createFixture();
    const program = { app: sync({ A: "1" }, { destinationConfig }) };
    const preview = await stack.preview(program);
    expect(preview.ok).toBe(true);
    expect(preview.lines.join("\n")).toContain(text);
    const { problems } = await stack.up(program);
    expect(problems.join()).toContain(text);
    expect(stack.resources.size).toBe(0);
    expect(takeWrites()).toEqual([]);
  });

  it("comes up in one go when the same program makes it before the sync", async () => {
    const { stack, sync, control, values } = await createFixture();
    const program = { app: sync({ A: "1" }, { destinationConfig: { database, schema: "MADE" } }) };
    expect((await stack.preview(program)).ok).toBe(true);
    control.createSchema(database, "MADE", { owner: role });
    await stack.upOk(program);
    expect(values("MADE")).toEqual({ A: "1" });
  });
});
