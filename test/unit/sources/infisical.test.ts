import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { resolveSources, type SourceInputs } from "../../../provider/sources/index.js";
import { type InfisicalServer, startInfisicalServer } from "../../support/infisical-server/index.js";
import { listen } from "../../support/network/listen.js";
import { sourceContext, sourceFailureOf } from "../../support/sources.js";

// Infisical's form of a reference, which is not one of JavaScript's.
const refer = (to: string) => ["$", `{${to}}`].join("");
const reference = refer("A");
const planted = "pl4nted-v4lue";
let server: InfisicalServer;

beforeAll(async () => {
  server = await startInfisicalServer();
  server.set("dev:/", "ROOT", "root");
  server.set("dev:/app", "A", "own");
  server.set("dev:/app", "B", `refers to ${reference}`);
  server.set("dev:/app", "MINE", { value: planted, type: "personal" });
  server.set("dev:/app/deep", "A", "deep");
  server.set("dev:/app/deep", "D", "deep");
  server.set("dev:/shared", "A", "import-1");
  server.set("dev:/shared", "S", "import-1");
  server.set("dev:/newer", "S", "import-2");
  server.set("dev:/locked", "LOCKED", { value: planted, hidden: true });
  server.set("dev:/empty", "X", planted);
  server.remove("dev:/empty", "X");
  server.set("dev:/nested", "S", "nested");
  server.set("dev:/nested", "N", refer("prod.common.N"));
  server.set("prod:/common", "N", "of prod");
  server.addImport("dev:/shared", "dev:/nested");
  server.addImport("dev:/app/deep", "dev:/of-deep");
  server.set("dev:/of-deep", "O", "of deep");
  server.addImport("dev:/app", "dev:/shared");
  server.addImport("dev:/app", "dev:/newer");
});
afterAll(() => server.close());

type Args = Partial<Extract<SourceInputs, { type: "infisical" }>>;

async function resolve(args: Args = {}, env?: Record<string, string>, timeoutMs?: number) {
  const login = { INFISICAL_CLIENT_ID: server.clientId, INFISICAL_CLIENT_SECRET: server.clientSecret };
  return await resolveSources(
    [{ type: "infisical", projectId: server.projectId, siteUrl: server.siteUrl, ...args }],
    {
      ...sourceContext,
      secretPath: "/app",
      env: env ?? login,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
    },
  );
}

async function read(args?: Args, env?: Record<string, string>) {
  const { entries } = await resolve(args, env);
  return Object.fromEntries(
    [...entries].map(([key, { value, source }]) => [key, `${value.expose()} < ${source}`]),
  );
}

const failWith = (...args: Parameters<typeof resolve>) =>
  sourceFailureOf(resolve(...args), [planted, server.clientSecret, "tok-"]);

