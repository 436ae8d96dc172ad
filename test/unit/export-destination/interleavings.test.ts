import { beforeEach, describe, expect, it, vi } from "vitest";
import { Operation } from "../../../provider/engine/operation.js";
import type { ClaimRecord } from "../../../provider/export-destination/claim/record.js";
import { releaseClaim } from "../../../provider/export-destination/claim/release.js";
import { exportDestination } from "../../../provider/export-destination/resource.js";
import { buildClaimName } from "../../../provider/export-destination/secret/names.js";
import type { DestinationState } from "../../../provider/export-destination/state.js";
import { SecretsModel } from "../../support/aws/secrets-model.js";
import { type Actor, callOutside, explore, nextId, type Stage } from "../../support/interleavings.js";
import { atNight, isNightly } from "../../support/nightly.js";
import { DestinationEngine } from "../../support/stack-of-one.js";

/**
 * The claim's protocol in every order of the calls that its actors make to Secrets Manager: stacks that create, rotate
 * and disconnect, the command release, and readers. Each actor may die at any call; a death before a call is one after
 * the call before. What was visited is printed: the calls of each actor, the orders, the bound.
 */

let model = new SecretsModel();

// Every call to Secrets Manager is a step of the schedule; the rest of the fixture is still.
vi.mock("../../../provider/aws/with-aws.js", () => ({
  withAws: (_settings: unknown, work: (aws: unknown) => Promise<unknown>) => {
    const secrets = new Proxy(model, {
      get:
        (target, name: keyof SecretsModel) =>
        (...args: never[]) =>
          callOutside(`${name} ${describeCall(args)}`, () => (target[name] as Method).apply(target, args)),
    });
    const glue = async () => ({ listJobs: async () => [], listLiveRuns: async () => [] });
    return work({ accountId: "123456789012", region: "us-east-1", secrets, glue });
  },
}));
vi.mock("../../../provider/export-destination/validation/validation.js", () => ({
  validateCredentials: async () => ({ passed: true, remarks: [], address: { source: "unknown" } }),
}));
vi.mock("node:crypto", async (original) => ({
  ...(await original<typeof import("node:crypto")>()),
  randomUUID: () => nextId(),
  randomBytes: (size: number) => Buffer.alloc(size, 1),
}));

type Method = (...args: never[]) => Promise<unknown>;

function describeCall([first, second]: readonly unknown[]): string {
  const name = typeof first === "string" ? first : String((first as { name?: unknown })?.name);
  return `${name.split("/").at(-1)}${typeof second === "string" ? ` ${second}` : ""}`;
}

const claimName = buildClaimName({ organizationId: "42", type: "snowflake" });

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["Date"], now: new Date("2026-01-01") });
  // Who lost a swap waits; here the schedule says for how long.
  vi.spyOn(globalThis, "setTimeout").mockImplementation(((after: () => void) =>
    setImmediate(after)) as never);
});

const credentials = (password: string) => ({
  type: "snowflake",
  account: "acme-x",
  warehouse: "W",
  database: "D",
  username: "u",
  password,
});

/** A stack of one destination. */
class Stack {
  readonly engine: DestinationEngine;

  constructor(readonly name: string) {
    this.engine = new DestinationEngine(name);
  }

  /** A second stack with this one's state, as nobody should make it. */
  copy(): Stack {
    const copy = new Stack(this.name);
    for (const [name, kept] of this.engine.resources) copy.engine.resources.set(name, kept);
    return copy;
  }

  get state(): DestinationState | undefined {
    return this.engine.resources.get("bi")?.outputs;
  }

  async up(password: string, name = "bi", more: object = {}): Promise<string> {
    const args = { name, organizationId: "42", credentials: credentials(password), ...more };
    const { problems } = await this.engine.up({ bi: { args } });
    return problems.length === 0 ? "done" : problems.join("; ");
  }

  async destroy(): Promise<string> {
    const { problems } = await this.engine.destroy();
    return problems.length === 0 ? "done" : problems.join("; ");
  }
}

function readClaim(label: string): ClaimRecord | undefined {
  const text = model.read(claimName, label);
  return text === undefined ? undefined : (JSON.parse(text) as ClaimRecord);
}

/** What holds between any two calls, whoever reads. */
function checkAlways(hasBeenHeld: { value: boolean }): void {
  const held = readClaim("HOLDER");
  if (held !== undefined) hasBeenHeld.value = true;
  else if (hasBeenHeld.value) throw new Error("A reader of the stable name finds nothing.");
  // Who reads without a label sees what follows the holder.
  for (const active of [held?.active, readClaim("AWSCURRENT")?.active]) {
    if (active?.status !== "connected") continue;
    if (model.read(active.secretArn ?? active.secretName) === undefined)
      throw new Error(`The claim names ${active.destinationId} as connected, and its secret cannot be read.`);
  }
}

