import { expect } from "vitest";
import { deriveOwnerId } from "../../../provider/engine/ownership.js";
import type { ClaimRecord } from "../../../provider/export-destination/claim/record.js";
import { releaseClaim } from "../../../provider/export-destination/claim/release.js";
import { buildClaimName, buildSecretName } from "../../../provider/export-destination/secret/names.js";
import type { DestinationState } from "../../../provider/export-destination/state.js";
import type { Outcome, Program } from "../../support/hook-engine.js";
import { DestinationEngine } from "../../support/stack-of-one.js";
import { buildArguments, type ModelType, type OutsideInMemory, type SeenSecret } from "./model-outside.js";
import { firstWanted, type Interference, type Step, type Wanted } from "./model-steps.js";

const tag = (name: string) => `pulumi-snowflake-secrets:${name}`;
const identityTags = ["managed-by", ...["kind", "destination-id", "owner", "type"].map(tag)];

const findOwnerId = (stack: string, name: string) =>
  deriveOwnerId({
    organization: "organization",
    project: "exports",
    stack,
    parentTypes: "",
    type: "ExportDestination",
    name,
  });
const rivalOwnerId = findOwnerId("rival", "theirs");
const isRivals = (ownerId: string) => ownerId === rivalOwnerId;

const isConnected = (state: DestinationState | undefined): state is DestinationState =>
  state?.status === "Validated";

/** One scenario of a destination, with what should be outside beside it. */
export class Scenario {
  readonly stack = new DestinationEngine("dev");
  readonly rival = new DestinationEngine("rival");
  /** The logical names, the present one first. */
  names = ["bi"];
  /** The one from which the owner is derived. */
  private bornAs = "bi";
  wanted: Wanted = firstWanted;
  /** Nothing was changed or disturbed since an `up` that came to its end. */
  isSettled = false;
  readonly foreign = new Map<string, string>();
  readonly stripped = new Map<string, Readonly<Record<string, string>>>();
  /** Secrets whose loss or change is somebody else's doing. */
  readonly spoiled = new Set<string>();
  /** Secrets that the program left behind on purpose. */
  readonly retained = new Set<string>();
  readonly mayBeRetained = new Set<string>();
  /** Secrets that a live run of Glue uses. */
  runs: readonly string[] = [];
  /** Claims whose record somebody else changed, so that it may have forgotten a secret. */
  readonly tainted = new Set<string>();
  /** Of secrets that somebody deleted for good. */
  private readonly deletedArns = new Set<string>();
  /** Claims in which something was begun that did not come to its end. */
  readonly unfinished = new Set<string>();

  constructor(private readonly outside: OutsideInMemory) {}

  /** What the state holds. */
  private get only(): DestinationState | undefined {
    return [...this.stack.resources.values()][0]?.outputs;
  }

  get claimName(): string {
    return buildClaimName(this.wanted);
  }

  get program(): Program {
    const { credential, type, retainOnDelete, ...rest } = this.wanted;
    const [name = "", ...aliases] = this.names;
    const args = { ...rest, ...buildArguments(type, credential) };
    return { [name]: { args: JSON.parse(JSON.stringify(args)), aliases, retainOnDelete } };
  }

