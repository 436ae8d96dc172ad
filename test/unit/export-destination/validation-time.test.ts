import { createServer, type Server, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { exportCredentialsArguments } from "../../../provider/export-destination/credentials/index.js";
import { loadPostgresqlProbe } from "../../../provider/export-destination/credentials/postgresql.js";
import { validateCredentials } from "../../../provider/export-destination/validation/validation.js";

let silent: Server;
let port = 0;
const sockets = new Set<Socket>();
beforeEach(async () => {
  // The 10 seconds begin when the driver is loaded.
  await loadPostgresqlProbe();
  silent = createServer((socket) => {
    sockets.add(socket.on("error", () => undefined));
  });
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  port = (silent.address() as { port: number }).port;
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await new Promise<void>((resolve) => void silent.close(() => resolve()));
});

describe("a log-in to a server that is silent", () => {
  it("is over after 10 seconds in all, also where the address service is silent too", async () => {
    const credentials = exportCredentialsArguments.parse({
      type: "postgresql",
      host: "127.0.0.1",
      port,
      database: "d",
      username: "u",
      password: "p",
    });
    const started = Date.now();
    const outcome = await validateCredentials({ egressIpService: `http://127.0.0.1:${port}` }, credentials);
    expect(outcome).toMatchObject({ passed: false, error: { code: "TIMED_OUT" } });
    expect(Date.now() - started).toBeLessThan(10_900);
  }, 30_000);
});
