import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { buildSafeCause, ProviderError } from "../../core/errors.js";

/** An answer; `body` is undefined where the text is no JSON. */
export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
  readonly body: unknown;
}

export interface HttpQuestion {
  readonly method: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const maxBodyBytes = 1_000_000;

/**
 * One request on a connection of its own, which ends with it. Redirects are not followed: they would carry the
 * credentials to a place that nobody named.
 *
 * @throws `UNREACHABLE` when no answer came.
 */
export function askHttp(url: URL, { method, headers, body }: HttpQuestion): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => reject(explain(error, url));
    const send = url.protocol === "http:" ? requestHttp : requestHttps;
    const request = send(
      url,
      {
        method,
        agent: false,
        headers: {
          accept: "application/json",
          "user-agent": "pulumi-snowflake-secrets",
          ...(body === undefined ? {} : { "content-length": Buffer.byteLength(body) }),
          ...headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on("data", (chunk: Buffer) => {
          size += chunk.length;
          if (size > maxBodyBytes) request.destroy(new Error("too long"));
          else chunks.push(chunk);
        });
        response.on("error", fail);
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          resolve({ status: response.statusCode ?? 0, text, body: parseJson(text) });
        });
      },
    );
    request.on("error", fail);
    request.end(body);
  });
}

/** The field of an object, or undefined. */
export function fieldOf(value: unknown, field: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[field] : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function explain(error: unknown, url: URL): ProviderError {
  const cause = buildSafeCause(error);
  const code = cause.code ?? cause.name;
  const certificate = /CERT|SSL|TLS|SELF_SIGNED|ISSUER|EPROTO/.test(code);
  return new ProviderError("UNREACHABLE", {
    operation: `no answer came (${code})`,
    target: url.host,
    hint: certificate
      ? "the server's certificate was refused: check the address and whatever stands between."
      : "check the address, the network path and the proxy.",
    retryable: true,
    cause,
  });
}
