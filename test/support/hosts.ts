import { exportDestination } from "../../provider/export-destination/resource.js";
import type { DestinationState } from "../../provider/export-destination/state.js";
import type { SyncState } from "../../provider/secret-sync/state.js";
import { CallFailure, type EngineClient, type Kept, secret, startEngineClient } from "./engine-client.js";
import type { EngineHostName } from "./engine-host.js";
import { HookEngine } from "./hook-engine.js";
import { Stack } from "./stack.js";

/** What a run of the engine came to. */
export interface Run {
  readonly ok: boolean;
  /** The errors that a person saw. */
  readonly problems: readonly string[];
  /** What was said besides. */
  readonly lines: readonly string[];
}

/** The hosts by their calls alone. */
export const hosts = ["dynamic", "plugin"] as const;
export type HostName = (typeof hosts)[number];

/** A stack of one resource in one of the two hosts: by its calls alone, or with the real engine. */
export interface Host<State> {
  readonly name: HostName | EngineHostName;
  up(args: Args): Promise<Run>;
  destroy(): Promise<Run>;
  /** What the engine keeps of the resource; undefined: it knows none. */
  state(): State | undefined;
  /** All that a person or a file could have seen. */
  seen(): string;
  /** Removes what the host keeps. */
  stop(): void;
}

type Args = Readonly<Record<string, unknown>>;

/** A stack of one sync. */
export function openSyncHost(name: HostName, connection: Args): Host<SyncState> {
  return name === "dynamic"
    ? hostInEngine(new Stack(), { connection })
    : new PluginHost("SnowflakeSecretSync", "secrets", connection);
}

/** A stack of one export destination. */
export function openDestinationHost(name: HostName): Host<DestinationState> {
  if (name === "plugin") return new PluginHost("ExportDestination", "credentials");
  const buildInputs = (args: Args) => ({ ...args, fingerprintKey: "" });
  return hostInEngine(new HookEngine(exportDestination, { type: "ExportDestination", buildInputs }));
}

function hostInEngine<Inputs, State>(engine: HookEngine<Inputs, State>, own: Args = {}): Host<State> {
  return {
    name: "dynamic",
    up: (args) => engine.up({ app: { args: { ...own, ...args } } }),
    destroy: () => engine.destroy(),
    state: () => engine.resources.get("app")?.outputs,
    seen: () => engine.seen.join("\n"),
    stop: () => undefined,
  };
}

/** What a check found wrong. */
class Refusal extends Error {
  constructor(readonly reasons: readonly string[]) {
    super(reasons.join("; "));
  }
}

type Known = Kept & { readonly isPartlyDone: boolean };

/** Calls the plugin over gRPC, a plugin for each operation, as the engine does. */
class PluginHost<State> implements Host<State> {
  readonly name = "plugin";
  readonly #seen: string[] = [];
  readonly #urn: string;
  #kept: Known | undefined;
  /** What a replacement left to be deleted. */
  readonly #replaced: Known[] = [];

  constructor(
    type: "SnowflakeSecretSync" | "ExportDestination",
    readonly secretArgument: "secrets" | "credentials",
    readonly settings: Args = {},
  ) {
    this.#urn = `urn:pulumi:dev::proj::snowflake-secrets:index:${type}::app`;
  }

  up(args: Args): Promise<Run> {
    const given = { ...args };
    if (Object.hasOwn(args, this.secretArgument)) {
      given[this.secretArgument] = secret(args[this.secretArgument]);
    }
    return this.#operate(async (client) => {
      const kept = this.#kept;
      const inputs = await this.#check(client, kept?.inputs ?? {}, given);
      if (kept === undefined) {
        await this.#record("", inputs, () => client.create(this.#urn, inputs));
      } else {
        const { changes, replaces } = await client.diff(this.#urn, kept, inputs);
        if (replaces.length > 0) await this.#replace(client, kept, given);
        else if (changes || kept.isPartlyDone) {
          await this.#record(kept.id, inputs, async () => ({
            id: kept.id,
            properties: await client.update(this.#urn, kept, inputs),
          }));
        }
      }
      await this.#deleteReplaced(client);
    });
  }

  destroy(): Promise<Run> {
    return this.#operate(async (client) => {
      await this.#deleteReplaced(client);
      if (this.#kept !== undefined) await client.delete(this.#urn, this.#kept);
      this.#kept = undefined;
    });
  }

  state(): State | undefined {
    return this.#kept?.properties as State | undefined;
  }

  seen(): string {
    return [...this.#seen, JSON.stringify([this.#kept, this.#replaced])].join("\n");
  }

  stop(): void {}

  async #check(client: EngineClient, olds: Args, given: Args): Promise<Known["inputs"]> {
    const { inputs, failures } = await client.check(this.#urn, olds, given);
    if (failures.length > 0) throw new Refusal(failures.map(({ reason }) => String(reason)));
    return inputs;
  }

  /** A new one first; what is half-made takes the place of the old one too. */
  async #replace(client: EngineClient, old: Known, given: Args): Promise<void> {
    const inputs = await this.#check(client, {}, given);
    try {
      await this.#record("", inputs, () => client.create(this.#urn, inputs));
    } finally {
      if (this.#kept !== old) this.#replaced.push(old);
    }
  }

  async #deleteReplaced(client: EngineClient): Promise<void> {
    for (const old of [...this.#replaced]) {
      await client.delete(this.#urn, old);
      this.#replaced.splice(this.#replaced.indexOf(old), 1);
    }
  }

  async #record(
    id: string,
    inputs: Kept["inputs"],
    work: () => Promise<Omit<Kept, "inputs">>,
  ): Promise<void> {
    try {
      this.#kept = { ...(await work()), inputs, isPartlyDone: false };
    } catch (error) {
      const partial = error instanceof CallFailure ? error.partial : undefined;
      if (partial !== undefined) {
        this.#kept = { id: partial.id || id, inputs, properties: partial.properties, isPartlyDone: true };
      }
      throw error;
    }
  }

  async #operate(work: (client: EngineClient) => Promise<void>): Promise<Run> {
    const client = await startEngineClient({ settings: { ...this.settings } });
    const problems: string[] = [];
    try {
      await work(client);
    } catch (error) {
      problems.push(...(error instanceof Refusal ? error.reasons : [(error as Error).message]));
    } finally {
      await client.stop();
    }
    const lines = client.told.map(({ severity, line }) =>
      severity === "warning" ? `warning: ${line}` : line,
    );
    this.#seen.push(...problems, ...lines);
    return { ok: problems.length === 0, problems, lines };
  }
}
