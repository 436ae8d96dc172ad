import { describe, expect, it } from "vitest";
import {
  type ArchivedDestination,
  buildEmptyRecord,
  type ClaimedDestination,
  type ClaimRecord,
  maxArchived,
  parseRecord,
} from "../../../provider/export-destination/claim/record.js";
import {
  activateDestination,
  disconnectDestination,
  markDisconnecting,
  markHeld,
  planDestination,
  releaseActive,
  rememberFailedRotation,
} from "../../../provider/export-destination/claim/transitions.js";

const at = "2026-01-02T00:00:00.000Z";
const gone = "2026-02-01T00:00:00.000Z";
const bare = (revision: number) => ({
  destinationId: `id-${revision}`,
  revision,
  name: "bi",
  owner: { id: "owner", place: "org/proj/dev/bi" },
  secretName: `exports/org_42/bi_id-${revision}`,
  destinationMetadata: {},
  since: "2026-01-01T00:00:00.000Z",
});
const planned = (revision: number): ClaimedDestination => ({ ...bare(revision), status: "planned" });
const connected = (revision: number): ClaimedDestination => ({
  ...bare(revision),
  status: "connected",
  secretArn: `arn:${revision}`,
});
const archived = (revision: number, more: Partial<ArchivedDestination> = {}): ArchivedDestination => ({
  ...bare(revision),
  secretArn: `arn:${revision}`,
  archivedAt: at,
  ...more,
});
const empty = buildEmptyRecord({ organizationId: "42", type: "snowflake" });
const record = (changes: Partial<ClaimRecord>): ClaimRecord => ({ ...empty, ...changes });
const many = Array.from({ length: maxArchived }, (_, index) => archived(100 - index));
const failure = { ownerId: "owner", at, destinationId: "id-2", errorCode: "C", errorMessage: "m" };
const failedRotation = { ...failure, attemptFingerprint: "f", errorExplanation: { what: "w", fix: "f" } };

