import { Server, ServerCredentials } from "@grpc/grpc-js";
import {
  type IResourceProviderServer,
  ResourceProviderService,
} from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import { PluginHost } from "./host.js";

/** A plugin that an engine can connect to. */
export interface PluginServer {
  readonly port: number;
  /** Ends what is open, and takes no more calls. */
  end(): Promise<void>;
}

/** What a plugin's server is started with. */
export interface PluginServerOptions {
  readonly version: string;
  /** Where the engine takes messages. @default told by the engine when it connects */
  readonly engineAddress?: string;
  /** The stack's config of this package, by name. @default none */
  readonly stackConfig?: Readonly<Record<string, unknown>>;
}

/** Listens on a free port of this machine, for nobody else. */
export async function startPluginServer({
  version,
  engineAddress = "",
  stackConfig = {},
}: PluginServerOptions): Promise<PluginServer> {
  const host = new PluginHost(version, engineAddress, stackConfig);
  // A state may be large; the engine is no stranger.
  const server = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  // What is left out is answered as not implemented, which the engine expects of most plugins.
  server.addService(ResourceProviderService, host.calls as unknown as IResourceProviderServer);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return {
    port,
    end: async () => {
      await host.end();
      server.forceShutdown();
    },
  };
}