  async run(what: Step): Promise<void> {
    if (this.stack.resources.size === 0) {
      // Without a state an alias leads nowhere: the destination that the claim still names is found by its first name.
      if (this.unfinished.size > 0) this.names = [this.bornAs];
      this.bornAs = this.names[0] ?? "";
    }
    switch (what.do) {
      case "edit":
        this.wanted = { ...this.wanted, ...what.to };
        this.isSettled = false;
        return;
      case "rename":
        if (this.stack.resources.size === 0 && this.unfinished.size > 0) return;
        this.names = [`bi-${this.names.length}`, ...this.names];
        if (this.stack.resources.size === 0) this.names.splice(1);
        return;
      case "preview":
        await this.stack.preview(this.program);
        expect((await this.look()).writes, "a preview writes").toEqual([]);
        return;
      case "refresh":
        await this.stack.refresh();
        expect((await this.look()).writes, "a refresh writes").toEqual([]);
        return;
      case "up":
        await this.up();
        return;
      case "up, cut off":
        await this.cutOff(what, () => this.stack.up(this.program));
        this.unfinished.add(this.claimName);
        return;
      case "destroy":
        await this.destroy();
        return;
      case "destroy, cut off":
        if (this.wanted.retainOnDelete) await this.destroy();
        else await this.cutOff(what, () => this.stack.destroy());
        return;
      case "run": {
        const { secretName } = this.only ?? {};
        const used = (await this.outside.secrets()).find(({ name }) => name === secretName);
        if (isConnected(this.only) && used?.isScheduled === false) await this.setRuns([used.name]);
        return;
      }
      case "runs end":
        await this.setRuns([]);
        return;
      case "rival up":
        await this.rivalUp();
        return;
      case "rival destroy":
        await this.rival.destroy();
        await this.look();
        return;
      case "interfere":
        await this.interfere(what.what);
    }
  }

  /** What stands against an `up`, by which it may end as it likes as long as it keeps what there is. */
  async findObstacles(): Promise<string[]> {
    const { credential, destinationId, onPendingDeletion, organizationId, name, type } = this.wanted;
    const obstacles: string[] = [];
    const add = (is: boolean, what: string) => void (is && obstacles.push(what));
    const ownerId = this.only?.ownerId ?? findOwnerId("dev", this.names[0] ?? "");
    const secrets = await this.outside.secrets();
    const active = (await this.record(this.claimName))?.active;
    // A working destination keeps the id that it has where the program asks for none.
    const id = destinationId ?? (this.only?.status === "Validated" ? this.only.destinationId : undefined);
    const fixed = id && buildSecretName({ organizationId }, name, id);
    const atFixed = secrets.find((secret) => secret.name === fixed);
    add(!credential.startsWith("good-"), "credentials");
    add(active != null && active.owner.id !== ownerId, "another holder");
    add(this.runs.length > 0, "a run");
    add(this.stripped.size > 0, "a stripped mark");
    add(
      secrets.some((secret) => secret.isScheduled && secret.name.includes("/active/")),
      "a claim to be deleted",
    );
    add(fixed !== undefined && this.foreign.has(fixed), "a foreign secret");
    add(
      atFixed !== undefined && (atFixed.tags[tag("type")] !== type || atFixed.tags[tag("owner")] !== ownerId),
      "another destination's secret",
    );
    const isWaiting = secrets.some(
      (secret) =>
        secret.isScheduled &&
        (secret.name === fixed || this.spoiled.has(secret.name) || this.tainted.size > 0),
    );
    add(isWaiting && onPendingDeletion === "fail", "a pending deletion");
    return obstacles;
  }

  /** An `up` without a fault: if nothing stands against it, it does all of it. */
  async up(): Promise<Outcome<unknown>> {
    const obstacles = await this.findObstacles();
    const { isSettled } = this;
    const before = this.only;
    const scheduled = (await this.outside.secrets()).filter(({ isScheduled }) => isScheduled);
    const outcome = await this.stack.up(this.program);
    if (!scheduled.some(({ name }) => name === before?.secretName)) this.noteRetained(outcome, before);
    const deeds = await this.look();
    const problems = outcome.problems.join("\n");
    expect(problems).not.toContain("INTERNAL");
    if (obstacles.length === 0) expect(problems, "what stands against up").toBe("");
    expect(deeds.storedValues, "values stored in one up").toBeLessThanOrEqual(1);
    if (isSettled)
      expect(deeds, "what up does when nothing is to do").toMatchObject({ writes: [], logins: 0 });
    if (outcome.ok) await this.checkSettled();
    else this.unfinished.add(this.claimName);
    return outcome;
  }

