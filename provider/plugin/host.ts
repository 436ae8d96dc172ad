import type { handleUnaryCall } from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb.js";
import type { IResourceProviderServer } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import {
  CheckResponse,
  type ConfigureRequest,
  ConfigureResponse,
  DiffResponse,
  GetSchemaResponse,
  InvokeResponse,
  ProviderHandshakeResponse,
} from "@pulumi/pulumi/proto/provider_pb.js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import { ProviderError } from "../core/errors.js";
import type { Properties } from "../engine/resource.js";
import { EngineRun } from "./engine-run.js";
import { invokeFunction } from "./functions.js";
import { readProperties, writeProperties } from "./properties.js";
import * as resources from "./resource-calls.js";
import {
  checkProviderName,
  checkSettings,
  chooseSettings,
  compareSettings,
  ProviderSettings,
  secretSettings,
} from "./settings.js";
import { buildStatus } from "./status.js";
import { parseUrn } from "./urn.js";

/** The schema of the package; the bundle holds it. */
function readSchema(): object {
  const schema: object = require("pulumi-snowflake-secrets/schema.json");
  // Where releases of this build are, if it was said; `npm run plugin` puts it in.
  const url = process.env.PULUMI_SNOWFLAKE_SECRETS_PLUGIN_URL;
  return url ? { ...schema, pluginDownloadURL: url } : schema;
}

/** The calls of the engine that this host answers. */
type Calls = Pick<
  IResourceProviderServer,
  | "attach"
  | "cancel"
  | "check"
  | "checkConfig"
  | "configure"
  | "create"
  | "delete"
  | "diff"
  | "diffConfig"
  | "getPluginInfo"
  | "getSchema"
  | "handshake"
  | "invoke"
  | "read"
  | "update"
>;

/** What a call comes with beside its request. */
interface CallContext extends resources.CallContext {
  /** The connection that it came over: one for each provider of a program. */
  readonly peer: string;
}

/**
 * The resources as a plugin of Pulumi, in its own protocol: an adapter, which holds nothing of a resource's logic. What
 * each call promises is in `docs/decisions/plugin-protocol.md`.
 */
export class PluginHost {
  #run: EngineRun;
  /** By connection: a process that an engine attaches to may serve several providers. */
  readonly #settings = new Map<string, ProviderSettings>();
  #lastSettings = new ProviderSettings({});

  /** @param stackConfig the stack's config of this package, where the engine tells it; see `chooseSettings` */
  constructor(
    readonly version: string,
    engineAddress: string,
    readonly stackConfig: Properties,
  ) {
    this.#run = new EngineRun(engineAddress);
  }

  readonly calls: Calls = {
    handshake: this.#answer("Handshake", async (request) => {
      this.#begin(request.getEngineAddress());
      return new ProviderHandshakeResponse().setAcceptSecrets(true);
    }),
    attach: this.#answer("Attach", async (request) => {
      this.#begin(request.getAddress());
      return new Empty();
    }),
    getPluginInfo: this.#answer("GetPluginInfo", async () => new PluginInfo().setVersion(this.version)),
    getSchema: this.#answer("GetSchema", async () =>
      new GetSchemaResponse().setSchema(JSON.stringify(readSchema())),
    ),
    checkConfig: this.#answer("CheckConfig", async (request) => {
      const { values } = readProperties(request.getNews());
      const { name } = parseUrn(request.getUrn());
      const failures = [...checkProviderName(name, values, this.stackConfig), ...checkSettings(values)];
      return new CheckResponse()
        .setInputs(writeProperties(values, secretSettings))
        .setFailuresList(failures.map(resources.buildFailure));
    }),
    diffConfig: this.#answer("DiffConfig", async (request) => {
      const { values: olds } = readProperties(request.getOldInputs() ?? request.getOlds());
      const { changed, replaces } = compareSettings(olds, readProperties(request.getNews()).values);
      return new DiffResponse()
        .setChanges(resources.buildChanges(changed.length > 0))
        .setDiffsList([...changed])
        .setReplacesList([...replaces]);
    }),
    configure: this.#answer("Configure", async (request, { peer }) => {
      requireCurrentEngine(request);
      const { values } = readProperties(request.getArgs());
      this.#lastSettings = new ProviderSettings(chooseSettings(request.getName(), values, this.stackConfig));
      this.#settings.set(peer, this.#lastSettings);
      return new ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true);
    }),
    invoke: this.#answer("Invoke", async (request, { operation }) => {
      const { values } = readProperties(request.getArgs());
      const answer = await invokeFunction(request.getTok(), values, operation);
      return new InvokeResponse().setReturn(writeProperties(answer, new Set()));
    }),
    check: this.#answer("Check", resources.check),
    diff: this.#answer("Diff", resources.diff),
    create: this.#answer("Create", resources.create),
    read: this.#answer("Read", resources.read),
    update: this.#answer("Update", resources.update),
    delete: this.#answer("Delete", async (request, context) => {
      await resources.remove(request, context);
      return new Empty();
    }),
    cancel: this.#answer("Cancel", async (_request, { operation }) => {
      operation.cancel();
      return new Empty();
    }),
  };

  /** Ends what is still open. */
  end(): Promise<void> {
    return this.#run.end();
  }

  /** A process that engines attach to serves one after the other, each at an address of its own. */
  #begin(engineAddress: string): void {
    if (engineAddress === this.#run.engineAddress) return;
    void this.#run.end();
    this.#run = new EngineRun(engineAddress);
    this.#settings.clear();
  }

  #answer<Request, Response>(
    name: string,
    work: (request: Request, context: CallContext) => Promise<Response>,
  ): handleUnaryCall<Request, Response> {
    return (call, callback) => {
      const { request } = call as { request: Request & { getUrn?: () => string | undefined } };
      const run = this.#run;
      const peer = call.getPeer();
      const settings = this.#settings.get(peer) ?? this.#lastSettings;
      const context = { operation: run.operation, settings, peer };
      run
        .answer(request.getUrn?.() ?? "", settings, () => work(request, context))
        .then(
          (response) => callback(null, response),
          (error: unknown) => callback(buildStatus(error, name)),
        );
    };
  }
}

function requireCurrentEngine(request: ConfigureRequest): void {
  if (request.getAcceptsecrets() && request.getSendsOldInputs() && request.getSendsOldInputsToDelete())
    return;
  throw new ProviderError("INVALID_INPUT", {
    operation: "this Pulumi is too old for the plugin snowflake-secrets",
    hint: "use Pulumi 3.200 or later.",
  });
}
