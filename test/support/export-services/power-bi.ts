import { randomBytes, randomUUID } from "node:crypto";
import { type HttpService, startHttpService } from "./http-service.js";

/** Entra and Power BI on one address, with one app and one workspace; checks what the real ones check. */
export interface PowerBi extends HttpService {
  readonly tenant: string;
  readonly workspace: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Those that are let in, as an export destination has them. */
  readonly credentials: Readonly<
    Record<"type" | "tenant" | "workspace" | "clientId" | "clientSecret", string>
  >;
  /** Lets Entra refuse with this code: 7000222 (expired secret), 53003 (conditional access). */
  refuseWith(entraCode: number | undefined): void;
  /** Whether the tenant lets service principals use the API. */
  setServicePrincipalsAllowed(allowed: boolean): void;
}

const scope = "https://analysis.windows.net/powerbi/api/.default";

export async function startPowerBi(): Promise<PowerBi> {
  const tenant = randomUUID();
  const workspace = randomUUID();
  const clientId = randomUUID();
  const clientSecret = `${randomBytes(16).toString("base64url")}~8Q`;
  const tokens = new Set<string>();
  let entraCode: number | undefined;
  let allowed = true;

  const refuse = (status: number, error: string, code: number) => ({
    status,
    body: {
      error,
      error_description: `AADSTS${code}: refused.`,
      error_codes: [code],
      correlation_id: randomUUID(),
    },
  });

  const service = await startHttpService(({ method, url, contentType, authorization, body }) => {
    const login = /^\/([^/]+)\/oauth2\/v2\.0\/token$/.exec(url.pathname);
    if (method === "POST" && login !== null) {
      if (contentType !== "application/x-www-form-urlencoded") return refuse(400, "invalid_request", 900144);
      if (entraCode !== undefined) return refuse(400, "invalid_grant", entraCode);
      const form = new URLSearchParams(body);
      if (login[1] !== tenant) return refuse(400, "invalid_request", 90002);
      if (form.get("grant_type") !== "client_credentials")
        return refuse(400, "unsupported_grant_type", 70003);
      if (form.get("scope") !== scope) return refuse(400, "invalid_scope", 70011);
      if (form.get("client_id") !== clientId) return refuse(400, "unauthorized_client", 700016);
      if (form.get("client_secret") !== clientSecret) return refuse(401, "invalid_client", 7000215);
      const token = randomBytes(24).toString("base64url");
      tokens.add(token);
      return { status: 200, body: { token_type: "Bearer", expires_in: 3599, access_token: token } };
    }
    if (method === "GET" && url.pathname === "/v1.0/myorg/groups") {
      if (!tokens.has(authorization.replace(/^Bearer /, "")))
        return { status: 403, body: { error: { code: "TokenExpired" } } };
      if (!allowed) return { status: 401, body: { error: { code: "PowerBINotAuthorizedException" } } };
      const wanted = /^id eq '([0-9a-f-]+)'$/.exec(url.searchParams.get("$filter") ?? "")?.[1];
      const value = wanted === workspace ? [{ id: workspace.toUpperCase(), name: "Exports" }] : [];
      return { status: 200, body: { "@odata.count": value.length, value } };
    }
    return { status: 404, body: { error: { code: "NotFound" } } };
  });
  return Object.assign(service, {
    tenant,
    workspace,
    clientId,
    clientSecret,
    credentials: { type: "power_bi", tenant, workspace, clientId, clientSecret },
    refuseWith: (code: number | undefined) => {
      entraCode = code;
    },
    setServicePrincipalsAllowed: (now: boolean) => {
      allowed = now;
    },
  });
}
