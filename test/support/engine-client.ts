import { credentials, type Metadata, Server, ServerCredentials, type ServiceError } from "@grpc/grpc-js";
import { EngineService, type IEngineServer } from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import { type LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb.js";
import { ResourceProviderClient } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import * as messages from "@pulumi/pulumi/proto/provider_pb.js";
import { Status } from "@pulumi/pulumi/proto/status_pb.js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import { type PluginServer, startPluginServer } from "../../provider/plugin/server.js";

const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
export const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

type Values = Record<string, unknown>;

/** A value as the engine carries a secret. */
export function secret(value: unknown): Values {
  return { [signature]: secretSignature, value };
}

export function isSecret(value: unknown): boolean {
  return (value as Values | undefined)?.[signature] === secretSignature;
}

/** An object that stands for something else, such as an asset. */
export function special(kind: string): Values {
  return { [signature]: kind, text: "x" };
}

/** What the engine is told of a resource that is there but not right yet. */
export interface Partial {
  readonly id: string;
  readonly properties: Values;
  readonly reasons: readonly string[];
}

/** What a failed call tells. */
export class CallFailure extends Error {
  constructor(
    message: string,
    readonly partial: Partial | undefined,
  ) {
    super(message);
  }
}

export interface Told {
  readonly severity: "info" | "warning";
  readonly line: string;
  readonly urn: string;
}

/** As much of an engine as a plugin meets: a client of its service, and the service that takes its messages. */
export interface EngineClient {
  readonly raw: ResourceProviderClient;
  readonly port: number;
  readonly told: Told[];
  check(urn: string, olds: Values, news: Values): Promise<{ inputs: Values; failures: Values[] }>;
  /** @param ignoreChanges the paths that the program names @default none */
  diff(urn: string, kept: Kept, news: Values, ignoreChanges?: readonly string[]): Promise<Differences>;
  create(urn: string, inputs: Values, preview?: boolean): Promise<{ id: string; properties: Values }>;
  update(urn: string, kept: Kept, inputs: Values, preview?: boolean): Promise<Values>;
  read(urn: string, id: string, kept?: Kept): Promise<{ id: string; properties: Values; inputs: Values }>;
  delete(urn: string, kept: Kept): Promise<void>;
  configure(settings: Values, name?: string): Promise<void>;
  checkConfig(news: Values, name?: string): Promise<{ inputs: Values; failures: Values[] }>;
  diffConfig(olds: Values, news: Values): Promise<Differences>;
  invoke(token: string, args: Values): Promise<Values>;
  cancel(): Promise<void>;
  stop(): Promise<void>;
}

export interface Kept {
  readonly id: string;
  readonly inputs: Values;
  readonly properties: Values;
}

export interface Differences {
  readonly changes: boolean;
  readonly replaces: readonly string[];
  readonly detailed: Values;
}

type Method<Req, Res> = (
  request: Req,
  callback: (error: ServiceError | null, response: Res) => void,
) => unknown;

export async function startEngineClient(
  options: { stackConfig?: Values; settings?: Values; server?: PluginServer } = {},
): Promise<EngineClient> {
  const told: Told[] = [];
  const engine = new Server();
  const log: IEngineServer["log"] = ({ request }: { request: LogRequest }, callback) => {
    const severity = request.getSeverity() === LogSeverity.WARNING ? "warning" : "info";
    told.push({ severity, line: request.getMessage(), urn: request.getUrn() });
    callback(null, new Empty());
  };
  engine.addService(EngineService, { log } as unknown as IEngineServer);
  const enginePort = await new Promise<number>((resolve, reject) =>
    engine.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
      error === null ? resolve(port) : reject(error),
    ),
  );
  const plugin =
    options.server ?? (await startPluginServer({ version: "1.2.3", stackConfig: options.stackConfig ?? {} }));
  // The engine takes messages of 400 MB.
  const raw = new ResourceProviderClient(`127.0.0.1:${plugin.port}`, credentials.createInsecure(), {
    "grpc.max_receive_message_length": 400 * 1024 * 1024,
  });
  const call = <Req, Res>(method: Method<Req, Res>, request: Req): Promise<Res> =>
    new Promise((resolve, reject) => {
      method.call(raw, request, (error, response) =>
        error === null ? resolve(response) : reject(readFailure(error)),
      );
    });

  const configure = async (settings: Values, name = "default") => {
    const request = new messages.ConfigureRequest()
      .setAcceptsecrets(true)
      .setSendsOldInputs(true)
      .setSendsOldInputsToDelete(true)
      .setName(name)
      .setArgs(write(settings));
    await call(raw.configure as Method<typeof request, unknown>, request);
  };
  const handshake = new messages.ProviderHandshakeRequest().setEngineAddress(`127.0.0.1:${enginePort}`);
  await call(raw.handshake as Method<typeof handshake, unknown>, handshake);
  await configure(options.settings ?? {});

  return {
    raw,
    port: plugin.port,
    told,
    configure,
    check: async (urn, olds, news) => {
      const request = new messages.CheckRequest().setUrn(urn).setOlds(write(olds)).setNews(write(news));
      restoreProtoKeys(request);
      const response = await call(raw.check as Method<typeof request, messages.CheckResponse>, request);
      return { inputs: read(response.getInputs()), failures: readFailures(response) };
    },
    diff: async (urn, kept, news, ignoreChanges = []) => {
      const request = new messages.DiffRequest()
        .setId(kept.id)
        .setUrn(urn)
        .setOlds(write(kept.properties))
        .setOldInputs(write(kept.inputs))
        .setNews(write(news))
        .setIgnorechangesList([...ignoreChanges]);
      return readDiff(await call(raw.diff as Method<typeof request, messages.DiffResponse>, request));
    },
    create: async (urn, inputs, preview = false) => {
      const request = new messages.CreateRequest()
        .setUrn(urn)
        .setProperties(write(inputs))
        .setPreview(preview);
      const response = await call(raw.create as Method<typeof request, messages.CreateResponse>, request);
      return { id: response.getId(), properties: read(response.getProperties()) };
    },
    update: async (urn, kept, inputs, preview = false) => {
      const request = new messages.UpdateRequest()
        .setId(kept.id)
        .setUrn(urn)
        .setOlds(write(kept.properties))
        .setOldInputs(write(kept.inputs))
        .setNews(write(inputs))
        .setPreview(preview);
      const response = await call(raw.update as Method<typeof request, messages.UpdateResponse>, request);
      return read(response.getProperties());
    },
    read: async (urn, id, kept) => {
      const request = new messages.ReadRequest()
        .setId(id)
        .setUrn(urn)
        .setProperties(write(kept?.properties ?? {}))
        .setInputs(kept && write(kept.inputs));
      const response = await call(raw.read as Method<typeof request, messages.ReadResponse>, request);
      return {
        id: response.getId(),
        properties: read(response.getProperties()),
        inputs: read(response.getInputs()),
      };
    },
    delete: async (urn, kept) => {
      const request = new messages.DeleteRequest()
        .setId(kept.id)
        .setUrn(urn)
        .setProperties(write(kept.properties));
      await call(raw.delete as Method<typeof request, unknown>, request);
    },
    checkConfig: async (news, name = "default") => {
      const urn = `urn:pulumi:dev::shop::pulumi:providers:snowflake-secrets::${name}`;
      const request = new messages.CheckRequest().setUrn(urn).setNews(write(news));
      const response = await call(raw.checkConfig as Method<typeof request, messages.CheckResponse>, request);
      return { inputs: read(response.getInputs()), failures: readFailures(response) };
    },
    diffConfig: async (olds, news) => {
      const request = new messages.DiffRequest().setOldInputs(write(olds)).setNews(write(news));
      return readDiff(await call(raw.diffConfig as Method<typeof request, messages.DiffResponse>, request));
    },
    invoke: async (token, args) => {
      const request = new messages.InvokeRequest().setTok(token).setArgs(write(args));
      const response = await call(raw.invoke as Method<typeof request, messages.InvokeResponse>, request);
      return read(response.getReturn());
    },
    cancel: async () => {
      await call(raw.cancel as Method<Empty, Empty>, new Empty());
    },
    stop: async () => {
      raw.close();
      if (options.server === undefined) await plugin.end();
      engine.forceShutdown();
    },
  };
}

