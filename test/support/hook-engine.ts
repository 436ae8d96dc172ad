import { inspect } from "node:util";
import { hostDynamically } from "../../provider/dynamic-host.js";
import { Operation } from "../../provider/engine/operation.js";
import type { Resource } from "../../provider/engine/resource.js";

/** A resource as a program declares it: the arguments as plain values, and the engine's options. */
export interface Declared {
  readonly args: Readonly<Record<string, unknown>>;
  /** Paths: "secrets", "secrets.KEY", "*". */
  readonly ignoreChanges?: readonly string[];
  /** The names it had before. */
  readonly aliases?: readonly string[];
  readonly deleteBeforeReplace?: boolean;
  readonly retainOnDelete?: boolean;
  /** As the program asks for with `replaceWith`: no `diff`. */
  readonly replace?: boolean;
  /** As `--replace` asks for: one `check`, of the program's own inputs as of a new resource, and no `diff`. */
  readonly isReplaceTarget?: boolean;
  /** The types of the parents: beside another resource of the same name, which the program has as `name::other`. */
  readonly parentTypes?: string;
}

export type Program = Readonly<Record<string, Declared>>;

export type Change = "same" | "create" | "update" | "replace" | "delete" | "retain";

export interface Kept<State> {
  readonly id: string;
  readonly inputs: Record<string, unknown>;
  readonly outputs: State;
  readonly isPartlyDone: boolean;
}

/** What the shell of a resource in `sdk/` does. */
export interface Shell {
  /** In the place of the resource. */
  readonly type: string;
  /** What it sends for the arguments of a program, but for the context. */
  buildInputs(args: Readonly<Record<string, unknown>>): Record<string, unknown>;
}

export interface Outcome<Inputs = Readonly<Record<string, unknown>>> {
  readonly ok: boolean;
  /** Lines that a person saw. */
  readonly lines: readonly string[];
  readonly changes: Readonly<Record<string, Change>>;
  /** What `diff` asked to be replaced for, by resource. */
  readonly replaces: Readonly<Record<string, readonly string[]>>;
  /** Check failures as Pulumi prints them, and the errors of this.#hooks. */
  readonly problems: readonly string[];
  readonly failures: readonly { readonly property: string; readonly reason: string }[];
  readonly errors: readonly Error[];
  /** The checked inputs of each resource, as a preview shows them. */
  readonly inputs: Readonly<Record<string, Inputs>>;
}

type Hook = (...args: unknown[]) => Promise<Record<string, never>>;
type HookName = "check" | "diff" | "create" | "read" | "update" | "delete";
const providerText = "exports.handler = () => 0;";

/**
 * Calls the hooks as the engine does, with its order of steps and its records, and without its process: so that one
 * test can run dozens of operations. What the hooks get has been through JSON, as it has in the engine.
 */
export class HookEngine<Inputs, State> {
  readonly resources = new Map<string, Kept<State>>();
  readonly pendingDeletes: (Kept<State> & { readonly name: string })[] = [];
  /** All that a person or a file could have seen since the beginning. */
  readonly seen: string[] = [];

  readonly #hooks: Record<HookName, Hook>;
  #operation = new Operation({ report: () => undefined, warn: () => undefined });

  constructor(
    resource: Resource<Inputs, State>,
    readonly shell: Shell,
    readonly place: { organization?: string; project?: string; stack?: string } = {},
  ) {
    // The engine itself knows nothing of their types.
    this.#hooks = hostDynamically(resource as never, () => this.#operation) as never;
  }

  state(name = "app"): State {
    const kept = this.resources.get(name);
    if (!kept) throw new Error(`There is no resource ${name} in the stack.`);
    return kept.outputs;
  }

  /** Edits a state, as somebody might with `pulumi stack import`. */
  edit(changes: Partial<State>, name = "app"): void {
    const kept = this.resources.get(name);
    if (!kept) throw new Error(`There is no resource ${name} in the stack.`);
    this.resources.set(name, { ...kept, outputs: { ...kept.outputs, ...changes } });
  }

