import { beforeEach, describe, expect, it, vi } from "vitest";
import { SecretValue } from "../../../provider/core/secret-value.js";
import { Operation } from "../../../provider/engine/operation.js";
import { resolveIdentity } from "../../../provider/engine/ownership.js";
import { openClaim } from "../../../provider/export-destination/claim/claim.js";
import type { ClaimedDestination, ClaimRecord } from "../../../provider/export-destination/claim/record.js";
import { type Drift, lookForDrift } from "../../../provider/export-destination/drift.js";
import type { DestinationState } from "../../../provider/export-destination/state.js";
import { SecretsModel } from "../../support/aws/secrets-model.js";
import { StackOfOne } from "../../support/stack-of-one.js";

/** Each thing that somebody else can have done, by itself: what is said of it, and what repairs it. */

let model = new SecretsModel();

vi.mock("../../../provider/aws/with-aws.js", () => ({
  withAws: (_settings: unknown, work: (aws: unknown) => Promise<unknown>) =>
    work({ accountId: "123456789012", region: "us-east-1", secrets: model }),
}));
vi.mock("../../../provider/export-destination/validation/validation.js", () => ({
  validateCredentials: async () => ({ passed: true, remarks: [], address: { source: "unknown" } }),
}));

const credentials = {
  type: "snowflake",
  account: "acme-x",
  warehouse: "W",
  database: "D",
  username: "u",
  password: "p",
};
const name = "exports/org_42/active/snowflake";
const place = {
  organization: "organization",
  project: "exports",
  parentTypes: "",
  type: "ExportDestination",
};
let state: DestinationState;

beforeEach(async () => {
  model = new SecretsModel();
  const stack = new StackOfOne({ stack: "dev", name: "bi" });
  const { error } = await stack.up({ organizationId: "42", credentials });
  expect(error).toBeUndefined();
  state = stack.outs;
});

/** As a refresh looks, which is not told where it stands; or as a stack does that is. */
function look(stack?: string, from = state): Promise<readonly Drift[]> {
  const operation = new Operation({ report: () => undefined, warn: () => undefined });
  const context = { run: "preview" as const, place: { ...place, stack: stack ?? "", name: "bi" } };
  if (stack !== undefined) resolveIdentity(operation, { ...from }, context);
  return lookForDrift(from, operation);
}

/** The record after `change`, as whoever else held the claim wrote it. */
const write = (change: (active: ClaimedDestination, record: ClaimRecord) => Partial<ClaimRecord>) =>
  openClaim(model, state).change((record) => {
    if (record.active === null) throw new Error("nobody holds the claim");
    return { ...record, ...change(record.active, record) };
  });
const changeActive = (change: Partial<ClaimedDestination>) =>
  write((active) => ({ active: { ...active, ...change } }));
const later = { destinationId: "later", revision: 9 };
const foreign = { id: "another", place: "o/p/s/n" };
const archivedAt = "2026-01-01T00:00:00.000Z";

