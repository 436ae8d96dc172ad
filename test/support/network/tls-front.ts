import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { createServer } from "node:tls";
import { promisify } from "node:util";
import { listen } from "./listen.js";

const openssl = (...args: readonly string[]) => promisify(execFile)("openssl", [...args]);

/** A certificate authority of the tests, and a certificate that it signed. */
export interface Authority {
  /** The authority's certificate, PEM: for NODE_EXTRA_CA_CERTS. */
  readonly file: string;
  readonly certificate: string;
  readonly key: string;
}

/**
 * Makes a certificate for these hosts, signed by an authority that nobody knows.
 *
 * @param ocspUrl where the certificate says that its state is told
 */
export async function makeAuthority(
  folder: string,
  hosts: readonly string[],
  ocspUrl?: string,
): Promise<Authority> {
  const at = (name: string) => join(folder, name);
  const newKey = ["-newkey", "rsa:2048", "-nodes"];
  await openssl(
    "req",
    "-x509",
    ...newKey,
    "-days",
    "2",
    "-subj",
    "/CN=Authority of the tests",
    "-keyout",
    at("ca.key"),
    "-out",
    at("ca.pem"),
  );
  await openssl(
    "req",
    ...newKey,
    "-subj",
    "/CN=host of the tests",
    "-keyout",
    at("host.key"),
    "-out",
    at("host.csr"),
  );
  const names = `subjectAltName=${hosts.map((host) => `DNS:${host}`).join(",")}\n`;
  writeFileSync(at("host.ext"), ocspUrl ? `${names}authorityInfoAccess=OCSP;URI:${ocspUrl}\n` : names);
  await openssl(
    "x509",
    "-req",
    "-in",
    at("host.csr"),
    "-CA",
    at("ca.pem"),
    "-CAkey",
    at("ca.key"),
    "-CAcreateserial",
    "-days",
    "2",
    "-extfile",
    at("host.ext"),
    "-out",
    at("host.pem"),
  );
  const read = (name: string) => readFileSync(at(name), "utf8");
  return { file: at("ca.pem"), certificate: read("host.pem"), key: read("host.key") };
}

/** Speaks TLS on a port of its own, in front of a server of this machine that does not. */
export async function startTlsFront(
  { certificate, key }: Pick<Authority, "certificate" | "key">,
  upstreamPort: number,
): Promise<{ readonly port: number; stop(): Promise<void> }> {
  const server = createServer({ cert: certificate, key }, (socket) => {
    const onward = connect(upstreamPort, "127.0.0.1");
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
      one.pipe(other);
    }
  });
  server.on("tlsClientError", () => undefined);
  return listen(server);
}