/** What a step leaves of a record, field by field; taken in the test, so that a mutant is its test's. */
const steps: readonly [what: string, step: () => ClaimRecord, left: Partial<ClaimRecord>][] = [
  [
    "planned where nothing works: it is the active one",
    () => planDestination(empty, planned(1), false, []),
    { revision: 1, active: planned(1), archived: [] },
  ],
  [
    "planned beside one that works: it is to follow",
    () => planDestination(record({ revision: 9, active: connected(1) }), planned(2), true, []),
    { revision: 9, active: connected(1), successor: planned(2), archived: [] },
  ],
  [
    "planned in the place of another successor, which is an orphan: that one stays on record",
    () =>
      planDestination(record({ active: connected(1), successor: planned(2) }), planned(3), true, [
        planned(2),
      ]),
    {
      active: connected(1),
      successor: planned(3),
      archived: [{ ...bare(2), archivedAt: bare(3).since, isOrphan: true }],
    },
  ],
  [
    "planned again: nothing else",
    () => planDestination(record({ active: connected(1), successor: planned(2) }), planned(2), true, []),
    { active: connected(1), successor: planned(2), archived: [] },
  ],
  [
    "planned though it works already: it stays connected",
    () => planDestination(record({ active: connected(1) }), planned(1), false, []),
    { revision: 1, active: connected(1), archived: [] },
  ],
  [
    "planned again while it is taken away: what was stored stays on record",
    () =>
      planDestination(
        record({ active: { ...connected(1), status: "disconnecting" } }),
        planned(1),
        false,
        [],
      ),
    { active: { ...planned(1), secretArn: "arn:1" }, archived: [] },
  ],
  [
    "planned in the place of an active one: that one is archived, and the oldest forgotten",
    () => planDestination(record({ active: connected(2), archived: many }), planned(3), false, []),
    { active: planned(3), archived: [archived(2, { archivedAt: bare(3).since }), ...many.slice(0, -1)] },
  ],
  [
    "planned as a successor: the oldest is forgotten",
    () => planDestination(record({ successor: planned(2), archived: many }), planned(3), true, []),
    { successor: planned(3), archived: [{ ...bare(2), archivedAt: bare(3).since }, ...many.slice(0, -1)] },
  ],
  [
    "activated: it is successor no more, the former is archived, and no failure is remembered",
    () =>
      activateDestination(
        record({ active: connected(1), successor: planned(2), failedRotation }),
        connected(2),
        at,
        [],
      ),
    { revision: 2, active: connected(2), archived: [archived(1)] },
  ],
  [
    "activated: another successor stays, and a former one that was only planned does not",
    () =>
      activateDestination(
        record({ revision: 9, active: planned(1), successor: planned(3) }),
        connected(2),
        at,
        [],
      ),
    { revision: 9, active: connected(2), successor: planned(3), archived: [] },
  ],
  [
    "activated again, and archived before: it is active alone",
    () =>
      activateDestination(
        record({ active: planned(2), archived: [archived(2), archived(1)] }),
        connected(2),
        at,
        [connected(1)],
      ),
    { active: connected(2), archived: [archived(1)] },
  ],
  [
    "activated: an orphan is marked, and the oldest forgotten",
    () =>
      activateDestination(record({ active: connected(2), archived: many }), connected(3), at, [connected(2)]),
    { archived: [archived(2, { isOrphan: true }), ...many.slice(0, -1)] },
  ],
  [
    "marked as disconnecting: with its secret",
    () => markDisconnecting(record({ active: planned(1) }), { secretArn: "arn:1" }),
    { active: { ...planned(1), secretArn: "arn:1", status: "disconnecting" } },
  ],
  [
    "marked as disconnecting where no secret is known: with what was known",
    () => markDisconnecting(record({ active: connected(1) }), {}),
    { active: { ...connected(1), status: "disconnecting" } },
  ],
  [
    "marked as held: the active one alone",
    () => markHeld(record({ active: connected(2), successor: planned(3) })),
    { active: { ...connected(2), isHeld: true }, successor: planned(3) },
  ],
  [
    "disconnected: the claim is free, and it is archived with its dates",
    () =>
      disconnectDestination(record({ active: connected(1), successor: planned(2) }), connected(1), at, gone),
    {
      active: null,
      successor: planned(2),
      archived: [archived(1, { disconnectedAt: at, deletionDate: gone })],
    },
  ],
  [
    "disconnected after another took its place: an orphan no more, and archived once",
    () =>
      disconnectDestination(
        record({
          active: connected(3),
          archived: [archived(2), archived(1, { archivedAt: gone, isOrphan: true })],
        }),
        connected(1),
        at,
        undefined,
      ),
    { active: connected(3), archived: [archived(1, { archivedAt: gone, disconnectedAt: at }), archived(2)] },
  ],
  [
    "disconnected as a successor that was only planned: it leaves nothing",
    () =>
      disconnectDestination(record({ active: connected(1), successor: planned(2) }), planned(2), at, gone),
    { active: connected(1), archived: [] },
  ],
  [
    "disconnected: another revision of its id stays, and the oldest is forgotten",
    () =>
      disconnectDestination(
        record({ active: { ...connected(2), destinationId: "id-1" }, archived: many }),
        connected(1),
        at,
        gone,
      ),
    {
      active: { ...connected(2), destinationId: "id-1" },
      archived: [archived(1, { disconnectedAt: at, deletionDate: gone }), ...many.slice(0, -1)],
    },
  ],
  [
    "released: active and successor are archived, and the oldest forgotten",
    () => releaseActive(record({ active: connected(2), successor: planned(3), archived: many }), at),
    { active: null, archived: [archived(2), { ...bare(3), archivedAt: at }, ...many.slice(0, -2)] },
  ],
  ["released by nobody: nothing", () => releaseActive(empty, at), { active: null, archived: [] }],
  [
    "whose rotation failed",
    () => rememberFailedRotation(record({ active: connected(1) }), failedRotation),
    { active: connected(1), failedRotation },
  ],
];

describe("a destination in its claim", () => {
  it.each(steps)("%s", (_what, step, left) => {
    const after = step();
    expect(after).toEqual({ ...after, ...left });
    expect("successor" in after).toBe("successor" in left);
    expect("failedRotation" in after).toBe("failedRotation" in left);
    expect(parseRecord(JSON.stringify(after))).toEqual(after);
  });

  it("that is held already, or that is not there, is the very same record", () => {
    for (const same of [empty, record({ active: { ...connected(1), isHeld: true } })]) {
      expect(markHeld(same)).toBe(same);
    }
    expect(markDisconnecting(empty, {})).toBe(empty);
  });

  it("is of a type that there is", () => {
    expect(empty).toMatchObject({ type: "snowflake", active: null, archived: [] });
    expect(() => buildEmptyRecord({ organizationId: "42", type: "oracle" })).toThrow("unknown type");
  });
});
