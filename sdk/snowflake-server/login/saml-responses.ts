import { createHash, verify } from "node:crypto";
import type { Catalog } from "../catalog/catalog.js";
import type { Saml2, User } from "../catalog/objects.js";
import { Latest } from "../latest.js";
import { LIMITS } from "../limits.js";
import type { AccountIdentity } from "../statements/context.js";
import { invalidResponse } from "./browser-logins.js";

const xmlSignature = "http://www.w3.org/2000/09/xmldsig#";
const rsaSha256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
const sha256 = "http://www.w3.org/2001/04/xmlenc#sha256";

/** How far the clocks of the identity provider and this server may differ. */
const clockToleranceMs = 60_000;

/**
 * What Okta says of a person, as a client brings it: the form that a browser would send, with a signed response in it.
 *
 * The signature is checked as https://www.w3.org/TR/xmldsig-core1/ has it, of a response in canonical form: Okta's own
 * may have to be brought into it first, for which this server has no means.
 */
export class SamlResponses {
  readonly #used = new Latest<true>(LIMITS.sessions);

  /**
   * The user whom the response names. https://docs.snowflake.com/en/user-guide/errors-saml lists the codes.
   *
   * @throws LoginError 390133 malformed, used before, or of nobody here; 390165 to 390167 its signature; 390169 for
   *   another account; 390171 for another address; 390172 and 390173 its time; 390184 of another provider
   */
  prove({ integrations, users }: Catalog, identity: AccountIdentity, form: string): User {
    const assertion = readAssertion(form);
    const issuer = only(/<saml2:Issuer>([^<]+)<\/saml2:Issuer>/g, assertion);
    const trusted = [...integrations.values()].find(({ saml2 }) => saml2?.issuer === issuer)?.saml2;
    if (trusted === undefined) throw invalidResponse("390184");
    const signed = requireSignature(assertion, trusted);
    requireConditions(signed, accountUrl(identity));
    const id = idOf(signed);
    if (this.#used.get(id) !== undefined) throw invalidResponse();
    this.#used.set(id, true);
    const name = only(/<saml2:NameID[^<>]*>([^<]+)<\/saml2:NameID>/g, signed);
    const user = users.get(name.toUpperCase());
    if (user === undefined) throw invalidResponse();
    return user;
  }

  clear(): void {
    this.#used.clear();
  }
}

/** The address of the account, which is the audience of what its identity provider says. */
function accountUrl({ organizationName, accountName }: AccountIdentity): string {
  return `https://${organizationName}-${accountName}.snowflakecomputing.com`.toLowerCase();
}

/** The assertion in the form's response. With more than one, it is all of them, which nobody has signed. */
function readAssertion(form: string): string {
  const inputs = [...form.matchAll(/<input[^<>]*>/g)].map(([input]) => input);
  const field = inputs.find((input) => input.includes(' name="SAMLResponse"')) ?? "";
  const value = only(/ value="([^"]*)"/g, field)
    .replaceAll(/&#x([0-9a-f]+);/gi, (_whole, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replaceAll("&#43;", "+");
  const response = Buffer.from(value, "base64").toString("utf8");
  // Nothing that another reader would take for something else.
  if (/<!|<\?(?!xml )/.test(response)) throw invalidResponse();
  return outer("saml2:Assertion", response);
}

/** The part of the assertion that its signature covers, which is all but the signature. */
function requireSignature(assertion: string, { certificate }: Saml2): string {
  const signature = outer("ds:Signature", assertion);
  const signedInfo = outer("ds:SignedInfo", signature);
  const algorithm = (element: string): string =>
    only(new RegExp(`<ds:${element} Algorithm="([^"]*)"`, "g"), signedInfo);
  if (algorithm("SignatureMethod") !== rsaSha256) throw invalidResponse("390167");
  if (algorithm("DigestMethod") !== sha256) throw invalidResponse("390166");
  const content = assertion.replace(signature, "");
  const digest = createHash("sha256").update(canonical(content)).digest("base64");
  if (only(/<ds:DigestValue>([^<]*)<\/ds:DigestValue>/g, signedInfo) !== digest)
    throw invalidResponse("390165");
  // By itself, the part has the namespace that it had of its parent.
  const bytes = canonical(
    signedInfo.replace("<ds:SignedInfo>", `<ds:SignedInfo xmlns:ds="${xmlSignature}">`),
  );
  const value = only(/<ds:SignatureValue>([^<]*)<\/ds:SignatureValue>/g, signature);
  if (!verify("RSA-SHA256", Buffer.from(bytes), certificate.publicKey, Buffer.from(value, "base64"))) {
    throw invalidResponse("390165");
  }
  return content;
}

function requireConditions(assertion: string, account: string): void {
  const now = Date.now();
  const times = (name: string): readonly number[] =>
    [...assertion.matchAll(new RegExp(` ${name}="([^"]*)"`, "g"))].map(([, time = ""]) => Date.parse(time));
  const begins = times("NotBefore");
  const ends = times("NotOnOrAfter");
  if (ends.length === 0 || !ends.every((time) => now < time + clockToleranceMs))
    throw invalidResponse("390172");
  if (!begins.every((time) => now >= time - clockToleranceMs)) throw invalidResponse("390173");
  const audience = only(/<saml2:Audience>([^<]*)<\/saml2:Audience>/g, assertion, "390169");
  if (audience !== account) throw invalidResponse("390169");
  const recipient = only(/ Recipient="([^"]*)"/g, assertion, "390171");
  if (recipient !== `${account}/fed/login`) throw invalidResponse("390171");
}

function idOf(assertion: string): string {
  return only(/^<saml2:Assertion[^<>]* ID="([^"]+)"/g, assertion);
}

/** What a form in canonical form may still have: elements without content in one tag. */
function canonical(xml: string): string {
  return xml.replaceAll(/<([^<>]*)\/>/g, (_whole, tag: string) => {
    const start = tag.trimEnd();
    return `<${start}></${start.split(/\s/, 1)[0]}>`;
  });
}

/** From the first opening tag of an element to its last closing one; in time that grows with the text alone. */
function outer(element: string, text: string): string {
  const end = `</${element}>`;
  const [from, to] = [text.indexOf(`<${element}`), text.lastIndexOf(end)];
  if (from < 0 || to < from) throw invalidResponse();
  return text.slice(from, to + end.length);
}

/** What is there once, and not more. */
function only(pattern: RegExp, text: string, code = "390133"): string {
  const [found, ...more] = [...text.matchAll(pattern)];
  const value = found?.[1];
  if (value === undefined || more.length > 0) throw invalidResponse(code);
  return value;
}
