import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { buildSafeCause, ProviderError } from "../../../provider/core/errors.js";

/** Where to listen. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** A server that was started. */
export interface Listener {
  readonly url: string;
  /** Ends it at once, whoever is connected. */
  close(): Promise<void>;
}

/** Starts a server. @throws ProviderError `INVALID_INPUT` for an address that cannot be had */
export async function listen(server: Server, address: ListenAddress): Promise<Listener> {
  const { host, port } = address;
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(explainListen(error, address)));
    server.listen(port, host, resolve);
  });
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function explainListen(error: unknown, { host, port }: ListenAddress): ProviderError {
  const cause = buildSafeCause(error);
  const isTaken = cause.code === "EADDRINUSE";
  return new ProviderError("INVALID_INPUT", {
    operation: isTaken ? "the port is in use" : `cannot listen at this address (${cause.code ?? cause.name})`,
    target: `${host}:${port}`,
    hint: isTaken ? "give another port, or end the process that has it." : "give an address of this machine.",
    cause,
  });
}
