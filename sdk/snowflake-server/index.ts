import { randomBytes } from "node:crypto";
import { setMaxListeners } from "node:events";
import { Catalog } from "./catalog/catalog.js";
import { buildDoor, type Door } from "./door.js";
import { Faults } from "./faults.js";
import { listen } from "./http/listener.js";
import { Journal } from "./journal.js";
import { Queries } from "./queries.js";
import type { ServerSettings } from "./server-state.js";
import { Sessions } from "./sessions.js";
import type { AccountIdentity } from "./statements/context.js";

export type { Door } from "./door.js";
export type { FaultEffect, FaultRule } from "./faults.js";
export { type DemoSeed, seedDemo } from "./seed.js";

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
  readonly door: Door;
  /** Ends every connection and every wait. */
  stop(): Promise<void>;
}

/** Starts a Snowflake account on a port of the loopback address, with nothing in it but what every account has. */
export async function startSnowflakeServer(options: SnowflakeServerOptions = {}): Promise<SnowflakeServer> {
  const identity: AccountIdentity = {
    organizationName: options.organizationName ?? "ACME",
    accountName: options.accountName ?? "TESTING",
    locator: options.locator ?? "XY12345",
    region: options.region ?? "AWS_EU_WEST_1",
  };
  const settings: ServerSettings = {
    rowCap: options.rowCap ?? 10_000,
    latencyMs: options.latencyMs ?? 0,
    refuseBinds: false,
    clientAddress: undefined,
  };
  const stopping = new AbortController();
  // Every request that waits listens for the stop.
  setMaxListeners(0, stopping.signal);
  const catalog = new Catalog();
  const journal = new Journal();
  const state = {
    catalog,
    journal,
    sessions: new Sessions(),
    faults: new Faults(),
    queries: new Queries(catalog, identity, journal, settings),
    identity,
    settings,
    stopped: stopping.signal,
    underWay: new Map<string, AbortController>(),
  };
  const door = buildDoor(state);
  const password = randomBytes(18).toString("base64url");
  door.createUser({ name: "ADMIN", password, roles: ["ACCOUNTADMIN"] });
  const { server, port } = await listen(state, options.port ?? 0);
  const host = "127.0.0.1";
  const url = `http://${host}:${port}`;
  const account = `${identity.organizationName}-${identity.accountName}`.toLowerCase();
  return {
    url,
    host,
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
    door,
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
