import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from "node:crypto";
import { SecretValue } from "../core/secret-value.js";

/** A private key as it was read, or why it could not be: words of which none is of the key. */
export type PrivateKeyReading =
  | { readonly key: SecretValue }
  | {
      /** Goes on from "the private key": "is encrypted, and no passphrase is given". */
      readonly problem: string;
      /** What to do about it. */
      readonly hint: string;
      /** What is wrong: the key, its passphrase (or that there is none), or that a path is given for it. */
      readonly fault: "key" | "passphrase" | "no passphrase" | "path";
    };

/**
 * Reads an RSA private key in the forms in which keys are handed around: PEM (PKCS#8 or PKCS#1, encrypted or not) also
 * in quotes, with line breaks that are spelled out, lost, mixed or turned into spaces, indented, as its body alone, or in
 * base64. The key comes out as unencrypted PKCS#8 in PEM: of each form of a key the same text.
 */
export function readPrivateKey(text: SecretValue, passphrase?: SecretValue): PrivateKeyReading {
  const blocks = findBlocks(text.expose());
  const privateBlock = blocks.find(({ label }) => label === undefined || label.endsWith("PRIVATE KEY"));
  const passphrases = listPassphrases(passphrase);
  const opened = privateBlock === undefined ? undefined : open(privateBlock, passphrases);
  if (typeof opened === "object") {
    if (opened.asymmetricKeyType === "rsa") {
      return { key: new SecretValue(opened.export({ type: "pkcs8", format: "pem" }).toString()) };
    }
    return refuse(
      `is a key of type ${opened.asymmetricKeyType}`,
      "give an RSA key: Snowflake takes no other.",
    );
  }
  if (opened === "unsupported") return refuse("is encrypted in a way that OpenSSL no longer reads", convert);
  if (privateBlock !== undefined && isEncrypted(privateBlock)) {
    return passphrases.length === 0
      ? refuse("is encrypted, and no passphrase is given", "give its passphrase.", "no passphrase")
      : refuse("is encrypted, and the passphrase does not open it", "give its own passphrase.", "passphrase");
  }
  return explain(text.expose(), blocks);
}

const give = "give an RSA private key as PEM text (-----BEGIN PRIVATE KEY-----).";
const convert =
  "convert it: openssl pkcs8 -topk8 -v2 aes-256-cbc -in old.p8 -out new.p8 (add -provider legacy -provider default before -in).";

type Refusal = Exclude<PrivateKeyReading, { readonly key: SecretValue }>;

function refuse(problem: string, hint: string, fault: Refusal["fault"] = "key"): Refusal {
  return { problem, hint, fault };
}

/** One key, certificate or the like, as text of base64. */
interface Block {
  /** "RSA PRIVATE KEY"; undefined for a body alone. */
  readonly label: string | undefined;
  /** The encryption that PKCS#1 writes above its body. */
  readonly header?: { readonly cipher: string; readonly iv: string };
  readonly body: Buffer;
}

const pem = /-----BEGIN ([A-Z0-9 ]+?)-----(.*?)-----END \1-----/gs;
const legacyHeader = /Proc-Type:\s*4,\s*ENCRYPTED\s*DEK-Info:\s*([A-Z0-9-]+),\s*/;

function findBlocks(given: string): readonly Block[] {
  const text = unwrap(given);
  const found = [...text.matchAll(pem)].map(([, label = "", content = ""]) => buildBlock(label, content));
  if (found.length > 0) return found;
  const body = decodeBase64(text.replaceAll(/-----[A-Z0-9 ]*-----/g, ""));
  return body === undefined ? [] : [{ label: undefined, body }];
}

// What is left of the marks and the empty halves of a file in UTF-16.
const unprinted = /[\uFEFF\uFFFD\0]/g;

/** What stands around a PEM text, or in place of its line breaks. */
function unwrap(given: string): string {
  // A line break may be spelled out more than once: "\\n".
  const text = given.replaceAll(/\\+r/g, "\r").replaceAll(/\\+n/g, "\n").replaceAll(unprinted, "");
  if (text.includes("-----BEGIN")) return text;
  const inner = decodeBase64(text)?.toString("latin1");
  return inner?.includes("-----BEGIN") ? unwrap(inner) : text;
}

function buildBlock(label: string, content: string): Block {
  const [header, cipher = ""] = legacyHeader.exec(content) ?? [];
  if (header === undefined) return { label, body: decodeBase64(content) ?? Buffer.alloc(0) };
  const rest = content.slice(content.indexOf(header) + header.length);
  // The length tells where the initialization vector ends, should the break behind it be lost.
  const iv = rest.slice(0, cipher.startsWith("DES") ? 16 : 32);
  return { label, header: { cipher, iv }, body: decodeBase64(rest.slice(iv.length)) ?? Buffer.alloc(0) };
}

