import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { resolveSources, type SourceInputs } from "../../provider/sources/index.js";
import { provesIdentity } from "../support/aws/signature.js";
import { failureOf } from "../support/failure.js";
import { listen } from "../support/network/listen.js";
import { makeAuthority } from "../support/network/tls-front.js";
import { startIssuer, subject, type TokenIssuer } from "../support/oidc/issuer.js";
import { sourceContext, valuesOf } from "../support/sources.js";
import { readerPolicy, startVault, type Vault } from "../support/vault/vault.js";

const planted = "pl4nted-v4lue";
type Args = Partial<Extract<SourceInputs, { type: "vault" }>>;
type Env = Readonly<Record<string, string>>;

const resolve = (args: Args, env: Env, timeoutMs = 20_000) =>
  resolveSources([{ type: "vault", path: "app", ...args }], { ...sourceContext, env, timeoutMs });

describe("the Vault source", () => {
  let vault: Vault;
  let folder: string;
  beforeAll(async () => {
    vault = await startVault();
    folder = mkdtempSync(join(tmpdir(), "vault-home-"));
  });
  afterAll(async () => {
    await vault.stop();
    rmSync(folder, { recursive: true });
  });

  const countTokens = async () =>
    ((await vault.call("GET", "auth/token/accessors?list=true")) as { data: { keys: unknown[] } }).data.keys
      .length;
  const put = (path: string, data: object) => vault.call("POST", `secret/data/${path}`, { data });
  const read = (args: Args = {}, env: Env = vault.env) => valuesOf(resolve(args, env));
  const failWith = (args: Args = {}, env: Env = vault.env, timeoutMs?: number) =>
    failureOf(resolve({ allowEmpty: true, ...args }, env, timeoutMs), [planted, vault.rootToken]);
  const withToken = async (policy: string, options?: object): Promise<Env> => ({
    ...vault.env,
    VAULT_TOKEN: await vault.makeToken(policy, options),
  });

  it("reads the newest or a named version of KV version 2, and numbers as Vault keeps them", async () => {
    await put("v2", { A: "old" });
    await put("v2", { A: "new", N: 1.1, BIG: 12345678901234567n.toString(), T: true });
    expect(await read({ path: "v2" })).toEqual({ A: "new", N: "1.1", BIG: "12345678901234567", T: "true" });
    expect(await read({ path: "v2", version: 1 })).toEqual({ A: "old" });
    const { entries } = await resolve({ path: "v2", keys: ["A"] }, vault.env);
    expect([...entries.values()].map(({ source }) => source)).toEqual(["vault secret/v2"]);
  });

  it("reads KV version 1, found by itself or named", async () => {
    await vault.call("POST", "old/db/main", { A: "a" });
    expect(await read({ mount: "old", path: "db/main" })).toEqual({ A: "a" });
    expect(await read({ mount: "old", path: "db/main", kvVersion: 1 })).toEqual({ A: "a" });
    expect(await read({ mount: "old", path: "db", recursive: true })).toEqual({ main_A: "a" });
  });

  it("reads a folder and those below it, with a name for each place", async () => {
    await put("tree/one", { A: "1" });
    await put("tree/deep/two words", { B: "2" });
    await put("treehouse", { C: "3" });
    expect(await read({ path: "tree", recursive: true })).toEqual({ one_A: "1", "deep_two words_B": "2" });
    expect(await read({ path: "tree", recursive: true, separator: "/" })).toEqual({
      "one/A": "1",
      "deep/two words/B": "2",
    });
    await put("tree/one_A", { x: planted });
    await put("tree/one", { A: "1", A_x: planted });
    expect((await failWith({ path: "tree", recursive: true })).message).toContain(
      "(one_A_x). Fix: set another separator, or rename one of the keys.",
    );
  });

  it("logs in with the token that the command line left, before which VAULT_TOKEN goes", async () => {
    await put("app", { A: "a" });
    writeFileSync(join(folder, ".vault-token"), `${vault.rootToken}\n`);
    const { VAULT_TOKEN: _, ...rest } = vault.env;
    const env: Env = { ...rest, HOME: folder };
    expect(await read({}, env)).toEqual({ A: "a" });
    expect((await failWith({}, { ...env, VAULT_TOKEN: "wrong" })).message).toContain("HTTP 403");
    expect((await failWith({}, { ...env, HOME: "/nowhere" })).message).toContain("set VAULT_TOKEN");
  });

  it("logs in by AppRole", async () => {
    await put("app", { A: "a" });
    await vault.call("POST", "sys/auth/approle", { type: "approle" });
    await vault.call("POST", "auth/approle/role/ci", { token_policies: readerPolicy });
    const ask = async (path: string, method: "GET" | "POST") =>
      ((await vault.call(method, `auth/approle/role/ci/${path}`)) as { data: Record<string, string> }).data;
    const roleId = (await ask("role-id", "GET")).role_id ?? "";
    const secretId = (await ask("secret-id", "POST")).secret_id ?? "";
    const before = await countTokens();
    expect(await read({ auth: { method: "approle", roleId, secretId } })).toEqual({ A: "a" });
    expect(await countTokens()).toBe(before);
    const env = { ...vault.env, VAULT_ROLE_ID: roleId, VAULT_SECRET_ID: `${secretId}\n` };
    expect(await read({ auth: { method: "approle" } }, env)).toEqual({ A: "a" });
    const refused = await failWith({ auth: { method: "approle", roleId, secretId: planted } });
    expect(refused.message).toContain("the log-in at auth/approle was refused, HTTP 500");
    // Neither of these can be revoked.
    for (const change of [{ token_no_default_policy: true }, { token_type: "batch" }]) {
      await vault.call("POST", "auth/approle/role/ci", change);
      expect(await read({ auth: { method: "approle" } }, env)).toEqual({ A: "a" });
    }
    expect(await countTokens()).toBe(before + 1);
  });

  describe("with tokens of an identity provider", () => {
    let issuer: TokenIssuer;
    beforeAll(async () => {
      issuer = await startIssuer("bearer");
      await put("app", { A: "a" });
      await vault.trustIssuer("ci", { issuer: issuer.url, subject, audience: vault.address });
    });
    afterAll(() => issuer.stop());

    it("logs in with the identity of a job of GitHub Actions, for Vault's own audience", async () => {
      const { VAULT_TOKEN: _, ...env } = { ...vault.env, ...issuer.githubEnv };
      expect(await read({ auth: { method: "jwt", role: "ci" } }, env)).toEqual({ A: "a" });
      const other = await failWith({ auth: { method: "jwt", role: "ci", audience: "other" } }, env);
      expect(other.message).toContain("the log-in at auth/jwt was refused, HTTP 400");
    });

    it("logs in with a token that is given", async () => {
      const jwt = await issuer.sign({ aud: vault.address });
      expect(await read({ auth: { method: "jwt", role: "ci", jwt } })).toEqual({ A: "a" });
      const stranger = await issuer.signAsStranger({ aud: vault.address });
      expect((await failWith({ auth: { method: "jwt", role: "ci", jwt: stranger } })).message).toContain(
        "was refused",
      );
    });

    it("logs in with the token in a file, as a pod of Kubernetes does", async () => {
      const tokenFile = join(folder, "service-account");
      writeFileSync(tokenFile, `${await issuer.sign({ aud: vault.address })}\n`);
      const auth = { method: "kubernetes", role: "ci", mount: "jwt", tokenFile } as const;
      expect(await read({ auth })).toEqual({ A: "a" });
      expect((await failWith({ auth: { ...auth, tokenFile: "/nowhere" } })).message).toContain(
        "auth.tokenFile",
      );
    });
  });

  it("logs in with an AWS identity, which Vault has AWS confirm, also under a server id", async () => {
    const key = { accessKeyId: "AKIAOFTHETESTS", secretAccessKey: planted };
    vi.stubEnv("AWS_ACCESS_KEY_ID", key.accessKeyId);
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", key.secretAccessKey);
    // Vault asks several times for one log-in.
    const asked = new Set<string | undefined>();
    // AWS, which says who signed: Vault hands it the request of its client.
    const server = createServer((request, response) => {
      asked.add(request.headers.host);
      const headers = new Map(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      void text(request).then((body) => {
        const isProven = provesIdentity({ method: request.method ?? "", body, headers }, key);
        response.writeHead(isProven ? 200 : 403, { "content-type": "text/xml" });
        response.end(
          "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/ci</Arn>" +
            "<UserId>AIDAOFTHETESTS</UserId><Account>123456789012</Account>" +
            "</GetCallerIdentityResult></GetCallerIdentityResponse>",
        );
      });
    });
    const sts = await listen(server);
    await put("app", { A: "a" });
    await vault.call("POST", "sys/auth/aws", { type: "aws" });
    await vault.call("POST", "auth/aws/config/client", {
      sts_endpoint: sts.url,
      iam_server_id_header_value: "vault.test",
    });
    await vault.call("POST", "auth/aws/role/ci", {
      auth_type: "iam",
      bound_iam_principal_arn: "arn:aws:iam::123456789012:user/ci",
      resolve_aws_unique_ids: false,
      token_policies: readerPolicy,
    });
    const auth = { method: "aws", role: "ci" } as const;
    for (const where of [{}, { region: "eu-central-1" }]) {
      expect(await read({ auth: { ...auth, ...where, serverId: "vault.test" } })).toEqual({ A: "a" });
    }
    expect([...asked]).toEqual(["sts.amazonaws.com", "sts.eu-central-1.amazonaws.com"]);
    expect((await failWith({ auth })).message).toContain("the log-in at auth/aws was refused");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "another");
    const refused = await failWith({ auth: { ...auth, serverId: "vault.test" } });
    expect(refused.message).toContain("the log-in at auth/aws was refused");
    vi.unstubAllEnvs();
    await sts.stop();
  });

  it("fails for a version that was deleted or destroyed, and in a folder too", async () => {
    await put("gone/a", { A: planted });
    await put("gone/b", { B: planted });
    await vault.call("DELETE", "secret/data/gone/b");
    expect((await failWith({ path: "gone/b" })).message).toContain("version 1 of secret/gone/b was deleted");
    expect((await failWith({ path: "gone", recursive: true })).message).toContain("vault kv undelete");
    await vault.call("PUT", "secret/destroy/gone/b", { versions: [1] });
    expect((await failWith({ path: "gone/b" })).message).toContain(
      "version 1 of secret/gone/b was destroyed",
    );
  });

  it("tells a folder, a secret, a version and a mount from what was meant", async () => {
    await put("place/x", { A: planted });
    await vault.call("POST", "old/place/x", { A: planted });
    const tell = async (args: Args) => (await failWith(args)).message;
    expect(await tell({ path: "place" })).toContain("secret/place is a folder");
    expect(await tell({ path: "place/x", recursive: true })).toContain(
      "secret/place/x is a secret, and no folder",
    );
    expect(await tell({ path: "place/x", version: 9 })).toContain("no version 9 of secret/place/x");
    expect(await tell({ path: "nothing" })).toContain("there is no secret secret/nothing");
    expect(await tell({ path: "place/x", kvVersion: 1 })).toContain("is of KV version 2");
    expect(await tell({ path: "place", recursive: true, kvVersion: 1 })).toContain("is of KV version 2");
    expect(await tell({ mount: "old", path: "place/x", kvVersion: 2 })).toContain("is of KV version 1");
    expect(await tell({ mount: "old", path: "place", recursive: true, kvVersion: 2 })).toContain(
      "set kvVersion to 1",
    );
    expect(await tell({ mount: "old", path: "place/x", version: 1 })).toContain("keeps no versions");
    expect(await tell({ mount: "sys", path: "x" })).toContain("no KV engine");
    expect(await tell({ mount: "missing", path: "x" })).toContain("mount");
  });

  it("refuses lists, objects and null by their names, or gives the first two as JSON", async () => {
    await put("nested", { A: "a", B: { c: planted }, C: [planted], D: null });
    expect((await failWith({ path: "nested" })).message).toContain(
      "secret/nested hold neither text, nor boolean, nor number: B, C, D",
    );
    await put("objects", { A: "a", B: { c: 1.5 }, C: [planted] });
    expect(await read({ path: "objects", objectsAsJson: true })).toEqual({
      A: "a",
      B: '{"c":1.5}',
      C: `["${planted}"]`,
    });
  });

  it("believes an empty folder only where allowEmpty is set", async () => {
    expect(await read({ path: "void", recursive: true, allowEmpty: true })).toEqual({});
    expect((await failWith({ path: "void", recursive: true, allowEmpty: false })).message).toContain(
      "the source is empty",
    );
  });

  it("fails as a whole where a right is missing, or was lost to one secret of a folder", async () => {
    await put("part/a", { A: planted });
    await put("part/b", { B: planted });
    const env = await withToken(`
      path "secret/metadata/part" { capabilities = ["list"] }
      path "secret/data/part/a" { capabilities = ["read"] }`);
    expect(await read({ path: "part/a" }, env)).toEqual({ A: planted });
    expect((await failWith({ path: "part", recursive: true }, env)).message).toContain("HTTP 403");
    const none = await withToken('path "other/*" { capabilities = ["read"] }');
    expect((await failWith({ path: "part/a" }, none)).message).toContain("says nothing of the mount secret");
  });

  it("fails where the token ends in the midst of a folder", async () => {
    await put("short/a", { A: planted });
    await put("short/b", { B: planted });
    // One use: the list; that it asks for the mount is not counted. With one more the two reads would race for it, and
    // Vault sometimes answers such a race with 500.
    const env = await withToken('path "secret/*" { capabilities = ["read", "list"] }', { num_uses: 1 });
    expect((await failWith({ path: "short", recursive: true }, env)).message).toContain(
      "the token has ended",
    );
  });

  it("fails at once where Vault is sealed", async () => {
    await put("app", { A: "a" });
    await vault.seal();
    try {
      const failed = await failWith();
      expect(failed.message).toContain("have it unsealed");
      expect(failed.retryable).toBe(true);
    } finally {
      await vault.unseal();
    }
    await expect.poll(() => read().catch(() => undefined), { timeout: 20_000 }).toEqual({ A: "a" });
  });

  it("asks for the certificate's authority", async () => {
    const { VAULT_CACERT: _, ...env } = vault.env;
    expect((await failWith({}, env)).message).toContain("signed by");
    expect((await failWith({}, { ...env, VAULT_CACERT: "/nowhere" })).message).toContain("VAULT_CACERT");
  });

  it("knows the variables of TLS that Vault's command line knows", async () => {
    await put("app", { A: "a" });
    const { VAULT_CACERT: caFile = "", ...env } = vault.env;
    const authorities = join(folder, "authorities");
    mkdirSync(join(authorities, "below"), { recursive: true });
    copyFileSync(caFile, join(authorities, "below", "ca.pem"));
    expect(await read({}, { ...env, VAULT_CAPATH: authorities })).toEqual({ A: "a" });
    expect((await failWith({}, { ...env, VAULT_CAPATH: "/nowhere" })).message).toContain("VAULT_CAPATH");
    const empty = join(folder, "empty");
    mkdirSync(empty);
    expect((await failWith({}, { ...env, VAULT_CAPATH: empty })).message).toContain(
      "no certificate of an authority found",
    );
    expect((await failWith({}, { ...vault.env, VAULT_TLS_SERVER_NAME: "other.test" })).message).toContain(
      "certificate",
    );
    for (const skip of ["1", "true"]) {
      const failed = await failWith({}, { ...vault.env, VAULT_SKIP_VERIFY: skip });
      expect(failed.code).toBe("INVALID_INPUT");
      expect(failed.message).toContain("VAULT_SKIP_VERIFY is set");
    }
    expect(await read({}, { ...vault.env, VAULT_SKIP_VERIFY: "false" })).toEqual({ A: "a" });
    const ofOpenBao = Object.entries(vault.env).map(([name, value]) => [name.replace("VAULT", "BAO"), value]);
    expect(await read({}, Object.fromEntries(ofOpenBao))).toEqual({ A: "a" });
  });

  it("shows a certificate of its own where the server asks for one", async () => {
    const { file: caFile, certificate: cert, key } = await makeAuthority(folder, ["vault.test"]);
    const options = { cert, key, ca: readFileSync(caFile), requestCert: true, rejectUnauthorized: true };
    const server = createTlsServer(options, (_request, response) => {
      response.end(JSON.stringify({ data: { data: { A: "a" } } }));
    });
    const { port, stop } = await listen(server);
    const env = {
      VAULT_ADDR: `https://127.0.0.1:${port}`,
      VAULT_TOKEN: "t",
      VAULT_CACERT: caFile,
      VAULT_TLS_SERVER_NAME: "vault.test",
    };
    const own = { VAULT_CLIENT_CERT: join(folder, "host.pem"), VAULT_CLIENT_KEY: join(folder, "host.key") };
    try {
      expect(await read({ kvVersion: 2 }, { ...env, ...own })).toEqual({ A: "a" });
      expect((await failWith({ kvVersion: 2 }, env, 1_500)).message).toContain("could not be read");
      const { VAULT_CLIENT_KEY: _, ...half } = own;
      expect((await failWith({}, { ...env, ...half })).message).toContain("only one of VAULT_CLIENT_CERT");
      const wrong = { ...own, VAULT_CLIENT_KEY: caFile };
      expect((await failWith({}, { ...env, ...wrong })).message).toContain("no certificate with its key");
    } finally {
      await stop();
    }
  });

  it("asks for an address, and one that is encrypted", async () => {
    for (const address of ["", "http://vault.example:8200", "https://me:pw@vault.example"]) {
      const failed = await failWith({}, { ...vault.env, VAULT_ADDR: address });
      expect(failed.code).toBe("INVALID_INPUT");
      expect(failed.message).toContain("VAULT_ADDR");
      expect(failed.message).not.toContain("pw");
    }
  });

  describe("before a server that answers as a Vault in trouble does", () => {
    const ask = async (answer: (response: ServerResponse, count: number) => void, timeoutMs?: number) => {
      const requests: string[] = [];
      const server = createServer((request, response) => {
        requests.push(request.url ?? "");
        answer(response, requests.length);
      });
      const { url: address, stop } = await listen(server);
      try {
        const failed = await failWith({ address, kvVersion: 2 }, vault.env, timeoutMs);
        return { failed, requests };
      } finally {
        await stop();
      }
    };

    it("does not follow a standby's redirect with the token", async () => {
      const { failed, requests } = await ask((response, count) => {
        response.writeHead(count === 1 ? 307 : 500, { location: "/elsewhere" }).end();
      });
      expect(failed.message).toContain("set address to the active server");
      expect(requests).toEqual(["/v1/secret/data/app"]);
    });

    it.each([
      [412, "has not caught up"],
      [429, "rate limit"],
      [503, "no active server"],
    ])("comes again after HTTP %i, until the time is over", async (status, words) => {
      const { failed, requests } = await ask((response) => response.writeHead(status).end("{}"), 1_500);
      expect(failed.message).toContain(words);
      expect(failed.retryable).toBe(true);
      expect(requests).toHaveLength(2);
    });

    it.each([472, 473])("names a standby by its status %i", async (status) => {
      const { failed } = await ask((response) => response.writeHead(status).end("{}"));
      expect(failed.message).toContain("is a standby");
    });

    it("does not take a page of another server for a secret", async () => {
      const { failed } = await ask((response) => response.writeHead(200).end(`<p>${planted}</p>`));
      expect(failed.message).toContain("none of Vault's");
    });
  });
});