/** A job: it looks the claim up, and then reads the secret that it names; again if that one is gone by now. */
async function readByName(label: string, password: RegExp): Promise<string> {
  for (let looks = 1; ; looks += 1) {
    const active = await callOutside(`look up ${label}`, async () => readClaim(label)?.active ?? null);
    if (active === null) return "the claim names nobody";
    const text = await callOutside("read the secret", async () => model.read(active.secretName) ?? null);
    const stored = text === null ? undefined : JSON.parse(text);
    // Under the name that its format has.
    if (stored !== undefined)
      return password.test(stored.password ?? stored.sfPassword) ? "done" : `read ${text}`;
    if (looks === 3) return "nothing can be read";
  }
}

/** What holds when all have ended. */
function checkRest(stacks: readonly Stack[]): void {
  const record = readClaim("HOLDER");
  const shown = readClaim("AWSCURRENT");
  expect(shown, "a reader without a label").toEqual(record);
  const recorded = [record?.active, record?.successor, ...(record?.archived ?? [])].map(
    (entry) => entry?.secretName,
  );
  const lost = model.listReadable().filter((name) => name !== claimName && !recorded.includes(name));
  expect(lost, "secrets that no record names").toEqual([]);
  const connected = stacks.filter(
    ({ state }) => state?.integrationStatus === "Connected" && state.secretName !== undefined,
  );
  const active = connected.filter(({ state }) => state?.destinationId === record?.active?.destinationId);
  expect(active.length, "stacks whose destination is active").toBeLessThanOrEqual(1);
}

/** Whether the claim can be had again, once all of these are gone. */
async function checkCanBeHadAgain(stacks: readonly Stack[]): Promise<void> {
  for (const stack of stacks) expect(await stack.destroy(), `destroy of ${stack.name}`).toBe("done");
  expect(readClaim("HOLDER")?.active ?? null).toBeNull();
  const next = new Stack("next");
  expect(await next.up("next")).toBe("done");
  expect(await next.destroy()).toBe("done");
}

const refusedByClaim = /^\[INTEGRATION_EXISTS\]/;

/** Two stacks that want the claim: one has it, and the other was told so. */
function contend(stacks: readonly Stack[]): Stage {
  const held = { value: readClaim("HOLDER") !== undefined };
  return {
    actors: stacks.map((stack): Actor => ({ name: stack.name, run: () => stack.up(stack.name) })),
    print: () => model.print(),
    checkAlways: () => checkAlways(held),
    checkAtEnd: async (outcomes) => {
      checkRest(stacks);
      expect(outcomes.filter((outcome) => outcome === "done")).toHaveLength(1);
      expect(outcomes.filter((outcome) => refusedByClaim.test(outcome))).toHaveLength(stacks.length - 1);
      await checkCanBeHadAgain(stacks);
    },
  };
}

/** Two resources of one program, which the engine works on side by side in one operation. */
function createInOneOperation(...names: readonly string[]): Actor[] {
  const operation = new Operation({ report: () => undefined, warn: () => undefined });
  return names.map((name): Actor => {
    const context = {
      run: "up" as const,
      place: {
        organization: "org",
        project: "exports",
        stack: "dev",
        parentTypes: "",
        type: "ExportDestination",
        name,
      },
    };
    const args = { organizationId: "42", credentials: credentials(name), fingerprintKey: "" };
    const run = async () => {
      const { inputs } = await exportDestination.check({}, args, context, operation);
      const { failure } = await exportDestination.create(inputs as never, operation);
      return failure === undefined ? "done" : failure.error.message;
    };
    return { name, run: () => run().catch((error: Error) => error.message) };
  });
}

interface Scenario {
  readonly what: string;
  /** How often a schedule turns from one to the other before it has to; unbounded where that is left out. */
  readonly switches?: number;
  /** @default 1 */
  readonly crashes?: number;
  readonly build: () => Promise<Stage>;
}

