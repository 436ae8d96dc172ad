import { setTimeout as sleep } from "node:timers/promises";
import type { User } from "../catalog/objects.js";
import type { FaultEffect } from "../faults.js";
import { isAccountName } from "../login/authenticate.js";
import { identifyByAccessToken } from "../login/external-oauth.js";
import { type LoginRequest, logIn } from "../login/login.js";
import { LoginError } from "../login/login-error.js";
import { approvalTimedOut } from "../login/second-factor.js";
import { identifyWorkload } from "../login/workload-identity.js";
import type { ServerState } from "../server-state.js";
import { type Answer, failure, loginAnswer, renewalAnswer } from "./answers.js";
import { type Delivery, type HttpRequest, isRecord, optionalText } from "./message.js";
import { withFault } from "./with-fault.js";

/** `/session/v1/login-request` */
export async function handleLogin(state: ServerState, request: HttpRequest): Promise<Delivery> {
  const data = isRecord(request.body.data) ? request.body.data : {};
  const unpacked = unpackLogin(request, data);
  const login = { ...unpacked, vouched: await askOthers(state, unpacked, data) };
  const effect = state.faults.next({
    on: "login",
    text: login.loginName ?? "",
    user: login.loginName?.toUpperCase(),
    role: login.role,
  });
  state.journal.recordLoginAttempt();
  const delivery = await withFault(state, effect, {
    disconnected: request.disconnected,
    apply: () => openSession(state, login, optionalText(data.ACCOUNT_NAME), request.clientAddress),
    refuse: (fault) => failure(fault.code, fault.message),
  });
  if (isUnanswered(delivery)) {
    const signal = AbortSignal.any([state.stopped, request.disconnected]);
    await sleep(state.settings.approvalTimeoutMs, undefined, { signal });
  }
  return delivery;
}

function isUnanswered(delivery: Delivery): boolean {
  return (
    delivery.kind === "answer" &&
    isRecord(delivery.answer.body) &&
    delivery.answer.body.code === approvalTimedOut
  );
}

/** `/session/token-request`: a new session token for a valid master token. */
export async function handleRenewal(state: ServerState, request: HttpRequest): Promise<Delivery> {
  const session = state.sessions.findByMasterToken(request.token ?? "");
  const effect: FaultEffect | undefined = state.faults.next({
    on: "renewal",
    text: "",
    user: session?.user,
    role: session?.role,
  });
  return withFault(state, effect, {
    disconnected: request.disconnected,
    apply: () => {
      if (session === undefined || session.end === "master-expired" || session.end === "unauthorized") {
        return failure("390114", "Authentication token has expired.  The user must authenticate again.");
      }
      if (session.end === "gone") return sessionGone();
      state.sessions.renew(session);
      state.journal.recordRenewal();
      return renewalAnswer(session, state.sessions.validity);
    },
    refuse: (fault) => failure(fault.code, fault.message),
  });
}

/** 390111: the session does not exist any more. */
export function sessionGone(): Answer {
  return failure("390111", "Session no longer exists.  New login required to access the service.");
}

function openSession(
  state: ServerState,
  login: LoginRequest,
  accountName: string | undefined,
  address: string,
): Answer {
  // The real service has a host for each account, and none answers for a wrong name.
  if (accountName === undefined || !isAccountName(state.identity, accountName)) {
    return { status: 404, body: { success: false, code: "404", message: "Not Found", data: null } };
  }
  try {
    const session = logIn(state, login, state.settings.clientAddress ?? address);
    state.journal.recordLoginSuccess();
    return loginAnswer(session, state.sessions.validity, keepTokens(state, login, session.user));
  } catch (error) {
    if (!(error instanceof LoginError)) throw error;
    return failure(error.code, error.message);
  }
}

/** The tokens that the client asked for and the account allows. */
function keepTokens(
  { catalog, keptTokens }: ServerState,
  { authenticator, sessionParameters }: LoginRequest,
  userName: string,
): { readonly idToken?: string | undefined; readonly mfaToken?: string | undefined } {
  const user = catalog.users.get(userName);
  if (user === undefined) return {};
  switch (authenticator.toUpperCase()) {
    case "EXTERNALBROWSER":
      if (sessionParameters.CLIENT_STORE_TEMPORARY_CREDENTIAL !== true) return {};
      return { idToken: keptTokens.issue("id", user) };
    case "USERNAME_PASSWORD_MFA":
      if (sessionParameters.CLIENT_REQUEST_MFA_TOKEN !== true || user.secondFactor === undefined) return {};
      return { mfaToken: keptTokens.issue("mfa", user) };
    default:
      return {};
  }
}

/** Before the log-in itself, which waits for nobody. */
async function askOthers(
  { catalog, identity, settings, browserLogins, keptTokens, samlResponses }: ServerState,
  { authenticator, token = "", loginName }: LoginRequest,
  data: Readonly<Record<string, unknown>>,
): Promise<User | LoginError | undefined> {
  const provider = optionalText(data.PROVIDER);
  const { googleIssuer, stsEndpoint } = settings;
  const attestation = { provider: provider ?? "", token, googleIssuer, stsEndpoint };
  try {
    switch (authenticator.toUpperCase()) {
      case "WORKLOAD_IDENTITY":
        return await identifyWorkload(catalog.users.values(), attestation);
      case "EXTERNALBROWSER":
        return browserLogins.prove(catalog, {
          token,
          proofKey: optionalText(data.PROOF_KEY) ?? "",
          loginName,
        });
      case "ID_TOKEN": {
        const user = catalog.users.get(loginName?.toUpperCase() ?? "");
        const isValid = user !== undefined && keptTokens.isValid("id", user, token);
        return isValid ? user : new LoginError("390195", "The provided ID Token is invalid.");
      }
      case "RAW_SAML_RESPONSE":
        return samlResponses.prove(catalog, identity, optionalText(data.RAW_SAML_RESPONSE) ?? "");
      case "OAUTH":
        return await identifyByAccessToken(catalog, token);
      default:
        return undefined;
    }
  } catch (error) {
    if (error instanceof LoginError) return error;
    throw error;
  }
}

function unpackLogin({ query }: HttpRequest, data: Readonly<Record<string, unknown>>): LoginRequest {
  const password = optionalText(data.PASSWORD);
  return {
    // A client that comes from Okta names neither an authenticator nor a user.
    authenticator: data.RAW_SAML_RESPONSE ? "RAW_SAML_RESPONSE" : (optionalText(data.AUTHENTICATOR) ?? ""),
    loginName: optionalText(data.LOGIN_NAME),
    ...(data.passcodeInPassword === true
      ? splitPassword(password ?? "")
      : { password, passcode: optionalText(data.PASSCODE) }),
    token: optionalText(data.TOKEN),
    role: optionalText(query.get("roleName")),
    warehouse: optionalText(query.get("warehouse")),
    database: optionalText(query.get("databaseName")),
    schema: optionalText(query.get("schemaName")),
    sessionParameters: isRecord(data.SESSION_PARAMETERS) ? data.SESSION_PARAMETERS : {},
  };
}

/** A passcode of six digits stands behind the password; without one it is a wrong passcode, and nobody is asked. */
function splitPassword(both: string): { readonly password: string; readonly passcode: string } {
  const [, password = both, passcode = ""] = /^(.*)(\d{6})$/s.exec(both) ?? [];
  return { password, passcode };
}
