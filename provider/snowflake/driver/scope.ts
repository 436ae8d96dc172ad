import { AsyncLocalStorage, createHook } from "node:async_hooks";
import { subscribe } from "node:diagnostics_channel";
import type { ClientRequest } from "node:http";
import type { Socket } from "node:net";

/**
 * What the driver does on behalf of a session, or of one statement within it. The driver can abort neither a log-in
 * nor a hung statement, sends a failed statement again up to 1,000 times, and goes on after its connection was
 * destroyed. And it follows redirects with all that it sends, to any host and without TLS. Node announces each new
 * request and socket in the async context that made it, so they can be ended here.
 */
export class DriverScope {
  readonly #parent: DriverScope | undefined;
  readonly #audience: ReadonlySet<string> | undefined;
  readonly #children = new Set<DriverScope>();
  readonly #requests = new Set<ClientRequest>();
  readonly #sockets = new Set<Socket>();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #listeners = new Set<() => void>();
  readonly #statusListeners = new Set<(status: number) => void>();
  #ended = false;
  #hasSent = false;
  #hasSentLogin = false;

  /** @param audience the origins that what is sent may go to; any where undefined. The parent's own go before. */
  constructor(parent?: DriverScope, audience?: ReadonlySet<string>) {
    this.#parent = parent;
    this.#audience = parent === undefined ? audience : parent.#audience;
    if (parent) parent.#children.add(this);
    watch();
  }

  /** Runs a call of the driver; what it starts belongs to this scope. */
  run<T>(call: () => T): T {
    return scopes.run(this, call);
  }

  /** Calls back when the scope is ended. */
  onEnd(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Calls back with the HTTP status of each answer, also where the driver keeps it to itself and sends again. */
  onStatus(listener: (status: number) => void): void {
    this.#statusListeners.add(listener);
  }

  /** Whether a request went out to Snowflake; an answer without one is of a proxy that refused to connect. */
  get hasSent(): boolean {
    return this.#hasSent;
  }

  /** Whether Snowflake was sent something to log in with. */
  get hasSentLogin(): boolean {
    return this.#hasSentLogin;
  }

  /** Says that the work of a scope within another one is done. */
  release(): void {
    if (this.#parent) this.#parent.#children.delete(this);
  }

  /** Ends what is under way, and from now on whatever the driver still tries. */
  end(): void {
    this.#ended = true;
    for (const child of this.#children) child.end();
    for (const timer of this.#timers) clearTimeout(timer);
    for (const request of this.#requests) request.destroy(buildCancellation());
    for (const socket of this.#sockets) socket.destroy();
    for (const listener of this.#listeners) listener();
  }

  /** Called before anything of a request is sent: what goes to nobody of the audience is cut off. */
  checkAudience(request: ClientRequest): void {
    if (this.#audience === undefined || !holdsBody(request) || this.#audience.has(originOf(request))) return;
    // It has its socket in a moment, and writes to it after that.
    request.once("socket", (socket) => socket.destroy(buildCancellation()));
  }

  addRequest(request: ClientRequest): void {
    if (!isOfSession(request)) {
      this.#shareSocket(request.socket);
      return;
    }
    if (this.#hasEnded()) {
      process.nextTick(() => request.destroy(buildCancellation()));
      return;
    }
    this.#hasSent = true;
    this.#hasSentLogin ||= request.path.startsWith("/session/v1/login-request");
    this.#requests.add(request);
    request.once("close", () => this.#requests.delete(request));
    request.once("response", ({ statusCode = 0 }) => {
      for (const listener of this.#statusListeners) listener(statusCode);
    });
    // Over TLS a socket is not announced, so it is taken from its request.
    if (request.socket) this.addSocket(request.socket);
  }

  // Sockets serve one statement after another, so they belong to the session.
  addSocket(socket: Socket): void {
    if (this.#parent) {
      this.#parent.addSocket(socket);
    } else if (this.#ended) {
      // Not at once: Node still connects a socket that is destroyed while it is announced, and its request goes first.
      setImmediate(() => socket.destroy());
    } else if (!this.#sockets.has(socket)) {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    }
  }

  // The state of revoked certificates is fetched once for all sessions: cut off, it would leave the others waiting.
  #shareSocket(socket: Socket | null): void {
    let root: DriverScope = this;
    while (root.#parent) root = root.#parent;
    if (socket) root.#sockets.delete(socket);
    socket?.unref();
  }

  /** A retry that the driver waits for must not keep the process: while we wait for the driver, a timer of ours does. */
  addTimer(timer: NodeJS.Timeout): void {
    timer.unref();
    this.#timers.add(timer);
    // Not at once: it does not run yet.
    if (this.#hasEnded()) process.nextTick(() => clearTimeout(timer));
  }

  /** What waits for a browser must not keep the process either; it is bound once it is announced. */
  addServer(server: Unreferenced): void {
    process.nextTick(() => server.unref());
  }

  #hasEnded(): boolean {
    const parent = this.#parent;
    return this.#ended || (parent ? parent.#hasEnded() : false);
  }
}

/** Whether it carries what the driver sends to Snowflake or an identity provider: credentials, statements, values. */
function holdsBody(request: ClientRequest): boolean {
  return /json|x-www-form-urlencoded/i.test(String(request.getHeader("content-type") ?? ""));
}

function originOf(request: ClientRequest): string {
  return new URL(`${request.protocol}//${request.getHeader("host")}`).origin;
}

/** What Node announces when a request is about to get its socket. */
interface HttpResource {
  readonly req: ClientRequest;
}

interface Unreferenced {
  unref(): void;
}

/** Whether a request goes to Snowflake, and not to a service that vouches for certificates. */
function isOfSession({ path }: ClientRequest): boolean {
  return /\/(session|queries|telemetry|monitoring)[/?]|\/session$/.test(path);
}

// The one network error after which the driver does not try again.
function buildCancellation(): Error {
  return Object.assign(new Error("The request was cancelled."), { code: "ERR_CANCELED" });
}

const scopes = new AsyncLocalStorage<DriverScope>();
let isWatching = false;

function watch(): void {
  if (isWatching) return;
  isWatching = true;
  subscribe("http.client.request.start", (message) => {
    scopes.getStore()?.addRequest((message as { request: ClientRequest }).request);
  });
  subscribe("net.client.socket", (message) => {
    scopes.getStore()?.addSocket((message as { socket: Socket }).socket);
  });
  createHook({
    init: (_id, type, _trigger, resource) => {
      if (type === "Timeout") scopes.getStore()?.addTimer(resource as NodeJS.Timeout);
      if (type === "HTTPCLIENTREQUEST") scopes.getStore()?.checkAudience((resource as HttpResource).req);
      if (type === "TCPSERVERWRAP") scopes.getStore()?.addServer(resource as Unreferenced);
    },
  }).enable();
}
