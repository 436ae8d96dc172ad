import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ProviderError } from "../../../provider/core/errors.js";
import { secretSync } from "../../../provider/secret-sync/resource.js";
import { type EnginePlan, parseEnginePlan } from "../../../sdk/cli/plan-guard.js";
import type { StackAccess } from "../../../sdk/cli/stack-access.js";
import { createLockError } from "../../../sdk/cli/stack-lock.js";
import type { ExportedResource } from "../../../sdk/cli/stack-syncs.js";
import { runSync } from "../../../sdk/cli/sync-run.js";
import { callOutside, explore, nextId, type Stage } from "../../support/interleavings.js";
import { describeStatement, isStep, SnowflakeInProcess } from "../../support/snowflake/in-process.js";
import { Stack } from "../../support/stack.js";

/**
 * Auto-sync, from a checkout of its own, beside a person who deploys another one: in every order of what both do to the
 * stack's state, to its lock, and to the secrets in Snowflake. The engine is played: it reads the state for a preview
 * without the lock, holds the lock from before it reads the state for an update until the state is written, and refuses
 * an update whose changed inputs are not those of the plan.
 */

let snowflake = new SnowflakeInProcess();

vi.mock("../../../provider/snowflake/driver/session.js", async (original) => ({
  ...(await original<object>()),
  openSession: async () =>
    snowflake.openSession((statement, carryOut) =>
      isStep(statement) ? callOutside(describeStatement(statement), carryOut) : carryOut(),
    ),
}));
vi.mock("node:crypto", async (original) => ({
  ...(await original<typeof import("node:crypto")>()),
  randomUUID: () => nextId(),
  randomBytes: (size: number) => createHash("sha256").update(nextId()).digest().subarray(0, size),
}));

const urn = "urn:pulumi:dev::proj::pulumi-nodejs:dynamic/snowflake:SnowflakeSecretSync::app";

/** A program as it stands in a checkout. */
interface Checkout {
  readonly programValue: string;
  readonly description?: string;
}

const buildProgram = ({ programValue, ...rest }: Checkout) => ({
  app: {
    args: {
      connection: { account: "acme-testing", user: "SYNC_USER", password: "none", role: "SYNC_ROLE" },
      destinationConfig: { database: "APP", schema: "SECRETS" },
      environment: "dev",
      sources: [
        { type: "program", allowEmpty: true },
        { type: "environment", prefix: "APP_" },
      ],
      secrets: { PROGRAM: programValue },
      fingerprintKey: "1".repeat(32),
      syncOptions: { initialSyncBehavior: "overwrite-destination" },
      ...rest,
    },
  },
});

type Inputs = Readonly<Record<string, unknown>>;

/** The changes as a plan file has them. */
function planChanges({ __provider: _, ...olds }: Inputs, { __provider: _text, ...news }: Inputs): EnginePlan {
  const changed = Object.keys(news).filter((name) => !isDeepStrictEqual(olds[name], news[name]));
  const pick = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, news[name]]));
  const inputDiff = {
    adds: pick(changed.filter((name) => !(name in olds))),
    deletes: Object.keys(olds).filter((name) => !(name in news)),
    updates: pick(changed.filter((name) => name in olds)),
  };
  const steps = [changed.length + inputDiff.deletes.length > 0 ? "update" : "same"];
  return parseEnginePlan(JSON.stringify({ resourcePlans: { [urn]: { steps, goal: { inputDiff } } } }));
}

/** Whether what changes now is not what the plan says. */
function deviates(plan: EnginePlan, olds: Inputs, news: Inputs): boolean {
  const { inputDiff } = plan.resourcePlans[urn]?.goal ?? {};
  const now = planChanges(olds, news).resourcePlans[urn]?.goal?.inputDiff;
  const isPlanned = (group: "adds" | "updates") =>
    Object.entries(now?.[group] ?? {}).every(([name, value]) =>
      isDeepStrictEqual(inputDiff?.[group][name], value),
    );
  return !isPlanned("adds") || !isPlanned("updates") || !isDeepStrictEqual(now?.deletes, inputDiff?.deletes);
}

/** The backend of a stack: its state and its lock. */
class Backend {
  readonly state = new Stack();
  #holder: string | undefined;

  export(): readonly ExportedResource[] {
    return [...this.state.resources.values()].map(({ inputs, outputs }) => ({
      urn,
      type: "pulumi-nodejs:dynamic/snowflake:SnowflakeSecretSync",
      inputs,
      outputs: { ...outputs },
    }));
  }

