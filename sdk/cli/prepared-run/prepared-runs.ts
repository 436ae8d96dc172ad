import { join } from "node:path";
import { ProviderError } from "../../../provider/core/errors.js";
import { startLanguageHost } from "./language-host.js";
import { type ParkedProcess, parkProcess } from "./parked-process.js";

/** Processes that wait for the next runs of the engine, so that a run need not start and load them. */
export interface PreparedRuns {
  /** Gives one run its processes, with variables of its own; loads them now if none wait. */
  attach(env: Readonly<Record<string, string>>): Promise<AttachedRun>;
  /** Has processes for the next runs load, for when nothing is under way. */
  refill(): void;
  /** Ends every process, and waits for that. */
  close(): Promise<void>;
}

export interface AttachedRun {
  /** By these variables the engine finds the processes. */
  readonly env: Readonly<Record<string, string>>;
  end(): void;
}

/** What one run needs. */
interface Processes {
  readonly program: ParkedProcess;
  readonly provider: ParkedProcess;
}

export interface PreparedRunsOptions {
  /** The folder of Pulumi.yaml. */
  readonly rootDirectory: string;
  /** Where the program runs. */
  readonly programDirectory: string;
  readonly projectName: string;
  /** How many runs follow one another without a pause. */
  readonly count: number;
}

/**
 * Two processes for each run: one becomes Pulumi's runner with the program, the other the engine's host of dynamic
 * resources. Both are as fresh as in any other run, and nothing listens before a run begins. The engine attaches to
 * them by `PULUMI_DEBUG_LANGUAGES` and `PULUMI_DEBUG_PROVIDERS`.
 */
export function prepareRuns(options: PreparedRunsOptions): PreparedRuns {
  const { rootDirectory, programDirectory, projectName, count } = options;
  const waiting: Processes[] = [];
  const ending = new Set<Promise<void>>();
  let isClosed = false;
  const park = (): Processes => {
    // The runtime reads them when it is loaded; of a program it is told the rest later.
    const env = { PULUMI_NODEJS_PROJECT: projectName, PULUMI_NODEJS_ROOT_DIRECTORY: rootDirectory };
    return {
      program: parkProcess(programDirectory, programPackages, env),
      provider: parkProcess(programDirectory, providerPackages, env),
    };
  };
  const end = ({ program, provider }: Processes) => {
    for (const ended of [program.end(), provider.end()]) {
      ending.add(ended);
      void ended.then(() => ending.delete(ended));
    }
  };
  const take = (): Processes => {
    const taken = waiting.shift();
    if (taken === undefined) return park();
    if (taken.program.isAlive && taken.provider.isAlive) return taken;
    end(taken);
    return take();
  };
  const runs: PreparedRuns = {
    attach: async (env) => {
      const taken = take();
      const languageHost = await startLanguageHost(taken.program, env);
      const detach = () => {
        languageHost.close();
        end(taken);
      };
      try {
        const providerPort = await startProvider(taken.provider, env);
        return {
          env: {
            PULUMI_DEBUG_LANGUAGES: `nodejs:${languageHost.port}`,
            PULUMI_DEBUG_PROVIDERS: `pulumi-nodejs:${providerPort}`,
          },
          end: detach,
        };
      } catch (error) {
        detach();
        throw error;
      }
    },
    refill: () => {
      while (!isClosed && waiting.length < count) waiting.push(park());
    },
    close: async () => {
      isClosed = true;
      for (const each of waiting.splice(0)) end(each);
      await Promise.all(ending);
    },
  };
  runs.refill();
  return runs;
}

const programPackages = ["@pulumi/pulumi", "@pulumi/pulumi/cmd/run/tracing", "pulumi-snowflake-secrets"];
const providerPackages = [
  "@pulumi/pulumi",
  "pulumi-snowflake-secrets/provider",
  "snowflake-sdk",
  "@infisical/sdk",
];

async function startProvider(
  provider: ParkedProcess,
  env: Readonly<Record<string, string>>,
): Promise<number> {
  provider.start({
    script: join(__dirname, "attachable-provider.js"),
    // It asks for the engine's address, and uses none.
    args: ["127.0.0.1:0"],
    env,
  });
  const port = Number(await provider.firstLine);
  if (!(port > 0)) {
    throw new ProviderError("NOT_FOUND", {
      operation: "start the host of dynamic resources",
      target: "@pulumi/pulumi/cmd/dynamic-provider",
      hint: "install the project's packages in the folder of its program.",
    });
  }
  return port;
}