  async destroy(): Promise<void> {
    const { stack, wanted } = this;
    if (wanted.retainOnDelete) {
      for (const { outputs } of [...stack.resources.values(), ...stack.pendingDeletes]) {
        this.unfinished.add(outputs.claimName);
        if (outputs.secretName !== undefined) this.mayBeRetained.add(outputs.secretName);
      }
      stack.resources.clear();
      stack.pendingDeletes.splice(0);
    } else {
      const destroyed = [...stack.resources.values()].map(({ outputs }) => outputs);
      const { problems } = await stack.destroy();
      expect(problems.join()).not.toContain("INTERNAL");
      const isDone = problems.length === 0;
      for (const { claimName, ownerId } of isDone ? destroyed : []) {
        this.unfinished.delete(claimName);
        this.checkReadable(await this.outside.secrets(), ownerId);
      }
    }
    this.isSettled = false;
    await this.look();
  }

  async cutOff(
    { skip, when, dies, losesState }: Extract<Step, { do: "up, cut off" | "destroy, cut off" }>,
    work: () => Promise<Outcome<unknown>>,
  ): Promise<void> {
    const beginning = this.stack.snapshot();
    const before = this.only;
    let atStrike: (() => void) | undefined;
    const onStrike = () => {
      atStrike ??= this.stack.snapshot();
    };
    const stop = this.outside.cut({ skip, when, dies, onStrike });
    const outcome = await work();
    stop();
    expect(outcome.problems.join()).not.toContain("INTERNAL");
    if (before?.secretName !== undefined && this.wanted.retainOnDelete)
      this.mayBeRetained.add(before.secretName);
    // What a process that is dead answers reaches no state.
    if (dies && atStrike !== undefined) atStrike();
    if (losesState && (dies || atStrike === undefined)) beginning();
    for (const { outputs } of this.stack.resources.values()) this.unfinished.add(outputs.claimName);
    this.isSettled = false;
    await this.look();
  }

  async rivalUp(): Promise<void> {
    const args = {
      organizationId: "42",
      name: "rival",
      ...buildArguments("snowflake", "good-3"),
    };
    const held = (await this.record(buildClaimName(firstWanted)))?.active;
    const { ok, problems } = await this.rival.up({ theirs: { args } });
    const isHeld = held != null && !isRivals(held.owner.id);
    if (isHeld) expect(ok, "two active destinations").toBe(false);
    if (isHeld && this.stripped.size === 0) expect(problems.join()).not.toContain("INTERNAL");
    if (ok) this.isSettled = false;
    await this.look();
  }

  async setRuns(secretNames: readonly string[]): Promise<void> {
    this.runs = secretNames;
    await this.outside.setRuns(secretNames);
  }

  async interfere(what: Interference): Promise<void> {
    const { outside } = this;
    const { other } = outside;
    const state = this.only;
    const claimName = state?.claimName ?? this.claimName;
    const secrets = await outside.secrets();
    const claim = secrets.find(({ name }) => name === claimName);
    if (what === "take the fixed name") {
      const name = buildSecretName(firstWanted, "bi", "fixed-1");
      if (secrets.some((secret) => secret.name === name)) return;
      await other.create(name, "theirs");
      this.foreign.set(name, "theirs");
      outside.takeDeeds();
      return;
    }
    const target = what.includes("claim") ? claim : secrets.find(({ name }) => name === state?.secretName);
    // What somebody does to a secret of their own is nothing of ours.
    if (target === undefined || target.isScheduled || this.foreign.has(target.name)) return;
    this.isSettled = false;
    const { name } = target;
    if (target === claim) await this.interfereWithClaim(what, target);
    else {
      this.spoiled.add(name);
      if (what === "schedule the secret") await other.schedule(name);
      if (what === "delete the secret") {
        await other.deleteNow(name);
        this.deletedArns.add(target.arn);
        // With it went what had been stripped of it.
        this.stripped.delete(name);
      }
      if (what === "put a value") await other.putValue(name, "theirs");
      if (what === "move the secret's label back") await this.moveBack(target, "AWSCURRENT");
      if (what === "strip tags") await other.untag(name, ["revision", "name"].map(tag));
      if (what === "strip the mark") {
        if (this.stripped.has(name)) return;
        const marks = Object.entries(target.tags).filter(([each]) => identityTags.includes(each));
        this.stripped.set(name, Object.fromEntries(marks));
        await other.untag(name, identityTags);
      }
    }
    outside.takeDeeds();
  }

