import { createHash } from "node:crypto";
import { describe, expect, it, vi } from "vitest";
import { Operation } from "../../../provider/engine/operation.js";
import { buildNames } from "../../../provider/secret-sync/inputs/secrets-on-wire.js";
import { parseOwnershipComment } from "../../../provider/secret-sync/plan/ownership-comment.js";
import { secretSync } from "../../../provider/secret-sync/resource.js";
import { type Actor, callOutside, explore, nextId, type Stage } from "../../support/interleavings.js";
import { describeStatement, isStep, SnowflakeInProcess } from "../../support/snowflake/in-process.js";
import { Stack } from "../../support/stack.js";

/**
 * Syncs that act on one schema at once, in every order of the statements that read or change its secrets. What else a
 * sync asks (who the session is, its grants) nobody changes here, so it is no step. A death before a statement is one
 * after the statement before.
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

const place = { database: "APP", schema: "SECRETS" };
const connection = { account: "acme-testing", user: "SYNC_USER", password: "none", role: "SYNC_ROLE" };
type Values = Readonly<Record<string, string>>;

/** The arguments of a sync of these values into the one schema. */
const buildArgs = (secrets: Values, syncOptions: object = {}) => ({
  connection,
  destinationConfig: place,
  environment: "dev",
  secrets,
  sources: [{ type: "program", allowEmpty: true }],
  fingerprintKey: "1".repeat(32),
  syncOptions: { initialSyncBehavior: "overwrite-destination", ...syncOptions },
});

/** A stack of one sync, whose values begin with its name. */
class Syncing {
  readonly stack: Stack;
  /** How often it was begun to act: more than once where it died. */
  runs = 0;
  /** The end of its values. */
  version = "";

  constructor(
    readonly name: string,
    public syncOptions: object = {},
  ) {
    this.stack = new Stack({ stack: name });
  }

  async up(...keys: readonly string[]): Promise<string> {
    const secrets = Object.fromEntries(keys.map((key) => [key, `${this.name}-${key}${this.version}`]));
    const { problems } = await this.stack.up({ app: { args: buildArgs(secrets, this.syncOptions) } });
    return problems.length === 0 ? "done" : problems.join("; ");
  }

  /** As an actor. */
  act(what: "up" | "destroy", ...keys: readonly string[]): Actor {
    const run = () => {
      this.runs += 1;
      return what === "up" ? this.up(...keys) : this.destroy();
    };
    return { name: this.name, run };
  }

  async destroy(): Promise<string> {
    const { problems } = await this.stack.destroy();
    return problems.length === 0 ? "done" : problems.join("; ");
  }
}

const readSecrets = () => snowflake.control.secrets(place.database, place.schema);
const readValues = () => Object.fromEntries(readSecrets().map(({ name, value }) => [name, value]));

function print(): string {
  const seen = readSecrets().map(({ name, type, value, comment, owner }) => [
    name,
    type,
    value,
    comment,
    owner,
  ]);
  return JSON.stringify(seen.sort());
}

/** What holds between any two statements: a value under a mark is of whoever the mark names. */
function checkMarks(): void {
  for (const { name, value, comment } of readSecrets()) {
    const owner = parseOwnershipComment(comment)?.place.split("/")[2];
    if (owner !== undefined && value?.startsWith(`${owner}-`) !== true)
      throw new Error(`${name} is marked by ${owner} and holds ${value}.`);
  }
}

/** What holds when all have ended: who said that it is done has all of its names. */
function checkDone(syncs: readonly (readonly [Syncing, outcome: string, ...keys: string[]])[]): void {
  for (const [{ name }, outcome, ...keys] of syncs) {
    const wanted = Object.fromEntries(keys.map((key) => [key, `${name}-${key}`]));
    if (outcome === "done") expect(readValues()).toMatchObject(wanted);
  }
}

/**
 * Whether one can have all the names once the others are gone. What died in its creation, and was refused when it ran
 * again, has no state and may have left a secret under its mark: that is named, and taken over by the owner's id.
 */
