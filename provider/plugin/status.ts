import { Metadata, type ServerErrorResponse, status } from "@grpc/grpc-js";
import { ErrorResourceInitFailed } from "@pulumi/pulumi/proto/provider_pb.js";
import { Status } from "@pulumi/pulumi/proto/status_pb.js";
import { Any } from "google-protobuf/google/protobuf/any_pb.js";
import type { Struct } from "google-protobuf/google/protobuf/struct_pb.js";
import { explainError, toProviderError } from "../core/errors.js";
import { noteRun } from "../engine/run-notes.js";

/** By which the engine learns that a resource is there but not right yet: it keeps the state, and updates it next. */
export class PartlyDone {
  constructor(
    readonly id: string,
    readonly state: Struct,
    readonly reasons: readonly string[],
  ) {}
}

/** What the engine prints of a failed call: our own text and nothing else, as a foreign error may quote a value. */
export function buildStatus(error: unknown, call: string): ServerErrorResponse {
  if (error instanceof PartlyDone) return buildInitFailure(error);
  const safe = toProviderError(error, call);
  noteRun({ kind: "failure", code: safe.code });
  const message = explainError(safe);
  return { name: "ProviderError", message, code: status.UNKNOWN, details: message };
}

function buildInitFailure({ id, state, reasons }: PartlyDone): ServerErrorResponse {
  const message = reasons.join(" ");
  const failure = new ErrorResourceInitFailed()
    .setId(id)
    .setProperties(state)
    .setReasonsList([...reasons]);
  const detail = new Any();
  detail.pack(failure.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const details = new Status().setCode(status.UNKNOWN).setMessage(message).setDetailsList([detail]);
  const metadata = new Metadata();
  // How Go's gRPC, and so the engine, carries structured errors.
  metadata.set("grpc-status-details-bin", Buffer.from(details.serializeBinary()));
  return { name: "ProviderError", message, code: status.UNKNOWN, details: message, metadata };
}
