import { ProviderError } from "../../../provider/core/errors.js";
import { mapStatementError } from "../../../provider/snowflake/driver/errors.js";
import type { Row, SnowflakeSession } from "../../../provider/snowflake/driver/session.js";
import type { Statement } from "../../../provider/snowflake/statements.js";
import { buildControlApi } from "../../../sdk/snowflake-server/build-control-api.js";
import { Catalog } from "../../../sdk/snowflake-server/catalog/catalog.js";
import { Authority, activeSecondaryRoles } from "../../../sdk/snowflake-server/catalog/privileges.js";
import { Faults } from "../../../sdk/snowflake-server/faults.js";
import { type ControlApi, type DemoSeed, seedDemo } from "../../../sdk/snowflake-server/index.js";
import { Journal } from "../../../sdk/snowflake-server/journal.js";
import { BrowserLogins } from "../../../sdk/snowflake-server/login/browser-logins.js";
import { KeptTokens } from "../../../sdk/snowflake-server/login/kept-tokens.js";
import { SamlResponses } from "../../../sdk/snowflake-server/login/saml-responses.js";
import { UsedPasscodes } from "../../../sdk/snowflake-server/login/second-factor.js";
import { Queries } from "../../../sdk/snowflake-server/queries.js";
import type { Cell, ColumnType, ResultSet } from "../../../sdk/snowflake-server/results.js";
import { type Session, Sessions } from "../../../sdk/snowflake-server/sessions.js";
import { parseStatements } from "../../../sdk/snowflake-server/sql/parser.js";
import { execute } from "../../../sdk/snowflake-server/statements/execute.js";
import { SessionParameters } from "../../../sdk/snowflake-server/statements/parameters.js";

const identity = { organizationName: "ACME", accountName: "TESTING", locator: "XY12345", region: "EU" };

/**
 * The Snowflake server's catalog and statements without sockets and driver, for tests that run many thousands of
 * statements. Every secret has the same time of creation, so that the order of statements alone makes no difference.
 */
export class SnowflakeInProcess {
  readonly #catalog = new Catalog();
  readonly #settings = {
    rowCap: 10_000,
    latencyMs: 0,
    statementLimit: undefined,
    refuseBinds: false,
    clientAddress: undefined,
    googleIssuer: "",
    stsEndpoint: undefined,
    approvalTimeoutMs: 0,
  };
  readonly #sessions = new Sessions({ tokenSeconds: 3600, masterSeconds: 14_400 });
  readonly control: ControlApi;
  readonly seed: DemoSeed;

  constructor() {
    const journal = new Journal();
    const queries = new Queries(this.#catalog, identity, journal, this.#settings);
    const state = {
      catalog: this.#catalog,
      journal,
      sessions: this.#sessions,
      faults: new Faults(),
      browserLogins: new BrowserLogins(),
      keptTokens: new KeptTokens(this.#catalog),
      passcodes: new UsedPasscodes(),
      samlResponses: new SamlResponses(),
      queries,
      identity,
      settings: this.#settings,
      stopped: new AbortController().signal,
      underWay: new Map(),
    };
    this.control = buildControlApi(state, () => undefined);
    this.seed = seedDemo(this.control, { password: "none" });
  }

  /** A session of the seeded user; `call` decides when a statement is carried out. */
  openSession(
    call: (statement: Statement, carryOut: () => Promise<readonly Row[]>) => Promise<readonly Row[]>,
  ): SnowflakeSession {
    const { username, role } = this.seed;
    const session = this.#sessions.open({
      parameters: new SessionParameters(),
      user: username,
      role,
      secondaryRoles: "ALL",
      clientAddress: "127.0.0.1",
      database: undefined,
      schema: undefined,
      warehouse: undefined,
    });
    return {
      execute: (statement) => call(statement, async () => this.#carryOut(session, statement)),
      stop: () => undefined,
      isUp: () => true,
      close: async () => undefined,
    };
  }

  #carryOut(session: Session, statement: Statement): readonly Row[] {
    const [parsed] = parseStatements(statement.text);
    if (parsed === undefined)
      throw new ProviderError("INTERNAL", { operation: "no statement", hint: "none." });
    const { rowCap } = this.#settings;
    const secondaryRoles = activeSecondaryRoles(this.#catalog, session);
    const binds = (statement.binds ?? []).map(
      (bind, index) => [index + 1, { type: "TEXT", value: bind.expose() }] as const,
    );
    const context = {
      catalog: this.#catalog,
      session,
      authority: new Authority(this.#catalog, session.role, secondaryRoles),
      binds: new Map(binds),
      identity,
      rowCap,
      findResult: () => undefined,
    };
    try {
      return toRows(execute(context, parsed.statement));
    } catch (error) {
      throw mapStatementError(
        error,
        { ...statement, hasSent: true, address: "in process", proxy: undefined },
        () => false,
      );
    }
  }
}

function toRows({ columns, rows }: ResultSet): readonly Row[] {
  return rows.map((row) =>
    Object.fromEntries(columns.map(({ name, type }, index) => [name, toCell(type, row[index] ?? null)])),
  );
}

/** Of every object: the order in which they were made is no part of a state, and all of them are of this day. */
const createdOn = new Date();

function toCell(type: ColumnType, cell: Cell): unknown {
  if (cell === null) return null;
  if (type === "timestamp_ltz") return createdOn;
  if (type === "fixed") return Number(cell);
  return type === "boolean" ? cell === "true" || cell === "1" : cell;
}

/** Whether a statement reads or changes the secrets of a schema. */
export function isStep({ text }: Statement): boolean {
  return /^(SHOW|CREATE|CREATE OR REPLACE|ALTER|DROP) SECRET/.test(text);
}

/** Such a statement as an exploration names it. */
export function describeStatement({ text }: Statement): string {
  const [verb] = text.split(" ");
  const name = /"SECRETS"\."([^"]*)"/.exec(text)?.[1];
  return name === undefined ? `${verb} SECRETS` : `${verb} ${name}`;
}
