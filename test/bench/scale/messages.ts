import type { ExportedResource } from "../../../sdk/cli/stack-syncs.js";

/** The process of a fleet begins with this. */
export interface Start {
  /** The stacks by name, each with its sync as its state has it. */
  readonly stacks: Readonly<Record<string, ExportedResource>>;
  readonly intervalMs: number;
  readonly concurrency: number;
}

/** What the stand-in of the engine is asked for; it is in another process, as the engine is. */
export interface EngineCall {
  readonly id: number;
  readonly stack: string;
  readonly step: "preview" | "up";
}

/** What it answers: after a preview the fingerprints that an `up` records, after an `up` the sync as the state has it. */
export interface EngineAnswer {
  readonly id: number;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly resource?: ExportedResource;
  readonly problem?: string;
}
