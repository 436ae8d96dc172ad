import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { isProviderError } from "../../../provider/core/errors.js";
import { buildText } from "../../../provider/core/secret-content.js";
import { SecretValue } from "../../../provider/core/secret-value.js";
import { Operation } from "../../../provider/engine/operation.js";
import { addPendingValue } from "../../../provider/engine/pending-values.js";
import { getSession as getSessionIn } from "../../../provider/snowflake/driver/pool.js";
import { buildWhoAmI } from "../../../provider/snowflake/statements.js";
import { useDemoAccount } from "../../support/snowflake/use-demo-account.js";
import { byPassword, connect, type Reach, reach } from "./connect.js";

const demo = useDemoAccount();
let user: Reach;

const operation = new Operation({ report: () => undefined, warn: () => undefined });
const getSession = (connection: Parameters<typeof getSessionIn>[1]) => getSessionIn(operation, connection);

beforeAll(() => {
  user = { ...reach(demo.server), ...demo.login };
});
beforeEach(() => demo.control.resetCounts());
afterEach(async () => {
  demo.control.clearFaults();
  await operation.end();
  expect(demo.control.counts().openSessions).toBe(0);
});

const logins = () => demo.control.counts().logins;

describe("the sessions of an operation", () => {
  it("are one for each connection, however many ask at once", async () => {
    const all = await Promise.all(Array.from({ length: 20 }, () => getSession(connect(user))));
    expect(new Set(all).size).toBe(1);
    expect(await getSession(connect(user))).toBe(all[0]);
    expect(logins()).toBe(1);
  });

  it("show what Snowflake says of a statement, but none of the values that the operation holds", async () => {
    const session = await getSession(connect(user));
    addPendingValue(operation, "print", buildText(new SecretValue("held-value-of-a-test")));
    const saying = async (message: string) => {
      demo.control.addFault({ on: "statement", effect: { kind: "sql-error", code: "999999", message } });
      const error = await session.execute(buildWhoAmI([])).catch((thrown: unknown) => thrown);
      return isProviderError(error) ? error.details.serverText : undefined;
    };
    expect(await saying("something is wrong")).toBe("something is wrong");
    expect(await saying("unexpected 'held-value-of-a-test'")).toBeUndefined();
  });

  it("differ where role, warehouse or database do", async () => {
    const all = await Promise.all([
      getSession(connect(user)),
      getSession(connect(user, { role: demo.seed.role })),
      getSession(connect(user, { warehouse: demo.seed.warehouse })),
      getSession(connect(user, { database: demo.seed.database })),
    ]);
    expect(new Set(all).size).toBe(4);
  });

  it.each(["gone", "master-expired", "unauthorized"] as const)(
    "are opened again, once, after one was %s",
    async (how) => {
      const lost = await getSession(connect(user));
      demo.control.expireSessions(how);
      await expect(lost.execute(buildWhoAmI([]))).rejects.toMatchObject({ retryable: true });
      const all = await Promise.all(Array.from({ length: 5 }, () => getSession(connect(user))));
      expect(new Set(all).size).toBe(1);
      expect(all[0]).not.toBe(lost);
      expect(await all[0]?.execute(buildWhoAmI([]))).toHaveLength(1);
      expect(logins()).toBe(2);
      // What the server itself has dropped cannot be logged out of.
      demo.control.expireSessions(how);
    },
  );

  it("are tried again after a log-in that failed for another reason than its credential", async () => {
    demo.control.addFault({ on: "login", effect: { kind: "http-status", status: 503 } });
    await expect(getSession(connect(user))).rejects.toMatchObject({ code: "UNREACHABLE", retryable: true });
    expect((await getSession(connect(user))).isUp()).toBe(true);
    expect(logins()).toBe(2);
  });
});

describe("a refused credential", () => {
  const wrong = (more: object = {}) =>
    connect(user, { authentication: byPassword("a wrong password of a test"), ...more });

  it("is tried once, however many ask at once or later, and for whatever role", async () => {
    const all = await Promise.allSettled([
      getSession(wrong()),
      getSession(wrong()),
      getSession(wrong({ role: demo.seed.role })),
      getSession(wrong({ warehouse: demo.seed.warehouse, maxConcurrentStatements: 1 })),
    ]);
    all.push(
      ...(await Promise.allSettled([getSession(wrong()), getSession(wrong({ role: demo.seed.role }))])),
    );
    expect(all.map((result) => result.status === "rejected" && result.reason.code)).toEqual(
      all.map(() => "AUTHENTICATION_FAILED"),
    );
    expect(logins()).toBe(1);
  });

  it("does not keep another credential of the same user out", async () => {
    await expect(getSession(wrong())).rejects.toMatchObject({ code: "AUTHENTICATION_FAILED" });
    expect((await getSession(connect(user))).isUp()).toBe(true);
  });
});
