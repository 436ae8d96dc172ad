import { randomBytes } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { seedDemo, startSnowflakeServer } from "../../sdk/snowflake-server/index.js";
import { useDemoAccount } from "../support/snowflake/use-demo-account.js";
import { openWire, type WireAnswer, type WireSession } from "../support/snowflake/wire-client.js";

const PLACE = { database: "APP", schema: "SECRETS" };
const FORBIDDEN = { code: "003001", data: { sqlState: "42501" } };

const demo = useDemoAccount();
let user: { username: string; password: string };
let session: WireSession;

/** A user whose primary role may only use the schema, and whose other role, granted directly, may do everything there. */
beforeAll(async () => {
  const { control } = demo;
  user = { username: "TWO_ROLES", password: randomBytes(12).toString("hex") };
  for (const role of ["READER", "MAKER"]) control.createRole(role);
  for (const role of ["READER", "MAKER"]) {
    control.grant("USAGE", { database: "APP" }, role);
    control.grant("USAGE", PLACE, role);
  }
  control.grant("CREATE SECRET", PLACE, "MAKER");
  control.createUser({
    name: user.username,
    password: user.password,
    roles: ["READER", "MAKER", demo.seed.role],
  });
  session = await openWire(demo.server, user);
});

const rows = ({ data }: WireAnswer): unknown => data?.rowset;
const inSession = (role: string): Promise<WireAnswer> =>
  session.query(`SELECT IS_ROLE_IN_SESSION('${role}')`);
const CREATE = "CREATE SECRET APP.SECRETS.S TYPE = GENERIC_STRING SECRET_STRING = 'x'";

describe("a user's other roles", () => {
  it("are active from the start, as for every user since 2024, and are told", async () => {
    expect(rows(await session.query("SELECT CURRENT_ROLE(), CURRENT_SECONDARY_ROLES()"))).toEqual([
      ["READER", '{"roles":"MAKER,SYNC_ROLE","value":"ALL"}'],
    ]);
    expect(rows(await inSession("MAKER"))).toEqual([["1"]]);
  });

  it("count for everything but CREATE, for which the primary role counts", async () => {
    demo.control.putSecret({ ...PLACE, name: "OWNED", value: "v", owner: "MAKER" });
    expect(await session.query("ALTER SECRET APP.SECRETS.OWNED SET SECRET_STRING = 'w'")).toMatchObject({
      success: true,
    });
    expect(demo.control.secret("APP", "SECRETS", "OWNED")?.value).toBe("w");
    expect(rows(await session.query("SHOW SECRETS IN SCHEMA APP.SECRETS"))).toHaveLength(1);
    expect(await session.query(CREATE)).toMatchObject(FORBIDDEN);
    expect(await session.query("DROP SECRET APP.SECRETS.OWNED")).toMatchObject({ success: true });
    await session.query("USE ROLE MAKER");
    expect(await session.query(CREATE)).toMatchObject({ success: true });
    expect(demo.control.secret("APP", "SECRETS", "S")?.owner).toBe("MAKER");
    await session.query("USE ROLE READER");
  });

  it("are all taken out, or named one by one, and must be the user's", async () => {
    await session.query("USE SECONDARY ROLES NONE");
    expect(rows(await session.query("SELECT CURRENT_SECONDARY_ROLES()"))).toEqual([
      ['{"roles":"","value":"NONE"}'],
    ]);
    expect(rows(await inSession("MAKER"))).toEqual([["0"]]);
    expect(await session.query("DROP SECRET APP.SECRETS.S")).toMatchObject({ code: "002003" });
    await session.query("USE SECONDARY ROLES MAKER");
    expect(rows(await inSession("MAKER"))).toEqual([["1"]]);
    expect(rows(await inSession("SYNC_ROLE"))).toEqual([["0"]]);
    expect(await session.query("USE SECONDARY ROLES SYSADMIN")).toMatchObject({ code: "003013" });
    expect(await session.query("USE SECONDARY ROLES NOPE")).toMatchObject({ code: "002003" });
    await session.query("USE SECONDARY ROLES ALL");
    expect(rows(await inSession("SYNC_ROLE"))).toEqual([["1"]]);
  });

  it("are looked up for each statement: a grant counts at once, and so does its end", async () => {
    demo.control.createRole("LATER");
    demo.control.grantRole("LATER", { user: user.username });
    expect(rows(await inSession("LATER"))).toEqual([["1"]]);
    demo.control.revokeRole("LATER", { user: user.username });
    expect(rows(await inSession("LATER"))).toEqual([["0"]]);
  });

  it("do not count for a user whose default is none of them", async () => {
    const plain = { username: "PLAIN", password: randomBytes(12).toString("hex") };
    demo.control.createUser({
      name: plain.username,
      password: plain.password,
      roles: ["READER", "MAKER"],
      defaultSecondaryRoles: "NONE",
    });
    const own = await openWire(demo.server, plain);
    expect(rows(await own.query("SELECT IS_ROLE_IN_SESSION('MAKER')"))).toEqual([["0"]]);
  });
});

