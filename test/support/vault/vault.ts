import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { cacheFolder } from "../engine/engine.js";
import { makeAuthority } from "../network/tls-front.js";

/** A Vault of its own, with nothing in it, that speaks TLS under an authority that nobody knows. */
export interface Vault {
  readonly address: string;
  /** The authority's certificate. */
  readonly caFile: string;
  readonly rootToken: string;
  /** What its command line would read. */
  readonly env: Readonly<Record<string, string>>;
  /** One call of the API as root; it fails with any status but 200 and 204. */
  call(method: "DELETE" | "GET" | "POST" | "PUT", path: string, body?: object): Promise<unknown>;
  /** Lets in who has a token of an OpenID provider, by a role that may read `secret`. @param mount of its own */
  trustIssuer(role: string, trusted: TrustedIdentity, mount?: string): Promise<void>;
  /** A token with this policy, in Vault's own words. */
  makeToken(policy: string, options?: object): Promise<string>;
  seal(): Promise<unknown>;
  unseal(): Promise<unknown>;
  stop(): Promise<void>;
}

/** Whose token, by which provider and for whom. */
interface TrustedIdentity {
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string;
}

/** The policy that lets read what lies in `secret`. */
export const readerPolicy = "reader";

export async function startVault(): Promise<Vault> {
  const folder = mkdtempSync(join(tmpdir(), "vault-"));
  const { file: caFile } = await makeAuthority(folder, ["localhost"]);
  const child = spawn(
    join(cacheFolder, "vault/vault-server"),
    [join(folder, "host.pem"), join(folder, "host.key")],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  const exited = once(child, "exit");
  const first = await Promise.race([
    once(createInterface(child.stdout), "line").then(([line]) => String(line)),
    exited.then(() => Promise.reject(new Error("the Vault server ended"))),
  ]);
  const { port, token: rootToken, unsealKey } = JSON.parse(first);
  const address = `https://localhost:${port}`;
  const ca = readFileSync(caFile, "utf8");

  const call: Vault["call"] = async (method, path, body) => {
    const asked = request(`${address}/v1/${path}`, {
      method,
      ca,
      agent: false,
      headers: { "x-vault-token": rootToken },
    });
    asked.end(body === undefined ? undefined : JSON.stringify(body));
    const [response] = await once(asked, "response");
    let text = "";
    for await (const chunk of response) text += chunk;
    if (![200, 204].includes(response.statusCode))
      throw new Error(`${method} ${path}: ${response.statusCode} ${text}`);
    return text === "" ? undefined : JSON.parse(text);
  };
  let policies = 0;
  await call("POST", "sys/mounts/secret", { type: "kv", options: { version: "2" } });
  await call("POST", "sys/mounts/old", { type: "kv", options: { version: "1" } });
  await call("PUT", `sys/policies/acl/${readerPolicy}`, {
    policy: 'path "secret/*" { capabilities = ["read", "list"] }',
  });
  return {
    address,
    caFile,
    rootToken,
    env: { VAULT_ADDR: address, VAULT_CACERT: caFile, VAULT_TOKEN: rootToken },
    call,
    trustIssuer: async (role, { issuer, subject, audience }, mount = "jwt") => {
      await call("POST", `sys/auth/${mount}`, { type: "jwt" });
      await call("POST", `auth/${mount}/config`, { oidc_discovery_url: issuer });
      await call("POST", `auth/${mount}/role/${role}`, {
        role_type: "jwt",
        user_claim: "sub",
        bound_subject: subject,
        bound_audiences: [audience],
        token_policies: readerPolicy,
      });
    },
    makeToken: async (policy, options = {}) => {
      policies += 1;
      await call("PUT", `sys/policies/acl/p${policies}`, { policy });
      const made = await call("POST", "auth/token/create", { policies: [`p${policies}`], ...options });
      return (made as { auth: { client_token: string } }).auth.client_token;
    },
    seal: () => call("PUT", "sys/seal"),
    unseal: () => call("PUT", "sys/unseal", { key: unsealKey }),
    stop: async () => {
      child.stdin.end();
      await exited;
      rmSync(folder, { recursive: true });
    },
  };
}
