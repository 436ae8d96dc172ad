import { AsyncResource } from "node:async_hooks";
import { closeSync, constants, openSync } from "node:fs";
import { buildSafeCause, ProviderError } from "../../core/errors.js";
import { listInWords } from "../../core/list-in-words.js";
import type { SnowflakeAuthentication, SnowflakeConnection } from "../connection/connection.js";
import { loginMethods } from "../connection/login/index.js";
import { type Statement, showAccountParameter } from "../statements.js";
import { openBrowser } from "./browser.js";
import { findRefusedHint } from "./credential-hints.js";

/** How long a person may take for a log-in, in milliseconds; the driver's own default for the browser. */
export const personTimeoutMs = 120_000;

/** A second factor is asked for only where the driver kept no token; that is answered sooner than this. */
const quickAnswerMs = 3_000;

/** Where a person is asked, and told. */
export interface PersonOptions {
  /** Told what a person is to do, while it is waited for. @default nobody */
  readonly report?: (line: string) => void;
  /** Told what a person should know although the log-in worked. @default nobody */
  readonly warn?: (line: string) => void;
  /** Why nobody can take part in a log-in here; undefined where somebody can. @default findAbsence */
  readonly findAbsence?: () => string | undefined;
}

/** What a person does in a log-in, and how that went. */
export class PersonsPart {
  /** Settles, with a `ProviderError`, only where the person cannot be asked. */
  readonly failed: Promise<never>;
  #fail: (error: ProviderError) => void = () => undefined;
  #isAsked = false;
  readonly #reminder: NodeJS.Timeout | undefined;

  /** @param what "log in with the browser" */
  constructor(
    private readonly what: string,
    private readonly connection: SnowflakeConnection,
    private readonly report: (line: string) => void,
  ) {
    this.failed = new Promise((_resolve, reject) => {
      this.#fail = reject;
    });
    this.failed.catch(() => undefined);
    if (connection.authentication.kind === "password-mfa") {
      this.#reminder = setTimeout(() => this.#ask(), quickAnswerMs);
    }
  }

  /**
   * For the driver: opens the page where the person logs in. It opens it again and again for a token that Snowflake
   * refuses, so once is enough: a kept token opens none.
   */
  // Called by the driver, but not part of what ends with its log-in: the engine is told by way of the same process.
  readonly open = AsyncResource.bind((url: string): void => {
    if (this.#isAsked) {
      this.#fail(
        new ProviderError("AUTHENTICATION_FAILED", {
          operation: "Snowflake refused the log-in with the browser",
          target: `account ${this.connection.account}`,
          hint: findRefusedHint(this.connection) ?? "log in with the browser as the user of the connection.",
        }),
      );
      return;
    }
    this.#ask();
    openBrowser(url).catch((error: unknown) => {
      const cause = buildSafeCause(error);
      this.#fail(
        new ProviderError("AUTHENTICATION_FAILED", {
          operation: `no browser could be opened for the log-in (${cause.code ?? cause.name})`,
          target: `account ${this.connection.account}`,
          hint: `set BROWSER to the program that opens a page, or ${otherWays()}.`,
          cause,
        }),
      );
    });
  });

  /** Whether a person was waited for. */
  get isAsked(): boolean {
    return this.#isAsked;
  }

  /** What a time-out means. */
  explainTimeout(): ProviderError | undefined {
    if (!this.#isAsked) return undefined;
    return new ProviderError("TIMED_OUT", {
      operation: `the log-in to Snowflake waited ${personTimeoutMs / 1000} s for somebody to ${this.what}`,
      target: `account ${this.connection.account}`,
      hint: "run again, and finish it in time.",
      retryable: true,
    });
  }

  end(): void {
    clearTimeout(this.#reminder);
  }

  #ask(): void {
    this.#isAsked = true;
    const { account, username } = this.connection;
    const who = username === undefined ? "" : ` as ${username}`;
    this.report(
      `A person must ${this.what}${who}, for Snowflake account ${account}. This waits for ${personTimeoutMs / 1000} s.`,
    );
  }
}

/**
 * The part of a person in a log-in; undefined where it needs nobody.
 *
 * @throws ProviderError `INVALID_INPUT` where nobody can take part: a browser window on a build server helps nobody
 */
export function findPersonsPart(
  connection: SnowflakeConnection,
  { report = () => undefined, findAbsence: absence = findAbsence }: PersonOptions,
): PersonsPart | undefined {
  const { authentication } = connection;
  const what = findWhat(authentication);
  if (what === undefined) return undefined;
  const reason = absence();
  if (reason === undefined) return new PersonsPart(what, connection, report);
  throw new ProviderError("INVALID_INPUT", {
    operation: `this log-in needs a person who can ${what}, and ${reason}`,
    target: `account ${connection.account}`,
    hint: `${otherWays()}.`,
  });
}

function findWhat(authentication: SnowflakeAuthentication): string | undefined {
  // A passcode has been got already.
  if (authentication.kind === "password-mfa" && authentication.passcode !== undefined) return undefined;
  return loginMethods.find(({ kind }) => kind === authentication.kind)?.person;
}

function otherWays(): string {
  const names = loginMethods
    .filter(({ person }) => person === undefined)
    .map(({ authenticators: [name] }) => name);
  return `set authenticator to a way that needs nobody: ${listInWords(names, "or")}`;
}

/** Why nobody can take part in a log-in of this process; undefined where somebody can. */
export function findAbsence(
  env: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
): string | undefined {
  if (!["", "0", "false"].includes(env.CI?.toLowerCase() ?? "")) return "the environment variable CI is set";
  if (platform === "win32") return undefined;
  try {
    // The streams of a provider are pipes, whoever started Pulumi.
    closeSync(openSync("/dev/tty", constants.O_RDONLY | constants.O_NOCTTY));
    return undefined;
  } catch {
    return "this process has no terminal";
  }
}

/** The account parameter without which Snowflake gives the driver no token to keep. */
const keepingParameters: Readonly<Partial<Record<SnowflakeAuthentication["kind"], string>>> = {
  "external-browser": "ALLOW_ID_TOKEN",
  "password-mfa": "ALLOW_CLIENT_MFA_CACHING",
};

/** Says how a person is asked once and not by each process, where the account is what stands in the way. */
export async function warnOfNextLogin(
  execute: (statement: Statement) => Promise<readonly Readonly<Record<string, unknown>>[]>,
  { account, authentication }: SnowflakeConnection,
  warn: (line: string) => void,
): Promise<void> {
  const parameter = keepingParameters[authentication.kind];
  if (parameter === undefined) return;
  // Nothing depends on it.
  const rows = await execute(showAccountParameter(parameter)).catch(() => []);
  if (rows[0]?.value !== "false") return;
  warn(
    `Snowflake account ${account} lets no log-in be kept, so a preview and up each ask a person. Run pulumi up --skip-preview, or have an account administrator run ALTER ACCOUNT SET ${parameter} = TRUE.`,
  );
}
