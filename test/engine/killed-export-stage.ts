import { expect, type TestContext } from "vitest";
import { tellRow } from "../faults/row.js";
import type { FaultEffect } from "../support/aws/faults.js";
import { plantValues } from "../support/pulumi/planted-values.js";
import { type ExportStage, startExportStage } from "./export-stage.js";
import type { Host } from "./stage.js";

const username = "PLANTED_USER_THAT_EXPORTS";
/** Calls that change something: a crash before the first of them, or between reads, leaves nothing. */
const writes: ReadonlySet<string> = new Set([
  "CreateSecret",
  "PutSecretValue",
  "UpdateSecretVersionStage",
  "UpdateSecret",
  "TagResource",
  "UntagResource",
  "DeleteSecret",
  "RestoreSecret",
]);
/** What is written to take a former secret away, and to note it in the claim. */
const removal = ["DeleteSecret", "PutSecretValue", "UpdateSecretVersionStage", "UpdateSecretVersionStage"];
/** Until a signal of a person has come through engine and plugin. */
const reachMs = 2_000;
/** Within which time the `up` after a kill ends: some seconds, on a machine that does much besides. */
const nextUpMs = 60_000;

/** What a destination goes through. */
export type Scenario = "creation" | "rotation" | "update" | "disconnect";

/** Export destinations in one host, whose engine, program and plugins are killed once AWS has carried a write out. */
export class KilledExport {
  readonly #organizations = new Set<string>();
  readonly #values: Readonly<Record<"first" | "even" | "odd", string>>;
  #password: string;
  #team = "first";

  private constructor(
    readonly stage: ExportStage,
    readonly host: Host,
    values: Readonly<Record<"first" | "even" | "odd", string>>,
  ) {
    this.#values = values;
    this.#password = values.first;
  }

  static async start(host: Host): Promise<KilledExport> {
    const values = plantValues("first", "even", "odd");
    return new KilledExport(await startExportStage({ passwords: values, username }), host, values);
  }

  stop(): Promise<void> {
    return this.stage.stop();
  }

  /**
   * Kills at the k-th write of a scenario, and sees the next `up` through. What a scenario begins with is made first.
   *
   * @returns false if the scenario had fewer writes: then it ended as it should, without a kill
   */
  async seeKill(context: TestContext, scenario: Scenario, k: number): Promise<boolean> {
    const expectEnded = await this.#begin(scenario, `o${k}`);
    const killedAt = await this.#upKilledAt(k);
    const started = Date.now();
    if (killedAt !== undefined) await this.stage.run("up");
    const tookMs = Date.now() - started;
    expect(tookMs).toBeLessThan(nextUpMs);
    await expectEnded();
    if (killedAt === undefined) return false;
    tellRow(context, {
      fault: "SIGKILL of engine, program and plugin once AWS carried a write out",
      at: `write ${k} of a ${scenario}, ${killedAt}`,
      host: `engine, ${this.host}`,
      saw: "",
      ended: `the next up finished: ${scenario === "disconnect" ? "no secret, the claim free" : "one secret, one claim"}`,
      tookMs,
      boundMs: nextUpMs,
    });
    return true;
  }

  /** Kills at each write of a scenario, one after the other. @returns how many there were */
  async seeKillAtEach(context: TestContext, scenario: Scenario): Promise<number> {
    for (let k = 1; ; k += 1) if (!(await this.seeKill(context, scenario, k))) return k - 1;
  }

