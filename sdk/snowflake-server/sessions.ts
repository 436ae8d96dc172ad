import { randomBytes } from "node:crypto";
import type { ParameterValue } from "./statements/parameters.js";

/** Why a session's token is not accepted any more, as `door.expireSessions` has it. */
export type SessionEnd =
  /** 390112; the driver renews the token and repeats the request. */
  | "renewable"
  /** 390112, and the renewal is refused with 390114. */
  | "master-expired"
  /** 390111. */
  | "gone"
  /** HTTP 401 with 390104. */
  | "unauthorized";

export interface Session {
  readonly id: number;
  readonly user: string;
  readonly clientAddress: string;
  readonly parameters: Map<string, ParameterValue>;
  token: string;
  /** Tokens that a renewal replaced: a request still under way may carry one. */
  readonly retiredTokens: Set<string>;
  masterToken: string;
  role: string;
  database: string | undefined;
  schema: string | undefined;
  warehouse: string | undefined;
  end: SessionEnd | undefined;
}

/** The open sessions, found by the token or the master token of a request. */
export class Sessions {
  readonly #open = new Map<number, Session>();
  #lastId = 1_172_562_260_000;

  /** Those that are live, or that a renewal brings back. */
  get count(): number {
    return [...this.#open.values()].filter(({ end }) => end === undefined || end === "renewable").length;
  }

  open(
    context: Pick<Session, "user" | "role" | "database" | "schema" | "warehouse" | "clientAddress">,
  ): Session {
    this.#lastId += 1;
    const session: Session = {
      id: this.#lastId,
      ...context,
      parameters: new Map(),
      token: newToken("session"),
      retiredTokens: new Set(),
      masterToken: newToken("master"),
      end: undefined,
    };
    this.#open.set(session.id, session);
    return session;
  }

  close(session: Session): void {
    this.#open.delete(session.id);
  }

  findByToken(token: string): Session | undefined {
    return [...this.#open.values()].find(
      (session) => session.token === token || session.retiredTokens.has(token),
    );
  }

  findByMasterToken(token: string): Session | undefined {
    return [...this.#open.values()].find((session) => session.masterToken === token);
  }

  /** Gives an expired session a new token. */
  renew(session: Session): void {
    session.retiredTokens.add(session.token);
    session.token = newToken("session");
    session.end = undefined;
  }

  endAll(end: SessionEnd): void {
    for (const session of this.#open.values()) session.end = end;
  }
}

function newToken(kind: string): string {
  return `${kind}-${randomBytes(24).toString("base64url")}`;
}
