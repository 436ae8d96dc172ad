import type { ConnectionOptions } from "snowflake-sdk";
import { closeDriver, connectDriver, queryRows } from "./node-driver.js";

/** A log-in that the parent asks for. */
export interface LoginOrder {
  readonly id: number;
  readonly options: ConnectionOptions;
}

/** What it is told: the page that the driver opens, and how the log-in ended. */
export type LoginNews = { readonly id: number } & (
  | { readonly page: string }
  | { readonly user: string }
  | { readonly code: unknown; readonly message: string }
);

const tell = (news: LoginNews): void => void process.send?.(news);

async function logIn({ id, options }: LoginOrder): Promise<void> {
  try {
    const connection = await connectDriver({
      ...options,
      openExternalBrowserCallback: (page: string) => tell({ id, page }),
    });
    const [row] = await queryRows(connection, "SELECT CURRENT_USER() AS WHO");
    await closeDriver(connection);
    tell({ id, user: String(row?.WHO) });
  } catch (error) {
    const { code, message } = error as { readonly code?: unknown; readonly message: string };
    tell({ id, code, message });
  }
}

async function main(): Promise<void> {
  const { default: driver } = await import("snowflake-sdk");
  // Nobody tells whether a test's certificate is still good.
  driver.configure({ disableOCSPChecks: true });
  process.on("message", (order: LoginOrder) => void logIn(order));
  // What the driver lets fall would end the process: the parent sees it in the output.
  process.on("unhandledRejection", (reason) => console.error("unhandled:", reason));
  process.send?.("ready");
}

void main();
