import {
  CheckFailure,
  type CheckRequest,
  CheckResponse,
  type CreateRequest,
  CreateResponse,
  type DeleteRequest,
  type DiffRequest,
  DiffResponse,
  type ReadRequest,
  ReadResponse,
  type UpdateRequest,
  UpdateResponse,
} from "@pulumi/pulumi/proto/provider_pb.js";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import { explainError, isProviderError, ProviderError } from "../core/errors.js";
import { listValuesOf } from "../core/field-meta.js";
import { isMap } from "../core/is-map.js";
import type { EngineContext } from "../engine/context.js";
import type * as engine from "../engine/failures.js";
import type { Operation } from "../engine/operation.js";
import type { Properties, Written } from "../engine/resource.js";
import { requireKnownState } from "../engine/state-version.js";
import { unknownValue } from "../engine/unknown.js";
import { type HostedResource, hostedResources } from "./hosted-resources.js";
import { rememberIgnored, requireIgnored } from "./ignored-secrets.js";
import { type ReadProperties, readProperties, writeProperties } from "./properties.js";
import { buildDetailedDiff } from "./property-diff.js";
import type { ProviderSettings } from "./settings.js";
import { PartlyDone } from "./status.js";
import { parseUrn } from "./urn.js";

/** What a call about a resource belongs to. */
export interface CallContext {
  readonly operation: Operation;
  readonly settings: ProviderSettings;
}

/** Answers `Check`. */
export async function check(request: CheckRequest, context: CallContext): Promise<CheckResponse> {
  const urn = request.getUrn();
  const hosted = getHosted(urn);
  const { values: olds } = readProperties(request.getOlds());
  const given = readGiven(request.getNews());
  if ("failure" in given) return new CheckResponse().setFailuresList([buildFailure(given.failure)]);
  const { values: news, secretNames } = given;
  // An input that no program gives: `ignoreChanges: ["*"]`, or an import, put the old ones in the place of all.
  const isKept = news.ownerId !== undefined && news.ownerId === olds.ownerId;
  const resource = await hosted.load();
  const args = isKept ? withoutProvider(news) : hosted.buildArguments(olds, withoutNull(news));
  rememberIgnored(context.operation, urn, isKept ? {} : args);
  const { inputs, failures } = await resource.check(
    withoutProvider(olds),
    args,
    isKept ? undefined : buildContext(resource.type, urn, context.settings),
    context.operation,
  );
  return new CheckResponse()
    .setInputs(writeProperties(inputs, findSecretNames(hosted, secretNames)))
    .setFailuresList(failures.map(buildFailure));
}

/** Answers `Diff`, key by key. */
export async function diff(request: DiffRequest, { operation }: CallContext): Promise<DiffResponse> {
  const urn = request.getUrn();
  const resource = await getHosted(urn).load();
  requireIgnored(operation, urn, request.getIgnorechangesList());
  const state = readState(request.getOlds()).values;
  const inputs = readOwned(request.getNews()).values;
  const { changes, replaces } = await resource.diff(state, inputs, operation);
  const answer = new DiffResponse()
    .setChanges(buildChanges(changes || replaces.length > 0))
    .setReplacesList([...replaces])
    .setHasdetaileddiff(true);
  const oldInputs = readOwned(request.getOldInputs()).values;
  for (const [path, difference] of buildDetailedDiff(oldInputs, inputs, replaces)) {
    answer.getDetaileddiffMap().set(path, difference);
  }
  return answer;
}

/** Answers `Create`. */
export async function create(request: CreateRequest, { operation }: CallContext): Promise<CreateResponse> {
  const hosted = getHosted(request.getUrn());
  const resource = await hosted.load();
  const { values: inputs, secretNames } = readOwned(request.getProperties());
  const secret = findSecretNames(hosted, secretNames);
  if (request.getPreview()) {
    await resource.preview(inputs, undefined, operation);
    return new CreateResponse().setProperties(writeProperties(foretell(hosted, inputs, {}), secret));
  }
  const written = await resource.create(inputs, operation);
  return new CreateResponse().setId(written.id).setProperties(unwrapWritten(written, secret));
}

/** Answers `Update`. */
export async function update(request: UpdateRequest, { operation }: CallContext): Promise<UpdateResponse> {
  const hosted = getHosted(request.getUrn());
  const resource = await hosted.load();
  const { values: inputs, secretNames } = readOwned(request.getNews());
  const { values: olds } = readState(request.getOlds());
  const secret = findSecretNames(hosted, secretNames);
  if (request.getPreview()) {
    await resource.preview(inputs, olds, operation);
    return new UpdateResponse().setProperties(writeProperties(foretell(hosted, inputs, olds), secret));
  }
  const written = await resource.update(request.getId(), olds, inputs, operation);
  return new UpdateResponse().setProperties(unwrapWritten(written, secret));
}

