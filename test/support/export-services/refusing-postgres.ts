import { createServer } from "node:net";
import { listen } from "../network/listen.js";

/** A PostgreSQL server without TLS that ends every log-in with the same SQLSTATE. */
export interface RefusingPostgres {
  readonly host: string;
  readonly port: number;
  stop(): Promise<void>;
}

/** https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-ERRORRESPONSE */
export async function startRefusingPostgres(
  sqlState: string,
  message = "refused",
): Promise<RefusingPostgres> {
  const fields = [`SFATAL`, `VFATAL`, `C${sqlState}`, `M${message}`].map((field) => `${field}\0`).join("");
  const body = Buffer.from(`${fields}\0`);
  const header = Buffer.alloc(5);
  header.write("E");
  header.writeInt32BE(body.length + 4, 1);
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    // Whatever the start-up message says.
    socket.once("data", () => socket.end(Buffer.concat([header, body])));
  });
  const { port, stop } = await listen(server);
  return { host: "127.0.0.1", port, stop };
}
