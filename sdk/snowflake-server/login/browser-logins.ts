import { randomBytes } from "node:crypto";
import type { Catalog } from "../catalog/catalog.js";
import type { User } from "../catalog/objects.js";
import { LoginError } from "./login-error.js";

interface BrowserLogin {
  readonly proofKey: string;
  readonly port: number;
  readonly until: number;
  /** Set when somebody has logged in, with the token that the browser brought. */
  done?: { readonly token: string; readonly user: string };
}

const most = 1_000;

/** From the page to the log-in with its token. Longer than a driver waits; Snowflake documents no time. */
const validityMs = 10 * 60_000;

/** The log-ins that go by a browser: the page where a person logs in, and what it hands to the client. */
export class BrowserLogins {
  readonly #logins = new Map<string, BrowserLogin>();

  /**
   * For a client that listens on a port of the person's machine.
   *
   * @param proofKey a client that opens the console's own page brings one
   */
  begin(
    port: number,
    proofKey = randomBytes(32).toString("base64"),
  ): { readonly id: string; readonly proofKey: string } {
    const id = randomBytes(16).toString("hex");
    this.#logins.set(id, { proofKey, port, until: Date.now() + validityMs });
    const [oldest] = this.#logins.keys();
    if (this.#logins.size > most && oldest !== undefined) this.#logins.delete(oldest);
    return { id, proofKey };
  }

  has(id: string): boolean {
    return this.#find(id) !== undefined;
  }

  /** Where the browser goes with a user who logged in; undefined where the password is not the user's. */
  finish(catalog: Catalog, id: string, name: string, password: string): string | undefined {
    const login = this.#find(id);
    const user = catalog.users.get(name.toUpperCase());
    if (login === undefined || password === "" || user?.password !== password) return undefined;
    const token = randomBytes(48).toString("base64url");
    login.done = { token, user: user.name };
    return `http://localhost:${login.port}/?token=${token}`;
  }

  /**
   * The user whom the browser brought; the token is good once, and for the one who holds the key to it.
   * https://docs.snowflake.com/en/user-guide/errors-saml lists the codes.
   *
   * @throws LoginError 390133 for a token that is not known, was used or is too old, 390178 for another's key, 390191
   *   for another user's
   */
  prove(catalog: Catalog, { token, proofKey, loginName }: Proof): User {
    const [id, login] = [...this.#logins].find(([, { done }]) => done?.token === token) ?? [];
    if (id === undefined || this.#find(id) === undefined) throw invalidResponse();
    if (login?.proofKey !== proofKey) {
      throw invalidResponse("390178");
    }
    this.#logins.delete(id);
    const user = catalog.users.get(login.done?.user ?? "");
    if (user === undefined) throw invalidResponse();
    if (loginName !== undefined && loginName.toUpperCase() !== user.name) {
      throw new LoginError(
        "390191",
        "The user you were trying to authenticate as differs from the user currently logged in at the IDP.",
      );
    }
    return user;
  }

  clear(): void {
    this.#logins.clear();
  }

  #find(id: string): BrowserLogin | undefined {
    const login = this.#logins.get(id);
    if (login === undefined || login.until > Date.now()) return login;
    this.#logins.delete(id);
    return undefined;
  }
}

interface Proof {
  readonly token: string;
  readonly proofKey: string;
  readonly loginName: string | undefined;
}

/** Only the code tells what is wrong. @param code 390133 for whatever has no other one */
export function invalidResponse(code = "390133"): LoginError {
  return new LoginError(
    code,
    "SAML response is invalid or matching user is not found. Contact your local system administrator.",
  );
}

/** The page of a log-in. The names of its fields are those of the form that it sends. */
export function buildLoginPage(id: string, note = ""): string {
  return `<!doctype html><title>Log in to Snowflake</title><h1>Log in to Snowflake</h1><p>${note}</p>
<form method="post" action="/sso"><input type="hidden" name="id" value="${id}">
<input name="user" placeholder="User" autofocus><input name="password" type="password" placeholder="Password">
<button>Log in</button></form>`;
}
