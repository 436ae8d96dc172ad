import type { Messages } from "./messages.js";
import { RunRegistry } from "./run-registry.js";

/** Reads Pulumi config by its full name, `snowflake:account`. */
export interface ConfigReader {
  get(name: string): string | undefined;
  /** Where a person sets what is read as `snowflake:…`, and how that is called. @default Pulumi config, "snowflake" */
  readonly origin?: { readonly title: string; readonly namespace: string };
}

/** A kind of thing that is remembered within an operation, such as the log-ins or the values that are to be written. */
export interface Memory<T> {
  create(): T;
  /** Called when the operation is cancelled: what is under way goes on, and nothing more begins. */
  stop?(remembered: T): void;
  /** Called when the operation ends. */
  end?(remembered: T): Promise<void>;
}

/** A memory of what belongs to keys. */
export function createMemoryMap<K, V>(): Memory<Map<K, V>> {
  return { create: () => new Map() };
}

/**
 * One operation of the engine: a preview, an `up`, a refresh or a destroy, with all its resources. Whatever its hooks
 * tell each other is kept here and nowhere else; a host makes one and hands it to every hook.
 */
export class Operation {
  /** The stack's config. Set by the host before the first hook, on refresh and destroy too. */
  config: ConfigReader = { get: () => undefined };

  /** Where relative paths of the connection start. @default the folder of the process */
  programDirectory: string | undefined;

  /** What the processes of the same run know of each other. */
  readonly registry: RunRegistry;

  readonly #memories = new Map<Memory<unknown>, unknown>();
  #isCancelled = false;

  /** @param engineAddress where the engine is; without one, this is the only process */
  constructor(
    readonly messages: Messages,
    engineAddress = "",
  ) {
    this.registry = new RunRegistry(engineAddress);
  }

  /** What is remembered of a kind; made when it is first asked for. */
  recall<T>(memory: Memory<T>): T {
    if (!this.#memories.has(memory)) {
      const made = memory.create();
      this.#memories.set(memory, made);
      if (this.#isCancelled) memory.stop?.(made);
    }
    return this.#memories.get(memory) as T;
  }

  /** Lets what is under way end, and nothing more begin. */
  cancel(): void {
    this.#isCancelled = true;
    for (const [memory, value] of this.#memories) memory.stop?.(value);
  }

  /** Forgets everything, and ends what is still open. */
  async end(): Promise<void> {
    this.registry.end();
    const remembered = [...this.#memories];
    this.#memories.clear();
    await Promise.allSettled(remembered.map(([memory, value]) => memory.end?.(value)));
  }
}