async function checkCanBeHadAgain(heir: Syncing, others: readonly Syncing[], ...keys: string[]) {
  for (const other of others) expect(await other.destroy(), `destroy of ${other.name}`).toBe("done");
  const outcome = await heir.up(...keys);
  if (outcome !== "done") {
    const [left] = others.filter(({ runs, stack }) => runs > 1 && stack.resources.size === 0);
    expect(left, outcome).toBeDefined();
    const [, ownerId = ""] =
      /^\[NOT_OURS\].* \(owner ([0-9a-f]{32})\); it is not changed/.exec(outcome) ?? [];
    heir.syncOptions = { takeOver: [ownerId] };
    expect(await heir.up(...keys)).toBe("done");
  }
  expect(readValues()).toEqual(Object.fromEntries(keys.map((key) => [key, `${heir.name}-${key}`])));
  expect(await heir.destroy()).toBe("done");
  expect(readValues()).toEqual({});
}

const refused = /^\[(NOT_OURS|ALREADY_EXISTS|PARTLY_DONE)\]/;

/** Two resources of one program, which the engine works on side by side in one operation. */
function actInOneOperation(resources: readonly (readonly [string, Values, syncOptions: object])[]): Actor[] {
  const operation = new Operation({ report: () => undefined, warn: () => undefined });
  return resources.map(([name, secrets, syncOptions]): Actor => {
    const context = {
      run: "up" as const,
      place: {
        organization: "org",
        project: "proj",
        stack: "dev",
        parentTypes: "",
        type: "SnowflakeSecretSync",
        name,
      },
    };
    const args = {
      ...buildArgs({}, syncOptions),
      secrets: buildNames(Object.keys(secrets)),
      secretValues: secrets,
    };
    const run = async () => {
      const { inputs, failures } = await secretSync.check({}, args, context, operation);
      if (failures.length > 0) return failures.map(({ reason }) => reason).join("; ");
      const { failure } = await secretSync.create(inputs as never, operation);
      return failure === undefined ? "done" : failure.error.message;
    };
    return { name, run: () => run().catch((error: Error) => error.message) };
  });
}

interface Scenario {
  readonly what: string;
  /** @default 1 */
  readonly crashes?: number;
  readonly build: () => Promise<Stage>;
}