  private async interfereWithClaim(what: Interference, claim: SeenSecret): Promise<void> {
    const { other } = this.outside;
    const { name } = claim;
    // Before its maker has come to the label, the current version is the record itself.
    if (what === "put a version on the claim" && claim.labels.HOLDER !== undefined)
      await other.putValue(name, "theirs");
    if (what === "schedule the claim") await other.schedule(name);
    if (what === "move the claim's label back") {
      // Only a record of ours can be read.
      const former = (await this.outside.read(name, "AWSPREVIOUS")) ?? "theirs";
      if (former === "theirs" || claim.labels.HOLDER !== claim.labels.AWSCURRENT) return;
      await this.moveBack(claim, "HOLDER");
      this.tainted.add(name);
    }
    if (what === "delete the claim") {
      await other.deleteNow(name);
      this.tainted.add(name);
    }
  }

  private async moveBack({ name, labels }: SeenSecret, label: string): Promise<void> {
    const [from, to] = [labels[label], labels.AWSPREVIOUS];
    if (from === undefined || to === undefined || from === to) return;
    await this.outside.other.moveLabel(name, label, { from, to });
  }

  /** Looks at what was done, and at what must hold at any time. */
  private async look() {
    const deeds = this.outside.takeDeeds();
    const secrets = await this.outside.secrets();
    for (const [name, value] of this.foreign) {
      expect(await this.outside.read(name, "AWSCURRENT"), `foreign ${name}`).toBe(value);
    }
    for (const name of this.retained) {
      const found = secrets.find((secret) => secret.name === name);
      if (!this.spoiled.has(name)) expect(found?.isScheduled, `retained ${name}`).toBe(false);
    }
    for (const name of this.runs) {
      const found = secrets.find((secret) => secret.name === name);
      if (!this.spoiled.has(name)) expect(found?.isScheduled, `${name} while a run uses it`).toBe(false);
    }
    for (const { name } of secrets.filter((secret) => secret.name.includes("/active/"))) {
      const active = (await this.record(name))?.active;
      if (active?.status !== "connected" || this.tainted.has(name) || this.spoiled.has(active.secretName))
        continue;
      // Another one may have its name by now.
      if (this.deletedArns.has(active.secretArn ?? "")) continue;
      const found = secrets.find((secret) => secret.arn === active.secretArn);
      expect(found?.isScheduled, `${active.secretName}, which the claim names`).toBe(false);
    }
    await this.checkRecorded(secrets);
    return deeds;
  }

  /** What can be read and is ours stands on record in its claim. */
  private async checkRecorded(secrets: readonly SeenSecret[]): Promise<void> {
    for (const { name, tags, isScheduled } of secrets) {
      if (isScheduled || tags[tag("kind")] !== "destination") continue;
      const scope = { organizationId: tags[tag("organization")] ?? "", type: tags[tag("type")] ?? "" };
      const claimName = buildClaimName(scope);
      if (this.tainted.has(claimName)) continue;
      const record = await this.record(claimName);
      if (record === undefined) continue;
      const known = [record.active, record.successor, ...record.archived].map((entry) => entry?.secretName);
      expect(known, `the record of ${claimName}`).toContain(name);
    }
  }

  private noteRetained({ changes }: Outcome<unknown>, before: DestinationState | undefined): void {
    const { only } = this;
    const [change] = Object.values(changes);
    const former = before?.secretName;
    if (former === undefined || former === only?.secretName) return;
    if (change === "retain" && isConnected(before) && !this.spoiled.has(former)) this.retained.add(former);
    if (change === "retain") this.mayBeRetained.add(former);
  }

