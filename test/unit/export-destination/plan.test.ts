import { describe, expect, it } from "vitest";
import type { ClaimedDestination, ClaimRecord } from "../../../provider/export-destination/claim/record.js";
import { buildEmptyRecord } from "../../../provider/export-destination/claim/record.js";
import type { KnownInputs } from "../../../provider/export-destination/inputs/arguments.js";
import {
  type ProvisionBasis,
  type ProvisionSteps,
  planProvision,
} from "../../../provider/export-destination/plan.js";
import { deriveDestinationId } from "../../../provider/export-destination/secret/names.js";
import { type DestinationState, noTexts } from "../../../provider/export-destination/state.js";

const scope = { organizationId: "42", type: "snowflake" as const };
const place = "org/proj/dev/bi";
/** An hour after what the claim holds. */
const now = Date.parse("2026-01-01T01:00:00.000Z");

const inputs: KnownInputs = {
  ...scope,
  name: "bi",
  onPendingDeletion: "fail",
  destinationMetadata: {},
  credentialFingerprints: {},
  credentialsFingerprint: "f1",
  fingerprintKey: "k".repeat(32),
  ownerId: "0123456789abcdef",
  awsAccountId: "123456789012",
  awsRegion: "us-east-1",
};

const state = (revision: number, changes: Partial<DestinationState> = {}): DestinationState => ({
  ...inputs,
  ...noTexts,
  stateVersion: 1,
  destinationId: `id-${revision}`,
  destinationIdIsFixed: false,
  revision,
  place,
  status: "Validated",
  integrationStatus: "Connected",
  claimName: "exports/org_42/active/snowflake",
  secretName: `exports/org_42/bi_id-${revision}`,
  secretArn: `arn:${revision}`,
  statusHistory: [],
  attempts: [],
  createdAt: "2026-01-01T00:00:00.000Z",
  ...changes,
});

const claimed = (revision: number, changes: Partial<ClaimedDestination> = {}): ClaimedDestination => ({
  destinationId: `id-${revision}`,
  revision,
  name: "bi",
  status: "connected",
  owner: { id: inputs.ownerId, place },
  secretName: `exports/org_42/bi_id-${revision}`,
  secretArn: `arn:${revision}`,
  destinationMetadata: {},
  since: "2026-01-01T00:00:00.000Z",
  ...changes,
});

const record = (changes: Partial<ClaimRecord>): ClaimRecord => ({ ...buildEmptyRecord(scope), ...changes });

const plan = (here: ClaimRecord | undefined, basis: Partial<ProvisionBasis> = {}, news = inputs) =>
  planProvision(news, { here, elsewhere: undefined }, { placeHint: place, ...basis }, now);

function steps(...args: Parameters<typeof plan>): ProvisionSteps {
  const planned = plan(...args);
  if (planned.action === "refuse") throw planned.error;
  return planned;
}

function refusal(...args: Parameters<typeof plan>): string {
  const planned = plan(...args);
  return planned.action === "refuse" ? planned.error.message : "no refusal";
}

