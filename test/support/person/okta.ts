import { execFile } from "node:child_process";
import {
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
} from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { promisify } from "node:util";
import { listen } from "../network/listen.js";

/** What the next response says otherwise than it should. */
export interface ResponseChange {
  readonly audience?: string;
  readonly recipient?: string;
  readonly issuer?: string;
  /** How much later than now it seems to be made. @default 0 */
  readonly laterMs?: number;
  /** Signs with a key that nobody knows. */
  readonly byStranger?: boolean;
  /** After it was signed. */
  readonly tamper?: (response: string) => string;
}

/** Okta as far as a driver talks to it: people's passwords, and signed responses on them. */
export interface Okta {
  readonly port: number;
  /** The statement with which a Snowflake account trusts it. */
  readonly trust: string;
  change: ResponseChange;
  /** The last response that it gave. */
  readonly last: string;
  stop(): Promise<void>;
}

export const oktaHost = "acme.okta.com";

const xmlSignature = "http://www.w3.org/2000/09/xmldsig#";
const exclusive = "http://www.w3.org/2001/10/xml-exc-c14n#";

/** @param people passwords by user names; a name is the one that the user has in Snowflake */
export async function startOkta(
  folder: string,
  accountHost: string,
  people: Readonly<Record<string, string>>,
): Promise<Okta> {
  const [keyFile, certificateFile] = [join(folder, "okta.key"), join(folder, "okta.pem")];
  const subject = ["-days", "2", "-subj", "/CN=okta", "-keyout", keyFile, "-out", certificateFile];
  await promisify(execFile)("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-nodes", ...subject]);
  const key = createPrivateKey(readFileSync(keyFile));
  const stranger = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
  const certificate = readFileSync(certificateFile, "utf8").replaceAll(/-----[A-Z ]+-----|\s/g, "");
  const issuer = "http://www.okta.com/exk1";
  const ssoPath = "/app/snowflake/exk1/sso/saml";
  const sessions = new Map<string, string>();

  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", `https://${oktaHost}`);
    const reply = (status: number, type: string, text: string) =>
      response.writeHead(status, { "content-type": type }).end(text);
    if (request.method === "POST" && url.pathname === "/api/v1/authn") {
      let body = "";
      for await (const chunk of request) body += chunk;
      const { username, password } = JSON.parse(body) as { username: string; password: string };
      if (people[username] === undefined || people[username] !== password) {
        reply(401, "application/json", JSON.stringify({ errorCode: "E0000004" }));
        return;
      }
      const sessionToken = randomBytes(16).toString("hex");
      sessions.set(sessionToken, username);
      reply(200, "application/json", JSON.stringify({ status: "SUCCESS", sessionToken }));
      return;
    }
    const token = url.searchParams.get("onetimetoken") ?? "";
    const person = sessions.get(token);
    sessions.delete(token);
    if (url.pathname !== ssoPath || person === undefined) {
      reply(403, "text/html", "<h1>Sign in</h1>");
      return;
    }
    const signer = okta.change.byStranger ? stranger : key;
    const signed = buildResponse({ issuer, accountHost, person }, okta.change, signer);
    okta.last = okta.change.tamper?.(signed) ?? signed;
    const value = Buffer.from(okta.last)
      .toString("base64")
      .replaceAll("+", "&#x2b;")
      .replaceAll("=", "&#x3d;");
    const action = `https://${accountHost}/fed/login`.replaceAll(":", "&#x3a;").replaceAll("/", "&#x2f;");
    reply(
      200,
      "text/html",
      `<html><body><form id="appForm" action="${action}" method="POST">
<input name="SAMLResponse" type="hidden" value="${value}"/><input name="RelayState" type="hidden" value=""/></form>
</body></html>`,
    );
  });
  const { port, stop } = await listen(server);
  const okta = {
    port,
    trust: `CREATE OR REPLACE SECURITY INTEGRATION OKTA TYPE = SAML2 ENABLED = TRUE SAML2_PROVIDER = 'OKTA'
      SAML2_ISSUER = '${issuer}' SAML2_SSO_URL = 'https://${oktaHost}${ssoPath}' SAML2_X509_CERT = '${certificate}'`,
    change: {} as ResponseChange,
    last: "",
    stop,
  };
  return okta;
}

/** A response in canonical form, so that its signature can be computed over the text. */
function buildResponse(
  { issuer, accountHost, person }: Readonly<Record<"issuer" | "accountHost" | "person", string>>,
  change: ResponseChange,
  key: KeyObject,
): string {
  const time = (minutes: number) =>
    new Date(Date.now() + (change.laterMs ?? 0) + minutes * 60_000).toISOString();
  const account = `https://${accountHost}`;
  const recipient = change.recipient ?? `${account}/fed/login`;
  const id = `id${randomBytes(16).toString("hex")}`;
  const head = `<saml2:Assertion xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" ID="${id}" IssueInstant="${time(0)}" Version="2.0"><saml2:Issuer>${change.issuer ?? issuer}</saml2:Issuer>`;
  const rest = `<saml2:Subject><saml2:NameID>${person}</saml2:NameID><saml2:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml2:SubjectConfirmationData NotOnOrAfter="${time(5)}" Recipient="${recipient}"></saml2:SubjectConfirmationData></saml2:SubjectConfirmation></saml2:Subject><saml2:Conditions NotBefore="${time(-5)}" NotOnOrAfter="${time(5)}"><saml2:AudienceRestriction><saml2:Audience>${change.audience ?? account}</saml2:Audience></saml2:AudienceRestriction></saml2:Conditions></saml2:Assertion>`;
  const digest = createHash("sha256").update(`${head}${rest}`).digest("base64");
  const info = (namespace: string) =>
    `<ds:SignedInfo${namespace}><ds:CanonicalizationMethod Algorithm="${exclusive}"></ds:CanonicalizationMethod><ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"></ds:SignatureMethod><ds:Reference URI="#${id}"><ds:Transforms><ds:Transform Algorithm="${xmlSignature}enveloped-signature"></ds:Transform><ds:Transform Algorithm="${exclusive}"></ds:Transform></ds:Transforms><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></ds:DigestMethod><ds:DigestValue>${digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>`;
  const value = sign("RSA-SHA256", Buffer.from(info(` xmlns:ds="${xmlSignature}"`)), key).toString("base64");
  const signature = `<ds:Signature xmlns:ds="${xmlSignature}">${info("")}<ds:SignatureValue>${value}</ds:SignatureValue></ds:Signature>`;
  return `<saml2p:Response xmlns:saml2p="urn:oasis:names:tc:SAML:2.0:protocol" Destination="${recipient}" ID="${id}r" IssueInstant="${time(0)}" Version="2.0">${head}${signature}${rest}</saml2p:Response>`;
}
