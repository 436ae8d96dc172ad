import { unknownValue } from "../../../provider/engine.js";
import { exportDestination } from "../../../provider/export-destination/hooks.js";
import type { CheckedInputs } from "../../../provider/export-destination/inputs.js";
import type { DestinationState } from "../../../provider/export-destination/records.js";
import { endOperation } from "../../../provider/operation.js";
import type { SnowflakeServer } from "../../../sdk/snowflake-server/index.js";
import type { Aws } from "../../support/aws/aws.js";

/** A resource as the engine keeps it. */
interface Kept {
  id: string;
  inputs: CheckedInputs;
  outs: DestinationState;
}

/** What an operation of the engine came to. */
export interface Operation {
  readonly error?: Error & { readonly code?: string; readonly reasons?: readonly string[] };
  readonly failures: readonly { property: string; reason: string }[];
  /** What was done: "same", "create", "update", "replace" and "delete", in order. */
  readonly steps: readonly string[];
  readonly replaces: readonly string[];
  /** What the hooks wrote to stdout. */
  readonly lines: readonly string[];
}

/**
 * Calls the hooks in the order of Pulumi's engine, with what the engine gives them and across its wire format: old
 * inputs to `check`, old outputs to the others, a second `check` with empty old inputs in a replacement, the deletion
 * of the old one at the end, and what it keeps after each kind of error.
 */
export class StackOfOne {
  kept: Kept | undefined;
  /** Old ones that a replacement left, to be deleted. */
  doomed: Kept[] = [];

  constructor(
    readonly place: { stack: string; name: string },
    readonly project = "exports",
  ) {}

  get outs(): DestinationState {
    if (this.kept === undefined) throw new Error("the stack holds no destination");
    return this.kept.outs;
  }

  preview(args: Record<string, unknown>): Promise<Operation> {
    return this.#operate(args, true);
  }

  up(args: Record<string, unknown>): Promise<Operation> {
    return this.#operate(args, false);
  }

  /** @returns what the hooks wrote */
  async destroy(): Promise<Operation> {
    return record(async (steps) => {
      for (const old of [...this.doomed]) {
        steps.push("delete");
        await exportDestination.delete(old.id, wire(old.outs));
        this.doomed = this.doomed.filter((other) => other !== old);
      }
      if (this.kept !== undefined) {
        steps.push("delete");
        await exportDestination.delete(this.kept.id, wire(this.kept.outs));
        this.kept = undefined;
      }
    });
  }

  async refresh(): Promise<Operation> {
    return record(async () => {
      if (this.kept === undefined) return;
      const { id, props } = await exportDestination.read(this.kept.id, wire(this.kept.outs));
      if (id === "") this.kept = undefined;
      else this.kept.outs = wire(props);
    });
  }

  #operate(args: Record<string, unknown>, preview: boolean): Promise<Operation> {
    return record(async (steps, report) => {
      // The SDK leaves out what is undefined.
      const given = JSON.parse(JSON.stringify(args)) as object;
      const check = async (olds: object) => {
        const news = {
          ...given,
          fingerprintKey: "",
          pulumiContext: this.#context(preview),
          __provider: "provider",
        };
        const { inputs, failures } = await exportDestination.check(wire(olds), wire(news) as never);
        report.failures.push(...failures);
        return wire(inputs);
      };
      let inputs = await check(this.kept?.inputs ?? {});
      if (report.failures.length > 0) return;
      if (this.kept === undefined) {
        steps.push("create");
        if (!preview) this.kept = await this.#create(inputs);
      } else {
        const { changes, replaces = [] } = await exportDestination.diff(
          this.kept.id,
          wire(this.kept.outs),
          wire(inputs),
        );
        report.replaces.push(...replaces);
        if (replaces.length > 0) {
          inputs = await check({});
          steps.push("replace");
          if (!preview) {
            const old = this.kept;
            this.kept = await this.#create(inputs, (half) => {
              this.doomed.push(old);
              return half;
            });
            this.doomed.push(old);
          }
        } else if (changes || this.partlyDone) {
          steps.push("update");
          if (!preview) await this.#update(this.kept, inputs);
        } else {
          steps.push("same");
          this.kept.inputs = inputs;
        }
      }
      if (preview) return;
      for (const old of [...this.doomed]) {
        steps.push("delete");
        await exportDestination.delete(old.id, wire(old.outs));
        this.doomed = this.doomed.filter((other) => other !== old);
      }
    });
  }

  /** Whether the last operation left it so; the engine then updates it whatever `diff` says. */
  partlyDone = false;

  async #create(inputs: CheckedInputs, onHalf: (half: Kept) => Kept = (half) => half): Promise<Kept> {
    try {
      const { id, outs } = await exportDestination.create(wire(inputs));
      this.partlyDone = false;
      return { id, inputs, outs: wire(outs) };
    } catch (error) {
      const half = findHalf(error);
      if (half === undefined) throw error;
      this.partlyDone = true;
      this.kept = onHalf({ id: half.id, inputs, outs: half.properties });
      throw error;
    }
  }

  async #update(kept: Kept, inputs: CheckedInputs): Promise<void> {
    try {
      const { outs } = await exportDestination.update(kept.id, wire(kept.outs), wire(inputs));
      this.partlyDone = false;
      this.kept = { ...kept, inputs, outs: wire(outs) };
    } catch (error) {
      const half = findHalf(error);
      if (half !== undefined) {
        this.partlyDone = true;
        this.kept = { ...kept, inputs, outs: half.properties };
      }
      throw error;
    }
  }

  #context(preview: boolean) {
    const { stack, name } = this.place;
    return {
      preview,
      place: { organization: "organization", project: this.project, stack, type: "ExportDestination", name },
    };
  }
}

