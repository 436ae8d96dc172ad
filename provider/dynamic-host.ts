import type { dynamic } from "@pulumi/pulumi";
import { explainError, ProviderError, toProviderError } from "./core/errors.js";
import { listInWords } from "./core/list-in-words.js";
import { toOneLine } from "./core/one-line.js";
import { splitContext } from "./engine/context.js";
import { cancelWithEngine, endOnInterrupt, endWithEngine } from "./engine/interrupt.js";
import type { Messages } from "./engine/messages.js";
import { Operation } from "./engine/operation.js";
import { findContext } from "./engine/ownership.js";
import type { Properties, Resource, Written } from "./engine/resource.js";
import { noteRun } from "./engine/run-notes.js";
import { requireKnownState } from "./engine/state-version.js";
import { isUnknown } from "./engine/unknown.js";

/** What the engine keeps of every resource of ours. */
interface Owned {
  readonly ownerId: string;
}

type WithProvider = { readonly __provider?: unknown };

/** What a dynamic provider writes to stdout is shown by Pulumi as a message. */
const stdout: Messages = {
  report: (line) => void process.stdout.write(`${toOneLine(line)}\n`),
  warn: (line) => void process.stdout.write(`${toOneLine(`warning: ${line}`)}\n`),
};

let current: Operation | undefined;

/** The engine starts a process for each operation, so this one lasts as long as the process. */
function currentOperation(): Operation {
  if (current === undefined) {
    // The engine tells every plugin its address as the first argument.
    current = new Operation(stdout, process.argv[2]);
    endOnInterrupt(current);
    cancelWithEngine(current);
    endWithEngine(current, process.argv[2]);
  }
  return current;
}

/**
 * A resource as a Pulumi dynamic provider. The names of the hooks are a permanent interface: the state of every stack
 * calls them.
 */
export function hostDynamically<Inputs extends Owned & object, State extends Owned & object>(
  resource: Resource<Inputs, State>,
  getOperation: () => Operation = currentOperation,
) {
  return guardHooks(resource.type, {
    configure: async ({ config }: dynamic.ConfigureRequest) => {
      // Synchronous: a second concurrent call of the engine does not wait for the first.
      getOperation().config = config;
    },

    check: async (olds: object, news: object) => {
      const operation = getOperation();
      const { context, args } = splitContext(withoutProvider(news) as Record<string, unknown>);
      const { inputs, failures } = await resource.check(olds as Properties, args, context, operation);
      // A creation has only this hook in a preview; for what is there already `diff` looks.
      const isCreation = (olds as Partial<Owned>).ownerId === undefined;
      if (failures.length === 0 && isCreation && context?.run === "preview") {
        await resource.preview(inputs as never, undefined, operation);
      }
      return { inputs: asWire(inputs) as Inputs, failures: [...failures] };
    },

    diff: async (_id: string, olds: State, news: Inputs): Promise<dynamic.DiffResult> => {
      const operation = getOperation();
      const [state, inputs] = [requireState(olds), withoutProvider(news)];
      const { changes, replaces } = await resource.diff(state, inputs, operation);
      const isPreview = findContext(operation, inputs.ownerId)?.run === "preview";
      if (isPreview) {
        // A replacement is looked at when its successor is checked.
        if (replaces.length > 0) announceReplacement(findLabel([news]), replaces, operation);
        else await resource.preview(inputs, state, operation);
      }
      // A state of the plugin has no provider, without which the engine could not call us again: `update` puts it in.
      const isMoved = !("__provider" in olds);
      return { changes: changes || isMoved || replaces.length > 0, replaces: [...replaces] };
    },

    create: async (news: Inputs) => {
      const written = await resource.create(withoutProvider(news), getOperation());
      return { id: written.id, outs: unwrapWritten(written, news) };
    },

    read: async (id: string, props: State | undefined) => {
      if (props?.ownerId === undefined) {
        throw new ProviderError("INVALID_INPUT", {
          operation: "a dynamic resource cannot be imported",
          target: id,
          hint: "declare it in the program. `pulumi up` then takes over what exists.",
        });
      }
      const { state, inputs } = await resource.read(id, requireState(props), getOperation());
      const provider = pickProvider(props);
      return {
        id,
        props: { ...asWire(state), ...provider },
        ...(inputs === undefined ? {} : { inputs: { ...asWire(inputs), ...provider } }),
      };
    },

    update: async (id: string, olds: State, news: Inputs) => {
      const written = await resource.update(id, requireState(olds), withoutProvider(news), getOperation());
      return { outs: unwrapWritten(written, news) };
    },

    delete: (id: string, props: State) => resource.delete(id, requireState(props), getOperation()),
  });
}

/**
 * Stands above what the engine prints of a replacement in this host: every old output as removed. A dynamic provider
 * cannot shorten that, as the engine hands on no details of its diff.
 */
function announceReplacement(label = "", replaces: readonly string[], { messages }: Operation): void {
  const changed = listInWords(replaces, "and");
  messages.report(
    `${label}: to be replaced, because of changes in ${changed}. Below, Pulumi shows all old outputs as removed, because it does not know the new ones yet.`,
  );
}

type Hook = (...args: never[]) => Promise<unknown>;

/**
 * The boundary to the engine: whatever a hook throws leaves it as a `ProviderError` without a stack. The engine
 * prints message and stack of what check, diff, read and delete throw, and a foreign error may quote a value.
 */
function guardHooks<T extends object>(type: string, hooks: T): T {
  const guarded = Object.entries(hooks as Record<string, Hook>).map(([name, hook]) => [
    name,
    async (...args: never[]) => {
      try {
        return await hook(...args);
      } catch (error) {
        const safe = toProviderError(error, `hook ${name} of ${type}`);
        noteRun({ kind: "failure", code: safe.code });
        safe.message = explainError(safe);
        // The second print is "<toString>: <stack>", under the stack; the whole text stands at the resource.
        safe.toString = () => `${findLabel(args) ?? type}: ${name} failed`;
        safe.stack = `[${safe.code}], see the error at the resource`;
        throw safe;
      }
    },
  ]);
  return Object.fromEntries(guarded) as T;
}

/** The `name` among what the engine handed to a hook. */
function findLabel(args: readonly unknown[]): string | undefined {
  const { name } = (args.at(-1) ?? {}) as { readonly name?: unknown };
  return typeof name === "string" && !isUnknown(name) ? toOneLine(name) : undefined;
}

/**
 * The state, or the error by which the engine learns that the resource is there but not right yet. That error carries
 * the state, which may hold the credentials of a connection: so whatever prints or walks an error must not come by it.
 * `__provider` goes in, because without it the engine could not call `update`.
 */
function unwrapWritten<State extends object>({ id, state, failure }: Written<State>, news: object): State {
  if (failure === undefined) return asWire(state);
  const properties = { ...asWire(state), ...pickProvider(news) };
  throw Object.defineProperties(failure.error, {
    id: { value: id },
    properties: { value: properties },
    reasons: { value: failure.reasons },
  });
}

function pickProvider(properties: object): WithProvider {
  return "__provider" in properties ? { __provider: properties.__provider } : {};
}

/** A state as the resource takes it; a newer release's is refused. */
function requireState<State extends object>(props: State): State {
  requireKnownState(props);
  return withoutProvider(props);
}

// In what create and update answer the engine puts the current one; copied by us it could grow stale.
function withoutProvider<T extends object>(value: T): T {
  const { __provider, ...rest } = value as T & WithProvider;
  return rest as T;
}

// The engine's wire format has no undefined.
function asWire<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
