import { AsyncLocalStorage } from "node:async_hooks";
import { createHash } from "node:crypto";

/** Somebody who acts beside others. */
export interface Actor {
  readonly name: string;
  /** Run from its beginning, and again after a crash; what it came to, in a word or a sentence. */
  run(): Promise<string>;
}

/** A fixture in which actors meet; recreated for every schedule. */
export interface Stage {
  readonly actors: readonly Actor[];
  /** The whole outside fixture, as one text. */
  print(): string;
  /** What must hold after every single call; throws if it does not. */
  checkAlways(): void;
  /** What must hold when all have ended; may go on acting. */
  checkAtEnd(outcomes: readonly string[]): Promise<void>;
}

/** What an exploration visited. */
export interface Exploration {
  /** Distinct states of fixture and actors. */
  readonly states: number;
  /** Complete schedules: orders of calls, and places of the crash, that lead from the beginning to an end. */
  readonly interleavings: bigint;
  /** Ends that differ. */
  readonly ends: number;
  /** The longest schedule, in calls. */
  readonly longest: number;
  /** The outside calls that each actor made, in any schedule: after each of them it may have died. */
  readonly calls: Readonly<Record<string, readonly string[]>>;
}

interface Pending {
  readonly label: string;
  apply(): Promise<void>;
  answer(): void;
}

interface Running {
  readonly actor: Actor;
  pending: Pending | undefined;
  /** Settles when its latest call is answered. */
  latest: Promise<unknown>;
  outcome: string | undefined;
  /** Everything that it was told: with the same answers it does the same. */
  heard: string;
  runs: number;
  ids: number;
}

/** A choice: whose call is carried out, and whether the caller dies before it hears of it. */
type Choice = readonly [actor: number, dies: boolean];

const current = new AsyncLocalStorage<Running | "alone">();

/** The next id of whoever acts, the same in every run of the same schedule. */
export function nextId(): string {
  const who = current.getStore();
  if (who === undefined || who === "alone") {
    idsOfNobody += 1;
    return `nobody-${idsOfNobody}`;
  }
  who.ids += 1;
  return `${who.actor.name}-${who.runs}-${who.ids}`;
}
let idsOfNobody = 0;

/**
 * An outside call of whoever acts: it waits until the schedule comes to it, and then happens at once. What one actor
 * calls side by side happens in the order in which it was called.
 */
export function callOutside<T>(label: string, call: () => Promise<T>): Promise<T> {
  const who = current.getStore();
  if (who === undefined || who === "alone") return call();
  const answer = who.latest.then(() => offer(who, label, call));
  who.latest = answer.catch(() => undefined);
  return answer;
}

function offer<T>(who: Running, label: string, call: () => Promise<T>): Promise<T> {
  const { runs } = who;
  return new Promise<T>((resolve, reject) => {
    let settle = (): void => undefined;
    who.pending = {
      label,
      apply: async () => {
        const told = await call().then(
          (value) => {
            settle = () => resolve(value);
            return JSON.stringify(value) ?? "undefined";
          },
          (error: unknown) => {
            settle = () => reject(error);
            return String(error);
          },
        );
        who.heard = hash(`${who.heard}|${runs}|${label}|${told}`);
      },
      answer: () => settle(),
    };
  });
}

/** How far an exploration goes. */
export interface Bounds {
  /** How many deaths a schedule may have. */
  readonly crashes: number;
  /** How often a schedule may turn from an actor that could go on to another one. @default without a bound */
  readonly switches?: number;
  /** More states than these are a failure. */
  readonly maxStates: number;
}

/**
 * Explores every order in which the actors' outside calls can happen, with up to `crashes` deaths, each after a call
 * that the caller never hears of; who died acts again from the beginning, beside the others. Two schedules that lead to
 * the same fixture and to actors that were told the same go on as one.
 */
export async function explore(
  build: () => Promise<Stage>,
  { crashes, switches = Number.POSITIVE_INFINITY, maxStates }: Bounds,
): Promise<Exploration> {
  const next = new Map<string, string[]>();
  const calls = new Map<string, Set<string>>();
  const open: { readonly schedule: readonly Choice[]; readonly from: string | undefined }[] = [
    { schedule: [], from: undefined },
  ];
  let root = "";
  let ends = 0;
  let longest = 0;
  for (let work = open.pop(); work !== undefined; work = open.pop()) {
    const schedule = [...work.schedule];
    let { from } = work;
    const run = await Rehearsal.start(build, Number.isFinite(switches));
    try {
      for (const choice of schedule) await run.take(choice);
      for (;;) {
        const here = run.key();
        if (from === undefined) root = here;
        else next.get(from)?.push(here);
        if (next.has(here)) break;
        next.set(here, []);
        if (next.size > maxStates) throw new Error(`There are more than ${maxStates} states.`);
        run.stage.checkAlways();
        const [first, ...others] = run.choices(crashes, switches);
        if (first === undefined) {
          ends += 1;
          longest = Math.max(longest, schedule.length);
          await run.end();
          break;
        }
        for (const { actor, pending } of run.running) {
          const known = calls.get(actor.name) ?? new Set();
          if (pending !== undefined) calls.set(actor.name, known.add(pending.label));
        }
        for (const other of others) open.push({ schedule: [...schedule, other], from: here });
        await run.take(first);
        schedule.push(first);
        from = here;
      }
    } catch (error) {
      throw new Error(`After ${run.told.join(", ")}:\n${(error as Error).message}`, { cause: error });
    }
  }
  const called = Object.fromEntries([...calls].map(([actor, labels]) => [actor, [...labels].sort()]));
  return { states: next.size, interleavings: countPaths(root, next), ends, longest, calls: called };
}

