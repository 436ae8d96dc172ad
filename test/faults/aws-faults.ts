import { expect, type TestContext } from "vitest";
import type { Aws } from "../support/aws/aws.js";
import { DestinationFixture } from "../support/destination-fixture.js";
import type { HostName, Run } from "../support/hosts.js";
import { shorten, tellRow } from "./row.js";

/** Of an operation whose calls are answered: the SDK's pauses between its tries are in it. */
export const answeredMs = 30_000;
/** Four tries of 15 seconds, and the SDK's pauses between them. */
export const callMs = 70_000;

/** An operation that faults hit. */
export interface Scene {
  prepare(fixture: DestinationFixture): Promise<void>;
  run(fixture: DestinationFixture): Promise<Run>;
  /** All is as the operation was to leave it. */
  expectDone(fixture: DestinationFixture, place: string): Promise<void>;
  /** Until it is done the state cannot tell: somebody changed AWS, or the engine keeps what a deletion has begun to take. */
  readonly isStale?: boolean;
}

async function connect(fixture: DestinationFixture): Promise<void> {
  expect((await fixture.up()).problems).toEqual([]);
}

const scenes = {
  creation: {
    prepare: async () => undefined,
    run: (fixture) => fixture.up(),
    expectDone: (fixture, place) => fixture.expectConnected(place),
  },
  rotation: {
    prepare: async (fixture) => {
      await connect(fixture);
      fixture.changePassword();
    },
    run: (fixture) => fixture.up(),
    expectDone: (fixture, place) => fixture.expectConnected(place),
  },
  repair: {
    prepare: async (fixture) => {
      await connect(fixture);
      await fixture.control.putValue(fixture.host.state()?.secretArn ?? "", "theirs");
    },
    run: (fixture) => fixture.up(),
    expectDone: (fixture, place) => fixture.expectConnected(place),
    isStale: true,
  },
  disconnect: {
    prepare: connect,
    run: (fixture) => fixture.host.destroy(),
    expectDone: (fixture, place) => fixture.expectDisconnected(place),
    isStale: true,
  },
} as const satisfies Record<string, Scene>;

export type SceneName = keyof typeof scenes;

/** One fault of AWS, what a person is to see of it, and what that person does. */
export interface AwsFault {
  readonly what: string;
  readonly at?: string;
  /** Where a failed expectation was, where `at` does not say it exactly. */
  readonly place?: string;
  readonly scene: SceneName;
  /** Arguments of the destination, from the beginning. */
  readonly args?: Parameters<DestinationFixture["change"]>[0];
  inject(fixture: DestinationFixture): void | Promise<void>;
  /** Within which time the operation ends. @default 30 seconds */
  readonly boundMs?: number;
  /** What is seen of it; undefined: the operation succeeds without a problem. */
  readonly told?: RegExp;
  /** The calls of the operation, tries again too, A to Z. */
  expectHit?(calls: readonly string[]): void;
  /** What holds right after the operation that it hit. */
  expectAfter?(fixture: DestinationFixture): Promise<void>;
  /** Somebody changed AWS in it: the state tells so after the next operation. */
  readonly isOutside?: boolean;
  /** What a person changes in the program for the next run. */
  readonly changes?: Parameters<DestinationFixture["change"]>[0];
  /** How it ended, where it ended well. */
  readonly ended?: string;
}

/** Starts a fixture in which a scene may begin. */
async function begin(
  aws: Aws,
  host: HostName,
  { scene, args = {} }: Pick<AwsFault, "scene" | "args">,
): Promise<DestinationFixture> {
  const fixture = await DestinationFixture.start(aws, host);
  fixture.change(args);
  await scenes[scene].prepare(fixture);
  fixture.takeCalls();
  return fixture;
}

/** The operations that a scene asks AWS for, in order. */
export async function listCalls(aws: Aws, host: HostName, scene: SceneName): Promise<readonly string[]> {
  const fixture = await begin(aws, host, { scene });
  try {
    expect((await scenes[scene].run(fixture)).problems).toEqual([]);
    return fixture.takeCalls();
  } finally {
    await fixture.stop();
  }
}

/** Injects a fault into an operation, sees it through to the clean end, and adds its row to the table. */
export async function seeThrough(
  context: TestContext,
  aws: Aws,
  host: HostName,
  fault: AwsFault,
): Promise<void> {
  const scene: Scene = scenes[fault.scene];
  const { told, boundMs = answeredMs } = fault;
  const place = fault.place ?? fault.at ?? fault.what;
  const fixture = await begin(aws, host, fault);
  try {
    await fault.inject(fixture);
    fixture.takeCalls();
    const started = Date.now();
    const run = await scene.run(fixture);
    const tookMs = Date.now() - started;
    const saw = run.problems.join("\n");
    fault.expectHit?.([...fixture.takeCalls()].sort());
    expect(tookMs, place).toBeLessThan(boundMs);
    if (told === undefined) expect(saw, place).toBe("");
    else expect(saw, place).toMatch(told);
    await fixture.expectForeignUntouched();
    const isStale = scene.isStale === true || fault.isOutside === true;
    if (run.ok || !isStale) await fixture.expectTrueState(place);
    await fault.expectAfter?.(fixture);
    fixture.aws.faults.clear();
    fixture.change(fault.changes ?? {});
    fixture.takeCalls();
    expect((await scene.run(fixture)).problems, place).toEqual([]);
    if (run.ok) expect(fixture.takeWrites(), place).toEqual([]);
    await scene.expectDone(fixture, place);
    await fixture.expectForeignUntouched();
    fixture.expectNoValueSeen();
    tellRow(context, {
      fault: fault.what,
      host,
      saw: shorten(saw).replaceAll(fixture.aws.region, "<region>"),
      ended: run.ok
        ? (fault.ended ?? "tried again by itself, nothing twice")
        : `state true; the next ${fault.scene === "disconnect" ? "destroy" : "up"} finished`,
      tookMs,
      boundMs,
      ...(fault.at === undefined ? {} : { at: fault.at }),
    });
  } finally {
    await fixture.stop();
  }
}
