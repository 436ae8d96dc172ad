import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

/** A certificate for this machine that an authority of the test's own vouches for. */
export interface VouchedCertificate {
  /** For `NODE_EXTRA_CA_CERTS`. */
  readonly authorityFile: string;
  /** The certificate with the authority's, PEM. */
  readonly cert: string;
  readonly key: string;
}

/**
 * Makes both by `openssl`, which comes with every Unix. Snowflake's driver waits for ever on a certificate that is
 * signed by itself, which leaves it nothing to ask a revocation service about.
 */
export async function makeVouchedCertificate(folder: string): Promise<VouchedCertificate> {
  const file = (name: string) => join(folder, name);
  const openssl = (...args: readonly string[]) => promisify(execFile)("openssl", args);
  const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  writeFileSync(file("names"), "subjectAltName=DNS:localhost,IP:127.0.0.1");
  const authority = ["-keyout", file("ca.key"), "-out", file("ca.crt")];
  await openssl("req", "-x509", ...newKey, "-days", "2", "-subj", "/CN=authority", ...authority);
  await openssl("req", ...newKey, "-subj", "/CN=localhost", "-keyout", file("key"), "-out", file("csr"));
  await openssl(
    ...[
      "x509",
      "-req",
      "-in",
      file("csr"),
      "-CA",
      file("ca.crt"),
      "-CAkey",
      file("ca.key"),
      "-CAcreateserial",
    ],
    ...["-days", "2", "-extfile", file("names"), "-out", file("crt")],
  );
  const read = (name: string) => readFileSync(file(name), "utf8");
  return { authorityFile: file("ca.crt"), cert: `${read("crt")}${read("ca.crt")}`, key: read("key") };
}
