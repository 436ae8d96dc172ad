import type { handleUnaryCall, ServerUnaryCall } from "@grpc/grpc-js";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb.js";
import type { IResourceProviderServer } from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import {
  CheckFailure,
  type CheckRequest,
  CheckResponse,
  ConfigureResponse,
  type CreateRequest,
  CreateResponse,
  type DeleteRequest,
  type DiffRequest,
  DiffResponse,
  GetSchemaResponse,
  type InvokeRequest,
  InvokeResponse,
  ProviderHandshakeResponse,
  type ReadRequest,
  ReadResponse,
  type UpdateRequest,
  UpdateResponse,
} from "@pulumi/pulumi/proto/provider_pb.js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb.js";
import { ProviderError } from "../core/errors.js";
import type * as failures from "../engine/failures.js";
import type { Operation } from "../engine/operation.js";
import type { Properties, Written } from "../engine/resource.js";
import { unknownValue } from "../engine/unknown.js";
import { EngineRun } from "./engine-run.js";
import { invokeFunction } from "./functions.js";
import { type HostedResource, hostedResources } from "./hosted-resources.js";
import { type ReadProperties, readProperties, writeProperties } from "./properties.js";
import { buildDetailedDiff } from "./property-diff.js";
import { buildSchema } from "./schema/index.js";
import { checkSettings, compareSettings, ProviderSettings, secretSettings } from "./settings.js";
import { buildStatus, PartlyDone } from "./status.js";
import { parseUrn } from "./urn.js";

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

/** The state and the inputs of every resource of ours. */
type Owned = Properties & { readonly ownerId: string };

/**
 * The resources as a plugin of Pulumi, in its own protocol: an adapter, which holds nothing of a resource's logic. What
 * each call promises stands in `docs/plugin.md`.
 */
export class PluginHost {
  #run: EngineRun;
  /** By connection: in a process that several providers of a program share, each has its own. */
  readonly #settings = new Map<string, ProviderSettings>();
  #lastSettings = new ProviderSettings({});