describe("a plan", () => {
  it("of a first creation takes the first revision and keeps nothing", () => {
    expect(steps(undefined)).toMatchObject({
      secretRevision: { revision: 1 },
      keepsOld: false,
      orphans: [],
      recordedOrphans: [],
      outgoing: undefined,
    });
  });

  it("goes on with what an interrupted creation planned", () => {
    const destinationId = deriveDestinationId(inputs.ownerId, inputs, 3);
    const planned = {
      destinationId,
      secretName: `exports/org_42/bi_${destinationId}`,
      status: "planned",
    } as const;
    const here = record({ revision: 3, active: claimed(3, planned) });
    expect(steps(here)).toMatchObject({
      secretRevision: { destinationId, revision: 3 },
      keepsOld: false,
      orphans: [],
      recordedOrphans: [{ revision: 3 }],
    });
  });

  it("takes up a connected one that no state knows, under whatever id it is", () => {
    expect(steps(record({ revision: 3, active: claimed(3) }))).toMatchObject({
      secretRevision: { destinationId: "id-3", revision: 3 },
      orphans: [],
    });
  });

  it("lets go of what an interrupted creation planned under a fixed id that is fixed no more", () => {
    const here = record({ revision: 3, active: claimed(3, { status: "planned" }) });
    expect(steps(here)).toMatchObject({
      secretRevision: { destinationId: deriveDestinationId(inputs.ownerId, inputs, 4), revision: 4 },
      orphans: [{ revision: 3 }],
    });
  });

  it("of a replacement keeps the old one, and guards what will go", () => {
    const here = record({ revision: 1, active: claimed(1) });
    expect(steps(here, { predecessor: state(1) })).toMatchObject({
      secretRevision: { revision: 2 },
      keepsOld: true,
      orphans: [],
      outgoing: { secretIds: ["exports/org_42/bi_id-1", "exports/org_42/active/snowflake", "arn:1"] },
    });
  });

  it("of a replacement under a fixed id guards nothing, because the secret stays", () => {
    const fixed = { ...inputs, destinationId: "id-1" };
    const here = record({ revision: 1, active: claimed(1) });
    const { secretRevision, outgoing } = steps(here, { predecessor: state(1) }, fixed);
    expect(secretRevision).toMatchObject({ destinationId: "id-1", revision: 2 });
    expect(outgoing).toBeUndefined();
  });

  it("of a replacement that a person asked for does not take the active one for its own", () => {
    const here = record({ revision: 1, active: claimed(1) });
    expect(steps(here, { isReplacement: true })).toMatchObject({
      secretRevision: { revision: 2 },
      keepsOld: true,
      orphans: [],
    });
  });

  it("of a replacement in another account remembers a failure where the old one is claimed", () => {
    const predecessor = state(1, { awsAccountId: "999999999999" });
    expect(steps(undefined, { predecessor })).toMatchObject({ elsewhere: predecessor, keepsOld: true });
  });

  it("removes what a rotation left that was cut off, and is no longer wanted", () => {
    const here = record({ revision: 2, active: claimed(2), archived: [] });
    expect(steps(here, { previous: state(1) })).toMatchObject({
      secretRevision: { revision: 1 },
      orphans: [{ revision: 2 }],
    });
  });

  it("takes up nothing that is earlier than what it replaces, though somebody set the claim back to it", () => {
    const { secretArn: _arn, ...planned } = claimed(2, { status: "planned" });
    const here = record({ revision: 2, active: claimed(1), successor: planned });
    expect(steps(here, { predecessor: state(2), isReplacement: true })).toMatchObject({
      secretRevision: { revision: 3 },
      orphans: [],
    });
    // Nor does it remove that one, which may have been retained.
    expect(steps(here, { previous: state(2) })).toMatchObject({
      secretRevision: { revision: 2 },
      orphans: [],
    });
  });

  it("refuses another holder, and says more to one that may have been renamed", () => {
    const held = (other: string) => record({ active: claimed(1, { owner: { id: "other", place: other } }) });
    expect(refusal(held("org/proj/prod/bi"))).toMatch(/^\[INTEGRATION_EXISTS\]/);
    for (const other of ["org/proj/prod/bi", place]) expect(refusal(held(other))).not.toContain("aliases");
    expect(refusal(held("org/proj/dev/former"))).toContain("give it its former name in aliases");
  });

  it("of a creation goes on with what the claim has of its owner id, if it is of this place and a day", () => {
    const resumed = claimed(1, { since: "2025-12-31T01:00:00.000Z" });
    expect(steps(record({ active: resumed }))).toMatchObject({ resumed, secretRevision: { revision: 1 } });
    expect(steps(record({ active: resumed }), { previous: state(1) }).resumed).toBeUndefined();
    const old = claimed(1, { since: "2025-12-31T00:59:59.999Z" });
    expect(refusal(record({ active: old }))).toMatch(
      /^\[UNPROVEN\] the active snowflake export destination of organization 42, id-1, has this resource's owner id, but the state does not record it: it was made more than 24 hours ago/,
    );
    const failed = state(1, { status: "Failed" });
    expect(refusal(record({ active: old }), { previous: failed })).toContain("[UNPROVEN]");
    expect(refusal(record({ active: null, successor: old }))).toContain("[UNPROVEN]");
    const elsewhere = claimed(1, { owner: { id: inputs.ownerId, place: "org/proj/former/bi" } });
    expect(refusal(record({ active: elsewhere }))).toContain(
      "org/proj/former/bi made it, and this is org/proj/dev/bi",
    );
    for (const basis of [{ previous: state(1) }, { predecessor: state(1) }, { isReplacement: true }]) {
      expect(refusal(record({ active: old }), basis)).toBe("no refusal");
    }
  });

  it("refuses to work beside a copy of its state, but not on what it left itself", () => {
    const by = (other: string) =>
      record({
        revision: 2,
        active: claimed(2, { owner: { id: inputs.ownerId, place: other } }),
        archived: [{ ...claimed(1), archivedAt: "2026-01-02T00:00:00.000Z" }],
      });
    expect(refusal(by("org/proj/copy/bi"), { previous: state(1) })).toMatch(
      /^\[UNPROVEN\] a copy of this state/,
    );
    expect(refusal(by(place), { previous: state(1) })).toBe("no refusal");
    expect(refusal(by("org/proj/dev/new"), { previous: state(1), placeHint: "org/proj/dev/new" })).toBe(
      "no refusal",
    );
  });

  it("refuses to replace what another stack wrote, which may be a rename or a copy", () => {
    const basis = { predecessor: state(1), placeHint: "org/proj/copy/bi" };
    expect(refusal(record({ active: claimed(1) }), basis)).toMatch(
      /^\[UNPROVEN\] the state was written by .*, and this is org\/proj\/copy\/bi/,
    );
  });

  it("refuses credentials again only if the service itself refused them", () => {
    const failed = (errorCode: string) =>
      state(1, { status: "Failed", integrationStatus: "Error", errorCode });
    expect(refusal(undefined, { previous: failed("AUTHENTICATION_FAILED") })).toMatch(
      /^\[CREDENTIALS_REJECTED\]/,
    );
    const others = [
      "TIMED_OUT",
      "UNREACHABLE",
      "NETWORK_POLICY",
      "NOT_FOUND",
      "PRIVILEGE_MISSING",
      "INTERNAL",
    ];
    for (const code of others) {
      expect(refusal(undefined, { previous: failed(code) }), code).toBe("no refusal");
    }
    const again = { ...inputs, retryTrigger: "the key was attached" };
    expect(refusal(undefined, { previous: failed("AUTHENTICATION_FAILED") }, again)).toBe("no refusal");
    const other = { ...inputs, credentialsFingerprint: "f2" };
    expect(refusal(undefined, { previous: failed("AUTHENTICATION_FAILED") }, other)).toBe("no refusal");
  });
});