  /** A process of the engine, with the state as it is now. */
  #open(resource = secretSync): Stack {
    const engine = new Stack({}, resource);
    for (const [name, kept] of this.state.resources) engine.resources.set(name, kept);
    return engine;
  }

  async preview(checkout: Checkout): Promise<EnginePlan> {
    const engine = await callOutside("preview: read the state", async () => this.#open());
    const { problems, inputs } = await engine.preview(buildProgram(checkout));
    if (problems.length > 0) throw buildEngineFailure(problems);
    return planChanges(engine.resources.get("app")?.inputs ?? {}, { ...inputs.app });
  }

  /**
   * @param env further variables of the engine's process
   * @throws that somebody else holds the lock
   */
  async up(who: string, checkout: Checkout, plan?: EnginePlan, env: Environment = {}): Promise<void> {
    const guarded: typeof secretSync = {
      ...secretSync,
      check: async (olds, ...given) => {
        const answer = await withVariables(env, () => secretSync.check(olds, ...given));
        if (plan === undefined || answer.failures.length > 0 || !deviates(plan, olds, answer.inputs))
          return answer;
        return { ...answer, failures: [{ property: "", reason: "the resource violates the plan" }] };
      },
    };
    const engine = await callOutside("up: lock, read the state", async () => {
      // One's own is of a former scenario, and `pulumi cancel` takes it away.
      if (this.#holder !== undefined && this.#holder !== who) throw createLockError("dev");
      this.#holder = who;
      return this.#open(guarded);
    });
    const { problems } = await engine.up(buildProgram(checkout));
    await callOutside("up: write the state, unlock", async () => {
      for (const [name, kept] of engine.resources) this.state.resources.set(name, kept);
      this.#holder = undefined;
    });
    if (problems.length > 0) throw buildEngineFailure(problems);
  }

  get isLocked(): boolean {
    return this.#holder !== undefined;
  }

  /** As `pulumi cancel`, for the lock of one who died. */
  cancel(): void {
    this.#holder = undefined;
  }

  print(): string {
    return JSON.stringify([this.#holder, [...this.state.resources], readSecrets()]);
  }
}

function buildEngineFailure(problems: readonly string[]): ProviderError {
  return new ProviderError("ENGINE_FAILED", { operation: problems.join("; "), hint: "none." });
}

/** The stack as auto-sync works on it from its checkout. */
function openStack(backend: Backend, checkout: Checkout): StackAccess {
  const readResources = () => callOutside("read the state", async () => backend.export());
  return {
    stackName: "dev",
    programDirectory: ".",
    mayRun: () => false,
    engineVersion: "0",
    readResources,
    readStamp: async () => undefined,
    isUpdating: async () => backend.isLocked,
    readConfig: async () => ({ get: () => undefined, ofPackage: () => ({}) }),
    runPlanned: async (_targets, { judge, env = {} }) => {
      const reading = readResources();
      const plan = await backend.preview(checkout);
      if (!judge(plan, await reading)) return "declined";
      await backend.up("auto-sync", checkout, plan, env);
      return "done";
    },
  };
}

type Environment = Readonly<Record<string, string>>;

/** The hooks read the variables of their process when they begin. */
function withVariables<T>(env: Environment, begin: () => T): T {
  Object.assign(process.env, env);
  try {
    return begin();
  } finally {
    for (const name of Object.keys(env)) delete process.env[name];
  }
}

const readSecrets = () =>
  snowflake.control.secrets("APP", "SECRETS").map(({ name, value, comment }) => [name, value, comment]);
const readValue = (name: string) => snowflake.control.secret("APP", "SECRETS", name)?.value;

const old: Checkout = { programValue: "old" };

async function follow(backend: Backend, checkout: Checkout): Promise<string> {
  const options = { choose: <T>(syncs: T) => syncs, isManual: false };
  return runSync(openStack(backend, checkout), options).then(
    ({ kind, failures }) => [kind, ...failures.map(({ message }) => message)].join(": "),
    (error: Error) => error.message,
  );
}

/**
 * A source has changed, and a person deploys `newer` where auto-sync has the old checkout.
 *
 * @param latest what the source holds in the end: the person changes it once more
 */
async function meet(newer: Checkout, latest: "2" | "3"): Promise<Stage> {
  process.env.APP_A = "1";
  const backend = new Backend();
  await backend.up("person", old);
  process.env.APP_A = "2";
  let isDeployed = false;
  const deploy = async () => {
    if (latest === "3") {
      await callOutside("change A", async () => {
        process.env.APP_A = latest;
      });
    }
    await backend.up("person", newer);
    isDeployed = true;
    return "done";
  };
  return {
    actors: [
      { name: "auto-sync", run: () => follow(backend, old) },
      { name: "person", run: () => deploy().catch((error: Error) => error.message) },
    ],
    print: () => backend.print(),
    checkAlways: () => {
      if (isDeployed && readValue("PROGRAM") !== newer.programValue)
        throw new Error("What a person deployed was turned back.");
    },
    checkAtEnd: async ([followed = "", deployed = ""]) => {
      expect(followed).toMatch(
        /^(synced|unchanged|refused)$|^\[TIMED_OUT\] another update of stack "dev" is running/,
      );
      if (deployed !== "done") {
        expect(deployed).toMatch(/^\[TIMED_OUT\] another update of stack "dev" is running/);
        backend.cancel();
        await deploy();
      }
      expect(await follow(backend, newer)).toMatch(/^(synced|unchanged)$/);
      expect([readValue("PROGRAM"), readValue("A")]).toEqual([newer.programValue, latest]);
      expect(await follow(backend, old)).toBe("unchanged");
    },
  };
}

describe("auto-sync beside a person, in every order of the calls of", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date"], now: new Date("2026-01-01") });
  });
  afterEach(() => {
    vi.useRealTimers();
    delete process.env.APP_A;
  });

  it.each([
    { what: "a look, and a deployment of another value", newer: { programValue: "new" }, latest: "2" },
    {
      what: "a look, and a change of the source with a deployment of another argument",
      newer: { programValue: "old", description: "another" },
      latest: "3",
    },
  ] as const)(
    "$what, with crashes after any call",
    async ({ what, newer, latest }) => {
      const bounds = { crashes: 1, switches: 2, maxStates: 200_000 };
      const { states, interleavings, ends, longest, calls } = await explore(() => {
        snowflake = new SnowflakeInProcess();
        return meet(newer, latest);
      }, bounds);
      const said = Object.entries(calls).map(([actor, labels]) => `  ${actor}: ${labels.join(", ")}\n`);
      process.stdout.write(
        `${what}, crashes: ${bounds.crashes}, switches: ${bounds.switches}: ${states} states, ${interleavings} interleavings of up to ${longest} calls, ${ends} ends\n${said.join("")}`,
      );
      expect(interleavings).toBeGreaterThan(100n);
    },
    300_000,
  );
});