  /** With `refresh` as in `preview --refresh`: in the same process, and nothing of it is kept. */
  async preview(program: Program, options: { readonly refresh?: boolean } = {}): Promise<Outcome<Inputs>> {
    const restore = this.snapshot();
    const outcome = await this.#operate(async (log) => {
      if (options.refresh) await this.#refresh(log);
      await this.#run(program, true, log);
    });
    if (options.refresh) restore();
    return outcome;
  }

  /** With `refreshAfterCheck` as where the engine runs the program for a refresh. */
  up(
    program: Program,
    options: { readonly refresh?: boolean; readonly refreshAfterCheck?: boolean } = {},
  ): Promise<Outcome<Inputs>> {
    return this.#operate(async (log) => {
      if (options.refreshAfterCheck) await this.#run(program, true, log);
      if (options.refresh || options.refreshAfterCheck) await this.#refresh(log);
      if (log.problems.length === 0) await this.#run(program, false, log);
    });
  }

  /** An `up` that must succeed. */
  async upOk(program: Program): Promise<Outcome<Inputs>> {
    const outcome = await this.up(program);
    if (!outcome.ok) throw new Error(`up failed: ${outcome.problems.join("\n")}`);
    return outcome;
  }

  refresh(): Promise<Outcome<Inputs>> {
    return this.#operate((log) => this.#refresh(log));
  }

  destroy(): Promise<Outcome<Inputs>> {
    return this.#operate((log) => this.#run({}, false, log));
  }

  /** As `pulumi stack export`, then a crash: the state of before an operation. */
  snapshot(): () => void {
    const [kept, pending] = [new Map(this.resources), [...this.pendingDeletes]];
    return () => {
      this.resources.clear();
      for (const [name, resource] of kept) this.resources.set(name, resource);
      this.pendingDeletes.splice(0, Number.POSITIVE_INFINITY, ...pending);
    };
  }

  async #operate(work: (log: Log<Inputs>) => Promise<void>): Promise<Outcome<Inputs>> {
    const log = new Log<Inputs>();
    const write = (line: string) => log.lines.push(line);
    this.#operation = new Operation({ report: write, warn: (line) => write(`warning: ${line}`) });
    try {
      await work(log);
    } finally {
      await this.#operation.end();
    }
    this.seen.push(...log.lines, ...log.problems, ...log.inspected);
    this.seen.push(show(log.inputs), show([...this.resources.values()]), show(this.pendingDeletes));
    const { lines, problems, failures, errors, changes, replaces, inputs } = log;
    return { ok: problems.length === 0, lines, problems, failures, errors, changes, replaces, inputs };
  }

  async #refresh(log: Log<Inputs>): Promise<void> {
    for (const [name, kept] of this.resources) {
      const result = await log.attempt(() => this.#hooks.read(kept.id, copy(kept.outputs)));
      if (!result) continue;
      const { props, inputs } = copy(result) as unknown as { props: State; inputs?: Record<string, unknown> };
      const refreshed = { ...kept, outputs: props, inputs: { ...(inputs ?? kept.inputs) } };
      this.resources.set(name, { ...refreshed, isPartlyDone: false });
      // The engine asks for the difference in both directions, with inputs that no check of this process has seen.
      await log.attempt(() => this.#hooks.diff(kept.id, copy(kept.outputs), copy(refreshed.inputs)));
      await log.attempt(() => this.#hooks.diff(kept.id, copy(props), copy(kept.inputs)));
    }
  }

  async #run(program: Program, preview: boolean, log: Log<Inputs>): Promise<void> {
    for (const [key, declared] of Object.entries(program)) {
      this.#rename(key, declared);
      await this.#step(key, declared, preview, log);
    }
    if (preview || log.problems.length > 0) return;
    for (const pending of [...this.pendingDeletes]) {
      const done = await log.attempt(() => this.#hooks.delete(pending.id, copy(pending.outputs)));
      if (done !== undefined) this.pendingDeletes.splice(this.pendingDeletes.indexOf(pending), 1);
    }
    for (const [name, kept] of [...this.resources]) {
      if (Object.hasOwn(program, name)) continue;
      log.changes[name] = "delete";
      if ((await log.attempt(() => this.#hooks.delete(kept.id, copy(kept.outputs)))) !== undefined) {
        this.resources.delete(name);
      }
    }
  }

  #rename(key: string, { aliases = [] }: Declared): void {
    const former = aliases.find((alias) => this.resources.has(alias));
    const kept = former === undefined ? undefined : this.resources.get(former);
    if (former === undefined || !kept) return;
    this.resources.delete(former);
    this.resources.set(key, kept);
  }

  async #step(key: string, declared: Declared, preview: boolean, log: Log<Inputs>): Promise<void> {
    const kept = this.resources.get(key);
    const name = key.split("::")[0] ?? key;
    const place = {
      organization: "org",
      project: "proj",
      stack: "dev",
      ...this.place,
      parentTypes: declared.parentTypes ?? "",
      type: this.shell.type,
      name,
    };
    const raw = {
      ...copy(this.shell.buildInputs(declared.args)),
      pulumiContext: { preview, place },
      __provider: providerText,
    };
    const ignored = declared.ignoreChanges ?? [];
    const given = ignore(raw, kept?.inputs, ignored);
    // It copies the inputs one level deep: what it puts back further down stays in the program's own ones.
    const own = ignore(
      raw,
      kept?.inputs,
      ignored.filter((path) => path.includes(".")),
    );
    const isTarget = declared.isReplaceTarget === true && kept !== undefined;
    const news = isTarget
      ? await this.#check({}, own, log)
      : await this.#check(kept?.inputs ?? {}, given, log);
    if (!news) return;
    log.inputs[key] = news as Inputs;
    if (!kept) {
      log.changes[key] = "create";
      if (!preview) await this.#create(key, news, log);
      return;
    }
    const diff =
      declared.replace || isTarget
        ? { changes: true, replaces: ["id"] }
        : await log.attempt(() => this.#hooks.diff(kept.id, copy(kept.outputs), copy(news)));
    if (!diff) return;
    log.replaces[key] = (diff.replaces as string[] | undefined) ?? [];
    if (log.replaces[key].length > 0) {
      log.changes[key] = "replace";
      const successor = isTarget ? news : await this.#check({}, own, log);
      if (successor) await this.#replace(key, kept, successor, declared, preview, log);
      return;
    }
    log.changes[key] = diff.changes || kept.isPartlyDone ? "update" : "same";
    if (log.changes[key] === "same" || preview) return;
    await this.#record(key, kept.id, news, log, () =>
      this.#hooks.update(kept.id, copy(kept.outputs), copy(news)),
    );
  }

  async #check(
    olds: Record<string, unknown>,
    given: Record<string, unknown>,
    log: Log<Inputs>,
  ): Promise<Record<string, unknown> | undefined> {
    const result = await log.attempt(() => this.#hooks.check(copy(olds), copy(given)));
    if (!result) return undefined;
    const { inputs, failures = [] } = copy(result) as unknown as {
      inputs: Record<string, unknown>;
      failures?: { property: string; reason: string }[];
    };
    log.failures.push(...failures);
    for (const { property, reason } of failures) log.problems.push(printFailure(given, property, reason));
    return failures.length > 0 ? undefined : { ...inputs, __provider: given.__provider };
  }

  async #replace(
    key: string,
    old: Kept<State>,
    news: Record<string, unknown>,
    declared: Declared,
    preview: boolean,
    log: Log<Inputs>,
  ): Promise<void> {
    log.inputs[key] = news as Inputs;
    if (preview) return;
    if (declared.deleteBeforeReplace) {
      if ((await log.attempt(() => this.#hooks.delete(old.id, copy(old.outputs)))) === undefined) return;
      this.resources.delete(key);
    }
    if (!(await this.#create(key, news, log)) && !log.tookOver) return;
    log.tookOver = false;
    if (declared.retainOnDelete) log.changes[key] = "retain";
    else if (!declared.deleteBeforeReplace) this.pendingDeletes.push({ ...old, name: key });
  }

  #create(key: string, news: Record<string, unknown>, log: Log<Inputs>): Promise<boolean> {
    return this.#record(key, "", news, log, () => this.#hooks.create(copy(news)));
  }

  /** Keeps what a hook answers, and what a partly done one says of itself. */
  async #record(
    key: string,
    id: string,
    inputs: Record<string, unknown>,
    log: Log<Inputs>,
    work: () => Promise<unknown>,
  ): Promise<boolean> {
    try {
      const result = copy(await work()) as { id?: string; outs: State };
      const outputs = { ...result.outs, __provider: inputs.__provider } as State;
      this.resources.set(key, { id: result.id ?? id, inputs, outputs, isPartlyDone: false });
      return true;
    } catch (error) {
      log.fail(error);
      const { id: partId, properties } = error as { id?: string; properties?: State };
      if (partId !== undefined && properties !== undefined) {
        log.tookOver = true;
        this.resources.set(key, { id: partId, inputs, outputs: copy(properties), isPartlyDone: true });
      }
      return false;
    }
  }
}

class Log<Inputs> {
  readonly lines: string[] = [];
  readonly problems: string[] = [];
  readonly inspected: string[] = [];
  readonly changes: Record<string, Change> = {};
  readonly replaces: Record<string, readonly string[]> = {};
  readonly failures: { property: string; reason: string }[] = [];
  readonly errors: Error[] = [];
  readonly inputs: Record<string, Inputs> = {};
  /** A half-made successor became the live resource. */
  tookOver = false;

  async attempt(work: () => Promise<Record<string, unknown>>): Promise<Record<string, unknown> | undefined> {
    try {
      return (await work()) ?? {};
    } catch (error) {
      this.fail(error);
      return undefined;
    }
  }

  fail(error: unknown): void {
    this.errors.push(error as Error);
    this.problems.push((error as Error).message);
    this.inspected.push(inspect(error, { depth: 10 }), String((error as Error).stack));
    this.inspected.push(JSON.stringify(error));
  }
}

function ignore(
  news: Record<string, unknown>,
  olds: Record<string, unknown> | undefined,
  paths: readonly string[],
): Record<string, unknown> {
  if (!olds) return news;
  let result = { ...news };
  for (const path of paths) {
    const [top = "", ...rest] = path.split(".");
    if (top === "*") result = { ...olds };
    else if (rest.length === 0) moveOne(result, olds, top);
    else {
      const inner = { ...(result[top] as Record<string, unknown>) };
      moveOne(inner, (olds[top] ?? {}) as Record<string, unknown>, rest.join("."));
      result[top] = inner;
    }
  }
  return result;
}

function moveOne(news: Record<string, unknown>, olds: Record<string, unknown>, key: string): void {
  if (Object.hasOwn(olds, key)) news[key] = olds[key];
  else delete news[key];
}

// The engine looks the property up by its name among the top-level inputs, and prints what it finds.
function printFailure(given: Record<string, unknown>, property: string, reason: string): string {
  if (property === "") return reason;
  const value = Object.hasOwn(given, property) ? JSON.stringify(given[property]) : "<nil>";
  return `property ${property} value {${value}} has a problem: ${reason}`;
}

// What the shell gave as a secret under the same key stays one in preview and state.
function show(value: unknown): string {
  return JSON.stringify(value, (key, inner) =>
    key === "connection" || key === "fingerprintKey"
      ? inner?.app === "snowflake"
        ? inner
        : "[secret]"
      : inner,
  );
}

function copy<T>(value: T): T {
  return (value === undefined ? undefined : JSON.parse(JSON.stringify(value))) as T;
}
