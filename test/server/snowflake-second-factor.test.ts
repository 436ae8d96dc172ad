import { readFileSync, rmSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { computePasscode } from "../../sdk/snowflake-server/login/second-factor.js";
import { parseSeed } from "../../sdk/snowflake-server/seed-file.js";
import { type NamedAccount, startNamedAccount } from "../support/snowflake/named-account.js";

const password = "p4ssword-of-a-person";
const totpSecret = "3132333435363738393031323334353637383930";
const plain = { username: "ADA", password };
const mfa = { ...plain, authenticator: "USERNAME_PASSWORD_MFA" };
const minutes = 60_000;
let account: NamedAccount;

beforeAll(async () => {
  account = await startNamedAccount();
});
afterAll(() => account.stop());
beforeEach(() => {
  account.server.control.reset();
  account.server.control.setApprovalTimeoutMs(300);
  rmSync(account.cache, { force: true });
});
afterEach(() => vi.useRealTimers());

function enrol(secondFactor?: object): void {
  account.server.control.createUser({ name: "ADA", password, ...(secondFactor && { secondFactor }) });
}

/** Lets the server's clock stand still, so much later; the driver is another process. */
function stopClock(laterMs = 0): number {
  const now = Date.now() + laterMs;
  vi.useFakeTimers({ toFake: ["Date"], now });
  return now;
}

const opens = { user: "ADA" };
const refused = (code: string) => expect.objectContaining({ code });

describe("passcodes", () => {
  // https://www.rfc-editor.org/rfc/rfc6238#appendix-B, the last six of its eight digits
  it.each([
    [59, "287082"],
    [1_111_111_109, "081804"],
    [1_234_567_890, "005924"],
    [20_000_000_000, "353130"],
  ])("are those of RFC 6238 at second %i", (second, passcode) => {
    expect(computePasscode(totpSecret, second * 1000)).toBe(passcode);
  });

  it.each([
    ["beside the password", (passcode: string) => ({ ...plain, passcode })],
    ["beside the password, asked for", (passcode: string) => ({ ...mfa, passcode })],
    [
      "behind the password",
      (passcode: string) => ({ ...mfa, password: `${password}${passcode}`, passcodeInPassword: true }),
    ],
  ])("are good once %s", async (_where, options) => {
    enrol({ totpSecret });
    const passcode = computePasscode(totpSecret, stopClock());
    expect(await account.logIn(options(passcode))).toMatchObject(opens);
    expect(await account.logIn(options(passcode))).toEqual(refused("390127"));
    const next = computePasscode(totpSecret, stopClock(30_000));
    expect(await account.logIn(options(next))).toMatchObject(opens);
  });

  it("are good for a moment longer than their half minute", async () => {
    enrol({ totpSecret });
    const passcode = computePasscode(totpSecret, stopClock());
    stopClock(60_000);
    expect(await account.logIn({ ...mfa, passcode })).toEqual(refused("390127"));
    vi.useRealTimers();
    const other = computePasscode(totpSecret, stopClock());
    stopClock(30_000);
    expect(await account.logIn({ ...mfa, passcode: other })).toMatchObject(opens);
  });

  it("are refused where they are wrong, missing behind the password, or of a user without any", async () => {
    enrol({ totpSecret, push: "approve" });
    const wrong = computePasscode("00".repeat(20), stopClock());
    expect(await account.logIn({ ...mfa, passcode: wrong })).toEqual(refused("390127"));
    expect(await account.logIn({ ...mfa, passcodeInPassword: true })).toEqual(refused("390127"));
    account.server.control.setSecondFactor("ADA", undefined);
    expect(await account.logIn({ ...mfa, passcode: wrong })).toEqual(refused("390122"));
  });

  it("are not used up by a wrong password", async () => {
    enrol({ totpSecret });
    const passcode = computePasscode(totpSecret, stopClock());
    expect(await account.logIn({ ...mfa, passcode, password: "wrong" })).toEqual(refused("390100"));
    expect(await account.logIn({ ...mfa, passcode })).toMatchObject(opens);
  });
});

describe("a request for approval", () => {
  it("ends by itself where nobody answers", async () => {
    enrol({ push: "ignore" });
    const begin = performance.now();
    expect(await account.logIn(mfa)).toEqual(refused("390126"));
    expect(performance.now() - begin).toBeGreaterThan(295);
  });

  it("is not sent for a wrong password", async () => {
    enrol({ push: "ignore" });
    account.server.control.setApprovalTimeoutMs(60_000);
    expect(await account.logIn({ ...mfa, password: "wrong" })).toEqual(refused("390100"));
  });
});

describe("a password alone", () => {
  it("is not enough for a user with a passcode", async () => {
    enrol({ totpSecret });
    expect(await account.logIn(plain)).toEqual(refused("394508"));
  });

  it("is enough for a user without a second factor", async () => {
    enrol();
    expect([await account.logIn(plain), await account.logIn(mfa)]).toMatchObject([opens, opens]);
  });
});

describe("the token that spares the second factor", () => {
  const keeping = { ...mfa, clientRequestMFAToken: true, clientStoreTemporaryCredential: true };
  const keep = async () => {
    account.server.control.setParameter("ALLOW_CLIENT_MFA_CACHING", "TRUE");
    enrol({ push: "approve" });
    await account.logIn(keeping);
    account.server.control.setSecondFactor("ADA", { push: "deny" });
  };

  it("is handed out where the account allows it, the client asks for it and there is a second factor", async () => {
    enrol({ push: "approve" });
    const kept = () => {
      try {
        return readFileSync(account.cache, "utf8");
      } catch {
        return "";
      }
    };
    await account.logIn(keeping);
    expect(kept()).toBe("");
    account.server.control.setParameter("ALLOW_CLIENT_MFA_CACHING", "TRUE");
    account.server.control.createUser({ name: "BOB", password });
    expect(await account.logIn({ ...keeping, username: "BOB" })).toMatchObject({ user: "BOB" });
    await account.logIn(mfa);
    expect(kept()).toBe("");
    await account.logIn(keeping);
    expect(kept()).toMatch(/MfaToken/);
  });

  it("stands for the approval, and not for the password", async () => {
    await keep();
    expect(await account.logIn({ ...keeping, password: "wrong" })).toEqual(refused("390100"));
    expect(await account.logIn(keeping)).toMatchObject(opens);
    expect(await account.logIn(mfa)).toEqual(refused("390120"));
  });

  it.each<[string, () => void]>([
    ["four hours are over", () => stopClock(240 * minutes + 1)],
    [
      "the account allows none any more",
      () => account.server.control.setParameter("ALLOW_CLIENT_MFA_CACHING", "FALSE"),
    ],
    ["it is revoked", () => account.server.control.revokeKeptTokens()],
  ])("is not taken when %s", async (_what, change) => {
    await keep();
    change();
    expect(await account.logIn(keeping)).toEqual(refused("390120"));
  });

  it("ends with the user's password", async () => {
    await keep();
    account.server.control.setPassword("ADA", "another");
    expect(await account.logIn({ ...keeping, password: "another" })).toEqual(refused("390120"));
  });
});

it("a seed enrols, and says what is wrong with a secret", () => {
  const seed = (secondFactor: object) =>
    parseSeed(JSON.stringify({ users: [{ name: "SEEDED", secondFactor }] }));
  seed({ totpSecret, push: "deny" })(account.server.control);
  expect(() => seed({ push: "maybe" })).toThrow(
    "secondFactor must have one of approve, deny, ignore under push",
  );
  expect(() => seed({ totpSecret: "JBSWY3DPEHPK3PXP" })(account.server.control)).toThrow(
    "secondFactor.totpSecret must be at least 10 bytes in hexadecimal",
  );
});
