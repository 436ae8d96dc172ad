import type { DestinationInputs } from "../../provider/export-destination/inputs/arguments.js";
import { exportDestination } from "../../provider/export-destination/resource.js";
import type { DestinationState } from "../../provider/export-destination/state.js";
import { type Declared, HookEngine, type Outcome } from "./hook-engine.js";

/** The only resource of these stacks. */
type Kept = Readonly<{ id: string; inputs: DestinationInputs; outs: DestinationState }>;

/** What an operation of the engine came to. */
export interface Operation {
  readonly error?: Error & { readonly code?: string; readonly reasons?: readonly string[] };
  readonly failures: readonly { property: string; reason: string }[];
  /** What was done: "same", "create", "update", "replace" and "delete", in order. */
  readonly steps: readonly string[];
  readonly replaces: readonly string[];
  /** What a person saw. */
  readonly lines: readonly string[];
}

/** A stack of export destinations, without a process. */
export class DestinationEngine extends HookEngine<DestinationInputs, DestinationState> {
  constructor(stack: string, project = "exports") {
    const buildInputs = (args: object) => ({ ...args, fingerprintKey: "" });
    const place = { organization: "organization", project, stack };
    super(exportDestination, { type: "ExportDestination", buildInputs }, place);
  }
}

/** A stack that holds one destination, or none. */
export class StackOfOne {
  readonly #engine: DestinationEngine;

  constructor(
    readonly place: { stack: string; name: string },
    project = "exports",
  ) {
    this.#engine = new DestinationEngine(place.stack, project);
  }

  get kept(): Kept | undefined {
    const kept = this.#engine.resources.get(this.place.name);
    if (kept === undefined) return undefined;
    return { id: kept.id, inputs: kept.inputs as never, outs: kept.outputs };
  }

  get outs(): DestinationState {
    if (this.kept === undefined) throw new Error("the stack holds no destination");
    return this.kept.outs;
  }

  /** Old ones that a replacement left, to be deleted. */
  get doomed(): readonly unknown[] {
    return this.#engine.pendingDeletes;
  }

  /** All that a person or a file could have seen. */
  get seen(): readonly string[] {
    return this.#engine.seen;
  }

  preview(args: Record<string, unknown>, options: Options = {}): Promise<Operation> {
    return this.#operate(args, options, "preview");
  }

  up(args: Record<string, unknown>, options: Options = {}): Promise<Operation> {
    return this.#operate(args, options, "up");
  }

  async destroy(): Promise<Operation> {
    return toOperation(await this.#engine.destroy(), []);
  }

  async refresh(): Promise<Operation> {
    return toOperation(await this.#engine.refresh(), []);
  }

  /** The state as it is now, to be put back as after a crash. */
  snapshot(): () => void {
    return this.#engine.snapshot();
  }

  /** Takes another stack's state, as somebody might with `pulumi stack export` and `import`. */
  adopt(other: StackOfOne): void {
    for (const [name, kept] of other.#engine.resources) this.#engine.resources.set(name, kept);
  }

  /** Edits the state, as somebody might with `pulumi stack import`. */
  edit(changes: Partial<DestinationState>): void {
    const { name } = this.place;
    const kept = this.#engine.resources.get(name);
    if (kept !== undefined) {
      this.#engine.resources.set(name, { ...kept, outputs: { ...kept.outputs, ...changes } });
    }
  }

  async #operate(args: Record<string, unknown>, options: Options, how: "preview" | "up"): Promise<Operation> {
    const { name } = this.place;
    const doomed = this.doomed.length;
    const outcome = await this.#engine[how]({ [name]: { args, ...options } });
    const change = outcome.changes[name];
    const left = doomed + (change === "replace" && outcome.ok && how === "up" ? 1 : 0) - this.doomed.length;
    const deletions = how === "up" ? Array.from({ length: Math.max(left, 0) }, () => "delete") : [];
    return toOperation(outcome, [...(change === undefined ? [] : [change]), ...deletions], name);
  }
}

type Options = Omit<Declared, "args">;

function toOperation(outcome: Outcome<unknown>, steps: readonly string[], name = ""): Operation {
  const { failures, lines, replaces } = outcome;
  const [error] = outcome.errors;
  return {
    steps,
    failures,
    lines,
    replaces: replaces[name] ?? [],
    ...(error === undefined ? {} : { error: error as NonNullable<Operation["error"]> }),
  };
}
