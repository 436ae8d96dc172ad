import { generateKeyPairSync, type KeyObject } from "node:crypto";

/** One RSA key in the forms in which people hand keys around. */
export interface KeyForms {
  readonly publicKey: KeyObject;
  /** What each form is read as. */
  readonly pkcs8: string;
  readonly passphrase: string;
  /** By name; the same key each. */
  readonly plain: Readonly<Record<string, string>>;
  /** By name; the passphrase opens each. */
  readonly encrypted: Readonly<Record<string, string>>;
}

export function makeKeyForms(): KeyForms {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const passphrase = "pass-phrase-of-a-key 6b1";
  const encryption = { cipher: "aes-256-cbc", passphrase };
  const pkcs8 = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  const pkcs1 = privateKey.export({ type: "pkcs1", format: "pem" }).toString();
  const encryptedPkcs8 = privateKey.export({ type: "pkcs8", format: "pem", ...encryption }).toString();
  const encryptedPkcs1 = privateKey.export({ type: "pkcs1", format: "pem", ...encryption }).toString();
  return {
    publicKey,
    pkcs8,
    passphrase,
    plain: { ...spell("PKCS#8", pkcs8), ...spell("PKCS#1", pkcs1), ...spellBody("PKCS#8", pkcs8) },
    encrypted: {
      ...spell("encrypted PKCS#8", encryptedPkcs8),
      ...spell("encrypted PKCS#1", encryptedPkcs1),
      ...spellBody("encrypted PKCS#8", encryptedPkcs8),
    },
  };
}

function spell(name: string, pem: string): Record<string, string> {
  const forms: Record<string, string> = {
    "as it is": pem,
    "without its last line break": pem.trimEnd(),
    "with blank lines around it": `\n\n  ${pem}\n \n`,
    "in double quotes": `"${pem.trim()}"`,
    "in single quotes": `'${pem}'`,
    "with \\n spelled out": pem.replaceAll("\n", "\\n"),
    "with \\r\\n spelled out": pem.replaceAll("\n", "\\r\\n"),
    "with \\\\n spelled out twice": pem.replaceAll("\n", "\\\\n"),
    "with \\n spelled out, in quotes": JSON.stringify(pem),
    "with \\n spelled out and a real last break": `${pem.trim().replaceAll("\n", "\\n")}\n`,
    "with Windows line breaks": pem.replaceAll("\n", "\r\n"),
    "with old Mac line breaks": pem.replaceAll("\n", "\r"),
    "with spaces for line breaks": pem.replaceAll("\n", " "),
    "with its line breaks lost": pem.replaceAll("\n", ""),
    "with mixed line breaks": pem
      .split("\n")
      .reduce((text, line, index) => `${text}${["\n", "\r\n", " ", "\\n"][index % 4]}${line}`),
    indented: pem.replaceAll(/^/gm, "    "),
    "with tabs before its lines": pem.replaceAll(/^/gm, "\t"),
    "in base64": Buffer.from(pem).toString("base64"),
    "in base64 with lines": Buffer.from(pem).toString("base64").replaceAll(/.{76}/g, "$&\n"),
    "in base64 of the spelled-out text": Buffer.from(pem.replaceAll("\n", "\\n")).toString("base64"),
    "in UTF-16": `\uFEFF${[...pem].join("\0")}`,
    "under a comment": `# key of the export user\n${pem}`,
  };
  return Object.fromEntries(Object.entries(forms).map(([form, text]) => [`${name} ${form}`, text]));
}

function spellBody(name: string, pem: string): Record<string, string> {
  const body = pem.replaceAll(/-----.*-----/g, "").trim();
  return {
    [`${name}, its body alone`]: body,
    [`${name}, its body alone in one line`]: body.replaceAll("\n", ""),
    [`${name} without its last line`]: pem.trim().replace(/\n[^\n]*$/, ""),
    [`${name} without any space`]: pem.replaceAll(/\s/g, ""),
  };
}
