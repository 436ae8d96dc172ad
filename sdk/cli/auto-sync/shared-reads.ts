import { readSource, type SourceInputs } from "../../../provider/sources/index.js";
import { createKeptTokens, hash } from "./kept-tokens.js";

/** Reads one source, as `readSource` does. */
export type ReadSource = typeof readSource;

/** Reads of sources that several stacks have in common. */
export interface SharedReads {
  /** The same source, asked with the same credentials, is read once in a few seconds. */
  readonly read: ReadSource;
  /** The next reads ask the sources themselves. */
  forget(): void;
  /** Revokes the tokens that were kept for the next read. */
  end(): Promise<void>;
}

/** Stacks that share a source look at the same moment; this long they may take to begin. */
const maxAgeMs = 5_000;

/** Values are held for some seconds, and in memory alone. */
export function createSharedReads(
  onRead: (type: SourceInputs["type"], isRead: boolean) => void = () => undefined,
): SharedReads {
  const known = new Map<string, ReturnType<ReadSource>>();
  const tokens = createKeptTokens();
  return {
    read: (spec, context) => {
      const variables = findVariables(spec, context);
      const key = describeRead(spec, context, variables);
      const found = known.get(key);
      if (found !== undefined) return found;
      const reading = readSource(spec, { ...context, useToken: tokens.forVariables(variables) });
      reading.then(
        () => onRead(spec.type, true),
        () => onRead(spec.type, false),
      );
      known.set(key, reading);
      setTimeout(() => known.get(key) === reading && known.delete(key), maxAgeMs).unref();
      return reading;
    },
    forget: () => known.clear(),
    end: () => tokens.revokeAll(),
  };
}

/** Of the process of the engine alone: they do not say what a remote source answers. */
const ofEngine = /^(PULUMI|SNOWFLAKE)_/i;
/** These read variables themselves. */
const readsVariables: ReadonlySet<SourceInputs["type"]> = new Set(["environment", "command"]);

type Variables = readonly (readonly [string, string | undefined])[];

/** Those that may say what a source answers, and who asks it. */
function findVariables({ type }: SourceInputs, { env }: Parameters<ReadSource>[1]): Variables {
  return Object.entries(env)
    .filter(([name]) => readsVariables.has(type) || !ofEngine.test(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** All that decides what a source answers, credentials in a hash. */
function describeRead(
  spec: SourceInputs,
  { environment, secretPath, programDirectory, mayRun }: Parameters<ReadSource>[1],
  variables: Variables,
): string {
  // What may run differs by stack, and whether it may is part of the answer.
  const allowed = spec.type === "command" && mayRun?.(spec.command[0] ?? "");
  return hash([spec, environment, secretPath, programDirectory, allowed, variables]);
}
