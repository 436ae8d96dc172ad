import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";
import pLimit from "p-limit";
import { isOwnVariable } from "../../../provider/sources/index.js";

/** The variables of one stack. */
export type Environment = Readonly<Record<string, string | undefined>>;

const current = new AsyncLocalStorage<NodeJS.ProcessEnv>();

/** The variables of the process, without those that say who somebody is, and with those of a file. */
export function buildEnvironment(ofProcess: Environment, ofFile: Environment): Environment {
  const shared = Object.entries(ofProcess).filter(([name]) => !isOwnVariable(name));
  return { ...Object.fromEntries(shared), ...ofFile };
}

/**
 * Runs `work` with other variables in `process.env`, for all that it calls and awaits: AWS's own credential chain, the
 * proxy of a request and the engine's process read them there. Two that run side by side do not see each other's.
 */
export function runInEnvironment<T>(environment: Environment | undefined, work: () => T): T {
  if (environment === undefined) return work();
  divert();
  return current.run({ ...environment }, work);
}

/** A bound on what runs at once, for work of several environments. */
export interface Bound {
  <T>(work: () => Promise<T>): Promise<T>;
  readonly activeCount: number;
  readonly pendingCount: number;
}

/**
 * What waits for its turn runs in its own environment all the same. The library starts it in that of the work that
 * has just ended.
 */
export function createBound(atOnce: number): Bound {
  const limit = pLimit(atOnce);
  const bound = <T>(work: () => Promise<T>): Promise<T> => limit(AsyncResource.bind(work));
  return Object.defineProperties(bound, {
    activeCount: { get: () => limit.activeCount },
    pendingCount: { get: () => limit.pendingCount },
  }) as Bound;
}

let isDiverted = false;

function divert(): void {
  if (isDiverted) return;
  isDiverted = true;
  const ofProcess = process.env;
  const pick = () => current.getStore() ?? ofProcess;
  // On an empty object, since a proxy must show what its own object cannot hide.
  process.env = new Proxy<NodeJS.ProcessEnv>(
    {},
    {
      get: (_, name) => Reflect.get(pick(), name),
      has: (_, name) => Reflect.has(pick(), name),
      set: (_, name, value) => Reflect.set(pick(), name, value),
      deleteProperty: (_, name) => Reflect.deleteProperty(pick(), name),
      ownKeys: () => Reflect.ownKeys(pick()),
      getOwnPropertyDescriptor: (_, name) => {
        const found = Reflect.getOwnPropertyDescriptor(pick(), name);
        return found && { ...found, configurable: true };
      },
    },
  );
}