/** As the engine reads a failed call. */
function readFailure(error: ServiceError): CallFailure {
  const [bytes] = (error.metadata as Metadata | undefined)?.get("grpc-status-details-bin") ?? [];
  const [detail] = bytes === undefined ? [] : Status.deserializeBinary(Buffer.from(bytes)).getDetailsList();
  const failure = detail?.unpack(
    messages.ErrorResourceInitFailed.deserializeBinary,
    "pulumirpc.ErrorResourceInitFailed",
  );
  return new CallFailure(
    error.details,
    failure
      ? {
          id: failure.getId(),
          properties: read(failure.getProperties()),
          reasons: failure.getReasonsList(),
        }
      : undefined,
  );
}

function readFailures(response: messages.CheckResponse): Values[] {
  return response
    .getFailuresList()
    .map((failure) => ({ property: failure.getProperty(), reason: failure.getReason() }));
}

const kindNames = Object.fromEntries(
  Object.entries(messages.PropertyDiff.Kind).map(([name, kind]) => [kind, name]),
);

function readDiff(response: messages.DiffResponse): Differences {
  const detailed = [...response.getDetaileddiffMap().entries()].map(([path, diff]) => [
    path,
    kindNames[diff.getKind()],
  ]);
  return {
    changes: response.getChanges() === messages.DiffResponse.DiffChanges.DIFF_SOME,
    replaces: response.getReplacesList(),
    detailed: Object.fromEntries(detailed),
  };
}

/** What a program in another language calls `__proto__`, which JavaScript's own writer of maps would lose. */
export const protoKey = "__prot0__";

function restoreProtoKeys(request: messages.CheckRequest): void {
  const bytes = Buffer.from(request.serializeBinary()).toString("latin1");
  if (!bytes.includes(protoKey)) return;
  request.serializeBinary = () => Buffer.from(bytes.replaceAll(protoKey, "__proto__"), "latin1");
}

function write(values: Values): Struct {
  return Struct.fromJavaScript(JSON.parse(JSON.stringify(values)));
}

function read(struct: Struct | undefined): Values {
  return (struct?.toJavaScript() ?? {}) as Values;
}
