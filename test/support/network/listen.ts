import type { AddressInfo, Server, Socket } from "node:net";

/** A server of a test that listens on a free port of this machine. */
export interface Listening {
  readonly port: number;
  /** For one that speaks HTTP. */
  readonly url: string;
  readonly openSockets: number;
  /** Ends its connections, too. */
  stop(): Promise<void>;
}

export async function listen(server: Server): Promise<Listening> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    get openSockets() {
      return sockets.size;
    },
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}
