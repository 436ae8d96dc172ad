import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SecretValue } from "../../../provider/core/secret-value.js";
import { holderLabel, openClaim } from "../../../provider/export-destination/claim/claim.js";
import { buildEmptyRecord, type ClaimRecord } from "../../../provider/export-destination/claim/record.js";
import { SecretsModel } from "../../support/aws/secrets-model.js";

const scope = { organizationId: "42", type: "snowflake" };
const name = "exports/org_42/active/snowflake";
const empty = buildEmptyRecord(scope);
const ours = {
  "managed-by": "pulumi-snowflake-secrets",
  "pulumi-snowflake-secrets:kind": "claim",
  "pulumi-snowflake-secrets:organization": "42",
  "pulumi-snowflake-secrets:type": "snowflake",
};
const next = (record: ClaimRecord): ClaimRecord => ({ ...record, revision: record.revision + 1 });

let model: SecretsModel;
const open = () => openClaim(model, scope);

beforeEach(() => {
  model = new SecretsModel();
  // Who lost a swap waits.
  vi.spyOn(globalThis, "setTimeout").mockImplementation(((after: () => void) =>
    setImmediate(after)) as never);
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** A secret of the claim's name, whose first version has no label yet. */
const put = (text: string, tags: Readonly<Record<string, string>> = ours) =>
  model.create({ name, description: "", value: new SecretValue(text), versionId: "first", tags });
const putVersion = (versionId: string, label: string, text = "theirs") =>
  model.putVersion(name, { value: new SecretValue(text), versionId, label });
const revisionOf = (label: string) => JSON.parse(model.read(name, label) ?? "{}").revision;

describe("a claim", () => {
  it("is made by the first change, as the version of both labels, and known by its tags", async () => {
    expect(await open().read()).toBeUndefined();
    expect(await open().change(next)).toEqual(next(empty));
    expect(await open().read()).toMatchObject({ record: next(empty), isLabelled: true, isCurrent: true });
    expect(await model.describe(name)).toMatchObject({
      tags: ours,
      description: expect.stringContaining("42"),
    });
  });

  it("whose creator was cut off before the label is changed like any other", async () => {
    await put(JSON.stringify(next(empty)));
    expect(await open().read()).toMatchObject({ versionId: "first", isLabelled: false, isCurrent: true });
    await open().change(next);
    expect([revisionOf(holderLabel), revisionOf("AWSCURRENT")]).toEqual([2, 2]);
  });

  it("is left as it is where the decision is to leave it, or fails", async () => {
    await open().change(next);
    const before = model.print();
    expect(await open().change((record) => record)).toEqual(next(empty));
    const refuse = () => {
      throw new Error("held");
    };
    await expect(open().change(refuse)).rejects.toThrow("held");
    expect(model.print()).toBe(before);
  });

  it("shows what it holds to readers without the label, whom a crash or somebody else left behind", async () => {
    await open().change(next);
    await putVersion("second", "AWSCURRENT");
    expect(await open().read()).toMatchObject({ isLabelled: true, isCurrent: false });
    vi.spyOn(model, "moveLabel").mockResolvedValueOnce(false);
    vi.spyOn(model, "describe").mockResolvedValueOnce(undefined);
    await open().change((record) => record);
    expect(revisionOf("AWSCURRENT")).toBe(1);
  });
});

describe("two that change a claim", () => {
  it.each([
    ["nobody had made", []],
    ["somebody had made", [next]],
  ])("that %s both come through, one after the other", async (_, before) => {
    for (const change of before) await open().change(change);
    const seen: number[] = [];
    const rename = (record: ClaimRecord): ClaimRecord => {
      seen.push(record.revision);
      return { ...record, organizationId: "renamed" };
    };
    // The other one is faster: it comes between what is read here and what is written.
    const { create, moveLabel } = model;
    vi.spyOn(model, "create").mockImplementationOnce(async (secret) => {
      await open().change(next);
      return create.call(model, secret);
    });
    if (before.length > 0)
      vi.spyOn(model, "moveLabel").mockImplementationOnce(async (...args) => {
        await open().change(next);
        return moveLabel.apply(model, args);
      });
    const revision = before.length + 1;
    expect(await open().change(rename)).toEqual({ ...empty, organizationId: "renamed", revision });
    expect(seen).toEqual([before.length, revision]);
    expect(JSON.parse(model.read(name, holderLabel) ?? "")).toEqual({
      ...empty,
      organizationId: "renamed",
      revision,
    });
  });

  it("does so once where AWS carried a move out and the answer was lost", async () => {
    await open().change(next);
    const { moveLabel } = model;
    vi.spyOn(model, "moveLabel").mockImplementationOnce(async (...args) => {
      await moveLabel.apply(model, args);
      return false;
    });
    expect(await open().change(next)).toMatchObject({ revision: 2 });
    expect([revisionOf(holderLabel), revisionOf("AWSCURRENT")]).toEqual([2, 2]);
  });

  it("waits for a claim that another one has just made and AWS does not show yet", async () => {
    await open().change(next);
    vi.spyOn(model, "readVersion").mockResolvedValueOnce(undefined).mockResolvedValueOnce(undefined);
    expect(await open().change(next)).toMatchObject({ revision: 2 });
  });

  it("gives up where others are faster every time, and changes nothing", async () => {
    await open().change(next);
    const move = vi.spyOn(model, "moveLabel").mockResolvedValue(false);
    await expect(open().change(next)).rejects.toMatchObject({
      code: "AWS_FAILED",
      target: name,
      retryable: true,
    });
    expect(move).toHaveBeenCalledTimes(20);
    expect(revisionOf(holderLabel)).toBe(1);
  });
});

describe("a claim that is scheduled for deletion", () => {
  const messages = { report: vi.fn(), warn: vi.fn() };
  const { "managed-by": managedBy, "pulumi-snowflake-secrets:kind": kind, ...others } = ours;

  it.each([
    [true, "its tags", ours],
    [true, "its tag managed-by", { ...others, "managed-by": managedBy }],
    [true, "its tag of the kind", { ...others, "pulumi-snowflake-secrets:kind": kind }],
    [false, "none of these", others],
  ])("is restored: %s, by %s", async (isRestored, _, tags) => {
    await put(JSON.stringify(next(empty)), tags);
    await model.scheduleDeletion(name, 30);
    await expect(open().read()).rejects.toMatchObject({
      code: "PENDING_DELETION",
      operation: expect.stringMatching(/^someone scheduled the claim for deletion, for 20/),
      details: { isRestorable: isRestored },
    });
    const reading = open().readRestored(messages);
    if (isRestored) expect(await reading).toMatchObject({ record: next(empty) });
    else await expect(reading).rejects.toMatchObject({ code: "PENDING_DELETION" });
    expect((await model.describe(name))?.deletionDate === undefined).toBe(isRestored);
  });

  it("is waited for where AWS does not show yet that it is restored", async () => {
    await put(JSON.stringify(next(empty)));
    await model.scheduleDeletion(name, 30);
    const { restore } = model;
    vi.spyOn(model, "restore").mockImplementationOnce(async (id) => {
      await restore.call(model, id);
      vi.spyOn(model, "readVersion").mockResolvedValueOnce("marked");
    });
    expect(await open().readRestored(messages)).toMatchObject({ record: next(empty) });
  });
});

describe("a secret of the claim's name that holds something else", () => {
  const moveBack = (from: string, to: string) =>
    `--version-stage HOLDER${from} --move-to-version-id ${to}; then run again.`;

  it.each<[what: string, seed: () => Promise<unknown>, text: string]>([
    ["nothing of ours", () => put("theirs"), "the secret with the claim's name does not contain a claim"],
    [
      "another one's version under our label",
      async () => {
        await put(JSON.stringify(empty));
        await putVersion("theirs", holderLabel);
      },
      moveBack(" --remove-from-version-id theirs", "first"),
    ],
    [
      "another one's version under both labels",
      async () => {
        await put(JSON.stringify(empty));
        await putVersion("theirs", holderLabel);
        await putVersion("theirs too", "AWSCURRENT");
      },
      moveBack(" --remove-from-version-id theirs", "first"),
    ],
    [
      "what was written and never held",
      async () => {
        await put("theirs");
        await putVersion("candidate", "CANDIDATE", JSON.stringify(empty));
      },
      moveBack("", "candidate"),
    ],
  ])("is not touched, and the cure is said: %s", async (_, seed, text) => {
    await seed();
    const before = model.print();
    const messages = { report: vi.fn(), warn: vi.fn() };
    for (const work of [() => open().read(), () => open().change(next), () => open().readRestored(messages)])
      await expect(work()).rejects.toMatchObject({
        code: "NOT_OURS",
        message: expect.stringContaining(text),
      });
    expect(model.print()).toBe(before);
  });
});
