import { isIP } from "node:net";
import { askService, fieldOf } from "../credentials/http-request.js";
import { withinTime } from "../credentials/time-limit.js";

/** Answers with the caller's address as plain text. */
export const defaultEgressIpService = "https://checkip.amazonaws.com";

/** How long an address service may take. */
export const serviceTimeoutMs = 2_000;

/** Where the address is from that a log-in seems to come from. */
export interface EgressAddress {
  readonly egressIp?: string;
  readonly source: "server" | "address service" | "unknown";
}

/** Asks an address service; never fails and never takes longer than two seconds. */
export async function askEgressAddress(service: string | false | undefined): Promise<EgressAddress> {
  if (service === false) return { source: "unknown" };
  try {
    const url = new URL(service ?? defaultEgressIpService);
    const answer = await withinTime(url.host, serviceTimeoutMs, (signal) =>
      askService(url, signal, { method: "GET" }),
    );
    const told = fieldOf(answer.body, "ip");
    const ip = typeof told === "string" ? told : answer.text.trim();
    return isIP(ip) === 0 ? { source: "unknown" } : { egressIp: ip, source: "address service" };
  } catch {
    // The address only helps a person; the log-in's own outcome is what counts.
    return { source: "unknown" };
  }
}
