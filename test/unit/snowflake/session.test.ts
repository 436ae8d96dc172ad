import { generateKeyPairSync } from "node:crypto";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { parseProxy } from "../../../provider/core/proxy.js";
import { buildText } from "../../../provider/core/secret-content.js";
import { SecretValue } from "../../../provider/core/secret-value.js";
import type {
  SnowflakeAuthentication,
  SnowflakeConnection,
} from "../../../provider/snowflake/connection/connection.js";
import type { IsSafeToPrint } from "../../../provider/snowflake/driver/errors.js";
import {
  openSession,
  type SessionOptions,
  type SnowflakeSession,
} from "../../../provider/snowflake/driver/session.js";
import {
  buildAlterSecret,
  buildCreateSecret,
  buildDropSecret,
  buildSessionContext,
  buildShowSecrets,
  buildWhoAmI,
} from "../../../provider/snowflake/statements.js";
import type { FaultEffect } from "../../../sdk/snowflake-server/index.js";
import { failureOf as failureWithout } from "../../support/failure.js";
import { startForwardProxy } from "../../support/network/forward-proxy.js";
import { findFreePort } from "../../support/network/free-port.js";
import { useDemoAccount } from "../../support/snowflake/use-demo-account.js";
import { byPassword, connect, type Reach, reach } from "./connect.js";

const demo = useDemoAccount();
let user: Reach;
const open: SnowflakeSession[] = [];
const place = { database: "APP", schema: "SECRETS" };
const always = Number.POSITIVE_INFINITY;
const pat = "token-of-a-test-3e7";
const oauth = "oauth-token-of-a-test-9c2";
const bind = "bind-of-a-test-71d";
const keys = generateKeyPairSync("rsa", { modulusLength: 2048 });
const pem = keys.privateKey.export({ type: "pkcs8", format: "pem" }).toString();

beforeAll(() => {
  user = { ...reach(demo.server), ...demo.login };
  demo.control.createUser({
    name: "ROBOT",
    type: "SERVICE",
    publicKey: keys.publicKey,
    programmaticAccessTokens: [pat],
    oauthTokens: [oauth],
    roles: [demo.seed.role],
    networkPolicy: { allowed: ["0.0.0.0/0"] },
  });
});
beforeEach(() => {
  demo.control.clearFaults();
  demo.control.resetCounts();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((session) => session.close()));
});

async function logIn(more: Partial<SnowflakeConnection> = {}, options: SessionOptions = {}) {
  const session = await openSession(connect(user, more), options);
  open.push(session);
  return session;
}

/** Nothing that was secret in this file stands in it. */
function failureOf(work: Promise<unknown>) {
  const keyLine = pem.split("\n")[3] ?? "";
  return failureWithout(work, [demo.seed.password, wrongPassword, pat, oauth, bind, keyLine]);
}
const wrongPassword = "wrong-password-of-a-test-b40";

const fault = (effect: FaultEffect, on: "login" | "statement" = "statement") =>
  // The question how the session takes names, which comes before the first write, is not what is tested here.
  demo.control.addFault({ on, ...(on === "login" ? {} : { match: /SECRET/ }), times: always, effect });

