import type { ProviderError } from "../core/errors.js";
import type { Messages } from "../engine/messages.js";
import { stateVersion } from "../engine/state-version.js";
import type { ErrorExplanation } from "./claim/record.js";
import type { KnownInputs } from "./inputs/arguments.js";
import { advance, type LifecycleEvent } from "./lifecycle.js";
import type { Attempt } from "./outputs.js";
import type { SecretRevision } from "./secret/names.js";
import { type DestinationState, maxRemembered, noTexts } from "./state.js";
import type { EgressAddress } from "./validation/egress.js";

/** Collects what an attempt goes through, and prints its steps. */
export class AttemptLog {
  readonly #startedAt = new Date().toISOString();
  #state: DestinationState;
  latestAt = this.#startedAt;
  readonly #events: string[] = [];

  constructor(
    private readonly inputs: KnownInputs,
    private readonly secretRevision: SecretRevision,
    claimName: string,
    place: string,
    private readonly previous: DestinationState | undefined,
    private readonly messages: Messages,
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
    this.#addEvent("export_secret_ip_check", { egressIp: egressIp ?? null, source });
  }

  noteFailure({ code, summary }: ProviderError): void {
    this.#addEvent("export_secret_provisioning_error", { code, message: summary });
  }

  /** The events for whoever collects them, a line of JSON each, below the steps that a person reads. */
  reportEvents(): void {
    for (const event of this.#events) this.messages.report(event);
  }

  #addEvent(
    event: "export_secret_ip_check" | "export_secret_provisioning_error",
    details: Readonly<Record<string, unknown>>,
  ): void {
    const { organizationId, type } = this.inputs;
    const { destinationId } = this.secretRevision;
    const at = new Date().toISOString();
    this.#events.push(JSON.stringify({ event, organizationId, type, destinationId, ...details, at }));
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
    this.messages.report(
      `export destination ${this.inputs.name}: ${event === "interrupt" ? "interrupted" : lifecycleStatus.status}${detail}`,
    );
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
