// The engine's own host of dynamic resources, for an engine that attaches to it instead of starting it: the host lacks
// the one call that an engine makes then. Becomes the process that loads it.
import { createRequire } from "node:module";
import { projectRequire } from "./project-require.js";

const script = projectRequire.resolve("@pulumi/pulumi/cmd/dynamic-provider");
const runtime = createRequire(script);
const { Server } = runtime("@grpc/grpc-js") as typeof import("@grpc/grpc-js");
const { Empty } = runtime("google-protobuf/google/protobuf/empty_pb") as { Empty: new () => unknown };

const { addService } = Server.prototype;
Server.prototype.addService = function (service, implementation) {
  const attach = (_call: unknown, callback: (error: null, value: unknown) => void) =>
    callback(null, new Empty());
  addService.call(this, service, Object.assign(implementation, { attach }));
};

projectRequire(script);
