import { createServer, request } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { buildText } from "../../../provider/core/secret-content.js";
import { SecretValue } from "../../../provider/core/secret-value.js";
import { openSession } from "../../../provider/snowflake/driver/session.js";
import { buildCreateSecret } from "../../../provider/snowflake/statements.js";
import { type Listening, listen } from "../../support/network/listen.js";
import { useDemoAccount } from "../../support/snowflake/use-demo-account.js";
import { connect, reach } from "./connect.js";

const demo = useDemoAccount();
/** Stands where the account is expected, and sends some requests elsewhere. */
let front: Listening;
/** Where they are sent: what it got. */
let elsewhere: Listening;
let got: string[] = [];
let redirected: RegExp | undefined;
let status = 307;

beforeAll(async () => {
  const stranger = createServer((incoming, response) => {
    let text = "";
    incoming.on("data", (chunk: Buffer) => (text += chunk));
    incoming.on("end", () => {
      got.push(`${incoming.method} ${text}`);
      response.end("{}");
    });
  });
  const between = createServer((incoming, response) => {
    if (redirected?.test(incoming.url ?? "")) {
      incoming.resume();
      response.writeHead(status, { location: `${elsewhere.url}/` }).end();
      return;
    }
    const { method, headers, url: path } = incoming;
    const onward = request(
      { host: demo.server.host, port: demo.server.port, method, headers, path },
      (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      },
    );
    incoming.pipe(onward);
  });
  [front, elsewhere] = await Promise.all([listen(between), listen(stranger)]);
});
afterAll(() => Promise.all([front.stop(), elsewhere.stop()]));
beforeEach(() => {
  got = [];
  redirected = undefined;
});

const open = () =>
  openSession(
    connect({
      ...reach(demo.server),
      ...demo.login,
      host: "127.0.0.1",
      port: front.port,
    }),
    { loginTimeoutMs: 10_000, statementTimeoutMs: 10_000 },
  );

describe.each([307, 308, 302])("a redirect to somebody else (%i)", (code) => {
  it("carries no credential there", async () => {
    status = code;
    redirected = /login-request/;
    await expect(open()).rejects.toThrow();
    expect(got.join("\n")).not.toContain(demo.seed.password);
  });

  it("carries no value there", async () => {
    const session = await open();
    try {
      status = code;
      redirected = /query-request/;
      const { database, schema } = demo.seed;
      const place = { database, schema };
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