function decodeBase64(text: string): Buffer | undefined {
  const letters = text.replaceAll(/[\s"'`\\]/g, "");
  return /^[A-Za-z0-9+/_-]+={0,2}$/.test(letters) ? Buffer.from(letters, "base64") : undefined;
}

/** The passphrase, and without the line break that a file or a variable may have put behind it. */
function listPassphrases(passphrase: SecretValue | undefined): readonly string[] {
  if (passphrase === undefined) return [];
  const text = passphrase.expose();
  return [...new Set([text, text.replace(/[\r\n]+$/, "")])];
}

// What stands above a key is often wrong, so its bytes decide.
function open(block: Block, passphrases: readonly string[]): KeyObject | "unsupported" | undefined {
  let isUnsupported = false;
  for (const passphrase of passphrases.length === 0 ? [undefined] : passphrases) {
    for (const form of listForms(block)) {
      try {
        return createPrivateKey({ ...form, ...(passphrase === undefined ? {} : { passphrase }) });
      } catch (error) {
        // Of OpenSSL's message nothing is kept.
        isUnsupported ||= passphrase !== undefined && isUnsupportedCipher(error);
      }
    }
  }
  return isUnsupported ? "unsupported" : undefined;
}

function listForms({ label = "", header, body }: Block) {
  if (header !== undefined) {
    // OpenSSL takes no blank line behind the body.
    const lines = body.toString("base64").replaceAll(/.{64}(?=.)/g, "$&\n");
    const text = `Proc-Type: 4,ENCRYPTED\nDEK-Info: ${header.cipher},${header.iv}\n\n${lines}`;
    return [{ key: `-----BEGIN ${label}-----\n${text}\n-----END ${label}-----\n`, format: "pem" as const }];
  }
  return (["pkcs8", "pkcs1", "sec1"] as const).map((type) => ({ key: body, format: "der" as const, type }));
}

function isUnsupportedCipher(error: unknown): boolean {
  const { code, reason } = error as { code?: unknown; reason?: unknown };
  return code === "ERR_OSSL_EVP_UNSUPPORTED" && reason === "unsupported";
}

// The identifiers of PKCS#5 and of PKCS#12 encryption, which stand first in an encrypted PKCS#8 key.
const encryptions = ["06092a864886f70d0105", "060a2a864886f70d010c01"];

function isEncrypted({ header, body }: Block): boolean {
  const start = body.subarray(0, 32).toString("hex");
  return (
    header !== undefined || (isWhole(body) && encryptions.some((identifier) => start.includes(identifier)))
  );
}

/** Whether the bytes are as many as their first ones announce. */
function isWhole(der: Buffer): boolean {
  // Each key is long enough for a length of two bytes.
  return der.length > 4 && der.readUInt16BE(0) === 0x3082 && der.length === 4 + der.readUInt16BE(2);
}

/** What a text is that is no private key. */
function explain(text: string, blocks: readonly Block[]): Refusal {
  const labels = blocks.map(({ label = "" }) => label);
  const trimmed = text.trim();
  if (labels.includes("OPENSSH PRIVATE KEY")) {
    return refuse("is in OpenSSH's own form", "convert a copy of it: ssh-keygen -p -m PKCS8 -f key.");
  }
  if (trimmed.startsWith("PuTTY-User-Key-File")) {
    return refuse("is in PuTTY's own form", "export it from PuTTYgen (Conversions, Export OpenSSH key).");
  }
  if (labels.some((label) => label.endsWith("PUBLIC KEY")) || /^["']?(ssh|ecdsa)-\S+ AAAA/.test(trimmed)) {
    return refuse("is a public key", "give the private key that belongs to it.");
  }
  if (labels.some((label) => label.endsWith("CERTIFICATE"))) {
    return refuse("is a certificate", "give the private key that belongs to it.");
  }
  if (blocks.some(({ label, body }) => label === undefined && isPublic(body))) {
    return refuse("is a public key or a certificate", "give the private key that belongs to it.");
  }
  if (text.includes("-----BEGIN") && !/-----END [A-Z0-9 ]+-----/.test(text)) {
    return refuse("is cut off: its last line (-----END …) is missing", "copy it whole.");
  }
  if (labels.some((label) => label.endsWith("PRIVATE KEY"))) {
    return refuse(
      "is damaged: between its first and last line something is missing or changed",
      "copy it whole.",
    );
  }
  if (/^(~|\.{0,2}\/|[A-Za-z]:\\)\S+$|^\S+\.(p8|pem|key|der)$/.test(trimmed)) {
    return refuse("is the path of a file, and not a key", "give the text of that file.", "path");
  }
  return refuse("is not a private key", give);
}

function isPublic(der: Buffer): boolean {
  const readers = [
    () => createPublicKey({ key: der, format: "der", type: "spki" }),
    () => createPublicKey({ key: der, format: "der", type: "pkcs1" }),
    () => new X509Certificate(der),
  ];
  return readers.some((read) => {
    try {
      return Boolean(read());
    } catch {
      return false;
    }
  });
}
