/**
 * Bounds on what a client can make this server hold or do, so that no request ends it or takes its machine. Where
 * Snowflake documents a limit it is that one; the others are this server's own.
 */
export const LIMITS = {
  /** A request without a live session: a log-in, a renewal, telemetry. */
  anonymousBodyBytes: 256 * 1024,
  /** A request of a session, unpacked: a statement with its binds. */
  sessionBodyBytes: 32 * 1024 * 1024,
  /** Snowflake's own limit for the text of a statement. */
  statementBytes: 1024 * 1024,
  statementsPerRequest: 1000,
  generatedRows: 10_000,
  /** Characters of all cells of a result. */
  resultCharacters: 64 * 1024 * 1024,
  /** Results that may be asked for again or later: how many, and characters of them all. */
  keptQueries: 2000,
  keptQueryCharacters: 128 * 1024 * 1024,
  /** Statements in the journal: how many, and characters of texts and binds. The counts go on. */
  journalRecords: 20_000,
  journalCharacters: 64 * 1024 * 1024,
  sessions: 10_000,
  /** Tokens that a session had before its last renewals. */
  retiredTokens: 8,
  sockets: 1024,
  /** A connection without a request is closed after this long. */
  idleSocketMs: 10 * 60_000,
} as const;
