import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import { listen } from "../network/listen.js";
import { amendAnswer, answerOfAws } from "./amendments.js";
import { type FaultEffect, FaultList } from "./faults.js";

/** One call as a client made it. */
export interface AwsCall {
  readonly operation: string;
  /** The request, parsed. */
  readonly body: Readonly<Record<string, unknown>>;
  /** As it was signed: moto reads account and region from it. */
  readonly authorization: string;
  /** 1, or more where the SDK tries again. */
  readonly attempt: number;
  /** The answer's HTTP status; absent while there is none and when the connection was cut. */
  status?: number;
  /** The answer's error code, if it is an error. */
  errorCode?: string;
}

/** An answer on its way to the client. */
export interface AwsAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What lies behind the proxy, and what a test has set for it. */
export interface ProxyState {
  /** The address of moto. */
  readonly upstream: string;
  /** Glue run states that a test has set, by run id. */
  readonly runStates: Map<string, string>;
  /** The largest page that Glue and ListSecrets give, so that paging shows with few objects. */
  pageSize: number | undefined;
  /** The regions where a secret was scheduled for deletion; elsewhere none has to be looked up. */
  readonly deletions: Set<string>;
}

/** What goes wrong in a region, and what was called there. */
export interface Lane {
  readonly faults: FaultList;
  /** Oldest first. */
  readonly calls: AwsCall[];
}

export interface AwsProxy {
  readonly endpoint: string;
  /** Of every region that has none of its own. */
  readonly lane: Lane;
  /** Gives a region a lane of its own. */
  openLane(region: string): Lane;
  stop(): Promise<void>;
}

const stsOperations = new Set(["GetCallerIdentity", "AssumeRole"]);
const pagedOperations = new Set(["GetJobs", "GetJobRuns", "ListSecrets"]);

/**
 * Stands between a client and moto: passes calls through, gives AWS's own answer where moto's differs, injects faults,
 * and records what was called.
 */
export async function startProxy(state: ProxyState): Promise<AwsProxy> {
  const lane: Lane = { faults: new FaultList(), calls: [] };
  const lanes = new Map<string, Lane>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const text = Buffer.concat(chunks).toString("utf8");
      const call = parseCall(request.headers, text);
      const { faults, calls } = lanes.get(regionOf(call)) ?? lane;
      calls.push(call);
      const fault = faults.take(call);
      answer(call, fault, text, request.headers, request.url ?? "/", response).catch(() =>
        response.destroy(),
      );
    });
  });

  async function answer(
    call: AwsCall,
    fault: FaultEffect | undefined,
    text: string,
    headers: IncomingHttpHeaders,
    path: string,
    response: ServerResponse,
  ): Promise<void> {
    if (fault !== undefined && (await applyBefore(fault, call, response))) return;
    const early = await answerOfAws(state, call);
    const result = early ?? (await forward(call, text, headers, path));
    const amended = amendAnswer(state, call, result);
    if (fault?.kind === "hold" && fault.when === "after") await fault.until;
    if (fault?.kind === "cut" && fault.when === "after") {
      response.destroy();
      return;
    }
    send(call, amended, response);
  }

  async function forward(
    call: AwsCall,
    text: string,
    headers: IncomingHttpHeaders,
    path: string,
  ): Promise<AwsAnswer> {
    const { pageSize } = state;
    if (call.operation === "DeleteSecret") state.deletions.add(regionOf(call));
    const isCapped = pageSize !== undefined && pagedOperations.has(call.operation);
    const capped = isCapped
      ? JSON.stringify({
          ...call.body,
          MaxResults: Math.min(pageSize, Number(call.body.MaxResults ?? pageSize)),
        })
      : text;
    const answered = await fetch(new URL(path, state.upstream), {
      method: "POST",
      headers: forwardedHeaders(headers),
      body: capped,
    });
    return {
      status: answered.status,
      headers: { "content-type": answered.headers.get("content-type") ?? "application/x-amz-json-1.1" },
      body: await answered.text(),
    };
  }

  const { url, stop } = await listen(server);
  return {
    endpoint: url,
    lane,
    openLane: (region) => {
      const own: Lane = { faults: new FaultList(), calls: [] };
      lanes.set(region, own);
      return own;
    },
    stop,
  };
}

/** Carries out what comes before the service; true if the call ends there. */
async function applyBefore(fault: FaultEffect, call: AwsCall, response: ServerResponse): Promise<boolean> {
  switch (fault.kind) {
    case "error":
      send(call, buildFault(fault, call), response);
      return true;
    case "cut":
      if (fault.when === "before") response.destroy();
      return fault.when === "before";
    case "hang":
      return true;
    case "hold":
      if (fault.when === "before") await fault.until;
      return false;
  }
}

function buildFault(
  { code, message = code, status = 400 }: Extract<FaultEffect, { kind: "error" }>,
  { operation }: AwsCall,
): AwsAnswer {
  return stsOperations.has(operation)
    ? xmlErrorAnswer(code.replace(/Exception$/, ""), message, status)
    : errorAnswer(code, message, status);
}

function send(call: AwsCall, answer: AwsAnswer, response: ServerResponse): void {
  call.status = answer.status;
  if (answer.status >= 400) {
    const type = parseObject(answer.body).__type;
    call.errorCode = typeof type === "string" ? type : "unknown";
  }
  response.writeHead(answer.status, { ...answer.headers, "content-length": Buffer.byteLength(answer.body) });
  response.end(answer.body);
}

/** An error in the form of AWS's JSON protocol. */
export function errorAnswer(code: string, message: string, status = 400): AwsAnswer {
  return {
    status,
    headers: { "content-type": "application/x-amz-json-1.1", "x-amzn-errortype": code },
    body: JSON.stringify({ __type: code, message, Message: message }),
  };
}

/** An error in the form of STS, whose codes have no "Exception" at their end. */
function xmlErrorAnswer(code: string, message: string, status: number): AwsAnswer {
  return {
    status,
    headers: { "content-type": "text/xml" },
    body: `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
  };
}

function parseCall(headers: IncomingHttpHeaders, text: string): AwsCall {
  const { "x-amz-target": target, "amz-sdk-request": request, authorization = "" } = headers;
  const attempt = Number(/attempt=(\d+)/.exec(String(request))?.[1] ?? 1);
  const about = { authorization, attempt };
  if (typeof target === "string")
    return { operation: target.split(".").at(-1) ?? target, body: parseObject(text), ...about };
  // STS speaks AWS's older protocol, a form.
  const form = Object.fromEntries(new URLSearchParams(text));
  return { operation: form.Action ?? "unknown", body: form, ...about };
}

/** The region that a call was signed for. */
export function regionOf({ authorization }: Pick<AwsCall, "authorization">): string {
  return /Credential=[^/]*\/\d+\/([^/]+)\//.exec(authorization)?.[1] ?? "";
}

/** The object that a JSON text holds, or an empty one. */
export function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

const hopHeaders = new Set([
  "host",
  "connection",
  "content-length",
  "transfer-encoding",
  "expect",
  "keep-alive",
]);

function forwardedHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value === "string" && !hopHeaders.has(name)) kept[name] = value;
  }
  return kept;
}
