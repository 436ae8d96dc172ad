import { createServer, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { buildText } from "../../../provider/core/secret-content.js";
import { SecretValue } from "../../../provider/core/secret-value.js";
import { openSession } from "../../../provider/snowflake/driver/session.js";
import { buildCreateSecret } from "../../../provider/snowflake/statements.js";
import {
  type DemoSeed,
  type SnowflakeServer,
  seedDemo,
  startSnowflakeServer,
} from "../../../sdk/snowflake-server/index.js";
import { connect, reach } from "./connect.js";

let snowflake: SnowflakeServer;
let seed: DemoSeed;
/** Stands where the account is expected, and sends some requests elsewhere. */
let front: Server;
/** Where they are sent: what it got. */
let elsewhere: Server;
let got: string[] = [];
let redirected: RegExp | undefined;
let status = 307;

const portOf = (server: Server) => (server.address() as AddressInfo).port;
const listen = (server: Server) => new Promise<void>((done) => server.listen(0, "127.0.0.1", done));

beforeAll(async () => {
  snowflake = await startSnowflakeServer();
  seed = seedDemo(snowflake.control);
  elsewhere = createServer((incoming, response) => {
    let text = "";
    incoming.on("data", (chunk: Buffer) => (text += chunk));
    incoming.on("end", () => {
      got.push(`${incoming.method} ${text}`);
      response.end("{}");
    });
  });
  front = createServer((incoming, response) => {
    if (redirected?.test(incoming.url ?? "")) {
      incoming.resume();
      response.writeHead(status, { location: `http://127.0.0.1:${portOf(elsewhere)}/` }).end();
      return;
    }
    const { method, headers, url: path } = incoming;
    const onward = request(
      { host: snowflake.host, port: snowflake.port, method, headers, path },
      (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      },
    );
    incoming.pipe(onward);
  });
  await Promise.all([listen(front), listen(elsewhere)]);
});
afterAll(async () => {
  for (const server of [front, elsewhere]) {
    server.closeAllConnections();
    server.close();
  }
  await snowflake.stop();
});
beforeEach(() => {
  got = [];
  redirected = undefined;
});

const open = () =>
  openSession(
    connect({
      ...reach(snowflake),
      username: seed.username,
      password: seed.password,
      host: "127.0.0.1",
      port: portOf(front),
    }),
    { loginTimeoutMs: 10_000, statementTimeoutMs: 10_000 },
  );

describe.each([307, 308, 302])("a redirect to somebody else (%i)", (code) => {
  it("carries no credential there", async () => {
    status = code;
    redirected = /login-request/;
    await expect(open()).rejects.toThrow();
    expect(got.join("\n")).not.toContain(seed.password);
  });

  it("carries no value there", async () => {
    const session = await open();
    try {
      status = code;
      redirected = /query-request/;
      const place = { database: seed.database, schema: seed.schema };
      const content = buildText(new SecretValue("v4lue-of-a-test"));
      await expect(
        session.execute(buildCreateSecret(place, "KEY", { content, comment: "mark" })),
      ).rejects.toThrow();
      // Statements travel compressed, so what would hold one is told by its method.
      expect(got.filter((each) => each.startsWith("POST"))).toEqual([]);
    } finally {
      redirected = undefined;
      await session.close();
    }
  });
});
