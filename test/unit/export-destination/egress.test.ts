import { createServer } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { askEgressAddress } from "../../../provider/export-destination/validation/egress.js";
import { type Listening, listen } from "../../support/network/listen.js";

let service: Listening | undefined;
afterEach(async () => {
  await service?.stop();
  service = undefined;
});

async function serve(text: string | undefined): Promise<string> {
  const server = createServer((_request, response) => {
    if (text !== undefined) response.end(text);
  });
  service = await listen(server);
  return service.url;
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