describe("a log-in", () => {
  const ways: Record<string, SnowflakeAuthentication> = {
    "a key": { kind: "key-pair", privateKey: new SecretValue(pem) },
    "a programmatic access token": { kind: "programmatic-access-token", token: new SecretValue(pat) },
    "an OAuth token": { kind: "oauth", token: new SecretValue(oauth) },
  };

  it.each(Object.entries(ways))("works with %s", async (_way, authentication) => {
    const session = await logIn({ username: "ROBOT", authentication, role: demo.seed.role });
    expect(await session.execute(buildWhoAmI([demo.seed.role]))).toEqual([
      { account: "XY12345", region: "AWS_EU_WEST_1", role: "SYNC_ROLE", role_0: true },
    ]);
  });

  it("takes role, warehouse and database along", async () => {
    const session = await logIn({
      role: demo.seed.role,
      warehouse: demo.seed.warehouse,
      database: demo.seed.database,
    });
    expect(await session.execute(buildSessionContext())).toMatchObject([
      { database: "APP", warehouse: "WH", role: "SYNC_ROLE" },
    ]);
  });

  it("says of a wrong password that it was refused, once", async () => {
    const error = await failureOf(logIn({ authentication: byPassword(wrongPassword) }));
    expect(error).toMatchObject({
      code: "AUTHENTICATION_FAILED",
      retryable: false,
      target: `account ${user.account}`,
    });
    expect(demo.control.counts().logins).toBe(1);
  });

  it.each([
    ["390144", "AUTHENTICATION_FAILED"],
    ["394304", "AUTHENTICATION_FAILED"],
    ["394400", "AUTHENTICATION_FAILED"],
    ["394509", "AUTHENTICATION_FAILED"],
    ["390186", "PRIVILEGE_MISSING"],
    ["390189", "PRIVILEGE_MISSING"],
    ["390201", "NOT_FOUND"],
    ["390432", "NETWORK_POLICY"],
    // A code that we do not know is a refusal too: tried again and again it could lock the account.
    ["390999", "AUTHENTICATION_FAILED"],
  ])("that Snowflake refuses with %s is %s, without Snowflake's words", async (code, expected) => {
    fault({ kind: "sql-error", code, message: `words of Snowflake ${wrongPassword}` }, "login");
    const error = await failureOf(logIn());
    expect(error).toMatchObject({ code: expected, retryable: false });
    expect(error.message).toContain(`(Snowflake ${code}`);
  });

  it.each([
    ["394509", "use a key pair or a programmatic access token"],
    ["394304", "does not belong to the user's public key"],
    ["390144", "this machine's clock"],
    ["390133", "SYSTEM$GET_LOGIN_FAILURE_DETAILS"],
    ["390139", "This account does not accept this one"],
    ["390140", "It has expired"],
    ["390178", "the log-in of another run"],
    ["390191", "The browser logged in somebody else"],
    ["390195", "no longer accepts the log-in that the driver kept"],
  ])("tells what %s means, with the id under which Snowflake keeps why", async (code, hint) => {
    const id = "0ce9eb56-821d-4ca9-a774-04ae89a0cf5a";
    const message = `JWT token is invalid. ${wrongPassword} [${id}]`;
    fault({ kind: "sql-error", code, message }, "login");
    const error = await failureOf(logIn());
    expect(error.message).toContain(`(Snowflake ${code}, log-in ${id})`);
    expect(error.hint).toContain(hint);
  });

  it.each([
    [403, "allow this host in the proxy"],
    [404, "allow this host in the proxy"],
    [407, "the proxy needs a login"],
    [502, "allow this host in the proxy"],
  ])("tells an HTTP %i of a proxy from one of Snowflake", async (status, hint) => {
    const proxy = await startForwardProxy({ routes: new Map() });
    try {
      proxy.refuseWith(status);
      const { host: _host, port: _port, protocol: _protocol, ...plain } = connect(user);
      const way = parseProxy(`http://proxy-user:${wrongPassword}@${proxy.address}`, "HTTPS_PROXY");
      const error = await failureOf(openSession({ ...plain, proxy: way }, { loginTimeoutMs: 5_000 }));
      expect(error).toMatchObject({ code: "UNREACHABLE", details: { isOfProxy: true, httpStatus: status } });
      expect(error.message).toContain(
        `(proxy ${proxy.address} of HTTPS_PROXY answered HTTP ${status} for acme-testing.snowflakecomputing.com:443, driver 401002)`,
      );
      expect(error.hint).toContain(hint);
      expect(proxy.asked[0]).toBe("CONNECT acme-testing.snowflakecomputing.com:443");
    } finally {
      await proxy.stop();
    }
  });

  it("names the address that a network policy refused, and nothing else of the message", async () => {
    demo.control.setClientAddress("203.0.113.7");
    demo.control.setNetworkPolicy({ allowed: ["198.51.100.0/24"] });
    const error = await failureOf(logIn());
    demo.control.setNetworkPolicy(undefined);
    demo.control.setClientAddress(undefined);
    expect(error.message).toMatchInlineSnapshot(
      `"[NETWORK_POLICY] the log-in to Snowflake failed (Snowflake 390422, address 203.0.113.7): account acme-testing. Fix: allow this address in the account's network policy."`,
    );
  });

  it.each([403, 404])("answered with HTTP %i means that no account has this name", async (status) => {
    fault({ kind: "http-status", status }, "login");
    const error = await failureOf(logIn());
    expect(error).toMatchObject({ code: "UNREACHABLE", retryable: false });
    expect(error.hint).toContain("No account has this name");
  });

  it.each([429, 503])("answered with HTTP %i may work later, and names who answered what", async (status) => {
    fault({ kind: "http-status", status }, "login");
    const error = await failureOf(logIn());
    expect(error).toMatchObject({
      code: "UNREACHABLE",
      retryable: true,
      details: { address: `127.0.0.1:${demo.server.port}`, httpStatus: status },
    });
    expect(error.message).toContain(`(127.0.0.1:${demo.server.port} answered HTTP ${status}, driver 401002)`);
    expect(demo.control.counts().logins).toBe(1);
  });

  it("names host, port and cause of a server that is not there", async () => {
    const port = await findFreePort();
    const error = await failureOf(logIn({ port }));
    expect(error.details).toEqual({ address: `127.0.0.1:${port}`, networkCode: "ECONNREFUSED" });
    expect(error.message).toBe(
      `[UNREACHABLE] the log-in to Snowflake failed (127.0.0.1:${port} was not reached, connection refused, ECONNREFUSED, driver 401001): account acme-testing. Fix: check the account identifier, the network path and the proxy.`,
    );
  });

  it("names the host that an account stands for", async () => {
    const { host: _host, port: _port, protocol: _protocol, ...plain } = connect(user);
    const error = await failureOf(
      openSession({ ...plain, account: "no-such-org.invalid" }, { loginTimeoutMs: 8_000 }),
    );
    expect(error.message).toContain("no-such-org.invalid.snowflakecomputing.com:443");
  });

  it.each<FaultEffect>([{ kind: "hang" }, { kind: "dribble", everyMs: 50 }])(
    "ends at its limit against %o",
    async (effect) => {
      fault(effect, "login");
      const started = Date.now();
      const error = await failureOf(logIn({}, { loginTimeoutMs: 1_000 }));
      expect(error).toMatchObject({ code: "TIMED_OUT", retryable: true });
      expect(error.message).toContain("did not end within 1 s");
      expect(Date.now() - started).toBeLessThan(10_000);
    },
  );

  it("reports settings that the driver refuses without quoting them", async () => {
    const error = await failureOf(openSession({ ...connect(user), account: "" }));
    expect(error.code).toBe("INVALID_INPUT");
  });

  it("goes by way of no proxy that its connection does not name", async () => {
    const before = { ...process.env };
    try {
      Object.assign(process.env, { HTTP_PROXY: "http://127.0.0.1:1", NO_PROXY: "", no_proxy: "" });
      expect((await logIn()).isUp()).toBe(true);
    } finally {
      process.env = before;
    }
  });
});