  constructor(
    readonly version: string,
    engineAddress: string,
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
      new GetSchemaResponse().setSchema(JSON.stringify(buildSchema(this.version))),
    ),
    checkConfig: this.#answer("CheckConfig", async (request) => {
      const { values } = readProperties(request.getNews());
      const answer = new CheckResponse().setInputs(writeProperties(values, secretSettings));
      return answer.setFailuresList(checkSettings(values).map(buildFailure));
    }),
    diffConfig: this.#answer("DiffConfig", async (request) => {
      const { values: olds } = readProperties(request.getOldInputs() ?? request.getOlds());
      const { changed, replaces } = compareSettings(olds, readProperties(request.getNews()).values);
      return new DiffResponse()
        .setChanges(
          changed.length > 0 ? DiffResponse.DiffChanges.DIFF_SOME : DiffResponse.DiffChanges.DIFF_NONE,
        )
        .setDiffsList([...changed])
        .setReplacesList([...replaces]);
    }),
    configure: this.#answer("Configure", async (request, call) => {
      const { values } = readProperties(request.getArgs());
      this.#lastSettings = new ProviderSettings(values);
      this.#settings.set(call.getPeer(), this.#lastSettings);
      return new ConfigureResponse().setAcceptsecrets(true).setSupportspreview(true);
    }),
    invoke: this.#answer("Invoke", (request) => this.#invoke(request)),
    check: this.#answer("Check", (request, call) => this.#check(request, this.#settingsOf(call))),
    diff: this.#answer("Diff", (request) => this.#diff(request)),
    create: this.#answer("Create", (request) => this.#create(request)),
    read: this.#answer("Read", (request) => this.#read(request)),
    update: this.#answer("Update", (request) => this.#update(request)),
    delete: this.#answer("Delete", (request) => this.#delete(request)),
    cancel: this.#answer("Cancel", async () => new Empty()),
  };

  /** Ends what is still open. */
  end(): Promise<void> {
    return this.#run.end();
  }

  get #operation(): Operation {
    return this.#run.operation;
  }

  /** A process that engines attach to serves one after the other, each at an address of its own. */
  #begin(engineAddress: string): void {
    if (engineAddress === this.#run.engineAddress) return;
    void this.#run.end();
    this.#run = new EngineRun(engineAddress);
    this.#settings.clear();
  }

  #settingsOf(call: { getPeer(): string }): ProviderSettings {
    return this.#settings.get(call.getPeer()) ?? this.#lastSettings;
  }

  #answer<Request, Response>(
    name: string,
    work: (request: Request, call: ServerUnaryCall<Request, Response>) => Promise<Response>,
  ): handleUnaryCall<Request, Response> {
    return (call, callback) => {
      const { request } = call as { request: Request & { getUrn?: () => string | undefined } };
      this.#run
        .answer(request.getUrn?.() ?? "", this.#settingsOf(call), () => work(request, call))
        .then(
          (response) => callback(null, response),
          (error: unknown) => callback(buildStatus(error, name)),
        );
    };
  }

  async #check(request: CheckRequest, { organization }: ProviderSettings): Promise<CheckResponse> {
    const urn = request.getUrn();
    const hosted = findResource(urn);
    const { values: olds } = readProperties(request.getOlds());
    const { values: news, secretNames } = readProperties(request.getNews());
    // An input that no program gives: `ignoreChanges: ["*"]`, or an import, put the old ones in the place of all.
    const isKept = news.ownerId !== undefined && news.ownerId === olds.ownerId;
    const { project, stack, name } = parseUrn(urn);
    const place = { organization, project, stack, type: hosted.placeType, name };
    const resource = await hosted.load();
    const { inputs, failures } = await resource.check(
      withoutProvider(olds),
      isKept ? withoutProvider(news) : hosted.buildArguments(olds, news),
      isKept ? undefined : { place, preview: undefined, instance: urn },
      this.#operation,
    );
    return new CheckResponse()
      .setInputs(writeProperties(inputs, findSecretNames(hosted, secretNames)))
      .setFailuresList(failures.map(buildFailure));
  }

  async #diff(request: DiffRequest): Promise<DiffResponse> {
    const resource = await findResource(request.getUrn()).load();
    const state = readOwned(request.getOlds()).values;
    const inputs = readOwned(request.getNews()).values;
    const { changes, replaces } = await resource.diff(state, inputs, this.#operation);
    const oldInputs = readOwned(request.getOldInputs()).values;
    const answer = new DiffResponse()
      .setChanges(
        changes || replaces.length > 0
          ? DiffResponse.DiffChanges.DIFF_SOME
          : DiffResponse.DiffChanges.DIFF_NONE,
      )
      .setReplacesList([...replaces])
      .setHasdetaileddiff(true);
    for (const [path, diff] of buildDetailedDiff(oldInputs, inputs, replaces)) {
      answer.getDetaileddiffMap().set(path, diff);
    }
    return answer;
  }

  async #create(request: CreateRequest): Promise<CreateResponse> {
    const hosted = findResource(request.getUrn());
    const resource = await hosted.load();
    const { values: inputs, secretNames } = readOwned(request.getProperties());
    const secret = findSecretNames(hosted, secretNames);
    if (request.getPreview()) {
      await resource.lookAhead(inputs, undefined, this.#operation);
      return new CreateResponse().setProperties(writeProperties(foretell(hosted, inputs, {}), secret));
    }
    const written = await resource.create(inputs, this.#operation);
    const state = writeProperties(written.state, secret);
    requireWhole(written, state);
    return new CreateResponse().setId(written.id).setProperties(state);
  }

  async #update(request: UpdateRequest): Promise<UpdateResponse> {
    const hosted = findResource(request.getUrn());
    const resource = await hosted.load();
    const { values: inputs, secretNames } = readOwned(request.getNews());
    const { values: olds } = readOwned(request.getOlds());
    const secret = findSecretNames(hosted, secretNames);
    if (request.getPreview()) {
      await resource.lookAhead(inputs, olds, this.#operation);
      return new UpdateResponse().setProperties(writeProperties(foretell(hosted, inputs, olds), secret));
    }
    const written = await resource.update(request.getId(), olds, inputs, this.#operation);
    const state = writeProperties(written.state, secret);
    requireWhole(written, state);
    return new UpdateResponse().setProperties(state);
  }

  async #read(request: ReadRequest): Promise<ReadResponse> {
    const hosted = findResource(request.getUrn());
    const resource = await hosted.load();
    const id = request.getId();
    const kept = readOwned(request.getProperties());
    if (kept.values.ownerId === undefined) {
      throw new ProviderError("INVALID_INPUT", {
        operation: "this resource cannot be imported",
        target: id,
        hint: "declare it: what exists is taken up at its creation.",
      });
    }
    const given = readOwned(request.getInputs());
    const { state, inputs } = await resource.read(id, kept.values, this.#operation);
    return new ReadResponse()
      .setId(id)
      .setProperties(writeProperties(state, findSecretNames(hosted, kept.secretNames)))
      .setInputs(writeProperties(inputs ?? given.values, findSecretNames(hosted, given.secretNames)));
  }

  async #delete(request: DeleteRequest): Promise<Empty> {
    const resource = await findResource(request.getUrn()).load();
    const { values: state } = readOwned(request.getProperties());
    await resource.delete(request.getId(), state, this.#operation);
    return new Empty();
  }

  async #invoke(request: InvokeRequest): Promise<InvokeResponse> {
    const { values } = readProperties(request.getArgs());
    const answer = await invokeFunction(request.getTok(), values, this.#operation);
    return new InvokeResponse().setReturn(writeProperties(answer, new Set()));
  }
}

function findResource(urn: string): HostedResource {
  const { type } = parseUrn(urn);
  const found = Object.hasOwn(hostedResources, type) ? hostedResources[type] : undefined;
  if (found !== undefined) return found;
  throw new ProviderError("INVALID_INPUT", {
    operation: "there is no such resource in snowflake-secrets",
    target: type,
    hint: `there are: ${Object.keys(hostedResources).join(", ")}.`,
  });
}

function findSecretNames(hosted: HostedResource, given: ReadonlySet<string>): ReadonlySet<string> {
  const names = new Set([...hosted.secretNames, ...given]);
  for (const shown of hosted.shownNames) names.delete(shown);
  for (const [output, repeated] of Object.entries(hosted.repeatingOutputs)) {
    if (repeated.some((name) => names.has(name))) names.add(output);
  }
  return names;
}

/** What a preview can tell of the outputs; of the rest the engine says that `up` knows it. */
function foretell(hosted: HostedResource, inputs: Properties, state: Properties): Properties {
  const unknown = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, unknownValue]));
  const lasting = hosted.lastingOutputs.filter((name) => state[name] !== undefined);
  return {
    ...unknown([...hosted.lastingOutputs, ...hosted.changingOutputs]),
    ...Object.fromEntries(lasting.map((name) => [name, state[name]])),
    ...inputs,
  };
}

function requireWhole({ id, failure }: Written<unknown>, state: ReturnType<typeof writeProperties>): void {
  if (failure !== undefined) throw new PartlyDone(id, state, failure.reasons);
}

function readOwned(
  struct: Parameters<typeof readProperties>[0],
): ReadProperties & { readonly values: Owned } {
  const { values, secretNames } = readProperties(struct);
  return { values: withoutProvider(values) as Owned, secretNames };
}

/** Without what the dynamic host keeps beside a resource, which may have been moved from there. */
function withoutProvider(properties: Properties): Properties {
  const { __provider, ...rest } = properties;
  return rest;
}

function buildFailure({ property, reason }: failures.CheckFailure): CheckFailure {
  return new CheckFailure().setProperty(property).setReason(reason);
}
