import { AsyncLocalStorage } from "node:async_hooks";
import { credentials } from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb.js";
import { toOneLine } from "../core/one-line.js";
import type { Messages } from "../engine/messages.js";
import { Operation } from "../engine/operation.js";
import { type ProviderSettings, settingsOrigin } from "./settings.js";

/** One call of the engine, while it is answered. */
interface Call {
  /** The resource that the call is about. */
  readonly urn: string;
  /** Of the provider that it came to: several may share this process. */
  readonly settings: ProviderSettings;
  /** What the engine has not confirmed yet. */
  told: Promise<void>;
}

// One for all runs: Node never forgets a storage, and every promise of the process pays for each.
const calls = new AsyncLocalStorage<Call>();

/**
 * A run of the engine, with all its calls. What they tell each other is in one operation; what differs between them,
 * such as the resource that a message is about, goes with the call.
 */
export class EngineRun {
  readonly operation: Operation;
  #log: EngineClient | undefined;

  constructor(readonly engineAddress: string) {
    const messages: Messages = {
      report: (line) => this.#tell(LogSeverity.INFO, line),
      warn: (line) => this.#tell(LogSeverity.WARNING, line),
    };
    this.operation = new Operation(messages, engineAddress);
    this.operation.config = {
      get: (name) => calls.getStore()?.settings.get(name),
      origin: settingsOrigin,
    };
  }

  /** Answers a call, after the engine has what there is to say about it. */
  async answer<T>(urn: string, settings: ProviderSettings, work: () => Promise<T>): Promise<T> {
    const call: Call = { urn, settings, told: Promise.resolve() };
    try {
      return await calls.run(call, work);
    } finally {
      await call.told;
    }
  }

  async end(): Promise<void> {
    await this.operation.end();
    this.#log?.close();
  }

  #tell(severity: LogSeverity, line: string): void {
    const call = calls.getStore();
    if (call === undefined || this.engineAddress === "") return;
    const request = new LogRequest().setSeverity(severity).setMessage(toOneLine(line)).setUrn(call.urn);
    this.#log ??= new EngineClient(this.engineAddress, credentials.createInsecure());
    const log = this.#log;
    // One after the other, so that they keep their order. An engine that is gone has nobody to show them to.
    call.told = call.told.then(() => new Promise((resolve) => log.log(request, () => resolve())));
  }
}
