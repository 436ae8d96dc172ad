import type { ManagedSecrets } from "../../provider/secret-sync/state.js";
import {
  CallFailure,
  type EngineClient,
  type Kept,
  secret,
  startEngineClient,
} from "../unit/plugin/engine-client.js";
import { Stack } from "../unit/secret-sync/stack.js";

/** What a run of the engine came to. */
export interface Run {
  readonly ok: boolean;
  /** The errors that a person saw. */
  readonly problems: readonly string[];
  /** What was said besides. */
  readonly lines: readonly string[];
}

/** A stack of one sync in one of the two hosts. */
export interface SyncHost {
  readonly name: "dynamic" | "plugin";
  up(args: Readonly<Record<string, unknown>>): Promise<Run>;
  destroy(): Promise<Run>;
  /** What the engine keeps of the sync; undefined: it knows none. */
  managed(): ManagedSecrets | undefined;
  /** All that a person or a file could have seen. */
  seen(): string;
}

type Connection = Readonly<Record<string, unknown>>;

export const hosts: Readonly<Record<SyncHost["name"], (connection: Connection) => SyncHost>> = {
  dynamic: (connection) => {
    const stack = new Stack();
    return {
      name: "dynamic",
      up: (args) => stack.up({ app: { args: { connection, ...args } } }),
      destroy: () => stack.destroy(),
      managed: () => stack.resources.get("app")?.outputs.managedSecrets,
      seen: () => stack.seen.join("\n"),
    };
  },
  plugin: (connection) => new PluginHost(connection),
};

const urn = "urn:pulumi:dev::proj::snowflake-secrets:index:SecretSync::app";

/** Calls the plugin over gRPC, a plugin for each operation, as the engine does. */
class PluginHost implements SyncHost {
  readonly name = "plugin";
  readonly #seen: string[] = [];
  #kept: (Kept & { readonly isPartlyDone: boolean }) | undefined;

  constructor(readonly connection: Connection) {}

  up({ secrets, ...args }: Readonly<Record<string, unknown>>): Promise<Run> {
    return this.#operate(async (client) => {
      const kept = this.#kept;
      const { inputs, failures } = await client.check(urn, kept?.inputs ?? {}, {
        secrets: secret(secrets),
        ...args,
      });
      if (failures.length > 0) throw new Error(failures.map(({ reason }) => String(reason)).join("\n"));
      if (kept === undefined) {
        await this.#record("", inputs, () => client.create(urn, inputs));
        return;
      }
      const { changes } = await client.diff(urn, kept, inputs);
      if (!changes && !kept.isPartlyDone) return;
      await this.#record(kept.id, inputs, async () => ({
        id: kept.id,
        properties: await client.update(urn, kept, inputs),
      }));
    });
  }

  destroy(): Promise<Run> {
    return this.#operate(async (client) => {
      if (this.#kept !== undefined) await client.delete(urn, this.#kept);
      this.#kept = undefined;
    });
  }

  managed(): ManagedSecrets | undefined {
    return this.#kept?.properties.managedSecrets as ManagedSecrets | undefined;
  }

  seen(): string {
    return [...this.#seen, JSON.stringify(this.#kept)].join("\n");
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
    const client = await startEngineClient({ settings: { ...this.connection } });
    const problems: string[] = [];
    try {
      await work(client);
    } catch (error) {
      problems.push((error as Error).message);
    } finally {
      await client.stop();
    }
    const lines = client.told.map(({ line }) => line);
    this.#seen.push(...problems, ...lines);
    return { ok: problems.length === 0, problems, lines };
  }
}
