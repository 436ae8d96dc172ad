import { randomBytes } from "node:crypto";
import { setMaxListeners } from "node:events";
import { buildControlApi } from "./build-control-api.js";
import { Catalog } from "./catalog/catalog.js";
import type { ControlApi } from "./control-api.js";
import { Faults } from "./faults.js";
import { listen } from "./http/listener.js";
import { Journal } from "./journal.js";
import { BrowserLogins } from "./login/browser-logins.js";
import { KeptTokens } from "./login/kept-tokens.js";
import { SamlResponses } from "./login/saml-responses.js";
import { UsedPasscodes } from "./login/second-factor.js";
import { Queries } from "./queries.js";
import type { ServerSettings, ServerState } from "./server-state.js";
import { Sessions } from "./sessions.js";
import type { AccountIdentity } from "./statements/context.js";

export type { ControlApi } from "./control-api.js";
export type { FaultEffect, FaultRule } from "./faults.js";
export { type DemoSeed, seedDemo } from "./seed.js";

/** How a server starts; every option has a default. */
export interface SnowflakeServerOptions {
  /** @default 0, a free one */
  readonly port?: number;
  /** @default "ACME" */
  readonly organizationName?: string;
  /** @default "TESTING" */
  readonly accountName?: string;
  /** What `CURRENT_ACCOUNT()` says. @default "XY12345" */
  readonly locator?: string;
  /** @default "AWS_EU_WEST_1" */
  readonly region?: string;
  /** @default 10000 */
  readonly rowCap?: number;
  /** @default 0 */
  readonly latencyMs?: number;
  /** @default "127.0.0.1" */
  readonly host?: string;
  /** Certificate and key as PEM: then it answers HTTPS only. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** The password of user ADMIN. @default a new one */
  readonly adminPassword?: string;
  /** Parameters of the account, which every session starts with: `{ TIMEZONE: "Europe/Vienna" }`. */
  readonly accountParameters?: Readonly<Record<string, string>>;
  /** What the account holds at the start, and again after `control.reset()`. @default what every account has */
  readonly seed?: (control: ControlApi) => void;
  /** The issuer of the tokens of workloads on Google Cloud. @default "https://accounts.google.com" */
  readonly googleIssuer?: string;
  /** Where signed requests of workloads on AWS go. @default the STS that they were signed for */
  readonly stsEndpoint?: string;
  /** How long a session's token is good for. @default 3600, as Snowflake's */
  readonly tokenValiditySeconds?: number;
  /** How long it can be renewed; each renewal begins anew. @default 14400, as Snowflake's */
  readonly masterTokenValiditySeconds?: number;
}

/** Options for snowflake-sdk's `createConnection`: the account's administrator, over plain HTTP. */
export interface DriverOptions {
  readonly account: string;
  readonly accessUrl: string;
  readonly username: string;
  readonly password: string;
  readonly role: string;
  readonly timeout: number;
  readonly sfRetryMaxLoginRetries: number;
}

/** A running server: its address, its account, and the control API to it. */
export interface SnowflakeServer {
  /** Without a slash at its end, which the Node driver would double. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** As a client names it: organization and account with a dash. */
  readonly account: string;
  readonly identity: AccountIdentity;
  /** User ADMIN with role ACCOUNTADMIN; spread it and put another user's credentials over it. */
  readonly connection: DriverOptions;
  readonly control: ControlApi;
  /** Ends every connection and every wait. */
  stop(): Promise<void>;
}

/** Starts a Snowflake account: by default on the loopback address, with nothing in it but what every account has. */
export async function startSnowflakeServer(options: SnowflakeServerOptions = {}): Promise<SnowflakeServer> {
  const identity: AccountIdentity = {
    organizationName: options.organizationName ?? "ACME",
    accountName: options.accountName ?? "TESTING",
    locator: options.locator ?? "XY12345",
    region: options.region ?? "AWS_EU_WEST_1",
  };
  const initialSettings: ServerSettings = {
    rowCap: options.rowCap ?? 10_000,
    latencyMs: options.latencyMs ?? 0,
    statementLimit: undefined,
    refuseBinds: false,
    clientAddress: undefined,
    googleIssuer: options.googleIssuer ?? "https://accounts.google.com",
    stsEndpoint: options.stsEndpoint,
    approvalTimeoutMs: 60_000,
  };
  const settings = { ...initialSettings };
  const stopping = new AbortController();
  // Every request that waits listens for the stop.
  setMaxListeners(0, stopping.signal);
  const catalog = new Catalog();
  const journal = new Journal();
  const state: ServerState = {
    catalog,
    journal,
    sessions: new Sessions({
      tokenSeconds: options.tokenValiditySeconds ?? 3600,
      masterSeconds: options.masterTokenValiditySeconds ?? 14_400,
    }),
    browserLogins: new BrowserLogins(),
    keptTokens: new KeptTokens(catalog),
    passcodes: new UsedPasscodes(),
    samlResponses: new SamlResponses(),
    faults: new Faults(),
    queries: new Queries(catalog, identity, journal, settings),
    identity,
    settings,
    stopped: stopping.signal,
    underWay: new Map<string, AbortController>(),
  };
  const password = options.adminPassword ?? randomBytes(18).toString("base64url");
  const fill = (): void => {
    control.createUser({ name: "ADMIN", password, roles: ["ACCOUNTADMIN"] });
    for (const [name, value] of Object.entries(options.accountParameters ?? {})) {
      control.setParameter(name, value);
    }
    options.seed?.(control);
  };
  const control = buildControlApi(state, () => {
    for (const aborting of state.underWay.values()) aborting.abort();
    state.faults.clear();
    state.sessions.closeAll();
    state.queries.clear();
    state.browserLogins.clear();
    state.keptTokens.clear();
    state.passcodes.clear();
    state.samlResponses.clear();
    catalog.clear();
    Object.assign(settings, initialSettings);
    fill();
    journal.reset();
  });
  fill();
  const host = options.host ?? "127.0.0.1";
  const { server, port } = await listen(state, {
    port: options.port ?? 0,
    host,
    ...(options.tls === undefined ? {} : { tls: options.tls }),
  });
  const shownHost = nameForClients(host);
  const url = `${options.tls === undefined ? "http" : "https"}://${shownHost.includes(":") ? `[${shownHost}]` : shownHost}:${port}`;
  const account = `${identity.organizationName}-${identity.accountName}`.toLowerCase();
  return {
    url,
    host: shownHost,
    port,
    account,
    identity,
    connection: {
      account,
      accessUrl: url,
      username: "ADMIN",
      password,
      role: "ACCOUNTADMIN",
      timeout: 10_000,
      sfRetryMaxLoginRetries: 0,
    },
    control,
    stop: async () => {
      stopping.abort();
      const closed = new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
      server.closeAllConnections();
      await closed;
    },
  };
}

/** A server that listens on every address is reached from this machine by the loopback one. */
function nameForClients(host: string): string {
  return host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
}
