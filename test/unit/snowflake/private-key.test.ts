import { generateKeyPairSync, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { SecretValue } from "../../../provider/core/secret-value.js";
import { type PrivateKeyReading, readPrivateKey } from "../../../provider/snowflake/private-key.js";
import { makeCertificate } from "../../support/postgres/certificate.js";
import { makeKeyForms } from "../../support/snowflake/key-forms.js";

const forms = makeKeyForms();
const { pkcs8, passphrase } = forms;

function read(text: string, open?: string): PrivateKeyReading {
  return readPrivateKey(new SecretValue(text), open === undefined ? undefined : new SecretValue(open));
}

function expose(reading: PrivateKeyReading): string {
  return "key" in reading ? reading.key.expose() : reading.problem;
}

/** What is said of a text, of which no piece may be said again. */
function refusalOf(text: string, open?: string): string {
  const reading = read(text, open);
  if ("key" in reading) throw new Error("expected a refusal");
  const said = inspect(reading, { depth: 9, showHidden: true });
  for (const piece of text.match(/[A-Za-z0-9+/]{12,}/g) ?? []) expect(said).not.toContain(piece);
  if (open !== undefined) expect(said).not.toContain(open);
  return `${reading.problem}: ${reading.hint}`;
}

describe("a private key", () => {
  it.each(Object.entries(forms.plain))("is read: %s", (_form, text) => {
    expect(expose(read(text))).toBe(pkcs8);
    expect(expose(read(text, "not needed"))).toBe(pkcs8);
  });

  it.each(Object.entries(forms.encrypted))("is read with its passphrase: %s", (_form, text) => {
    expect(expose(read(text, passphrase))).toBe(pkcs8);
    expect(expose(read(text, `${passphrase}\n`))).toBe(pkcs8);
    expect(refusalOf(text)).toBe("is encrypted, and no passphrase is given: give its passphrase.");
    expect(refusalOf(text, "wrong-passphrase-b40")).toBe(
      "is encrypted, and the passphrase does not open it: give its own passphrase.",
    );
  });

  it("is read beside other blocks", async () => {
    const publicPem = forms.publicKey.export({ type: "spki", format: "pem" }).toString();
    expect(expose(read(`${publicPem}${pkcs8}`))).toBe(pkcs8);
  });

  it("of another kind than RSA is told as that", () => {
    const { privateKey: edwards } = generateKeyPairSync("ed25519");
    const { privateKey: elliptic } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
    const { privateKey: pss } = generateKeyPairSync("rsa-pss", { modulusLength: 2048 });
    const told = [
      edwards.export({ type: "pkcs8", format: "pem" }),
      elliptic.export({ type: "sec1", format: "pem" }),
      elliptic.export({ type: "pkcs8", format: "pem" }),
      pss.export({ type: "pkcs8", format: "pem" }),
    ].map((text) => refusalOf(text.toString()));
    expect(told).toEqual(
      ["ed25519", "ec", "ec", "rsa-pss"].map(
        (type) => `is a key of type ${type}: give an RSA key: Snowflake takes no other.`,
      ),
    );
  });

  it("is told apart from what people give in its place", async () => {
    const folder = mkdtempSync(join(tmpdir(), "key-forms-"));
    try {
      const { text: certificate } = await makeCertificate(folder, undefined);
      const opensshBody = Buffer.concat([Buffer.from("openssh-key-v1\0"), randomBytes(300)]).toString(
        "base64",
      );
      const openssh = `-----BEGIN OPENSSH PRIVATE KEY-----\n${opensshBody}\n-----END OPENSSH PRIVATE KEY-----\n`;
      const opensshPublic = `ssh-rsa AAAAB3NzaC1yc2E${randomBytes(90).toString("base64")} ada@laptop\n`;
      const spki = forms.publicKey.export({ type: "spki", format: "pem" }).toString();
      const rsaPublic = forms.publicKey.export({ type: "pkcs1", format: "pem" }).toString();
      const bodyOf = (text: string) => text.replaceAll(/-----.*-----/g, "").trim();
      const lines = pkcs8.split("\n");
      expect(refusalOf(openssh)).toMatch(/^is in OpenSSH's own form: .*ssh-keygen -p -m PKCS8/);
      expect(refusalOf("PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\n")).toMatch(
        /^is in PuTTY's own form/,
      );
      for (const text of [spki, rsaPublic, opensshPublic, Buffer.from(spki).toString("base64")]) {
        expect(refusalOf(text)).toMatch(/^is a public key: /);
      }
      expect(refusalOf(certificate)).toMatch(/^is a certificate: /);
      for (const text of [bodyOf(spki), bodyOf(certificate)]) {
        expect(refusalOf(text)).toMatch(/^is a public key or a certificate: /);
      }
      expect(refusalOf(lines.slice(0, 5).join("\n"))).toMatch(/^is cut off: /);
      expect(refusalOf(lines.toSpliced(4, 2).join("\n"))).toMatch(/^is damaged: /);
      for (const path of ["~/.ssh/key.p8", "/run/secrets/key", "rsa_key.p8", "C:\\keys\\rsa"]) {
        expect(refusalOf(path)).toMatch(/^is the path of a file, and not a key: give the text of that file/);
      }
      for (const text of ["no key", "{}", "p", "MIIE", " "])
        expect(refusalOf(text)).toMatch(/^is not a private key: /);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("encrypted as OpenSSL no longer reads it is told as that", () => {
    // PKCS#8 with pbeWithMD5AndDES-CBC, salt and count, around some bytes.
    const algorithm = `301b06092a864886f70d010503300e0408${randomBytes(8).toString("hex")}02020800`;
    const der = Buffer.from(`30820123${algorithm}04820102${randomBytes(258).toString("hex")}`, "hex");
    const old = `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${der.toString("base64")}\n-----END ENCRYPTED PRIVATE KEY-----\n`;
    expect(refusalOf(old, passphrase)).toMatch(
      /^is encrypted in a way that OpenSSL no longer reads: convert it: openssl pkcs8 -topk8/,
    );
    expect(refusalOf(old)).toMatch(/^is encrypted, and no passphrase is given/);
  });
});