describe("of a claim", () => {
  it.each<
    [what: string, spoil: () => Promise<unknown>, text: string, repair: Drift["repair"], stack?: string]
  >([
    [
      "that nobody holds",
      () => write(() => ({ active: null })),
      `the claim ${name} is held by nobody`,
      "provision",
    ],
    [
      "that another one holds",
      () => changeActive({ ...later, owner: foreign }),
      `the claim ${name} is held by later of o/p/s/n`,
      "provision",
    ],
    [
      "whose holder is a later revision",
      () => changeActive({ revision: 9 }),
      "of organization/exports/dev/bi",
      "provision",
    ],
    [
      "that a copy of the state holds",
      () => changeActive({ owner: { id: state.ownerId, place: "organization/exports/copy/bi" } }),
      "of organization/exports/copy/bi, which has a copy of this state",
      "provision",
    ],
    [
      "with a rotation that was interrupted",
      () => write((active) => ({ successor: { ...active, ...later } })),
      "an interrupted rotation left later, which never became active",
      "provision",
    ],
    [
      "with what an interrupted deployment left",
      () =>
        write(({ status: _, ...kept }) => ({
          archived: [{ ...kept, ...later, archivedAt, isOrphan: true }],
        })),
      "an interrupted deployment left later, whose secret is to be removed",
      "provision",
    ],
    [
      "whose holder is being disconnected",
      () => changeActive({ status: "disconnecting" }),
      "the claim says that the destination is disconnecting",
      "provision",
    ],
    [
      "that names another secret",
      () => changeActive({ secretArn: "arn:other" }),
      `the claim ${name} names another secret than the one that is stored`,
      "provision",
    ],
    [
      "that names the former stack, where this one is known",
      async () => undefined,
      `the claim ${name} names organization/exports/dev/bi, as after a rename of the stack. If this state is a copy, do not run pulumi up`,
      "in place",
      "renamed",
    ],
    [
      "whose current version is another one",
      () => model.putVersion(name, { value: new SecretValue("theirs"), versionId: "theirs" }),
      `the current version of the claim ${name} is somebody else's`,
      "in place",
    ],
    ["that was deleted", async () => model.remove(name), `the claim ${name} was deleted`, "provision"],
    [
      "that is scheduled for deletion",
      () => model.scheduleDeletion(name, 30),
      "someone scheduled the claim for deletion, for 20",
      "restore",
    ],
  ])("%s is seen", async (_, spoil, text, repair, stack) => {
    await spoil();
    expect(await look(stack)).toEqual([{ text: expect.stringContaining(text), repair }]);
  });

  it("that cannot be told from somebody else's secret is an error, and no drift", async () => {
    model.remove(name);
    await model.create({ name, description: "", value: new SecretValue("theirs"), versionId: "1", tags: {} });
    await expect(look()).rejects.toMatchObject({ code: "NOT_OURS" });
    await model.scheduleDeletion(name, 30);
    await expect(look()).rejects.toMatchObject({ code: "PENDING_DELETION" });
  });

  it("that is as it was left is none, whoever waits beside it", async () => {
    expect(await look()).toEqual([]);
    expect(await look("dev")).toEqual([]);
    await write(({ status: _, ...kept }) => ({
      successor: { ...kept, ...later, owner: foreign, status: "planned" },
      archived: [{ ...kept, ...later, archivedAt, owner: foreign, isOrphan: true }],
    }));
    expect(await look()).toEqual([]);
  });
});

describe("of the secret", () => {
  const arn = () => state.secretArn ?? "";
  const putValue = () => model.putVersion(arn(), { value: new SecretValue("theirs"), versionId: "theirs" });
  const changed = "the secret's current version is not the one that was stored: somebody changed the value";

  it.each<
    [what: string, spoil: () => Promise<unknown>, drift: readonly (readonly [string, Drift["repair"]])[]]
  >([
    ["deleted", async () => model.remove(state.secretName ?? ""), [["the secret was deleted", "provision"]]],
    [
      "scheduled for deletion, whatever else is wrong with it",
      async () => {
        await putValue();
        await model.scheduleDeletion(arn(), 30);
      },
      [["the secret was scheduled for deletion and goes on 20", "provision"]],
    ],
    [
      "written and re-tagged, beside a lost claim",
      async () => {
        await putValue();
        await model.tag(arn(), { "pulumi-snowflake-secrets:type": "x", "managed-by": "x", theirs: "x" });
        model.remove(name);
      },
      [
        [changed, "provision"],
        ["the secret was re-tagged: managed-by, pulumi-snowflake-secrets:type", "in place"],
        [`the claim ${name} was deleted`, "provision"],
      ],
    ],
    ["tagged beside ours", () => model.tag(arn(), { theirs: "x" }), []],
  ])("%s", async (_, spoil, drift) => {
    await spoil();
    expect(await look()).toEqual(
      drift.map(([text, repair]) => ({ text: expect.stringContaining(text), repair })),
    );
  });

  it("is looked for by its name where its ARN is not known", async () => {
    const { secretArn: _, ...rest } = state;
    await putValue();
    expect((await look(undefined, rest)).map(({ text }) => text)).toContain(changed);
  });
});