/** How many ways lead from a state to an end. */
function countPaths(
  from: string,
  next: ReadonlyMap<string, readonly string[]>,
  known = new Map<string, bigint>(),
): bigint {
  const counted = known.get(from);
  if (counted !== undefined) return counted;
  const following = next.get(from) ?? [];
  const count =
    following.length === 0 ? 1n : following.reduce((sum, to) => sum + countPaths(to, next, known), 0n);
  known.set(from, count);
  return count;
}

class Rehearsal {
  readonly told: string[] = [];
  #deaths = 0;
  #switches = 0;
  #last = 0;

  private constructor(
    readonly stage: Stage,
    readonly running: readonly Running[],
    readonly bounded: boolean,
  ) {}

  static async start(build: () => Promise<Stage>, bounded: boolean): Promise<Rehearsal> {
    idsOfNobody = 0;
    const stage = await current.run("alone", build);
    const running = stage.actors.map(
      (actor): Running => ({
        actor,
        pending: undefined,
        latest: Promise.resolve(),
        outcome: undefined,
        heard: "",
        runs: 0,
        ids: 0,
      }),
    );
    const rehearsal = new Rehearsal(stage, running, bounded);
    for (const who of running) rehearsal.#begin(who);
    await rehearsal.#settle();
    return rehearsal;
  }

  choices(crashes: number, switches: number): Choice[] {
    const mayDie = this.#deaths < crashes;
    const mustStay = this.#switches >= switches && this.running[this.#last]?.pending !== undefined;
    return this.running.flatMap((who, index): Choice[] =>
      who.pending === undefined || (mustStay && index !== this.#last)
        ? []
        : [[index, false], ...(mayDie ? [[index, true] as const] : [])],
    );
  }

  async take([index, dies]: Choice): Promise<void> {
    const who = this.running[index];
    const { pending } = who ?? {};
    if (who === undefined || pending === undefined) throw new Error("The schedule does not fit.");
    this.told.push(`${who.actor.name} ${pending.label}${dies ? " (dies)" : ""}`);
    if (index !== this.#last && this.running[this.#last]?.pending !== undefined) this.#switches += 1;
    this.#last = index;
    who.pending = undefined;
    await current.run("alone", () => pending.apply());
    if (dies) {
      this.#deaths += 1;
      this.#begin(who);
    } else {
      pending.answer();
    }
    await this.#settle();
  }

  key(): string {
    const actors = this.running.map(({ heard, runs, outcome }) => `${heard} ${runs} ${outcome ?? ""}`);
    const used = this.bounded ? `${this.#deaths} ${this.#switches} ${this.#last}` : this.#deaths;
    return hash(`${this.stage.print()}|${actors.join("|")}|${used}`);
  }

  end(): Promise<void> {
    const outcomes = this.running.map(({ outcome }) => outcome ?? "");
    return current.run("alone", () => this.stage.checkAtEnd(outcomes));
  }

  #begin(who: Running): void {
    who.runs += 1;
    who.latest = Promise.resolve();
    const { runs } = who;
    const isLatest = () => who.runs === runs;
    void current.run(who, () =>
      who.actor.run().then(
        (outcome) => {
          if (isLatest()) who.outcome = outcome;
        },
        (error: unknown) => {
          if (isLatest()) who.outcome = `failed: ${String(error)}`;
        },
      ),
    );
  }

  /** Waits until each actor waits for an outside call or has ended. */
  async #settle(): Promise<void> {
    for (let turns = 0; turns < 10_000; turns += 1) {
      if (this.running.every(({ pending, outcome }) => pending !== undefined || outcome !== undefined))
        return;
      await new Promise((resolve) => setImmediate(resolve));
    }
    throw new Error("An actor waits for something else than an outside call.");
  }
}

function hash(text: string): string {
  return createHash("sha1").update(text).digest("base64");
}
