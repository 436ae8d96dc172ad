import { setTimeout as sleep } from "node:timers/promises";
import { expect, type TestContext } from "vitest";
import type { ManagedSecrets } from "../../provider/secret-sync/outputs.js";
import { defaultConcurrency } from "../../provider/snowflake/connection/arguments.js";
import { tellRow } from "../faults/row.js";
import { plantValues } from "../support/pulumi/planted-values.js";
import { type Host, type Stage, startStage } from "./stage.js";

const total = 1_000;
const interruptAt = 200;
/** Until a signal of a person has come through engine and plugin. */
const reachMs = 2_000;
/** From Ctrl-C to the end, beside what the writes that still run take: the engine records a thousand secrets. */
const endMs = 20_000;
/** From the second Ctrl-C until no process is left: the engine gives its plugins 5 s. */
const hardEndMs = 15_000;
/** Until a host notices that its engine was killed, and has ended. */
const orphanMs = 3_000;

const notBegun =
  /\[CANCELLED\] (\d+) writes were not started, because the run was cancelled: .* Fix: run again\./;

interface Interruption {
  /** What happens when the 200th write comes. */
  act(kill: (signal: NodeJS.Signals) => void): void;
  /** Whether the writes after it are carried out and never answered. */
  readonly isSilent?: boolean;
}

/** A sync of 1,000 secrets in one host, whose creation is cut off at the 200th write. */
export class InterruptedSync {
  private constructor(
    readonly stage: Stage,
    readonly host: Host,
    readonly secret: string,
  ) {}

  static async start(host: Host): Promise<InterruptedSync> {
    const values = plantValues("secret");
    const stage = await startStage(host, values);
    stage.setProgram(`new SnowflakeSecretSync("app", {
      secrets: Object.fromEntries(Array.from({ length: ${total} }, (_, i) => ["K" + i, v.secret + i])),
      destinationConfig: { database: "APP", schema: "SECRETS" },
      syncOptions: { initialSyncBehavior: "overwrite-destination" },
    });`);
    return new InterruptedSync(stage, host, values.secret);
  }

  stop(): Promise<void> {
    return this.stage.stop();
  }