const scenarios: readonly Scenario[] = [
  {
    what: "two creators where nothing was",
    ...(isNightly ? {} : { switches: 2 }),
    build: async () => contend([new Stack("a"), new Stack("b")]),
  },
  {
    what: "two creators on a claim that was freed",
    switches: isNightly ? 3 : 2,
    build: async () => {
      const former = new Stack("former");
      expect(await former.up("former")).toBe("done");
      expect(await former.destroy()).toBe("done");
      return contend([new Stack("a"), new Stack("b")]);
    },
  },
  {
    what: "a rotation beside a disconnect of the same destination",
    switches: isNightly ? 2 : 1,
    build: async () => {
      const stack = new Stack("a");
      expect(await stack.up("old")).toBe("done");
      const copy = stack.copy();
      const held = { value: true };
      return {
        actors: [
          { name: "rotation", run: () => stack.up("new") },
          { name: "disconnect", run: () => copy.destroy() },
        ],
        print: () => model.print(),
        checkAlways: () => checkAlways(held),
        checkAtEnd: async ([rotation = ""]) => {
          checkRest([stack]);
          expect(rotation).toBe("done");
          expect(readClaim("HOLDER")?.active?.destinationId).toBe(stack.state?.destinationId);
          await checkCanBeHadAgain([stack]);
        },
      };
    },
  },
  {
    what: "two destinations of one program for one organization",
    crashes: 0,
    build: async () => {
      const held = { value: false };
      return {
        actors: createInOneOperation("bi", "sales"),
        print: () => model.print(),
        checkAlways: () => checkAlways(held),
        checkAtEnd: async (outcomes) => {
          checkRest([]);
          expect(outcomes.filter((outcome) => outcome === "done")).toHaveLength(1);
          expect(outcomes.filter((outcome) => refusedByClaim.test(outcome))).toHaveLength(1);
          expect(model.listReadable().filter((name) => name !== claimName)).toHaveLength(1);
        },
      };
    },
  },
  ...["HOLDER", "AWSCURRENT"].flatMap((label) =>
    (
      [["a rotation", "new", {}], ...atNight(["another format", "old", { payloadFormat: "glue" }])] as const
    ).map(
      ([change, password, more]): Scenario => ({
        what: `${change} beside a job that looks ${label} up`,
        switches: 2,
        build: async () => {
          const stack = new Stack("a");
          expect(await stack.up("old")).toBe("done");
          const { revision = 0 } = stack.state ?? {};
          const held = { value: true };
          return {
            actors: [
              { name: "rotation", run: () => stack.up(password, "bi", more) },
              { name: "job", run: () => readByName(label, /^(old|new)$/) },
            ],
            print: () => model.print(),
            checkAlways: () => checkAlways(held),
            checkAtEnd: async (outcomes) => {
              expect(outcomes).toEqual(["done", "done"]);
              expect(stack.state?.revision).toBe(revision + 1);
              checkRest([stack]);
              await checkCanBeHadAgain([stack]);
            },
          };
        },
      }),
    ),
  ),
  {
    what: "a release beside a creation",
    switches: 3,
    build: async () => {
      const former = new Stack("former");
      expect(await former.up("former")).toBe("done");
      const { destinationId = "", secretName = "" } = former.state ?? {};
      const next = new Stack("next");
      const held = { value: true };
      return {
        actors: [
          {
            name: "release",
            run: () =>
              releaseClaim({ organizationId: "42", type: "snowflake", destinationId }).then(
                () => "done",
                (error: Error) => error.message,
              ),
          },
          { name: "creation", run: () => next.up("next") },
        ],
        print: () => model.print(),
        checkAlways: () => checkAlways(held),
        checkAtEnd: async ([release = "", creation = ""]) => {
          checkRest([next]);
          // Who is released twice is told that nobody, or another one, holds it by now.
          expect(release).toMatch(/^done$|^\[NOT_FOUND\]/);
          expect(creation).toMatch(/^done$|^\[INTEGRATION_EXISTS\]/);
          expect(model.read(secretName), "the secret of the released one").toBeDefined();
          expect(readClaim("HOLDER")?.active?.owner.place ?? "nobody").toContain(
            creation === "done" ? "/next/" : "nobody",
          );
          if (creation !== "done") expect(await next.up("next")).toBe("done");
          await checkCanBeHadAgain([next]);
        },
      };
    },
  },
  {
    what: "a rotation that is cut off, and then other names",
    crashes: 2,
    build: async () => {
      const stack = new Stack("a");
      expect(await stack.up("old")).toBe("done");
      const held = { value: true };
      let runs = 0;
      const run = () => {
        runs += 1;
        return runs === 1 ? stack.up("new") : stack.up("new", "other");
      };
      return {
        actors: [{ name: "rotation", run }],
        print: () => model.print(),
        checkAlways: () => checkAlways(held),
        checkAtEnd: async ([rotation = ""]) => {
          expect(rotation).toBe("done");
          checkRest([stack]);
          await checkCanBeHadAgain([stack]);
        },
      };
    },
  },
];

describe("the claim, in every order of the calls of", () => {
  it.each(scenarios)(
    "$what, with crashes after any call",
    async ({ what, switches, crashes = 1, build }) => {
      const { states, interleavings, ends, longest, calls } = await explore(
        () => {
          model = new SecretsModel();
          return build();
        },
        { crashes, maxStates: 200_000, ...(switches === undefined ? {} : { switches }) },
      );
      const said = Object.entries(calls).map(([actor, labels]) => `  ${actor}: ${labels.join(", ")}\n`);
      process.stdout.write(
        `${what}, crashes: ${crashes}, switches: ${switches ?? "any"}: ${states} states, ${interleavings} interleavings of up to ${longest} calls, ${ends} ends\n${said.join("")}`,
      );
      expect(interleavings).toBeGreaterThan(100n);
    },
    600_000,
  );
});
