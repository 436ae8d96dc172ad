import type { ProviderError } from "../core/errors.js";
import { writeEvent } from "../engine/event-file.js";
import type { Operation } from "../engine/operation.js";
import { stateVersion } from "../engine/state-version.js";
import type { ErrorExplanation } from "./claim/record.js";
import type { ExportEvent } from "./events.js";
import type { KnownInputs } from "./inputs/arguments.js";
import { advance, type LifecycleEvent } from "./lifecycle.js";
import type { Attempt } from "./outputs.js";
import type { SecretRevision } from "./secret/names.js";
import { type DestinationState, maxRemembered, noTexts } from "./state.js";
import type { EgressAddress } from "./validation/egress.js";

const addressTexts: Readonly<Record<EgressAddress["source"], string>> = {
  server: "the login came from address …",
  "address service": "this machine's public address is …",
  unknown: "the address of the login is not known",
};

/** Collects what an attempt goes through, and tells of it: its steps to a person, its events also to log collectors. */
export class AttemptLog {
  readonly #startedAt = new Date().toISOString();
  #state: DestinationState;
  latestAt = this.#startedAt;

  constructor(
    private readonly inputs: KnownInputs,
    private readonly secretRevision: SecretRevision,
    claimName: string,
    place: string,
    private readonly previous: DestinationState | undefined,
    private readonly operation: Operation,
  ) {
    this.#state = {
      ...inputs,
      ...noTexts,
      stateVersion,
      ...secretRevision,
      destinationIdIsFixed: inputs.destinationId !== undefined,
      claimName,
      place: place || (previous?.place ?? ""),
      // Replaced by the first step.
      status: previous?.status ?? "Pending",
      integrationStatus: previous?.integrationStatus ?? "Disconnected",
      statusHistory: previous?.statusHistory ?? [],
      attempts: previous?.attempts ?? [],
      createdAt: previous?.createdAt ?? this.#startedAt,
    };
  }

  noteAddress({ egressIp, source }: EgressAddress): void {
    if (egressIp !== undefined) this.#state = { ...this.#state, egressIp };
    this.#log(
      { ...this.#common(), event: "export_secret_ip_check", egressIp: egressIp ?? null, source },
      addressTexts[source].replace("…", egressIp ?? ""),
    );
  }

  noteFailure({ code, summary }: ProviderError): void {
    this.#log(
      { ...this.#common(), event: "export_secret_provisioning_error", code, message: summary },
      // Why is in the error, which a person reads anyway.
      `provisioning failed with ${code}`,
    );
  }

  #common() {
    const { organizationId, type } = this.inputs;
    const { destinationId } = this.secretRevision;
    return { organizationId, type, destinationId, at: new Date().toISOString() };
  }

  #log(event: ExportEvent, text: string): void {
    writeEvent(event, this.operation);
    this.#report(`${text} (${event.event})`);
  }

  #report(text: string): void {
    this.operation.messages.report(`export destination ${this.inputs.name}: ${text}`);
  }

  step(event: LifecycleEvent, error?: ProviderError): void {
    const from = event === "begin" && this.previous === undefined ? undefined : this.#state;
    const lifecycleStatus = advance(from, event);
    const at = new Date().toISOString();
    this.latestAt = at;
    const explanation = error && explain(error);
    const message = explanation && `${explanation.what}. Fix: ${explanation.fix}`;
    this.#state = {
      ...this.#state,
      ...lifecycleStatus,
      statusHistory: [
        ...this.#state.statusHistory,
        {
          ...lifecycleStatus,
          destinationId: this.secretRevision.destinationId,
          at,
          ...(message === undefined ? {} : { message }),
        },
      ].slice(-maxRemembered * 3),
      ...(error === undefined || explanation === undefined || message === undefined
        ? {}
        : { errorCode: error.code, errorMessage: message, errorExplanation: explanation }),
    };
    const detail =
      lifecycleStatus.status === "Validated" || lifecycleStatus.status === "Failed"
        ? `, ${lifecycleStatus.integrationStatus}`
        : "";
    this.#report(`${event === "interrupt" ? "interrupted" : lifecycleStatus.status}${detail}`);
  }

  build(
    outputs: Pick<Partial<DestinationState>, "secretArn" | "secretVersionId" | "validatedAt">,
  ): DestinationState {
    const { status, errorCode, errorMessage, egressIp } = this.#state;
    const attempt: Attempt = {
      destinationId: this.secretRevision.destinationId,
      revision: this.secretRevision.revision,
      status,
      startedAt: this.#startedAt,
      endedAt: this.latestAt,
      ...(errorCode === undefined ? {} : { errorCode }),
      ...(errorMessage === "" ? {} : { errorMessage }),
      ...(egressIp === "" ? {} : { egressIp }),
    };
    const attempts = [...this.#state.attempts, attempt].slice(-maxRemembered);
    const { secretName, ...state } = this.#state;
    // A failed destination has no secret, so it names none.
    return {
      ...state,
      attempts,
      ...outputs,
      ...(status === "Failed" || secretName === undefined ? {} : { secretName }),
    };
  }
}

function explain({ operation, target, hint }: ProviderError): ErrorExplanation {
  return { what: `${operation}${target === undefined ? "" : `: ${target}`}`, fix: hint };
}
