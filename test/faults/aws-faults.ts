import { expect, type TestContext } from "vitest";
import type { Aws } from "../support/aws/aws.js";
import { DestinationWorld } from "./destination-world.js";
import type { HostName, Run } from "./hosts.js";
import { shorten, tellRow } from "./row.js";

/** Of an operation whose calls are answered: the SDK's pauses between its tries are in it. */
export const answeredMs = 30_000;
/** Four tries of 15 seconds, and the SDK's pauses between them. */
export const callMs = 70_000;

/** An operation that faults hit. */
export interface Scene {
  prepare(world: DestinationWorld): Promise<void>;
  run(world: DestinationWorld): Promise<Run>;
  /** All is as the operation was to leave it. */
  expectDone(world: DestinationWorld, place: string): Promise<void>;
  /** Until it is done the state cannot tell: somebody changed AWS, or the engine keeps what a deletion has begun to take. */
  readonly isStale?: boolean;
}

async function connect(world: DestinationWorld): Promise<void> {
  expect((await world.up()).problems).toEqual([]);
}

export const scenes = {
  creation: {
    prepare: async () => undefined,
    run: (world) => world.up(),
    expectDone: (world, place) => world.expectConnected(place),
  },
  rotation: {
    prepare: async (world) => {
      await connect(world);
      world.changePassword();
    },
    run: (world) => world.up(),
    expectDone: (world, place) => world.expectConnected(place),
  },
  repair: {
    prepare: async (world) => {
      await connect(world);
      await world.door.putValue(world.host.state()?.secretArn ?? "", "theirs");
    },
    run: (world) => world.up(),
    expectDone: (world, place) => world.expectConnected(place),
    isStale: true,
  },
  disconnect: {
    prepare: connect,
    run: (world) => world.host.destroy(),
    expectDone: (world, place) => world.expectDisconnected(place),
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
  readonly args?: Parameters<DestinationWorld["change"]>[0];
  inject(world: DestinationWorld): void | Promise<void>;
  /** Within which time the operation ends. @default 30 seconds */
  readonly boundMs?: number;
  /** What is seen of it; undefined: the operation succeeds without a problem. */
  readonly told?: RegExp;
  /** The calls of the operation, tries again too, A to Z. */
  expectHit?(calls: readonly string[]): void;
  /** What holds right after the operation that it hit. */
  expectAfter?(world: DestinationWorld): Promise<void>;
  /** Somebody changed AWS in it: the state tells so after the next operation. */
  readonly isOutside?: boolean;
  /** What a person changes in the program for the next run. */
  readonly changes?: Parameters<DestinationWorld["change"]>[0];
  /** How it ended, where it ended well. */
  readonly ended?: string;
}

/** Starts a world in which a scene may begin. */
async function begin(
  aws: Aws,
  host: HostName,
  { scene, args = {} }: Pick<AwsFault, "scene" | "args">,
): Promise<DestinationWorld> {
  const world = await DestinationWorld.start(aws, host);
  world.change(args);
  await scenes[scene].prepare(world);
  world.takeCalls();
  return world;
}

/** The operations that a scene asks AWS for, in order. */
export async function listCalls(aws: Aws, host: HostName, scene: SceneName): Promise<readonly string[]> {
  const world = await begin(aws, host, { scene });
  try {
    expect((await scenes[scene].run(world)).problems).toEqual([]);
    return world.takeCalls();
  } finally {
    await world.stop();
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
  const world = await begin(aws, host, fault);
  try {
    await fault.inject(world);
    world.takeCalls();
    const started = Date.now();
    const run = await scene.run(world);
    const tookMs = Date.now() - started;
    const saw = run.problems.join("\n");
    fault.expectHit?.([...world.takeCalls()].sort());
    expect(tookMs, place).toBeLessThan(boundMs);
    if (told === undefined) expect(saw, place).toBe("");
    else expect(saw, place).toMatch(told);
    await world.expectForeignUntouched();
    const isStale = scene.isStale === true || fault.isOutside === true;
    if (run.ok || !isStale) await world.expectTrueState(place);
    await fault.expectAfter?.(world);
    world.aws.faults.clear();
    world.change(fault.changes ?? {});
    world.takeCalls();
    expect((await scene.run(world)).problems, place).toEqual([]);
    if (run.ok) expect(world.takeWrites(), place).toEqual([]);
    await scene.expectDone(world, place);
    await world.expectForeignUntouched();
    world.expectNoValueSeen();
    tellRow(context, {
      fault: fault.what,
      host,
      saw: shorten(saw).replaceAll(world.aws.region, "<region>"),
      ended: run.ok
        ? (fault.ended ?? "tried again by itself, nothing twice")
        : `state true; the next ${fault.scene === "disconnect" ? "destroy" : "up"} finished`,
      tookMs,
      boundMs,
      ...(fault.at === undefined ? {} : { at: fault.at }),
    });
  } finally {
    await world.stop();
  }
}
