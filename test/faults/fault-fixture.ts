import { randomUUID } from "node:crypto";
import { expect, type TestContext } from "vitest";
import { parseOwnershipComment } from "../../provider/secret-sync/plan/ownership-comment.js";
import type { SyncState } from "../../provider/secret-sync/state.js";
import { type SnowflakeServer, seedDemo, startSnowflakeServer } from "../../sdk/snowflake-server/index.js";
import { EngineHost, type EngineHostName, isEngineHost } from "../support/engine-host.js";
import { type Host, type HostName, openSyncHost, type Run } from "../support/hosts.js";
import { buildConnection } from "../support/snowflake/connection-argument.js";
import { shorten, tellRow } from "./row.js";
import type { Fault } from "./snowflake-faults.js";

export const place = { database: "APP", schema: "SECRETS" } as const;
export const role = "SYNC_ROLE";
export const elsewhere = "ELSEWHERE";
export const otherMark = `pulumi-snowflake-secrets/1 owner=${"1".repeat(32)} revision=00000000 fingerprint=${"0".repeat(32)} place=elsewhere`;

const writes = /^(CREATE|ALTER|DROP) SECRET$/;
/** What the engine takes for itself: to start program and plugins, and to keep the state. */
const engineMs = 20_000;
const plant = () => `planted-${randomUUID()}`;

/** A Snowflake account with secrets that are not ours beside those of one sync, in one host. */
export class FaultFixture {
  readonly before = { A: plant(), B: plant(), GONE: plant() };
  readonly after = { A: plant(), B: this.before.B, NEW: plant() };
  readonly host: Host<SyncState>;
  readonly #foreign: string;

  private constructor(
    readonly server: SnowflakeServer,
    connection: Readonly<Record<string, unknown>>,
    host: HostName | EngineHostName,
  ) {
    const { control } = server;
    control.createRole(elsewhere);
    const theirs = { ...place, value: "theirs", owner: role };
    control.putSecret({ ...theirs, name: "P_MARKED", comment: otherMark });
    control.putSecret({ ...theirs, name: "P_PASSWORD", type: "PASSWORD" });
    control.putSecret({ ...theirs, name: "OUTSIDE" });
    this.#foreign = this.#lookAtForeign();
    const given = { ...connection, maxConcurrentStatements: 1 };
    this.host = isEngineHost(host) ? new EngineHost(host, given, server) : openSyncHost(host, given);
  }

  static async start(host: HostName | EngineHostName): Promise<FaultFixture> {
    const server = await startSnowflakeServer();
    return new FaultFixture(server, buildConnection(server, seedDemo(server.control)), host);
  }

  async stop(): Promise<void> {
    try {
      this.host.stop();
    } finally {
      await this.server.stop();
    }
  }

  get control(): SnowflakeServer["control"] {
    return this.server.control;
  }

  up(secrets: Readonly<Record<string, string>>): Promise<Run> {
    return this.host.up({
      secrets,
      destinationConfig: place,
      syncOptions: { initialSyncBehavior: "overwrite-destination", keySchema: "P_{{secretKey}}" },
    });
  }

  /** The operation that a fault hits, and brings about. */
  run(scene: Fault["scene"]): Promise<Run> {
    return scene === "destroy" ? this.host.destroy() : this.up(this.after);
  }

  /** Kinds of the writes since the last look. */
  takeWrites(): readonly string[] {
    const kinds = this.control.statements().map(({ kind }) => kind);
    this.control.resetCounts();
    return kinds.filter((kind) => writes.test(kind));
  }

  #lookAtForeign(): string {
    const secrets = ["P_MARKED", "P_PASSWORD", "OUTSIDE"].map((name) =>
      this.control.secret(place.database, place.schema, name),
    );
    return JSON.stringify(secrets);
  }

  expectForeignUntouched(): void {
    expect(this.#lookAtForeign()).toBe(this.#foreign);
  }

  /** What the state calls synced stands in Snowflake, under the mark that it names. */
  expectTrueState(): void {
    for (const [name, { state, fingerprint }] of Object.entries(this.host.state()?.managedSecrets ?? {})) {
      if (state !== "synced") continue;
      const { comment, value } = this.control.secret(place.database, place.schema, name) ?? {};
      expect(parseOwnershipComment(comment)?.fingerprint, name).toBe(fingerprint);
      const key = name.slice(2) as "A";
      expect([this.before[key], this.after[key]], name).toContain(value);
    }
  }

  /** What is ours stands with these values, and nothing else of ours does. */
  expectOurs(secrets: Readonly<Record<string, string>>): void {
    const foreign = ["P_MARKED", "P_PASSWORD", "OUTSIDE"];
    const ours = this.control
      .secrets(place.database, place.schema)
      .filter(({ name }) => !foreign.includes(name))
      .map(({ name, value }) => [name.slice(2), value]);
    expect(Object.fromEntries(ours)).toEqual(secrets);
  }

  expectNoValueSeen(): void {
    const seen = this.host.seen();
    for (const value of [...Object.values(this.before), ...Object.values(this.after)]) {
      expect(seen.includes(value)).toBe(false);
    }
  }
}

/** Injects a fault into an operation, sees it through to the clean end, and adds its row to the table. */
export async function seeThrough(
  context: TestContext,
  host: HostName | EngineHostName,
  fault: Fault,
): Promise<void> {
  const fixture = await FaultFixture.start(host);
  try {
    const { scene = "update", told } = fault;
    const boundMs = fault.boundMs + (isEngineHost(host) ? engineMs : 0);
    if (scene !== "creation") expect((await fixture.up(fixture.before)).problems).toEqual([]);
    fixture.control.resetCounts();
    fault.inject(fixture);
    const started = Date.now();
    const run = await fixture.run(scene);
    const tookMs = Date.now() - started;
    const saw = (told?.in === "lines" ? run.lines : run.problems).join("\n");
    expect(tookMs).toBeLessThan(boundMs);
    if (told === undefined) expect(saw).toBe("");
    else expect(saw).toMatch(told.text);
    expect(run.ok).toBe(told === undefined || told.in === "lines");
    if (fault.isOutside !== true) {
      fixture.expectForeignUntouched();
      // Of a destroy that failed the engine keeps the state of before.
      if (scene !== "destroy") fixture.expectTrueState();
    }
    const done = fixture.takeWrites();
    fixture.control.clearFaults();
    fault.heal?.(fixture);
    fixture.control.resetCounts();
    const next = await fixture.run(scene);
    expect(next.problems).toEqual([]);
    const rest = fixture.takeWrites();
    if (fault.losesForeign !== true) fixture.expectForeignUntouched();
    fixture.expectOurs(scene === "destroy" ? {} : fixture.after);
    fixture.expectTrueState();
    expect((await fixture.run(scene)).problems).toEqual([]);
    expect(fixture.takeWrites()).toEqual([]);
    fixture.expectNoValueSeen();
    if (run.ok && fault.isOutside !== true) expect(rest).toEqual([]);
    tellRow(context, {
      fault: fault.what,
      host,
      saw: shorten(saw),
      ended: run.ok
        ? (fault.ended ?? "finished by itself, nothing twice")
        : `${done.length === 0 ? "nothing sent" : `${done.length} writes sent`}, state true; the next ${scene === "destroy" ? "destroy" : "up"} did the rest (${rest.length})`,
      tookMs,
      boundMs,
      ...(fault.at === undefined ? {} : { at: fault.at }),
    });
  } finally {
    await fixture.stop();
  }
}
