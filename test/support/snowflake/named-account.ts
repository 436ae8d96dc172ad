import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ConnectionOptions } from "snowflake-sdk";
import { type SnowflakeServer, startSnowflakeServer } from "../../../sdk/snowflake-server/index.js";
import { type NamedHosts, startNamedHosts } from "../network/named-hosts.js";
import { tsxLoader } from "../tsx-loader.js";
import type { LoginNews, LoginOrder } from "./driver-child.js";

/** How a log-in of the driver ended, and which pages it opened. */
export type DriverLogin = { readonly pages: readonly string[] } & (
  | { readonly user: string }
  | { readonly code: unknown; readonly message: string }
);

/**
 * An account under a name of Snowflake's. Where a person logs in, the driver goes to that name by https, and knows no
 * port; only the proxy knows where it is.
 */
export interface NamedAccount extends Pick<NamedHosts, "proxy" | "authority"> {
  readonly server: SnowflakeServer;
  /** Where the driver keeps tokens. */
  readonly cache: string;
  /** All that the driver's process has written. */
  output(): string;
  /**
   * Logs in with the unmodified driver, in a process of its own: Node reads which authorities it trusts at the start.
   *
   * @param visit the person in front of the page that the driver opens
   */
  logIn(
    options: Partial<ConnectionOptions>,
    visit?: (page: string) => Promise<unknown>,
  ): Promise<DriverLogin>;
  stop(): Promise<void>;
}

export const accountHost = "acme-testing.snowflakecomputing.com";

/** @param others more servers of this machine without TLS, and the names by which the proxy leads to them */
export async function startNamedAccount(
  others: Readonly<Record<string, number>> = {},
): Promise<NamedAccount> {
  const folder = mkdtempSync(join(tmpdir(), "named-account-"));
  const server = await startSnowflakeServer();
  const hosts = await startNamedHosts(folder, { [accountHost]: server.port, ...others });
  const { authority, proxy } = hosts;
  let output = "";
  const child = fork(join(__dirname, "driver-child.ts"), {
    execArgv: ["--import", tsxLoader],
    cwd: folder,
    silent: true,
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      NODE_EXTRA_CA_CERTS: authority.file,
      SF_TEMPORARY_CREDENTIAL_CACHE_DIR: folder,
    },
  });
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text: Buffer) => (output += text));
  await new Promise((ready) => child.once("message", ready));
  let orders = 0;
  return {
    server,
    proxy,
    authority,
    cache: join(folder, "credential_cache_v1.json"),
    output: () => output,
    logIn: (options, visit = async () => undefined) =>
      order(child, visit, {
        id: orders++,
        options: {
          account: server.account,
          accessUrl: server.url,
          host: accountHost,
          proxyHost: "127.0.0.1",
          proxyPort: proxy.port,
          noProxy: "127.0.0.1",
          timeout: 10_000,
          sfRetryMaxLoginRetries: 0,
          browserActionTimeout: 10_000,
          ...options,
        },
      }),
    stop: async () => {
      child.kill();
      await Promise.all([hosts.stop(), server.stop()]);
      rmSync(folder, { recursive: true });
    },
  };
}

function order(
  child: ChildProcess,
  visit: (page: string) => Promise<unknown>,
  { id, options }: LoginOrder,
): Promise<DriverLogin> {
  const pages: string[] = [];
  return new Promise((ended, failed) => {
    const listen = (news: LoginNews): void => {
      if (news.id !== id) return;
      if ("page" in news) {
        pages.push(news.page);
        visit(news.page).catch(failed);
        return;
      }
      child.off("message", listen);
      child.off("exit", gone);
      const { id: _id, ...end } = news;
      ended({ pages, ...end });
    };
    const gone = (): void => failed(new Error("The driver's process has ended."));
    child.on("message", listen);
    child.once("exit", gone);
    child.send({ id, options });
  });
}
