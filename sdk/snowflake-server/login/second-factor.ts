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

/** The passcodes that have opened a session: each is good once. */
export class UsedPasscodes {
  readonly #used = new Set<string>();

  /** Whether it is one of the user's, now or a moment ago, and was not used. */
  take({ name, secondFactor }: User, passcode: string): boolean {
    const secret = secondFactor?.totpSecret;
    const use = `${name} ${passcode}`;
    if (secret === undefined || this.#used.has(use)) return false;
    const now = Date.now();
    if (![now, now - stepMs].some((time) => computePasscode(secret, time) === passcode)) return false;
    this.#used.add(use);
    return true;
  }

  clear(): void {
    this.#used.clear();
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
 *   ask, 394509 a password alone
 */
export function requireSecondFactor(user: User, given: GivenFactor, passcodes: UsedPasscodes): void {
  const factor: SecondFactor | undefined = user.secondFactor;
  if (factor === undefined) {
    if (given.passcode === undefined) return;
    throw new LoginError("390122", "The user is not enrolled in multi-factor authentication.");
  }
  if (given.isKept) return;
  if (!given.isAsked && given.passcode === undefined) {
    throw new LoginError("394509", "Multi-factor authentication is required for this account.");
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

/** Answered once the time for it is over. */
export const approvalTimedOut = "390126";
