import type { ProviderError } from "../core/errors.js";
import type { EngineContext, Place } from "./context.js";
import type { CheckFailure } from "./failures.js";
import type { Operation } from "./operation.js";

/** Inputs and outputs as the engine carries them. */
export type Properties = Readonly<Record<string, unknown>>;

/** What `check` answers: inputs that may be seen and kept, or what is wrong. */
export interface CheckAnswer {
  readonly inputs: Properties;
  readonly failures: readonly CheckFailure[];
}

/** What `diff` answers. */
export interface Difference {
  readonly changes: boolean;
  /** The arguments that need a replacement. */
  readonly replaces: readonly string[];
}

/** What `create` and `update` come to. */
export interface Written<State> {
  readonly id: string;
  readonly state: State;
  /** The resource is there, but not right yet: the state is kept, and the next `up` calls `update` with it. */
  readonly failure?: { readonly error: ProviderError; readonly reasons: readonly string[] };
}

/**
 * A resource, once for every host. A host calls its functions with what it learns from the engine and answers the
 * engine in its own words; it holds nothing of a resource's logic.
 *
 * What a function throws is a `ProviderError`, and nothing was changed then, or what was is found by the next run.
 */
export interface Resource<Inputs, State> {
  /** Its type in Pulumi, as its place has it: `SnowflakeSecretSync`. */
  readonly type: string;
  /**
   * Parses the arguments, reads what is needed to know the desired state, and holds values in the operation.
   *
   * @param context undefined where `ignoreChanges: ["*"]` keeps the old inputs whole: then `args` are these
   */
  check(
    olds: Properties,
    args: Properties,
    context: EngineContext | undefined,
    operation: Operation,
  ): Promise<CheckAnswer>;
  /**
   * Looks at the world for a preview, and says what `up` would meet there. Changes nothing and never fails for what
   * only the world can answer.
   *
   * @param state undefined for a creation, in a replacement too
   */
  preview(inputs: Inputs, state: State | undefined, operation: Operation): Promise<void>;
  diff(state: State, inputs: Inputs, operation: Operation): Promise<Difference>;
  create(inputs: Inputs, operation: Operation): Promise<Written<State>>;
  /** A refresh. With `inputs` the drift shows at them, and the next `up` repairs it. */
  read(id: string, state: State, operation: Operation): Promise<{ state: State; inputs?: Inputs }>;
  update(id: string, state: State, inputs: Inputs, operation: Operation): Promise<Written<State>>;
  /** @param place undefined where the host is not told it */
  delete(id: string, state: State, operation: Operation, place?: Place): Promise<void>;
  /**
   * Takes up what a person names by `id` and no state knows. Changes nothing: what must be written to make it ours, the
   * next `up` shows and does. Only hosts whose engine can import call it.
   */
  import?(
    id: string,
    context: EngineContext,
    operation: Operation,
  ): Promise<{ readonly id: string; readonly state: State; readonly inputs: Inputs }>;
}
