import { randomBytes } from "node:crypto";
import type { Catalog } from "../catalog/catalog.js";
import type { User } from "../catalog/objects.js";
import { LoginError, wrongCredentials } from "./login-error.js";

interface BrowserLogin {
  readonly proofKey: string;
  readonly port: number;
  /** Set when somebody has logged in, with the token that the browser brought. */
  done?: { readonly token: string; readonly user: string };
}

const most = 1_000;

/** The log-ins that go by a browser: the page where a person logs in, and what it hands to the client. */
export class BrowserLogins {
  readonly #logins = new Map<string, BrowserLogin>();

  /** For a client that listens on a port of the person's machine. */
  begin(port: number): { readonly id: string; readonly proofKey: string } {
    const id = randomBytes(16).toString("hex");
    const proofKey = randomBytes(32).toString("base64");
    this.#logins.set(id, { proofKey, port });
    const [oldest] = this.#logins.keys();
    if (this.#logins.size > most && oldest !== undefined) this.#logins.delete(oldest);
    return { id, proofKey };
  }

  has(id: string): boolean {
    return this.#logins.has(id);
  }

  /** Where the browser goes with a user who logged in; undefined where the password is not the user's. */
  finish(catalog: Catalog, id: string, name: string, password: string): string | undefined {
    const login = this.#logins.get(id);
    const user = catalog.users.get(name.toUpperCase());
    if (login === undefined || password === "" || user?.password !== password) return undefined;
    const token = randomBytes(48).toString("base64url");
    login.done = { token, user: user.name };
    return `http://localhost:${login.port}/?token=${token}`;
  }

  /** The user whom the browser brought; the token is good once, and for the one who holds the key to it. */
  prove(catalog: Catalog, { token, proofKey, loginName }: Proof): User | LoginError {
    const found = [...this.#logins].find(([, { done }]) => done !== undefined && done.token === token);
    if (found === undefined || found[1].proofKey !== proofKey) return wrongCredentials();
    const [id, { done }] = found;
    this.#logins.delete(id);
    const user = catalog.users.get(done?.user ?? "");
    if (user === undefined) return wrongCredentials();
    if (loginName !== undefined && loginName.toUpperCase() !== user.name) {
      return new LoginError(
        "390191",
        "The user you were trying to authenticate as differs from the user currently logged in at the IDP.",
      );
    }
    return user;
  }
}

interface Proof {
  readonly token: string;
  readonly proofKey: string;
  readonly loginName: string | undefined;
}

/** The page of a log-in. The names of its fields are those of the form that it sends. */
export function buildLoginPage(id: string, note = ""): string {
  return `<!doctype html><title>Log in to Snowflake</title><h1>Log in to Snowflake</h1><p>${note}</p>
<form method="post" action="/sso"><input type="hidden" name="id" value="${id}">
<input name="user" placeholder="User" autofocus><input name="password" type="password" placeholder="Password">
<button>Log in</button></form>`;
}