function findHalf(error: unknown): { id: string; properties: DestinationState } | undefined {
  const half = error as { id?: string; properties?: DestinationState };
  return half.id !== undefined && half.properties !== undefined
    ? { id: half.id, properties: half.properties }
    : undefined;
}

/** Across the wire: JSON, which knows no undefined; the engine's own conversion throws on one. */
function wire<T>(value: T): T {
  const text = JSON.stringify(value, (key, part) => {
    if (part === undefined) throw new TypeError(`undefined at ${key}`);
    return part;
  });
  return JSON.parse(text) as T;
}

const write = process.stdout.write;
const listeners = new Set<string[]>();

/** Collects what is written to stdout; several operations may listen at a time, and each hears everything. */
function listenToStdout(lines: string[]): () => void {
  listeners.add(lines);
  process.stdout.write = ((chunk: string) => {
    for (const listener of listeners) listener.push(String(chunk).trimEnd());
    return true;
  }) as typeof process.stdout.write;
  return () => {
    listeners.delete(lines);
    if (listeners.size === 0) process.stdout.write = write;
  };
}

type Collected = { failures: { property: string; reason: string }[]; replaces: string[] };

async function record(work: (steps: string[], collected: Collected) => Promise<void>): Promise<Operation> {
  const steps: string[] = [];
  const collected: Collected = { failures: [], replaces: [] };
  const lines: string[] = [];
  const stopListening = listenToStdout(lines);
  let error: Operation["error"];
  try {
    await work(steps, collected);
  } catch (thrown) {
    error = thrown as NonNullable<Operation["error"]>;
  } finally {
    stopListening();
    // The process of a real operation ends here.
    endOperation();
  }
  return { steps, ...collected, lines, ...(error === undefined ? {} : { error }) };
}

/** A user of the Snowflake server that may do what an export needs, and the credentials that log it in. */
export function seedWarehouse(server: SnowflakeServer, user = "EXPORTER") {
  const { door } = server;
  const password = `pw-${crypto.randomUUID()}`;
  door.createRole("EXPORT_ROLE");
  door.createDatabase("ANALYTICS");
  door.createWarehouse("EXPORT_WH");
  door.grant("USAGE", { database: "ANALYTICS" }, "EXPORT_ROLE");
  door.grant("USAGE", { warehouse: "EXPORT_WH" }, "EXPORT_ROLE");
  door.createUser({ name: user, password, roles: ["EXPORT_ROLE"] });
  return {
    type: "snowflake" as const,
    account: server.account,
    warehouse: "EXPORT_WH",
    database: "ANALYTICS",
    username: user,
    password,
  };
}

/** The arguments that every test of this folder begins with. */
export function buildArgs(aws: Aws, server: SnowflakeServer, credentials: object) {
  return {
    organizationId: "42",
    credentials,
    aws: { region: aws.region, endpoint: aws.endpoint },
    validation: { endpoint: server.url },
    egressIpService: false as const,
  };
}

export { unknownValue };
