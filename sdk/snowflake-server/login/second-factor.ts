import { createHmac } from "node:crypto";
import type { SecondFactor, User } from "../catalog/objects.js";
import { LoginError } from "./login-error.js";

const stepMs = 30_000;

/** The passcode of an authenticator app: https://www.rfc-editor.org/rfc/rfc6238 */
export function computePasscode(totpSecret: string, time = Date.now()): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(time / stepMs)));
  const hash = createHmac("sha1", Buffer.from(totpSecret, "hex")).update(counter).digest();
  const offset = (hash.at(-1) ?? 0) & 0x0f;
  return String((hash.readUInt32BE(offset) & 0x7fff_ffff) % 1_000_000).padStart(6, "0");
}

/** The passcodes that have opened a session: each is good once, and one before it no more. */
export class UsedPasscodes {
  /** The time step of each user's last one. */
  #lastSteps = new WeakMap<User, number>();

  /** Whether it is one of the user's, now or a moment ago, and was not used. */
  take(user: User, passcode: string): boolean {
    const secret = user.secondFactor?.totpSecret;
    if (secret === undefined) return false;
    const now = Math.floor(Date.now() / stepMs);
    const step = [now, now - 1].find((each) => computePasscode(secret, each * stepMs) === passcode);
    if (step === undefined || step <= (this.#lastSteps.get(user) ?? 0)) return false;
    this.#lastSteps.set(user, step);
    return true;
  }

  clear(): void {
    this.#lastSteps = new WeakMap();
  }
}

/** What came beside the password. */
export interface GivenFactor {
  /** Whether a second factor was asked for. */
  readonly isAsked: boolean;
  readonly passcode: string | undefined;
  /** Whether a token stands for the second factor. */
  readonly isKept: boolean;
}

/**
 * Lets a user through who has a second factor and proves it.
 * https://docs.snowflake.com/en/user-guide/security-mfa lists the codes 390120 to 390132
 *
 * @throws LoginError 390120 denied, 390122 none set up, 390126 not answered, 390127 a wrong passcode, 390132 nowhere to
 *   ask, 394508 or 394509 a password alone
 */
export function requireSecondFactor(user: User, given: GivenFactor, passcodes: UsedPasscodes): void {
  const factor: SecondFactor | undefined = user.secondFactor;
  if (factor === undefined) {
    if (given.passcode === undefined) return;
    throw new LoginError("390122", "The user is not enrolled in multi-factor authentication.");
  }
  if (given.isKept) return;
  if (!given.isAsked && given.passcode === undefined) {
    throw factor.push === undefined ? passcodeMissing() : otherFactorMissing();
  }
  if (given.passcode !== undefined) {
    if (passcodes.take(user, given.passcode)) return;
    throw new LoginError("390127", "Incorrect passcode was specified.");
  }
  switch (factor.push) {
    case "approve":
      return;
    case "deny":
      throw new LoginError("390120", "The log-in request was denied.");
    case "ignore":
      throw new LoginError(approvalTimedOut, "The log-in request was not approved in time.");
    case undefined:
      throw new LoginError("390132", "Push is not enabled: provide a passcode.");
  }
}

// Users of Snowflake report both codes with these texts (sqlState 08001 and 08004); its documentation has neither.
function passcodeMissing(): LoginError {
  return new LoginError(
    "394508",
    "Failed to authenticate: MFA with TOTP is required. To authenticate, provide both your password and a current " +
      "TOTP passcode.",
  );
}

function otherFactorMissing(): LoginError {
  return new LoginError(
    "394509",
    "Failed to authenticate: MFA authentication is required, but none of your current MFA methods are supported for " +
      "programmatic authentication.",
  );
}

/** Answered once the time for it is over. */
export const approvalTimedOut = "390126";
