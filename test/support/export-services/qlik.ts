import { randomBytes } from "node:crypto";
import { type HttpService, startHttpService } from "./http-service.js";

/** A Qlik Cloud tenant that knows one API key and one OAuth client, and checks what the real one checks. */
export interface QlikTenant extends HttpService {
  readonly apiKey: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** Whether users and clients are turned away as by a policy (403). */
  setForbidden(forbidden: boolean): void;
}

export async function startQlikTenant(): Promise<QlikTenant> {
  const apiKey = `eyJhbGciOi.${randomBytes(12).toString("hex")}`;
  const clientId = randomBytes(8).toString("hex");
  const clientSecret = randomBytes(16).toString("hex");
  const tokens = new Set<string>([apiKey]);
  let forbidden = false;
  const errors = (code: string, title: string) => ({ errors: [{ code, title }], traceId: "0" });

  const service = await startHttpService(({ method, url, contentType, authorization, body }) => {
    if (forbidden) return { status: 403, body: errors("AUTHZ-1", "Forbidden") };
    if (method === "POST" && url.pathname === "/oauth/token") {
      if (!contentType.startsWith("application/json"))
        return { status: 415, body: errors("OAUTH-2", "Unsupported") };
      const given = JSON.parse(body) as Record<string, unknown>;
      if (given.grant_type !== "client_credentials")
        return { status: 400, body: errors("OAUTH-14", "grant_type") };
      if (given.client_id !== clientId || given.client_secret !== clientSecret) {
        return { status: 401, body: errors("OAUTH-1", "Unauthorized") };
      }
      const token = randomBytes(16).toString("hex");
      tokens.add(token);
      return { status: 200, body: { access_token: token, token_type: "bearer", expires_in: 21_600 } };
    }
    if (method === "GET" && url.pathname === "/api/v1/users/me") {
      if (!tokens.has(authorization.replace(/^Bearer /, "")))
        return { status: 401, body: errors("AUTH-1", "Unauthorized") };
      return { status: 200, body: { id: "user-1", status: "active", tenantId: "tenant-1" } };
    }
    return { status: 404, body: errors("NOT-FOUND", "Not found") };
  });
  return Object.assign(service, {
    apiKey,
    clientId,
    clientSecret,
    setForbidden: (now: boolean) => {
      forbidden = now;
    },
  });
}