/** Answers `Read`: a refresh, or an import where the engine knows no state. */
export async function read(request: ReadRequest, context: CallContext): Promise<ReadResponse> {
  const hosted = getHosted(request.getUrn());
  const resource = await hosted.load();
  const id = request.getId();
  const kept = readState(request.getProperties());
  if (kept.values.ownerId === undefined) return importResource(hosted, request, context);
  const given = readOwned(request.getInputs());
  const { state, inputs } = await resource.read(id, kept.values, context.operation);
  return new ReadResponse()
    .setId(id)
    .setProperties(writeProperties(state, findSecretNames(hosted, kept.secretNames)))
    .setInputs(writeProperties(inputs ?? given.values, findSecretNames(hosted, given.secretNames)));
}

async function importResource(
  hosted: HostedResource,
  request: ReadRequest,
  { operation, settings }: CallContext,
): Promise<ReadResponse> {
  const resource = await hosted.load();
  if (resource.import === undefined) {
    throw new ProviderError("INVALID_INPUT", {
      operation: "this resource cannot be imported",
      target: request.getId(),
      hint: "declare it in the program. `pulumi up` then takes over what exists.",
    });
  }
  const context = buildContext(resource.type, request.getUrn(), settings);
  const { id, state, inputs } = await resource.import(request.getId(), context, operation);
  const secret = findSecretNames(hosted, new Set());
  return new ReadResponse()
    .setId(id)
    .setProperties(writeProperties(state, secret))
    .setInputs(writeProperties(inputs, secret));
}

/** A deletion, which has nothing to answer. */
export async function remove(request: DeleteRequest, { operation, settings }: CallContext): Promise<void> {
  const urn = request.getUrn();
  const resource = await getHosted(urn).load();
  const { place } = buildContext(resource.type, urn, settings);
  await resource.delete(request.getId(), readState(request.getProperties()).values, operation, place);
}

/** A difference in the engine's words. */
export function buildChanges(changes: boolean): DiffResponse.DiffChanges {
  return changes ? DiffResponse.DiffChanges.DIFF_SOME : DiffResponse.DiffChanges.DIFF_NONE;
}

/** A failed check in the engine's words. */
export function buildFailure({ property, reason }: engine.CheckFailure): CheckFailure {
  return new CheckFailure().setProperty(property).setReason(reason);
}

function getHosted(urn: string): HostedResource {
  const { type } = parseUrn(urn);
  const found = Object.hasOwn(hostedResources, type) ? hostedResources[type] : undefined;
  if (found !== undefined) return found;
  throw new ProviderError("INVALID_INPUT", {
    operation: "snowflake-secrets has no such resource",
    target: type,
    hint: `use one of: ${Object.keys(hostedResources)
      .filter((token) => token.startsWith("snowflake-secrets:"))
      .join(", ")}.`,
  });
}

/** Whether it is a preview, only create and update are told. */
function buildContext(type: string, urn: string, { organization }: ProviderSettings): EngineContext {
  const { project, stack, parentTypes, name } = parseUrn(urn);
  return { place: { organization, project, stack, parentTypes, type, name }, run: "unknown", urn };
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
  const lasting = hosted.findLasting(state).filter((name) => state[name] !== undefined);
  const listed = Object.entries(hosted.listingOutputs).filter(([, map]) => isMap(inputs[map]));
  return {
    ...Object.fromEntries(hosted.outputs.map((name) => [name, unknownValue])),
    ...Object.fromEntries(
      listed.map(([name, map]) => [name, listValuesOf(inputs[map] as Record<string, string>)]),
    ),
    ...Object.fromEntries(lasting.map((name) => [name, state[name]])),
    ...inputs,
  };
}

function unwrapWritten({ id, state, failure }: Written<object>, secret: ReadonlySet<string>): Struct {
  const written = writeProperties(state, secret);
  if (failure !== undefined) throw new PartlyDone(id, written, failure.reasons);
  return written;
}

type Given = ReadProperties | { readonly failure: engine.CheckFailure };

/** What a program gave: with what nobody takes it is an argument that is wrong. */
function readGiven(struct: Struct | undefined): Given {
  try {
    return readProperties(struct);
  } catch (error) {
    if (!isProviderError(error)) throw error;
    return { failure: { property: "", reason: explainError(error) } };
  }
}

/** What the engine keeps of every resource of ours. */
type Owned = Properties & { readonly ownerId: string };

function readOwned(struct: Struct | undefined): ReadProperties & { readonly values: Owned } {
  const { values, secretNames } = readProperties(struct);
  return { values: withoutProvider(values) as Owned, secretNames };
}

/** A state as the resource takes it; a newer release's is refused. */
function readState(struct: Struct | undefined): ReturnType<typeof readOwned> {
  const found = readOwned(struct);
  requireKnownState(found.values);
  return found;
}

/** An argument that is null, as YAML can say it, is none. */
function withoutNull(properties: Properties): Properties {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== null));
}

/** Without what the dynamic host keeps beside a resource, which may have been moved from there. */
function withoutProvider(properties: Properties): Properties {
  const { __provider, ...rest } = properties;
  return rest;
}