const scenarios: readonly Scenario[] = [
  ...(
    [
      ["an update that alters, creates and drops", "up", { X: "a-X-2", Z: "a-Z-2", NEW: "a-NEW-2" }],
      ["a destroy", "destroy", {}],
    ] as const
  ).map(
    ([what, operation, expected]): Scenario => ({
      what: `${what}, of one stack alone`,
      crashes: 2,
      build: async () => {
        const a = new Syncing("a");
        expect(await a.up("X", "Y", "Z")).toBe("done");
        a.version = "-2";
        const keys = Object.keys(expected);
        return {
          actors: [a.act(operation, ...keys)],
          print,
          checkAlways: checkMarks,
          checkAtEnd: async (outcomes) => {
            expect(outcomes).toEqual(["done"]);
            expect(readValues()).toEqual(expected);
            const before = print();
            if (operation === "up") expect(await a.up(...keys)).toBe("done");
            expect(print()).toBe(before);
            expect(await a.destroy()).toBe("done");
            expect(readValues()).toEqual({});
          },
        };
      },
    }),
  ),
  {
    what: "two stacks that want the same two names",
    build: async () => {
      const [a, b] = [new Syncing("a"), new Syncing("b")];
      return {
        actors: [a, b].map((each) => each.act("up", "X", "Y")),
        print,
        checkAlways: checkMarks,
        checkAtEnd: async ([first = "", second = ""]) => {
          checkDone([
            [a, first, "X", "Y"],
            [b, second, "X", "Y"],
          ]);
          expect([first, second].filter((outcome) => outcome === "done").length).toBeLessThanOrEqual(1);
          for (const outcome of [first, second]) if (outcome !== "done") expect(outcome).toMatch(refused);
          await checkCanBeHadAgain(b, [a], "X", "Y");
        },
      };
    },
  },
  {
    what: "two stacks with names of their own, both to overwrite all others, and a secret of somebody",
    build: async () => {
      const [a, b] = [new Syncing("a"), new Syncing("b")];
      const theirs = { ...place, value: "theirs", owner: "SYNC_ROLE" };
      snowflake.control.putSecret({ ...theirs, name: "STRAY" });
      snowflake.control.putSecret({ ...theirs, name: "OTHER_TYPE", type: "PASSWORD" });
      return {
        actors: [a.act("up", "X"), b.act("up", "Y")],
        print,
        checkAlways: () => {
          checkMarks();
          if (readValues().OTHER_TYPE !== "theirs") throw new Error("A secret of another type was touched.");
        },
        checkAtEnd: async ([first = "", second = ""]) => {
          // Whoever comes second to the drop is told that the secret is gone, and the next up has nothing to do.
          expect(readValues()).toEqual({ X: "a-X", Y: "b-Y", OTHER_TYPE: "theirs" });
          for (const outcome of [first, second])
            if (outcome !== "done") expect(outcome).toMatch(/^\[PARTLY_DONE\].*STRAY/);
          expect([await a.up("X"), await b.up("Y")]).toEqual(["done", "done"]);
          snowflake.control.dropSecret(place.database, place.schema, "OTHER_TYPE");
          await checkCanBeHadAgain(a, [b], "X");
        },
      };
    },
  },
  {
    what: "a key that moves from one stack to another",
    build: async () => {
      const [a, b] = [new Syncing("a"), new Syncing("b")];
      expect(await a.up("X", "Y")).toBe("done");
      return {
        actors: [a.act("up", "Y"), b.act("up", "X")],
        print,
        checkAlways: checkMarks,
        checkAtEnd: async ([first = "", second = ""]) => {
          expect(first).toBe("done");
          if (second !== "done") expect(second).toMatch(refused);
          expect(readValues()).toEqual(second === "done" ? { X: "b-X", Y: "a-Y" } : { Y: "a-Y" });
          expect(await b.up("X")).toBe("done");
          await checkCanBeHadAgain(b, [a], "X", "Y");
        },
      };
    },
  },
  {
    what: "a destroy beside a creation of the same names",
    build: async () => {
      const [a, b] = [new Syncing("a"), new Syncing("b")];
      expect(await a.up("X", "Y")).toBe("done");
      return {
        actors: [a.act("destroy"), b.act("up", "X", "Y")],
        print,
        checkAlways: checkMarks,
        checkAtEnd: async ([first = "", second = ""]) => {
          expect(first).toBe("done");
          checkDone([[b, second, "X", "Y"]]);
          if (second !== "done") expect(second).toMatch(refused);
          await checkCanBeHadAgain(b, [a], "X", "Y");
        },
      };
    },
  },
  {
    // Snowflake has no conditional ALTER: the one that wrote last has the secret, and the other is told so next time.
    what: "two stacks that take over the same secret without a mark",
    build: async () => {
      const [a, b] = [new Syncing("a"), new Syncing("b")];
      snowflake.control.putSecret({ ...place, name: "X", value: "theirs", owner: "SYNC_ROLE" });
      return {
        actors: [a, b].map((each) => each.act("up", "X")),
        print,
        checkAlways: checkMarks,
        checkAtEnd: async () => {
          const owner = parseOwnershipComment(readSecrets()[0]?.comment)?.place.split("/")[2];
          const [has, hasNot] = owner === "a" ? [a, b] : [b, a];
          expect(readValues()).toEqual({ X: `${has.name}-X` });
          expect(await hasNot.up("X")).toMatch(/^\[NOT_OURS\]/);
          expect(await has.up("X")).toBe("done");
          await checkCanBeHadAgain(has, [hasNot], "X");
        },
      };
    },
  },
  {
    what: "two resources of one program, one of them for the whole schema",
    crashes: 0,
    build: async () => {
      const actors = actInOneOperation([
        ["whole", { X: "dev-X", Y: "dev-Y" }, {}],
        ["part", { X: "dev-P_X" }, { keySchema: "P_{{secretKey}}" }],
      ]);
      return {
        actors,
        print,
        checkAlways: checkMarks,
        checkAtEnd: async (outcomes) => {
          expect(outcomes).toEqual(["done", "done"]);
          expect(readValues()).toEqual({ X: "dev-X", Y: "dev-Y", P_X: "dev-P_X" });
        },
      };
    },
  },
];

describe("one schema, in every order of the statements of", () => {
  it.each(scenarios)("$what, with crashes after any statement", async ({ what, crashes = 1, build }) => {
    const { states, interleavings, ends, longest, calls } = await explore(
      () => {
        snowflake = new SnowflakeInProcess();
        return build();
      },
      { crashes, maxStates: 100_000 },
    );
    const said = Object.entries(calls).map(([actor, labels]) => `  ${actor}: ${labels.join(", ")}\n`);
    process.stdout.write(
      `${what}, crashes: ${crashes}: ${states} states, ${interleavings} interleavings of up to ${longest} statements, ${ends} ends\n${said.join("")}`,
    );
    expect(interleavings).toBeGreaterThan(1n);
  });
});
