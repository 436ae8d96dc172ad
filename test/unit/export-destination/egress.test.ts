import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { askEgressAddress } from "../../../provider/export-destination/validation/egress.js";

let service: Server | undefined;
afterEach(
  () =>
    new Promise<void>((resolve) => {
      if (service === undefined) return resolve();
      service.close(() => resolve());
      service.closeAllConnections();
      service = undefined;
    }),
);

async function serve(text: string | undefined): Promise<string> {
  service = createServer((_request, response) => {
    if (text !== undefined) response.end(text);
  });
  await new Promise<void>((resolve) => service?.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
}

describe("the address service", () => {
  it.each([
    ["203.0.113.9\n", "203.0.113.9"],
    ['{"ip":"2001:db8::1"}', "2001:db8::1"],
  ])("is believed when it answers with an address: %j", async (text, egressIp) => {
    expect(await askEgressAddress(await serve(text))).toEqual({ egressIp, source: "address service" });
  });

  it.each(["<html>", "", "999.1.1.1"])("is not believed when it answers with %j", async (text) => {
    expect(await askEgressAddress(await serve(text))).toEqual({ source: "unknown" });
  });

  it("is never fatal: silent, not there, or turned off", async () => {
    expect(await askEgressAddress(await serve(undefined))).toEqual({ source: "unknown" });
    expect(await askEgressAddress("http://127.0.0.1:9")).toEqual({ source: "unknown" });
    expect(await askEgressAddress(false)).toEqual({ source: "unknown" });
  });
});