  /** Ctrl-C: what was begun ends and is recorded, and the next `up` does exactly the rest. */
  async seeCtrlC(context: TestContext): Promise<void> {
    const latencyMs = 250;
    this.stage.server.control.setLatencyMs(latencyMs);
    let at = Number.NaN;
    const { code, output, begunAt, endedAt } = await this.#upCutOff({
      act: (kill) => {
        at = Date.now();
        kill("SIGINT");
      },
    });
    expect(code).not.toBe(0);
    expect(output).toContain("^C received; cancelling");
    const written = this.#listWritten();
    // Left alone, the rest would have taken 12 s.
    expect(begunAt.filter((begun) => begun > at + reachMs)).toEqual([]);
    expect(written.length).toBeLessThan(total);
    // One line of them all, and not one a secret.
    expect(output.match(notBegun)?.[1]).toBe(String(total - written.length));
    const boundMs = endMs + Math.ceil((total - interruptAt) / defaultConcurrency) * latencyMs;
    expect(endedAt - at).toBeLessThan(boundMs);
    expect(written.length).toBeGreaterThanOrEqual(interruptAt);
    expect(begunAt).toHaveLength(written.length);
    expect(await this.#recorded()).toEqual(written);
    expect(await this.#upAgain()).toEqual({ created: total - written.length, altered: 0 });
    const saw = notBegun.exec(output)?.[0] ?? "error: update canceled";
    expect(output).toContain(saw);
    this.#tell(context, {
      fault: "Ctrl-C at write 200 of 1,000",
      saw,
      ended: "what was begun ended, state true; the next up did exactly the rest",
      tookMs: endedAt - at,
      boundMs,
    });
  }

  /** Ctrl-C twice while Snowflake is silent: all ends at once, and the marks let the next `up` resume. */
  async seeCtrlCTwice(context: TestContext): Promise<void> {
    let again = Number.NaN;
    const { code, output, begunAt, endedAt } = await this.#upCutOff({
      isSilent: true,
      act: (kill) => {
        kill("SIGINT");
        setTimeout(() => {
          again = Date.now();
          kill("SIGINT");
        }, reachMs);
      },
    });
    expect(code).not.toBe(0);
    expect(output).toContain("^C received; terminating");
    expect(endedAt - again).toBeLessThan(hardEndMs);
    while (this.stage.project.countProcesses() > 0 && Date.now() - again < hardEndMs) await sleep(100);
    expect(this.stage.project.countProcesses()).toBe(0);
    const tookMs = Date.now() - again;
    const waiting = begunAt.length - interruptAt;
    expect(waiting).toBeGreaterThan(0);
    expect(waiting).toBeLessThanOrEqual(defaultConcurrency);
    await this.#expectResumed(begunAt.length);
    this.#tell(context, {
      fault: "Ctrl-C twice at write 200 of 1,000, Snowflake silent",
      saw: "^C received; terminating",
      ended: "no process left, nothing recorded; the next up knew its own by the marks and did the rest",
      tookMs,
      boundMs: hardEndMs,
    });
  }

  /** A SIGKILL of the engine alone: its host begins no more, and the next `up` does the rest. */
  async seeEngineKilled(context: TestContext): Promise<void> {
    const { project, server } = this.stage;
    let at = Number.NaN;
    const { code, output, begunAt } = await this.#upCutOff({
      act: (kill) => {
        at = Date.now();
        kill("SIGKILL");
        // A host that lives on begins further writes when these are answered.
        server.control.setLatencyMs(2 * orphanMs);
      },
    });
    expect(code, output).toBe(-1);
    await sleep(at + 3 * orphanMs - Date.now());
    expect(begunAt.filter((begun) => begun > at + orphanMs)).toEqual([]);
    project.endPlugins();
    expect((await project.pulumi(["cancel", "--yes"])).code).toBe(0);
    await this.#expectResumed(begunAt.length);
    this.#tell(context, {
      fault: "SIGKILL of the engine alone at write 200 of 1,000",
      saw: "",
      ended: "its host began no more; the next up knew its own by the marks and did the rest",
      tookMs: (begunAt.at(-1) ?? at) - at,
      boundMs: orphanMs,
    });
  }

  /** An `up` to which something happens when the 200th write comes. */
  async #upCutOff({ act, isSilent = false }: Interruption) {
    const { project, server } = this.stage;
    const begunAt: number[] = [];
    let kill: (signal: NodeJS.Signals) => void = () => undefined;
    server.control.addFault({
      match: ({ text }) => {
        if (!text.startsWith("CREATE SECRET")) return false;
        begunAt.push(Date.now());
        if (begunAt.length === interruptAt) act(kill);
        return isSilent && begunAt.length > interruptAt;
      },
      times: Number.POSITIVE_INFINITY,
      effect: { kind: "hang", when: "after" },
    });
    const { code, output } = await project.up({
      onOutput: (_text, killRun) => {
        kill = killRun;
      },
    });
    return { code, output, begunAt, endedAt: Date.now() };
  }

  /** What arrived was carried out, and no state knows of it. */
  async #expectResumed(begun: number): Promise<void> {
    const written = this.#listWritten();
    expect(written).toHaveLength(begun);
    expect(await this.stage.project.state()).toEqual([]);
    // Only the state could prove that the value is the wanted one, so what no state knows is written once more.
    expect(await this.#upAgain()).toEqual({ created: total - begun, altered: begun });
    expect(await this.#recorded()).toHaveLength(total);
  }

  #listWritten(): readonly string[] {
    return Object.keys(this.stage.held()).sort();
  }

  async #recorded(): Promise<readonly string[]> {
    const [resource] = await this.stage.project.state();
    const managed = (resource?.outputs?.managedSecrets ?? {}) as ManagedSecrets;
    return Object.keys(managed)
      .filter((name) => managed[name]?.state === "synced")
      .sort();
  }

  /** The `up` after it. @returns how many secrets it created, and how many it wrote once more */
  async #upAgain() {
    const { server, project, held } = this.stage;
    const { control } = server;
    control.clearFaults();
    control.setLatencyMs(0);
    control.resetCounts();
    const { code, output } = await project.up();
    expect(code, output).toBe(0);
    const wanted = Array.from({ length: total }, (_, i) => [`K${i}`, `${this.secret}${i}`]);
    expect(held()).toEqual(Object.fromEntries(wanted));
    const { byKind } = control.counts();
    return { created: byKind["CREATE SECRET"] ?? 0, altered: byKind["ALTER SECRET"] ?? 0 };
  }

  #tell(context: TestContext, row: Omit<Parameters<typeof tellRow>[1], "host">): void {
    tellRow(context, { ...row, host: `engine, ${this.host}` });
  }
}