describe("a statement", () => {
  const create = (name: string) =>
    buildCreateSecret(place, name, { content: buildText(new SecretValue(bind)), comment: "mark" });

  it("carries values as binds, and only as binds", async () => {
    const session = await logIn();
    await session.execute(buildWhoAmI([]));
    demo.control.resetCounts();
    await session.execute(create("BOUND"));
    await session.execute(
      buildAlterSecret(place, "BOUND", { content: buildText(new SecretValue(`${bind}'`)), comment: "m" }),
    );
    expect(demo.control.secret("APP", "SECRETS", "BOUND")?.value).toBe(`${bind}'`);
    for (const { sql, binds } of demo.control.statements()) {
      expect(sql).not.toContain(bind);
      expect(binds).toHaveLength(1);
    }
  });

  it("that the server refuses for its bind is an error, and never becomes a literal", async () => {
    const session = await logIn();
    await session.execute(buildWhoAmI([]));
    demo.control.resetCounts();
    demo.control.setRefuseBinds(true);
    const error = await failureOf(session.execute(create("REFUSED")));
    demo.control.setRefuseBinds(false);
    expect(error).toMatchObject({ code: "STATEMENT_FAILED", retryable: false });
    expect(error.hint).toContain("A value is never written into a statement's text");
    expect(demo.control.statements()).toHaveLength(1);
    expect(demo.control.statements()[0]?.sql).not.toContain(bind);
    expect(demo.control.secret("APP", "SECRETS", "REFUSED")).toBeUndefined();
  });

  it.each([
    ["002003", "02000", "NOT_FOUND", false],
    ["002043", "02000", "NOT_FOUND", false],
    ["002002", "42710", "ALREADY_EXISTS", false],
    ["003001", "42501", "PRIVILEGE_MISSING", false],
    ["000606", "57P03", "STATEMENT_FAILED", false],
    ["000604", "57014", "STATEMENT_FAILED", true],
    ["000630", "57014", "TIMED_OUT", true],
    ["090153", "22000", "UNPROVEN", false],
    ["999999", "99999", "STATEMENT_FAILED", false],
  ])("refused with %s (%s) is %s", async (code, sqlState, expected, retryable) => {
    const session = await logIn();
    fault({ kind: "sql-error", code, sqlState, message: `unexpected '${bind}'` });
    const error = await failureOf(session.execute(create("FAULTY")));
    expect(error).toMatchObject({ code: expected, retryable, target: '"APP"."SECRETS"."FAULTY"' });
    expect(error.message).toContain(`Snowflake ${code}, sqlState ${sqlState}, query `);
  });

  describe("of which Snowflake says why it was refused", () => {
    const words = "SQL compilation error:\nsyntax error line 1 at position 7 unexpected 'X'.\nmore";
    const refuse = (message: string, code = "999999") =>
      fault({ kind: "sql-error", code, sqlState: "99999", message });
    const execute = async (isSafeToPrint?: IsSafeToPrint, value = bind) => {
      const session = await logIn({}, isSafeToPrint === undefined ? {} : { isSafeToPrint });
      const statement = buildCreateSecret(place, "FAULTY", {
        content: buildText(new SecretValue(value)),
        comment: "mark",
      });
      return failureOf(session.execute(statement));
    };

    it("says so where the words are proved to hold no value, and withholds them otherwise", async () => {
      refuse(words);
      const shown = await execute((text) => text === words);
      expect(shown.details.serverText).toBe(
        "SQL compilation error: syntax error line 1 at position 7 unexpected 'X'.",
      );
      expect(shown.message).toMatch(
        /^\[STATEMENT_FAILED\] create secret failed \(Snowflake 999999, sqlState 99999, query [0-9a-f-]{36}, "SQL compilation error: syntax error line 1 at position 7 unexpected 'X'."\): "APP"/,
      );
      expect((await execute()).details.serverText).toBeUndefined();
      expect((await execute(() => false)).message).not.toContain("SQL compilation error");
    });

    it("withholds words with the statement's own value or the credential, whoever vouches for them", async () => {
      refuse(`unexpected '${bind}'`);
      expect((await execute(() => true)).details.serverText).toBeUndefined();
      demo.control.clearFaults();
      refuse(`unexpected '${demo.seed.password}'`);
      expect((await execute(() => true)).details.serverText).toBeUndefined();
    });

    it("shows one line, without control characters, of a bounded length", async () => {
      refuse(`\u001b[31m${"x".repeat(1_000)}`);
      const { serverText = "" } = (await execute(() => true)).details;
      expect(serverText).toMatch(/^\\u001b\[31mx+$/);
      expect(serverText).toHaveLength(300);
    });

    it.each(["001003", "999999"])(
      "takes %s of a large value for its size, not for its bind",
      async (code) => {
        refuse("refused", code);
        const error = await execute(undefined, "x".repeat(300 * 1024));
        expect(error.code).toBe("STATEMENT_FAILED");
        expect(error.hint).toBe(
          "the value has 300 KiB, which is likely too large for a secret: make it smaller, or keep it elsewhere and sync where it is.",
        );
        expect((await execute()).hint).not.toContain("too large");
      },
    );

    it("takes a code for a value that is too long for what it is", async () => {
      refuse("refused", "100078");
      expect((await execute()).hint).toContain("It is too large for a secret");
    });
  });

  it("is run side by side with others, up to the connection's limit", async () => {
    const session = await logIn({ maxConcurrentStatements: 3 });
    demo.control.setLatencyMs(20);
    await Promise.all(Array.from({ length: 9 }, () => session.execute(buildShowSecrets(place))));
    demo.control.setLatencyMs(0);
    expect(demo.control.counts().peakConcurrentStatements).toBe(3);
  });

  it("survives a token that expires under it", async () => {
    const session = await logIn();
    demo.control.expireSessions("renewable");
    await Promise.all([session.execute(create("R1")), session.execute(create("R2"))]);
    expect(demo.control.counts()).toMatchObject({ logins: 1, renewals: 1 });
  });

  it.each<FaultEffect>([{ kind: "hang" }, { kind: "http-status", status: 503 }])(
    "that did not end in time is not sent again, and leaves the session to others: %o",
    async (effect) => {
      const session = await logIn({}, { statementTimeoutMs: 700 });
      demo.control.addFault({ match: /LATE/, effect });
      const error = await failureOf(session.execute(create("LATE")));
      expect(error).toMatchObject({ code: "TIMED_OUT", retryable: true, target: '"APP"."SECRETS"."LATE"' });
      const sent = demo.control.statements().length;
      // The driver sends again within some seconds, where it is let.
      await new Promise((resolve) => setTimeout(resolve, 5_000));
      expect(demo.control.statements()).toHaveLength(sent);
      expect(demo.control.secret("APP", "SECRETS", "LATE")).toBeUndefined();
      expect(session.isUp()).toBe(true);
      await session.execute(create(`AFTER_${effect.kind}`));
    },
  );

  it("that waits for its turn is not begun once another one was not answered, and the next one is", async () => {
    const session = await logIn({ maxConcurrentStatements: 2 }, { statementTimeoutMs: 700 });
    demo.control.addFault({ match: /QUEUED/, times: always, effect: { kind: "hang" } });
    await session.execute(buildWhoAmI([]));
    const sent = demo.control.statements().length;
    const names = Array.from({ length: 20 }, (_, index) => `QUEUED_${index}`);
    const errors = await Promise.all(names.map((name) => failureOf(session.execute(create(name)))));
    demo.control.clearFaults();
    expect(errors.slice(0, 2).map(({ code }) => code)).toEqual(["TIMED_OUT", "TIMED_OUT"]);
    for (const { code, message } of errors.slice(2)) {
      expect(code).toBe("CANCELLED");
      expect(message).toContain("was not started, because Snowflake stopped answering");
    }
    expect(demo.control.statements().length - sent).toBe(2);
    await session.execute(create("ANSWERED"));
  });

  it("is carried out once where only its answer was lost", async () => {
    const session = await logIn();
    demo.control.addFault({ match: /ONCE/, effect: { kind: "cut", when: "after" } });
    await session.execute(create("ONCE"));
    expect(demo.control.secret("APP", "SECRETS", "ONCE")?.value).toBe(bind);
    await session.execute(buildDropSecret(place, "ONCE"));
  });

  it.each(["gone", "master-expired", "unauthorized"] as const)(
    "fails as retryable when its session is %s, and the session says that it is down",
    async (how) => {
      const session = await logIn();
      expect(session.isUp()).toBe(true);
      demo.control.expireSessions(how);
      expect(await failureOf(session.execute(create("LOST")))).toMatchObject({
        code: "UNREACHABLE",
        retryable: true,
      });
      expect(session.isUp()).toBe(false);
    },
  );

  it("fails after close, and does not reach the server", async () => {
    const session = await logIn();
    await session.close();
    demo.control.resetCounts();
    expect(session.isUp()).toBe(false);
    expect(await failureOf(session.execute(create("CLOSED")))).toMatchObject({ code: "UNREACHABLE" });
    expect(demo.control.statements()).toEqual([]);
  });
});
