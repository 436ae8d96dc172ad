import type { Limit } from "p-limit";
import type { Catalog } from "./catalog/catalog.js";
import type { Faults } from "./faults.js";
import type { Journal } from "./journal.js";
import type { BrowserLogins } from "./login/browser-logins.js";
import type { KeptTokens } from "./login/kept-tokens.js";
import type { SamlResponses } from "./login/saml-responses.js";
import type { UsedPasscodes } from "./login/second-factor.js";
import type { Queries, QuerySettings } from "./queries.js";
import type { Sessions } from "./sessions.js";
import type { AccountIdentity } from "./statements/context.js";

/** A bound on the statements that run at the same time, and what happens to one more. */
export interface StatementLimit {
  readonly atOnce: number;
  /** It waits for its turn, is answered by an HTTP status, or slows down itself and all others under way. */
  readonly beyond: "queue" | "slow" | 429 | 503;
}

/** Settings that the control API may change while the server runs. */
export interface ServerSettings extends QuerySettings {
  /** Before each request is looked at. */
  latencyMs: number;
  statementLimit: (StatementLimit & { readonly takeTurns: Limit }) | undefined;
  /** What the server takes for its clients' address; `undefined` for the socket's own. */
  clientAddress: string | undefined;
  /** Whose tokens workloads of Google Cloud have. */
  readonly googleIssuer: string;
  /** How long a second factor is waited for. */
  approvalTimeoutMs: number;
  /** Where requests to AWS's STS go in its place. */
  readonly stsEndpoint: string | undefined;
}

/** All that the routes share. */
export interface ServerState {
  readonly catalog: Catalog;
  readonly sessions: Sessions;
  readonly faults: Faults;
  readonly journal: Journal;
  readonly queries: Queries;
  readonly browserLogins: BrowserLogins;
  readonly keptTokens: KeptTokens;
  readonly passcodes: UsedPasscodes;
  readonly samlResponses: SamlResponses;
  readonly identity: AccountIdentity;
  readonly settings: ServerSettings;
  /** Aborted when the server stops: ends every wait. */
  readonly stopped: AbortSignal;
  /** Statements under way, by session and request id, and by user and query id: an abort ends them. */
  readonly underWay: Map<string, AbortController>;
}
