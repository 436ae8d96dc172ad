import { join } from "node:path";
import { Server, ServerCredentials } from "@grpc/grpc-js";
import {
  type ILanguageRuntimeServer,
  LanguageRuntimeService,
} from "@pulumi/pulumi/proto/language_grpc_pb.js";
import {
  GetRequiredPackagesResponse,
  LanguageHandshakeResponse,
  type RunRequest,
  RunResponse,
} from "@pulumi/pulumi/proto/language_pb.js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb.js";
import type { ParkedProcess, ParkedStart } from "./parked-process.js";

/** A language host for Node.js that an engine attaches to. */
export interface LanguageHost {
  readonly port: number;
  close(): void;
}

/** Pulumi's runner has told the user already. */
const toldExitCode = 32;

/**
 * Runs the program in a process that is loaded already, by Pulumi's own runner and told as Pulumi's own language host
 * tells it. Answers only what an engine asks for a program whose packages are installed.
 */
export async function startLanguageHost(
  program: ParkedProcess,
  env: Readonly<Record<string, string>>,
): Promise<LanguageHost> {
  let engineAddress = "";
  const handlers: Pick<
    ILanguageRuntimeServer,
    "handshake" | "getPluginInfo" | "getRequiredPackages" | "run"
  > = {
    handshake: ({ request }, callback) => {
      engineAddress = request.getEngineAddress();
      callback(null, new LanguageHandshakeResponse());
    },
    getPluginInfo: (_call, callback) => callback(null, new PluginInfo()),
    // The packages name their plugins when they register resources.
    getRequiredPackages: (_call, callback) => callback(null, new GetRequiredPackagesResponse()),
    run: ({ request }, callback) => {
      const start = describeRun(request, engineAddress);
      program.start({ ...start, env: { ...env, ...start.env } });
      void program.exited.then((code) => callback(null, describeExit(code)));
    },
  };
  const server = new Server({ "grpc.max_receive_message_length": -1 });
  server.addService(LanguageRuntimeService, handlers as unknown as ILanguageRuntimeServer);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    );
  });
  return { port, close: () => server.forceShutdown() };
}

/** The variables in which Pulumi's runner and runtime look for what they are to do. */
function describeRun(request: RunRequest, engineAddress: string): ParkedStart {
  const options = request.getInfo()?.getOptions()?.toJavaScript() ?? {};
  const settings = {
    ORGANIZATION: request.getOrganization(),
    PROJECT: request.getProject(),
    STACK: request.getStack(),
    PARALLEL: String(request.getParallel()),
    MONITOR: request.getMonitorAddress(),
    ENGINE: engineAddress,
    ...(request.getDryrun() ? { DRY_RUN: "true" } : {}),
    TYPESCRIPT: String(options.typescript !== false),
    ...(typeof options.tsconfig === "string" ? { TSCONFIG_PATH: options.tsconfig } : {}),
  };
  return {
    script: join(__dirname, "prepared-program.js"),
    args: [
      ...["--monitor", request.getMonitorAddress()],
      ...["--pwd", request.getPwd()],
      request.getProgram() || ".",
    ],
    env: {
      ...Object.fromEntries(
        Object.entries(settings).map(([name, value]) => [`PULUMI_NODEJS_${name}`, value]),
      ),
      PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.getConfigMap().entries())),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
    },
  };
}

function describeExit(code: number | null): RunResponse {
  const response = new RunResponse();
  if (code === toldExitCode) response.setBail(true);
  else if (code !== 0) response.setError(`the program ended with ${code ?? "a signal"}`);
  return response;
}