it("MANAGE GRANTS reaches secrets, without a privilege on them or on what they lie in", async () => {
  const { control } = demo;
  const manager = { username: "MANAGER", password: randomBytes(12).toString("hex") };
  control.createRole("GRANTER");
  control.grant("MANAGE GRANTS", "account", "GRANTER");
  control.createUser({ name: manager.username, password: manager.password, roles: ["GRANTER"] });
  control.putSecret({ ...PLACE, name: "HIDDEN", value: "v", owner: "MAKER" });
  const own = await openWire(demo.server, manager, "");
  expect(await own.query("GRANT READ ON SECRET APP.SECRETS.HIDDEN TO ROLE READER")).toMatchObject({
    success: true,
  });
  expect(control.grantsOn({ ...PLACE, secret: "HIDDEN" })).toMatchObject([
    { privilege: "READ", role: "READER" },
  ]);
  expect(rows(await own.query("SHOW GRANTS ON SECRET APP.SECRETS.HIDDEN"))).toHaveLength(2);
  expect(await own.query("DROP SECRET APP.SECRETS.HIDDEN")).toMatchObject({ code: "002003" });
});

it("SHOW GRANTS alone lists the roles of the session's user", async () => {
  expect(rows(await session.query("SHOW GRANTS"))).toEqual(
    rows(await session.query(`SHOW GRANTS TO USER ${user.username}`)),
  );
  expect(rows(await session.query("SHOW FUTURE GRANTS IN SCHEMA APP.SECRETS"))).toEqual([]);
  expect(await session.query("SHOW FUTURE GRANTS IN DATABASE NOPE")).toMatchObject({ code: "002003" });
});

it("future grants say whose a new secret is and who may read it; the schema's go before the database's", async () => {
  const own = await startSnowflakeServer();
  const { control } = own;
  const { username, password, role } = seedDemo(control);
  for (const name of ["KEEPER", "READER"]) control.createRole(name);
  const admin = await openWire(own, own.connection);
  const maker = await openWire(own, { username, password });
  const create = (name: string) =>
    maker.query(`CREATE SECRET APP.SECRETS.${name} TYPE = GENERIC_STRING SECRET_STRING = 'v'`);
  const read = "READ ON FUTURE SECRETS IN SCHEMA APP.SECRETS";
  expect(await maker.query(`GRANT ${read} TO ROLE READER`)).toMatchObject(FORBIDDEN);
  await admin.query("GRANT OWNERSHIP ON FUTURE SECRETS IN DATABASE APP TO ROLE KEEPER");
  await create("ONE");
  expect(control.secret("APP", "SECRETS", "ONE")?.owner).toBe("KEEPER");
  await admin.query(`GRANT ${read} TO ROLE READER`);
  await create("TWO");
  expect(control.secret("APP", "SECRETS", "TWO")).toMatchObject({
    owner: role,
    grants: [{ privilege: "READ", role: "READER" }],
  });
  expect(rows(await maker.query("SHOW FUTURE GRANTS IN DATABASE APP"))).toEqual([
    [expect.any(String), "OWNERSHIP", "SECRET", "APP.<SECRET>", "ROLE", "KEEPER", "false"],
  ]);
  expect(rows(await admin.query("SHOW FUTURE GRANTS TO ROLE READER"))).toHaveLength(1);
  await admin.query(`REVOKE ${read} FROM ROLE READER`);
  expect(rows(await maker.query("SHOW FUTURE GRANTS IN SCHEMA APP.SECRETS"))).toEqual([]);
  await own.stop();
});
