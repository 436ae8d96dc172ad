import { BlockList, isIPv6 } from "node:net";
import type { NetworkPolicy } from "../catalog/objects.js";

/** Whether a policy lets this address in; what is blocked wins. */
export function allowsAddress(policy: NetworkPolicy, address: string): boolean {
  return covers(policy.allowed, address) && !covers(policy.blocked ?? [], address);
}

function covers(ranges: readonly string[], address: string): boolean {
  const list = new BlockList();
  for (const range of ranges) {
    const [network = "", prefix] = range.split("/");
    const family = isIPv6(network) ? "ipv6" : "ipv4";
    if (prefix === undefined) list.addAddress(network, family);
    else list.addSubnet(network, Number(prefix), family);
  }
  return list.check(address, isIPv6(address) ? "ipv6" : "ipv4");
}