  /** What holds after an `up` that came to its end. */
  private async checkSettled(): Promise<void> {
    const { stack, wanted, claimName, outside } = this;
    const state = this.only;
    expect(stack.pendingDeletes).toEqual([]);
    expect(state).toMatchObject({ status: "Validated", integrationStatus: "Connected", claimName });
    const { secretName = "", destinationId, secretArn, ownerId } = state ?? {};
    const record = await this.record(claimName);
    expect(record?.active).toMatchObject({ destinationId, secretArn, status: "connected", secretName });
    expect(record?.successor).toBeUndefined();
    const secrets = await outside.secrets();
    const claim = secrets.find(({ name }) => name === claimName);
    expect(claim?.labels.AWSCURRENT, "who reads the claim without a label").toBe(claim?.labels.HOLDER);
    const { credentials } = buildArguments(wanted.type, wanted.credential);
    const stored = await outside.read(secretName, "AWSCURRENT");
    expect(JSON.parse(stored ?? "null"), "what a job reads").toEqual(credentials);
    for (const known of [this.spoiled, this.retained, this.mayBeRetained]) known.delete(secretName);
    this.unfinished.delete(claimName);
    this.isSettled = true;
    this.checkReadable(secrets, ownerId, secretName);
  }

  /** Of ours, nothing else can be read. */
  private checkReadable(secrets: readonly SeenSecret[], ownerId: string | undefined, kept?: string): void {
    const readable = secrets.filter(({ name, tags, isScheduled }) => {
      if (isScheduled || tags[tag("kind")] !== "destination" || tags[tag("owner")] !== ownerId) return false;
      const organizationId = tags[tag("organization")] ?? "";
      const claimName = buildClaimName({ organizationId, type: tags[tag("type")] as ModelType });
      const mayStay = this.retained.has(name) || this.mayBeRetained.has(name);
      return !(mayStay || this.tainted.has(claimName) || this.unfinished.has(claimName));
    });
    expect(
      readable.map(({ name }) => name),
      "what can still be read",
    ).toEqual(readable.some(({ name }) => name === kept) ? [kept] : []);
  }

  /** The last clean `up`, and then the end. */
  async finish(): Promise<void> {
    const { outside, stack } = this;
    await this.run({ do: "runs end" });
    for (const [name, tags] of this.stripped) {
      const found = (await outside.secrets()).find((secret) => secret.name === name);
      if (found?.isScheduled) await outside.other.restore(name);
      if (found !== undefined) await outside.other.tag(name, tags);
      // State and claim proved it ours, so it may have been disconnected without its tags.
      if (found?.isScheduled) await outside.other.schedule(name);
    }
    this.stripped.clear();
    for (const { name, isScheduled } of await outside.secrets()) {
      if (isScheduled && name.includes("/active/")) await outside.other.restore(name);
    }
    await this.rival.destroy();
    const active = (await this.record(this.claimName))?.active;
    const ownerId = this.only?.ownerId ?? findOwnerId("dev", this.names[0] ?? "");
    if (active != null && active.owner.id !== ownerId) {
      // Where the claim was set back to a time when another one held it.
      const { organizationId, type } = this.wanted;
      await releaseClaim({ organizationId, type, destinationId: active.destinationId });
    }
    const credential = this.wanted.credential.startsWith("good-") ? this.wanted.credential : "good-2";
    this.wanted = { ...this.wanted, credential, onPendingDeletion: "restore" };
    const others = (await this.findObstacles()).filter((obstacle) => /secret$/.test(obstacle));
    if (others.length > 0) this.wanted = { ...this.wanted, destinationId: "free" };
    this.isSettled = false;
    outside.takeDeeds();
    const last = await this.up();
    expect(last.problems, "the last up").toEqual([]);
    const again = await this.up();
    expect(Object.values(again.changes)).toEqual(["same"]);
    this.wanted = { ...this.wanted, retainOnDelete: false };
    const { problems } = await stack.destroy();
    expect(problems, "destroy").toEqual([]);
    await this.look();
    this.checkReadable(await outside.secrets(), ownerId);
    expect((await this.record(this.claimName))?.active).toBeNull();
  }

  private async record(claimName: string): Promise<ClaimRecord | undefined> {
    const text = await this.outside.read(claimName, "HOLDER");
    return text === undefined ? undefined : (JSON.parse(text) as ClaimRecord);
  }
}
