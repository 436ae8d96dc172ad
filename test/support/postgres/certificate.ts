import { execFile } from "node:child_process";
import { chmodSync, chownSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

/** A certificate that a server can show. */
export interface Certificate {
  readonly certificateFile: string;
  readonly keyFile: string;
  /** The certificate, PEM. */
  readonly text: string;
}

/** Makes a self-signed certificate for this machine by `openssl`, which comes with every Unix. */
export async function makeCertificate(
  folder: string,
  owner: { readonly uid: number; readonly gid: number } | undefined,
): Promise<Certificate> {
  const certificateFile = join(folder, "server.crt");
  const keyFile = join(folder, "server.key");
  await promisify(execFile)("openssl", [
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"],
    ...["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"],
    ...["-keyout", keyFile, "-out", certificateFile],
  ]);
  chmodSync(keyFile, 0o600);
  if (owner !== undefined) {
    for (const file of [certificateFile, keyFile]) chownSync(file, owner.uid, owner.gid);
  }
  return { certificateFile, keyFile, text: readFileSync(certificateFile, "utf8") };
}