describe("the Infisical source", () => {
  it("expands references, adds imports behind the folder's own secrets, and leaves personal overrides out", async () => {
    expect(await read()).toEqual({
      A: "own < infisical dev:/app",
      B: "refers to own < infisical dev:/app",
      S: "import-2 < infisical dev:/newer",
      N: "of prod < infisical dev:/shared",
    });
  });

  it("lets an import's own secret win over what it imports itself", async () => {
    server.setDenied("dev:/newer", true);
    expect((await read()).S).toBe("import-1 < infisical dev:/shared");
    server.setDenied("dev:/newer", false);
  });

  it("follows references into other environments, and says which lead nowhere", async () => {
    server.set("dev:/refers", "FAR", `x${refer("prod.common.N")}`);
    server.set("dev:/refers", "GONE", `x${refer("prod.common.GONE")}`);
    expect(await read({ secretPath: "/refers" })).toEqual({
      FAR: "xof prod < infisical dev:/refers",
      GONE: `x${refer("prod.common.GONE")} < infisical dev:/refers`,
    });
    const doubts = async (args: Args) =>
      [...(await resolve({ secretPath: "/refers", ...args })).entries].flatMap(([key, entry]) =>
        entry.doubts === undefined ? [] : [[key, entry.doubts]],
      );
    expect(await doubts({})).toEqual([["GONE", { holdsReference: true }]]);
    // Who has them not expanded means them so; those of imports are expanded all the same.
    expect(await doubts({ expandSecretReferences: false })).toEqual([]);
    server.set("dev:/imports-refers", "X", "x");
    server.addImport("dev:/imports-refers", "dev:/refers");
    const imports = { secretPath: "/imports-refers", expandSecretReferences: false };
    expect(await doubts(imports)).toEqual([["GONE", { holdsReference: true }]]);
  });

  it("reads the imports of the folders below too", async () => {
    expect(await read({ recursive: true })).toMatchObject({
      A: "own < infisical dev:/app",
      O: "of deep < infisical dev:/of-deep",
    });
  });

  it("cannot tell a folder that is hidden from one that is empty, below and in imports", async () => {
    server.setDenied("dev:/shared", true);
    server.setDenied("dev:/app/deep", true);
    const found = await read({ recursive: true });
    server.setDenied("dev:/shared", false);
    server.setDenied("dev:/app/deep", false);
    expect(Object.keys(found)).not.toContain("D");
    expect(found.S).toBe("import-2 < infisical dev:/newer");
  });

  it("reads the folders below too, where the nearer one wins", async () => {
    expect(await read({ recursive: true, includeImports: false, expandSecretReferences: false })).toEqual({
      A: "own < infisical dev:/app",
      B: `refers to ${reference} < infisical dev:/app`,
      D: "deep < infisical dev:/app/deep",
    });
  });

  it("says where two folders have the same key, of shared secrets alone", async () => {
    const { entries } = await resolve({ recursive: true });
    const doubts = [...entries].flatMap(([key, entry]) => (entry.doubts ? [[key, entry.doubts]] : []));
    expect(doubts).toEqual([["A", { otherFolders: ["infisical dev:/app/deep"] }]]);
  });

  it("lets the source's own environment and folder win over the sync's", async () => {
    expect(await read({ secretPath: "/" })).toEqual({ ROOT: "root < infisical dev:/" });
    // Infisical answers a folder that is not there like an empty one.
    expect((await failWith({ environment: "gone" })).message).toContain("the source is empty");
  });

  it("gives the ids that Infisical has", async () => {
    const { ids } = await resolve();
    expect(ids).toMatchObject({
      projectId: server.projectId,
      environment: { slug: "dev" },
      folder: { path: "/app" },
    });
    expect(ids?.folder?.id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("gives the ids of the sync's own folder, whatever other folders stand beside it", async () => {
    const source = { type: "infisical" as const, projectId: server.projectId, siteUrl: server.siteUrl };
    const { ids } = await resolveSources(
      [{ ...source, secretPath: "/" }, source, { ...source, secretPath: "/shared" }],
      { ...sourceContext, secretPath: "/app", env: { INFISICAL_TOKEN: server.issueToken() } },
    );
    expect(ids?.folder?.path).toBe("/app");
  });

  it("refuses an INFISICAL_SITE_URL that is no URL, or holds a log-in, and prints nothing of it", async () => {
    for (const [url, said] of [
      [`infisical/${planted}`, "must be a URL that begins with https://"],
      [`https://user:${planted}@infisical.example`, "must not hold a user or a password"],
    ] as const) {
      const env = { INFISICAL_TOKEN: server.issueToken(), INFISICAL_SITE_URL: url };
      const error = await resolve({ siteUrl: undefined }, env).catch((thrown: unknown) => thrown);
      expect(String(error)).toContain(`[INVALID_INPUT] INFISICAL_SITE_URL ${said}. Fix:`);
      expect(inspect(error)).not.toContain(planted);
    }
  });

  it("logs in with arguments, a token, or an OIDC identity", async () => {
    const { clientId, clientSecret } = server;
    const args = { secretPath: "/" };
    const found = { ROOT: "root < infisical dev:/" };
    expect(await read({ ...args, auth: { method: "universal", clientId, clientSecret } }, {})).toEqual(found);
    expect(await read(args, { INFISICAL_TOKEN: server.issueToken() })).toEqual(found);
    expect(
      await read(args, { INFISICAL_MACHINE_IDENTITY_ID: clientId, INFISICAL_JWT: `jwt-of-${clientId}` }),
    ).toEqual(found);
  });

  describe("with an AWS identity", () => {
    const identity = () => ({ INFISICAL_MACHINE_IDENTITY_ID: server.clientId });
    let folder: string;

    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), "aws-"));
      for (const name of ["AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_SESSION_TOKEN"]) {
        vi.stubEnv(name, undefined);
      }
      vi.stubEnv("AWS_CONFIG_FILE", join(folder, "config"));
      vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", join(folder, "credentials"));
      vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
      vi.stubEnv("AWS_ACCESS_KEY_ID", server.awsKey.accessKeyId);
      vi.stubEnv("AWS_SECRET_ACCESS_KEY", server.awsKey.secretAccessKey);
    });
    afterEach(() => {
      vi.unstubAllEnvs();
      rmSync(folder, { recursive: true });
    });

    const found = { ROOT: "root < infisical dev:/" };

    it("logs in by a request that AWS itself would answer", async () => {
      vi.stubEnv("AWS_REGION", "eu-central-1");
      expect(await read({ secretPath: "/" }, identity())).toEqual(found);
      vi.stubEnv("AWS_SECRET_ACCESS_KEY", planted);
      expect((await failWith({}, identity())).message).toBe(
        "[SOURCE_FAILED] secrets of Infisical could not be read (HTTP 401 UnauthorizedError): infisical dev:/app. Fix: the credentials were refused: check client id and secret, or which subject, audience, account and role the identity allows.",
      );
    });

    it("takes credentials and region of a profile", async () => {
      const { accessKeyId, secretAccessKey } = server.awsKey;
      const profile = `aws_access_key_id = ${accessKeyId}\naws_secret_access_key = ${secretAccessKey}`;
      writeFileSync(join(folder, "credentials"), `[ci]\n${profile}\n`);
      writeFileSync(join(folder, "config"), "[profile ci]\nregion = eu-west-3\n");
      vi.stubEnv("AWS_ACCESS_KEY_ID", undefined);
      vi.stubEnv("AWS_SECRET_ACCESS_KEY", undefined);
      vi.stubEnv("AWS_PROFILE", "ci");
      expect(await read({ secretPath: "/" }, identity())).toEqual(found);
    });

    it("takes the region of the EC2 instance where no other is set", async () => {
      const metadata = createServer((request, response) => {
        response.end(request.url?.endsWith("/placement/region") ? "us-west-2" : "session-token");
      });
      const { url, stop } = await listen(metadata);
      vi.stubEnv("AWS_EC2_METADATA_DISABLED", undefined);
      vi.stubEnv("AWS_EC2_METADATA_SERVICE_ENDPOINT", url);
      expect(await read({ secretPath: "/" }, identity())).toEqual(found);
      await stop();
    });

    it("says when no region or no credentials are found", async () => {
      expect((await failWith({}, identity())).message).toBe(
        "[SOURCE_FAILED] secrets of Infisical could not be read (no AWS region is set): infisical dev:/app. Fix: set AWS_REGION, or a region in the AWS profile.",
      );
      vi.stubEnv("AWS_REGION", "eu-central-1");
      vi.stubEnv("AWS_ACCESS_KEY_ID", undefined);
      const error = await failWith({}, identity());
      expect(error.message).toContain("(no AWS credentials found)");
      expect(error.hint).toContain("check which AWS credentials this process finds");
    });
  });

  it("leaves no token of a log-in behind, and one that is given as it is", async () => {
    const before = server.validTokens;
    await read();
    await failWith({ secretPath: "/locked" });
    expect(server.validTokens).toBe(before);
    const token = server.issueToken();
    await read({}, { INFISICAL_TOKEN: token });
    expect(server.validTokens).toBe(before + 1);
  });

  it("says which credentials are missing or refused", async () => {
    expect((await failWith({}, {})).message).toContain("set INFISICAL_TOKEN, or INFISICAL_CLIENT_ID with");
    expect((await failWith({ auth: { method: "universal", clientId: "id" } }, {})).message).toContain(
      "auth.clientSecret",
    );
    expect(
      (await failWith({ auth: { method: "universal", clientId: "id", clientSecret: planted } }, {})).message,
    ).toContain("HTTP 401");
    expect((await failWith({ projectId: "another" })).message).toBe(
      "[SOURCE_FAILED] secrets of Infisical could not be read (HTTP 403 ForbiddenRequestError): infisical dev:/app. Fix: give the identity access to this project, environment and folder, and to the values of its secrets.",
    );
  });

  it("says of a token that it has expired or is not valid, and keeps the request's id", async () => {
    const malformed = await failWith({}, { INFISICAL_TOKEN: planted });
    expect(malformed.message).toBe(
      "[SOURCE_FAILED] secrets of Infisical could not be read (HTTP 403 TokenError): infisical dev:/app. Fix: the access token has expired or is not valid: get a new one, or log in with client id and secret.",
    );
    expect(malformed.cause).toMatchObject({ name: "TokenError", code: "403" });
    expect(malformed.cause?.requestId).toMatch(/^req-/);
    const token = server.issueToken();
    server.expireTokens();
    expect((await failWith({}, { INFISICAL_TOKEN: token })).hint).toContain("has expired");
  });

  it("tells a log-in that the identity refuses from one that it does not have", async () => {
    const { clientId } = server;
    const logIn = (identityId: string) =>
      failWith({}, { INFISICAL_MACHINE_IDENTITY_ID: identityId, INFISICAL_JWT: planted });
    const refused = await logIn(clientId);
    expect(refused.message).toContain("HTTP 401 UnauthorizedError");
    expect(refused.hint).toContain("which subject, audience, account and role the identity allows");
    expect((await logIn("another-identity")).hint).toContain("the identity has no such log-in");
  });

  it("names the argument that Infisical finds wrong", async () => {
    const strict = createServer((_, response) => {
      const message = [{ code: "custom", path: ["secretPath"], message: planted }];
      const body = { reqId: "req-1", statusCode: 422, error: "ValidationFailure", message };
      response.writeHead(422, { "content-type": "application/json" }).end(JSON.stringify(body));
    });
    const { url: siteUrl, stop } = await listen(strict);
    const error = await failWith({ siteUrl }, { INFISICAL_TOKEN: "tok-x" });
    await stop();
    expect(error.message).toContain("(HTTP 422 ValidationFailure)");
    expect(error.hint).toBe("check secretPath.");
  });

  it("waits for a rate limit to end, and names one that does not", async () => {
    server.fail({ kind: 429, times: 1 });
    expect(await read({ secretPath: "/" })).toEqual({ ROOT: "root < infisical dev:/" });
    server.fail({ kind: 429 });
    const error = await failWith({}, undefined, 500);
    server.fail(undefined);
    expect(error.message).toBe(
      "[SOURCE_FAILED] secrets of Infisical could not be read (HTTP 429 Fault): infisical dev:/app. Fix: Infisical's rate limit did not end in time: look less often, or have the limit raised.",
    );
    expect(error.retryable).toBe(true);
  });

  it("tells how long a rate limit asks it to stay away", async () => {
    const limited = createServer((_, response) => response.writeHead(429, { "retry-after": "7" }).end("{}"));
    const { url: siteUrl, stop } = await listen(limited);
    const error = await failWith({ siteUrl }, { INFISICAL_TOKEN: "tok-x" }, 200);
    await stop();
    expect(error.details.retryAfterMs).toBe(7_000);
  });

  it("names the host that was not reached, and why", async () => {
    const error = await failWith({ siteUrl: "http://127.0.0.1:9" }, { INFISICAL_TOKEN: "tok-x" }, 500);
    expect(error.message).toContain("(127.0.0.1:9 was not reached, connection refused, ECONNREFUSED)");
    expect(error.retryable).toBe(true);
  });

  it("fails for values that the identity may list and not read", async () => {
    const error = await failWith({ secretPath: "/locked" });
    expect(error.message).toContain("HTTP 403 PermissionDenied");
    expect(error.hint).toContain("to the values of its secrets");
  });

  it("refuses an empty folder unless it is meant", async () => {
    expect((await failWith({ secretPath: "/empty" })).message).toContain("allowEmpty");
    expect(await read({ secretPath: "/empty", allowEmpty: true })).toEqual({});
  });

  it.each(["hang", "dribble"] as const)(
    "gives up in time on a server that answers with a %s",
    async (kind) => {
      server.fail({ kind });
      const started = performance.now();
      const error = await failWith({}, undefined, 500);
      server.fail(undefined);
      expect(performance.now() - started).toBeLessThan(5_000);
      expect(error.message).toContain("no answer within 0.5 s");
      expect(error.retryable).toBe(true);
    },
  );

  it("takes the answer of another server under siteUrl for a failure, not for an empty folder", async () => {
    const other = createServer((_, response) => response.writeHead(200).end("{}"));
    const { url: siteUrl, stop } = await listen(other);
    const args = { siteUrl, allowEmpty: true };
    expect((await failWith(args, { INFISICAL_TOKEN: "tok-x" })).message).toContain("not a list of secrets");
    await stop();
  });

  it("tells a server in trouble, which is worth another try, from a refusal", async () => {
    server.fail({ kind: 502, times: 1 });
    expect((await failWith()).retryable).toBe(true);
    server.fail({ kind: 403, times: 1 });
    expect((await failWith()).retryable).toBe(false);
    server.fail(undefined);
  });
});
