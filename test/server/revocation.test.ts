import { type ChildProcess, spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findFreePort } from "../support/network/free-port.js";
import { listen } from "../support/network/listen.js";
import { makeAuthority, startTlsFront } from "../support/network/tls-front.js";
import { useDemoAccount } from "../support/snowflake/use-demo-account.js";
import { runResources } from "./run-resources.js";

const demo = useDemoAccount();
let folder: string;
const ends: (() => unknown)[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "revocation-"));
  demo.control.resetCounts();
});
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  rmSync(folder, { recursive: true });
});

/** A port of this machine where a connection is taken and nothing said. */
async function startSilence(): Promise<number> {
  const { port, stop } = await listen(createServer((socket) => socket.on("error", () => undefined)));
  ends.push(stop);
  return port;
}

/** OpenSSL's own responder, which says of the host's certificate what `state` is. */
async function startResponder(port: number, certificate: string, state: "V" | "R"): Promise<void> {
  const { serialNumber } = new X509Certificate(certificate);
  const revoked = state === "R" ? "250101000000Z" : "";
  const line = [state, "350101000000Z", revoked, serialNumber, "unknown", "/CN=host of the tests"].join("\t");
  writeFileSync(join(folder, "index.txt"), `${line}\n`);
  const at = (name: string) => join(folder, name);
  const responder: ChildProcess = spawn(
    "openssl",
    [
      ...["ocsp", "-index", at("index.txt"), "-port", String(port), "-nmin", "60"],
      ...["-CA", at("ca.pem"), "-rsigner", at("ca.pem"), "-rkey", at("ca.key")],
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  ends.push(() => responder.kill());
  // It takes one connection after another, so it is not asked whether it is there.
  await new Promise<void>((resolve, reject) => {
    responder.once("exit", reject);
    responder.stderr?.on("data", (text: Buffer) => text.includes("waiting for OCSP") && resolve());
  });
}

/** What a sync says whose Snowflake shows a certificate of the tests' authority. */
async function logIn(ocspPort: number, cachePort: number, begin?: (certificate: string) => Promise<void>) {
  const authority = await makeAuthority(folder, ["localhost"], `http://127.0.0.1:${ocspPort}/`);
  const front = await startTlsFront(authority, demo.server.port);
  ends.push(() => front.stop());
  await begin?.(authority.certificate);
  const { sync } = await runResources(
    {
      syncs: {
        sync: {
          connection: {
            account: demo.server.account,
            user: demo.seed.username,
            password: demo.seed.password,
            host: "localhost",
            port: front.port,
          },
          destinationConfig: { database: demo.seed.database, schema: "SECRETS" },
          syncOptions: { initialSyncBehavior: "preserve-destination" },
          secrets: { A: "a" },
        },
      },
    },
    {
      NODE_EXTRA_CA_CERTS: authority.file,
      SF_OCSP_RESPONSE_CACHE_DIR: folder,
      SF_OCSP_RESPONSE_CACHE_SERVER_URL: `http://127.0.0.1:${cachePort}/cache.json`,
    },
  );
  return sync;
}

describe("the state of Snowflake's certificate", () => {
  it("is asked, and a revoked one is refused", async () => {
    const port = await findFreePort();
    const said = await logIn(port, 9, (certificate) => startResponder(port, certificate, "R"));
    expect(said?.[0]).toContain("its certificate has been revoked");
    expect(demo.control.counts().logins).toBe(0);
  });

  it("that is good lets the log-in through", async () => {
    const port = await findFreePort();
    expect(await logIn(port, 9, (certificate) => startResponder(port, certificate, "V"))).toEqual([]);
  });

  it("that nobody tells lets the log-in through, and does not take its time", async () => {
    const measure = async (port: number) => {
      const begun = Date.now();
      expect(await logIn(port, port)).toEqual([]);
      return Date.now() - begun;
    };
    const refused = await measure(9);
    // By itself the driver waits 15 s.
    expect((await measure(await startSilence())) - refused).toBeLessThan(12_000);
  });
});
