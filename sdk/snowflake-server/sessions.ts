import { randomBytes } from "node:crypto";
import type { SecondaryRoles } from "./catalog/privileges.js";
import { LIMITS } from "./limits.js";
import type { SessionParameters } from "./statements/parameters.js";

/** Why a session's token is not accepted any more, as `control.expireSessions` has it. */
export type SessionEnd =
  /** 390112; the driver renews the token and repeats the request. */
  | "renewable"
  /** 390112, and the renewal is refused with 390114. */
  | "master-expired"
  /** 390111. */
  | "gone"
  /** HTTP 401 with 390104. */
  | "unauthorized";

/** An open session: who it is, its context, its parameters and its tokens. */
export interface Session {
  readonly id: number;
  readonly user: string;
  readonly clientAddress: string;
  readonly parameters: SessionParameters;
  token: string;
  /** Tokens that a renewal replaced: a request still under way may carry one. */
  retiredTokens: readonly string[];
  readonly masterToken: string;
  role: string;
  secondaryRoles: SecondaryRoles;
  database: string | undefined;
  schema: string | undefined;
  warehouse: string | undefined;
  end: SessionEnd | undefined;
  lastQueryId: string | undefined;
  tokenEndsAt: number;
  masterEndsAt: number;
}

/** How long tokens are good for; the session goes with its master token. */
export interface TokenValidity {
  readonly tokenSeconds: number;
  readonly masterSeconds: number;
}

/** The open sessions, found by the token or the master token of a request. */
export class Sessions {
  /** The one used longest ago comes first. */
  readonly #open = new Map<number, Session>();
  readonly #byToken = new Map<string, Session>();
  #lastId = 1_172_562_260_000;

  constructor(readonly validity: TokenValidity) {}

  /** Those that are live, or that a renewal brings back. */
  get count(): number {
    this.#closeEnded();
    return [...this.#open.values()].filter(({ end }) => end === undefined || end === "renewable").length;
  }

  open(
    context: Pick<
      Session,
      | "user"
      | "role"
      | "secondaryRoles"
      | "database"
      | "schema"
      | "warehouse"
      | "clientAddress"
      | "parameters"
    >,
  ): Session {
    if (this.#open.size >= LIMITS.sessions) this.#closeEnded();
    for (const oldest of this.#open.values()) {
      if (this.#open.size < LIMITS.sessions) break;
      this.close(oldest);
    }
    this.#lastId += 1;
    const session: Session = {
      id: this.#lastId,
      ...context,
      token: newToken("session"),
      retiredTokens: [],
      masterToken: newToken("master"),
      end: undefined,
      lastQueryId: undefined,
      ...this.#newEnds(),
    };
    this.#open.set(session.id, session);
    this.#byToken.set(session.token, session).set(session.masterToken, session);
    return session;
  }

  close(session: Session): void {
    this.#open.delete(session.id);
    for (const token of [session.token, session.masterToken, ...session.retiredTokens]) {
      this.#byToken.delete(token);
    }
  }

  closeAll(): void {
    this.#open.clear();
    this.#byToken.clear();
  }

  /** The session of a session token, with its end told where its time is over. */
  findByToken(token: string): Session | undefined {
    const session = this.#find(token);
    if (session === undefined || session.masterToken === token) return undefined;
    if (session.tokenEndsAt <= Date.now()) session.end ??= "renewable";
    // Used now: the last to go where there are too many.
    this.#open.delete(session.id);
    this.#open.set(session.id, session);
    return session;
  }

  findByMasterToken(token: string): Session | undefined {
    const session = this.#find(token);
    return session?.masterToken === token ? session : undefined;
  }

  /** Whether a token is of a session that is there, live or not. */
  knows(token: string): boolean {
    return this.#find(token) !== undefined;
  }

  /** Gives an expired session a new token. */
  renew(session: Session): void {
    const retired = [...session.retiredTokens, session.token];
    session.retiredTokens = retired.slice(-LIMITS.retiredTokens);
    for (const forgotten of retired.slice(0, -LIMITS.retiredTokens)) this.#byToken.delete(forgotten);
    session.token = newToken("session");
    session.end = undefined;
    Object.assign(session, this.#newEnds());
    this.#byToken.set(session.token, session);
  }

  endAll(end: SessionEnd): void {
    for (const session of this.#open.values()) session.end = end;
  }

  #find(token: string): Session | undefined {
    const session = this.#byToken.get(token);
    if (session === undefined || session.masterEndsAt > Date.now()) return session;
    this.close(session);
    return undefined;
  }

  #closeEnded(): void {
    for (const session of this.#open.values()) if (session.masterEndsAt <= Date.now()) this.close(session);
  }

  #newEnds(): Pick<Session, "tokenEndsAt" | "masterEndsAt"> {
    const { tokenSeconds, masterSeconds } = this.validity;
    return {
      tokenEndsAt: Date.now() + tokenSeconds * 1000,
      masterEndsAt: Date.now() + masterSeconds * 1000,
    };
  }
}

function newToken(kind: string): string {
  return `${kind}-${randomBytes(24).toString("base64url")}`;
}
