import type { Catalog } from "../catalog/catalog.js";
import { buildLoginPage } from "../login/browser-logins.js";
import type { ServerState } from "../server-state.js";
import { type Answer, failure, success } from "./answers.js";
import { type Delivery, type HttpRequest, isRecord, optionalText } from "./message.js";

/** `/session/authenticator-request`: where a person logs in with the browser, or the client with Okta. */
export function handleAuthenticatorRequest(state: ServerState, request: HttpRequest): Answer {
  const { browserLogins, catalog } = state;
  const data = isRecord(request.body.data) ? request.body.data : {};
  const authenticator = optionalText(data.AUTHENTICATOR) ?? "";
  if (/^https:/i.test(authenticator)) return findOkta(catalog, authenticator);
  const port = readPort(data.BROWSER_MODE_REDIRECT_PORT);
  if (authenticator.toUpperCase() !== "EXTERNALBROWSER" || port === undefined) {
    return failure("390190", "There was an error related to the SAML Identity Provider account parameter.");
  }
  const { id, proofKey } = browserLogins.begin(port);
  return success({ tokenUrl: null, ssoUrl: `${request.origin}/sso?id=${id}`, proofKey });
}

/** Its own API of log-ins: https://developer.okta.com/docs/reference/api/authn/ */
function findOkta({ integrations }: Catalog, authenticator: string): Answer {
  const origin = URL.canParse(authenticator) ? new URL(authenticator).origin : undefined;
  const ssoUrls = [...integrations.values()].flatMap(({ saml2 }) => saml2?.ssoUrl ?? []);
  const ssoUrl = ssoUrls.find((url) => new URL(url).origin === origin);
  if (ssoUrl === undefined) {
    return failure(
      "390139",
      "The specified authenticator is not accepted by your Snowflake account configuration.  Please contact your " +
        "local system administrator to get the correct URL to use.",
    );
  }
  return success({ tokenUrl: `${origin}/api/v1/authn`, ssoUrl, proofKey: null });
}

/** `/console/login`: the same, for a client that brings its key to the page and asked for nothing before. */
export function handleConsoleLogin({ browserLogins }: ServerState, { query }: HttpRequest): Delivery {
  const port = readPort(query.get("browser_mode_redirect_port"));
  const proofKey = query.get("proof_key") ?? "";
  if (port === undefined || proofKey === "") return page(400, "This is the page of no log-in.");
  return page(200, buildLoginPage(browserLogins.begin(port, proofKey).id));
}

/** `/sso`: the page of the account's own identity provider, and what it does with a person's password. */
export function handleSso({ browserLogins, catalog }: ServerState, request: HttpRequest): Delivery {
  const {
    id = "",
    user,
    password,
  } = request.method === "POST" ? request.body : { id: request.query.get("id") ?? "" };
  if (typeof id !== "string" || !browserLogins.has(id)) return page(404, "This log-in is over.");
  if (request.method !== "POST") return page(200, buildLoginPage(id));
  const location = browserLogins.finish(catalog, id, String(user ?? ""), String(password ?? ""));
  if (location === undefined) return page(401, buildLoginPage(id, "User or password is wrong."));
  return { kind: "page", status: 302, html: "", location };
}

function readPort(text: unknown): number | undefined {
  const port = Number(text);
  return port > 0 && port < 65_536 ? port : undefined;
}

function page(status: number, html: string): Delivery {
  return { kind: "page", status, html };
}
