import { createHash } from "node:crypto";
import { readSource, type SourceInputs } from "../../../provider/sources/index.js";

/** Reads one source, as `readSource` does. */
export type ReadSource = typeof readSource;

/** Reads of sources that several stacks have in common. */
export interface SharedReads {
  /** The same source, asked with the same credentials, is read once in a few seconds. */
  readonly read: ReadSource;
  /** The next reads ask the sources themselves. */
  forget(): void;
}

/** Stacks that share a source look at the same moment; this long they may take to begin. */
const maxAgeMs = 5_000;

/** Values are held for some seconds, and in memory alone. */
export function createSharedReads(
  onRead: (type: SourceInputs["type"], isRead: boolean) => void = () => undefined,
): SharedReads {
  const known = new Map<string, ReturnType<ReadSource>>();
  return {
    read: (spec, context) => {
      const key = describeRead(spec, context);
      const found = known.get(key);
      if (found !== undefined) return found;
      const reading = readSource(spec, context);
      reading.then(
        () => onRead(spec.type, true),
        () => onRead(spec.type, false),
      );
      known.set(key, reading);
      setTimeout(() => known.get(key) === reading && known.delete(key), maxAgeMs).unref();
      return reading;
    },
    forget: () => known.clear(),
  };
}

/** Of the process of the engine alone: they do not say what a remote source answers. */
const ofEngine = /^(PULUMI|SNOWFLAKE)_/i;
/** These read variables themselves. */
const readsVariables: ReadonlySet<SourceInputs["type"]> = new Set(["environment", "command"]);

/** All that decides what a source answers, credentials in a hash. */
function describeRead(spec: SourceInputs, context: Parameters<ReadSource>[1]): string {
  const { environment, secretPath, programDirectory, env } = context;
  const asked = Object.entries(env)
    .filter(([name]) => readsVariables.has(spec.type) || !ofEngine.test(name))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  // What may run differs by stack, and whether it may is part of the answer.
  const allowed = spec.type === "command" && context.mayRun?.(spec.command[0] ?? "");
  return createHash("sha256")
    .update(JSON.stringify([spec, environment, secretPath, programDirectory, allowed, asked]))
    .digest("hex");
}
