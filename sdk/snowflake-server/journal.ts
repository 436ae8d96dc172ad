import { Latest } from "./latest.js";
import { LIMITS } from "./limits.js";
import type { Bind } from "./statements/context.js";

/** A statement that reached the server; kept for a test to look at. */
export interface StatementRecord {
  /** The text as it came: a value in it would show here. */
  readonly sql: string;
  /** Such as `CREATE SECRET`; `UNKNOWN` for what is not in the language. */
  readonly kind: string;
  /** Binds by their order, with the values: for a test's proof that they came this way. */
  readonly binds: readonly Bind[];
  readonly user: string;
  readonly role: string;
  readonly sessionId: number;
  readonly queryId: string;
  /** `succeeded`, `described`, an error's code, or `lost` where a fault kept it from being applied or answered. */
  readonly outcome: string;
}

/** Numbers since the start, or since the last reset. */
export interface Counts {
  readonly statements: number;
  readonly byKind: Readonly<Record<string, number>>;
  /** Log-ins tried, and those that succeeded. */
  readonly logins: number;
  readonly successfulLogins: number;
  readonly renewals: number;
  readonly httpRequests: number;
  /** Not reset: sessions open now. */
  readonly openSessions: number;
  /** The most statements that were under way at one time. */
  readonly peakConcurrentStatements: number;
}

/** Keeps what a test asks for afterwards: the latest statements, and all counts. */
export class Journal {
  readonly #records = new Latest<StatementRecord>(LIMITS.journalRecords, LIMITS.journalCharacters);
  #statements = 0;
  readonly #byKind = new Map<string, number>();
  #logins = 0;
  #successfulLogins = 0;
  #renewals = 0;
  #httpRequests = 0;
  #underWay = 0;
  #peak = 0;

  get records(): readonly StatementRecord[] {
    return this.#records.values();
  }

  recordStatement(record: StatementRecord): void {
    const { sql, binds, kind } = record;
    this.#statements += 1;
    this.#byKind.set(kind, (this.#byKind.get(kind) ?? 0) + 1);
    const weight = binds.reduce((sum, { value }) => sum + lengthOf(value), sql.length);
    this.#records.set(String(this.#statements), record, weight);
  }

  recordLoginAttempt(): void {
    this.#logins += 1;
  }

  recordLoginSuccess(): void {
    this.#successfulLogins += 1;
  }

  recordRenewal(): void {
    this.#renewals += 1;
  }

  recordHttpRequest(): void {
    this.#httpRequests += 1;
  }

  get underWay(): number {
    return this.#underWay;
  }

  statementStarted(): void {
    this.#underWay += 1;
    this.#peak = Math.max(this.#peak, this.#underWay);
  }

  statementEnded(): void {
    this.#underWay -= 1;
  }

  counts(openSessions: number): Counts {
    return {
      statements: this.#statements,
      byKind: Object.fromEntries(this.#byKind),
      logins: this.#logins,
      successfulLogins: this.#successfulLogins,
      renewals: this.#renewals,
      httpRequests: this.#httpRequests,
      openSessions,
      peakConcurrentStatements: this.#peak,
    };
  }

  reset(): void {
    this.#records.clear();
    this.#statements = 0;
    this.#byKind.clear();
    this.#logins = 0;
    this.#successfulLogins = 0;
    this.#renewals = 0;
    this.#httpRequests = 0;
    this.#peak = this.#underWay;
  }
}

function lengthOf(value: Bind["value"]): number {
  if (value === null) return 0;
  return typeof value === "string" ? value.length : value.reduce((sum, item) => sum + (item?.length ?? 0), 0);
}
