import { credentials, Server, ServerCredentials } from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb.js";
import {
  type IResourceProviderServer,
  ResourceProviderClient,
  ResourceProviderService,
} from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import { afterEach, beforeEach, expect, it } from "vitest";
import { cancelWithEngine } from "../../../provider/engine/interrupt.js";
import { Operation } from "../../../provider/engine/operation.js";

let server: Server;
let client: ResourceProviderClient;

const answerWith =
  <T>(answer: T) =>
  (_call: unknown, done: (error: null, answer: T) => void) =>
    done(null, answer);

/** As Pulumi's host of dynamic providers: it answers, and does nothing. */
beforeEach(async () => {
  server = new Server();
  const host = { cancel: answerWith(new Empty()), getPluginInfo: answerWith(new PluginInfo()) };
  server.addService(ResourceProviderService, host as unknown as IResourceProviderServer);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  client = new ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());
});
afterEach(() => {
  client.close();
  server.forceShutdown();
});

function call(method: "cancel" | "getPluginInfo"): Promise<unknown> {
  return new Promise((resolve, reject) => {
    client[method](new Empty(), (error, found) => (error ? reject(error) : resolve(found)));
  });
}

it("an operation is cancelled by the engine's call to the host that it runs in, and by no other call", async () => {
  // The engine has called before: its connection is open.
  await call("getPluginInfo");
  const operation = new Operation({ report: () => undefined, warn: () => undefined });
  let stopped = 0;
  operation.recall({ create: () => undefined, stop: () => (stopped += 1) });
  cancelWithEngine(operation);
  await call("getPluginInfo");
  expect(stopped).toBe(0);
  await call("cancel");
  expect(stopped).toBe(1);
});
