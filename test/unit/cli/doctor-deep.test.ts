import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openSession, type SnowflakeSession } from "../../../provider/snowflake/driver/session.js";
import { checkDeeply } from "../../../sdk/cli/doctor/deep.js";
import { deepChecks } from "../../../sdk/cli/doctor/deep-checks.js";
import {
  type DemoSeed,
  type SnowflakeServer,
  seedDemo,
  startSnowflakeServer,
} from "../../../sdk/snowflake-server/index.js";
import { connect, reach } from "../snowflake/connect.js";

let server: SnowflakeServer;
let seed: DemoSeed;
let session: SnowflakeSession;
let stop: AbortController;

beforeEach(async () => {
  server = await startSnowflakeServer();
  seed = seedDemo(server.control);
  server.control.putSecret({ ...place(), name: "THEIRS", value: "theirs", owner: seed.role });
  const user = { ...reach(server), username: seed.username, password: seed.password };
  session = await openSession(connect(user, { role: seed.role }), { statementTimeoutMs: 2_000 });
  stop = new AbortController();
});
afterEach(async () => {
  await session.close();
  await server.stop();
});

const place = () => ({ database: seed.database, schema: seed.schema });
const run = () => checkDeeply(session, seed.role, { schema: place(), stopping: stop.signal });
const names = () => server.control.secrets(seed.database, seed.schema).map(({ name }) => name);
const made = () => server.control.statements().filter(({ kind }) => kind === "CREATE SECRET").length;

describe("the doctor's writing checks", () => {
  it("say what the account does, and leave nothing behind", async () => {
    const checks = await run();
    expect(checks.filter(({ status }) => status !== "ok")).toEqual([]);
    expect(checks.slice(0, -1).map(({ detail }) => detail)).toEqual(
      deepChecks.map(({ expectation }) => expectation),
    );
    expect(checks.at(-1)?.detail).toMatch(/^removed its \d secrets from /);
    expect(names()).toEqual(["THEIRS"]);
    expect(server.control.statements().some(({ sql }) => /DROP.*THEIRS/.test(sql))).toBe(false);
  });

  it("make nothing where secrets of another run are, and touch none of these", async () => {
    const other = "PULUMI_SNOWFLAKE_SECRETS_DOCTOR_0_CREATE";
    server.control.putSecret({ ...place(), name: other, value: "theirs", owner: seed.role });
    const [only, ...more] = await run();
    expect(more).toEqual([]);
    expect(only).toMatchObject({ status: "bad", code: "ALREADY_EXISTS" });
    expect(only?.fix).toContain(`DROP SECRET "${seed.database}"."${seed.schema}"."${other}";`);
    expect([names(), made()]).toEqual([["THEIRS", other], 0]);
  });

  it("remove what they made after a failure too, also what was made without an answer", async () => {
    server.control.addFault({ match: /^CREATE SECRET .*_ALTER"/, effect: { kind: "hang", when: "after" } });
    const checks = await run();
    expect(checks.map(({ status, code }) => code ?? status)).toEqual([
      "ok",
      "ok",
      "TIMED_OUT",
      ...deepChecks.slice(3).map(() => "skipped"),
      "ok",
    ]);
    expect(names()).toEqual(["THEIRS"]);
  });

  it("remove what they made after a signal, and say that they are not whole", async () => {
    const call = () => stop.abort();
    server.control.addFault({ match: /^ALTER SECRET/, effect: { kind: "call", when: "before", call } });
    const checks = await run();
    expect(checks.map(({ status }) => status).slice(0, 3)).toEqual(["ok", "ok", "skipped"]);
    expect(checks.at(-2)).toMatchObject({ status: "bad", code: "CANCELLED" });
    expect(names()).toEqual(["THEIRS"]);
  });

  it("do not drop what somebody put in the place of one of theirs", async () => {
    const call = () => {
      const [name = ""] = names().filter((each) => each.endsWith("_CREATE"));
      server.control.putSecret({ ...place(), name, value: "theirs", owner: seed.role });
    };
    server.control.addFault({
      match: /^CREATE SECRET .*_CREATE"/,
      effect: { kind: "call", when: "after", call },
    });
    const last = (await run()).at(-1);
    expect(last).toMatchObject({
      status: "bad",
      detail: expect.stringMatching(/^somebody replaced secrets of the doctor/),
    });
    expect(JSON.stringify(last)).not.toContain("DROP");
    expect(names()).toEqual(["THEIRS", expect.stringMatching(/_CREATE$/)]);
  });

  it("find out what an account does differently", async () => {
    const call = () => {
      const name = names().find((each) => each.endsWith("_ALTER")) ?? "";
      const comment = server.control.secret(seed.database, seed.schema, name)?.comment ?? "";
      // As if ALTER made it anew.
      server.control.putSecret({ ...place(), name, value: "anew", owner: seed.role, comment });
    };
    server.control.addFault({
      match: /^ALTER SECRET .*_ALTER"/,
      effect: { kind: "call", when: "after", call },
    });
    const bad = (await run()).filter(({ status }) => status === "bad");
    expect(bad.map(({ detail }) => detail)).toEqual([
      expect.stringMatching(
        /^not so: a value can be a bind in ALTER SECRET, which keeps created_on\. found \d+, expected \d+$/,
      ),
    ]);
    expect(names()).toEqual(["THEIRS"]);
  });
});