  /**
   * Ctrl-C at the first write of a scenario: what was begun is brought to its end and recorded. The engine removes what was
   * replaced in a step of its own, which it does not begin any more: only that is left to the next `up`.
   */
  async seeCtrlC(context: TestContext, scenario: Scenario): Promise<void> {
    const expectEnded = await this.#begin(scenario, "interrupted");
    const { aws } = this.stage;
    let interruptedAt = Number.NaN;
    let goOn = () => {};
    const until = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    // Whether the run fails is the engine's: one whose last step was under way has nothing left to cancel.
    const { output } = await this.#upWith(1, { kind: "hold", when: "before", until }, (kill) => {
      interruptedAt = Date.now();
      kill("SIGINT");
      setTimeout(goOn, reachMs);
    });
    const tookMs = Date.now() - interruptedAt;
    expect(output).toContain("^C received; cancelling");
    expect(tookMs).toBeLessThan(nextUpMs);
    const isReplacement = scenario === "rotation";
    if (!isReplacement) await expectEnded();
    aws.forgetCalls();
    await this.stage.run("up");
    const written = aws.calls.map(({ operation }) => operation).filter((operation) => writes.has(operation));
    expect(written).toEqual(isReplacement ? removal : []);
    await expectEnded();
    tellRow(context, {
      fault: "Ctrl-C while AWS carries a write out",
      at: `write 1 of a ${scenario}`,
      host: `engine, ${this.host}`,
      saw: /error: update canceled/.exec(output)?.[0] ?? "",
      ended: `what was begun ended, state true; the next up ${isReplacement ? "removed the former secret" : "had nothing to do"}`,
      tookMs,
      boundMs: nextUpMs,
    });
  }

  /**
   * Brings all to where a scenario begins, and writes the program that begins it.
   *
   * @param fresh the organization of a creation
   * @returns what is to hold at the scenario's end
   */
  async #begin(scenario: Scenario, fresh: string): Promise<() => Promise<void>> {
    const organization = scenario === "creation" ? fresh : "kept";
    if (scenario === "creation") this.#organizations.add(organization);
    else await this.#prepare(organization);
    if (scenario === "rotation") this.#rotate();
    if (scenario === "update") this.#team = this.#team === "first" ? "second" : "first";
    if (scenario === "disconnect") this.#organizations.clear();
    this.#writeProgram();
    return () =>
      scenario === "disconnect"
        ? this.#expectDisconnected(organization)
        : this.#expectConnected(organization);
  }

  /** One destination that is connected, and no other. */
  async #prepare(organization: string): Promise<void> {
    if (this.#organizations.size === 1 && this.#organizations.has(organization)) return;
    this.#organizations.clear();
    this.#organizations.add(organization);
    this.#writeProgram();
    await this.stage.run("up");
    await this.#expectConnected(organization);
  }

  #rotate(): void {
    const { even, odd } = this.#values;
    this.#password = this.#password === even ? odd : even;
    this.stage.server.control.setPassword(username, this.#password);
  }

  #writeProgram(): void {
    const args = `name: "bi", aws: { tags: { ${this.#team}: "of the destination" } }, glue: undefined,`;
    const destinations = [...this.#organizations].map((organizationId) => ({
      resource: `bi-${organizationId}`,
      organizationId,
      password: this.#password,
      args,
    }));
    this.stage.setPrograms(this.host, destinations);
  }

  /** Runs `up`, and kills it at the k-th write. @returns the call that it was, or undefined if there were fewer */
  async #upKilledAt(k: number): Promise<string | undefined> {
    const { project } = this.stage;
    const { code, output, hit } = await this.#upWith(k, { kind: "cut", when: "after" }, (kill) => {
      kill("SIGKILL");
      project.endPlugins();
    });
    expect(code, output).toBe(hit === undefined ? 0 : -1);
    if (hit !== undefined) expect((await project.pulumi(["cancel", "--yes"])).code).toBe(0);
    return hit;
  }

  /** An `up` whose k-th write is hit by a fault, and to which something happens at that moment. */
  async #upWith(k: number, effect: FaultEffect, act: (kill: (signal: NodeJS.Signals) => void) => void) {
    const { project, aws } = this.stage;
    let kill: (signal: NodeJS.Signals) => void = () => undefined;
    let hit: string | undefined;
    let seen = 0;
    for (const operation of writes) {
      aws.faults.add({
        operation,
        matches: () => {
          seen += 1;
          if (seen !== k) return false;
          hit = operation;
          act(kill);
          return true;
        },
        effect,
      });
    }
    const { code, output } = await project.up({
      onOutput: (_output, killRun) => {
        kill = killRun;
      },
    });
    aws.faults.clear();
    return { code, output, hit };
  }

  /** What is stored for an organization and not scheduled for deletion, and what the claim says is active. */
  async #look(organization: string) {
    const { aws } = this.stage;
    const prefix = `exports/org_${organization}/`;
    const all = (await aws.control.secretNames()).filter((name) => name.startsWith(prefix));
    const seen = await Promise.all(
      all.filter((name) => !name.includes("/active/")).map((name) => aws.control.secret(name)),
    );
    const stored = seen.filter((secret) => secret?.deletedDate === undefined);
    const claim = await aws.control.valueOf(`${prefix}active/snowflake`, { versionStage: "HOLDER" });
    return { stored, active: JSON.parse(claim ?? "{}").active as { secretArn: string } | null };
  }

  async #expectConnected(organization: string): Promise<void> {
    const { stored, active } = await this.#look(organization);
    expect(stored).toHaveLength(1);
    expect(JSON.parse(stored[0]?.value ?? "{}").password).toBe(this.#password);
    expect(stored[0]?.tags).toMatchObject({ [this.#team]: "of the destination" });
    expect(active?.secretArn).toBe(stored[0]?.arn);
    // The state knows it and no other: nothing waits to be deleted.
    const known = (await this.stage.project.state()).filter(
      ({ outputs }) => outputs?.organizationId === organization,
    );
    expect(known.map(({ outputs }) => [outputs?.integrationStatus, outputs?.secretArn])).toEqual([
      ["Connected", stored[0]?.arn],
    ]);
  }

  async #expectDisconnected(organization: string): Promise<void> {
    const { stored, active } = await this.#look(organization);
    expect(stored).toEqual([]);
    expect(active).toBeNull();
    expect(await this.stage.project.state()).toEqual([]);
  }
}
