import {
  type ArchivedDestination,
  type ClaimedDestination,
  type ClaimRecord,
  type FailedRotation,
  maxArchived,
} from "./record.js";

/**
 * The steps that a claim's record goes through, as pure functions; `active-claim` swaps their results in.
 */

/**
 * The new destination is to be stored: as the active one if none works yet, else as its successor. Whose place it takes
 * stays on record as an orphan, if it is one, until its secret is removed.
 */
export function planDestination(
  record: ClaimRecord,
  planned: ClaimedDestination,
  follows: boolean,
  orphans: readonly ClaimedDestination[],
): ClaimRecord {
  const revision = Math.max(record.revision, planned.revision);
  if (follows) {
    const { successor } = record;
    const former =
      successor === undefined || isSame(successor, planned)
        ? []
        : [archive(successor, planned.since, orphans)];
    const archived = [...former, ...record.archived].slice(0, maxArchived);
    return { ...record, revision, successor: planned, archived };
  }
  const own = record.active !== null && isSame(record.active, planned) ? record.active : undefined;
  if (own?.status === "connected") return { ...record, revision };
  const former =
    record.active === null || own !== undefined ? [] : [archive(record.active, planned.since, orphans)];
  return {
    ...record,
    revision,
    // What was stored stays on record, as the proof that it is ours.
    active: own?.secretArn === undefined ? planned : { ...planned, secretArn: own.secretArn },
    archived: [...former, ...record.archived].slice(0, maxArchived),
  };
}

/**
 * The new destination is stored and becomes the active one; the former one is archived. Another successor, of a
 * deployment that was cut off, stays on record until its secret is removed.
 */
export function activateDestination(
  record: ClaimRecord,
  connected: ClaimedDestination,
  at: string,
  orphans: readonly ClaimedDestination[],
): ClaimRecord {
  const { successor, failedRotation: _failedRotation, ...kept } = record;
  const former = record.active !== null && !isSame(record.active, connected) ? record.active : undefined;
  const archived =
    former === undefined || former.status === "planned"
      ? record.archived
      : [archive(former, at, orphans), ...record.archived];
  return {
    ...kept,
    revision: Math.max(record.revision, connected.revision),
    active: connected,
    ...(successor === undefined || isSame(successor, connected) ? {} : { successor }),
    archived: archived.filter((entry) => !isSame(entry, connected)).slice(0, maxArchived),
  };
}

/** The active destination is about to lose its secret, whose ARN stays on record as the proof that it was its own. */
export function markDisconnecting(
  record: ClaimRecord,
  { secretArn }: Pick<ClaimedDestination, "secretArn">,
): ClaimRecord {
  if (record.active === null) return record;
  const own = secretArn === undefined ? {} : { secretArn };
  return { ...record, active: { ...record.active, ...own, status: "disconnecting" } };
}

/** The active destination is of a stack that has another name now. */
export function moveActive(record: ClaimRecord, place: string): ClaimRecord {
  const { active } = record;
  return active === null ? record : { ...record, active: { ...active, owner: { ...active.owner, place } } };
}

/** The state holds the active destination, which is not known of one whose creation was cut off. */
export function markHeld(record: ClaimRecord): ClaimRecord {
  if (record.active === null || record.active.isHeld === true) return record;
  return { ...record, active: { ...record.active, isHeld: true } };
}

/** A destination is disconnected; if it was the active one, the claim is free. It follows nobody any more. */
export function disconnectDestination(
  record: ClaimRecord,
  destination: ClaimedDestination,
  at: string,
  deletionDate: string | undefined,
): ClaimRecord {
  const wasActive = record.active !== null && isSame(record.active, destination);
  const known = record.archived.find((former) => isSame(former, destination)) ?? archive(destination, at);
  const { isOrphan: _isOrphan, ...kept } = known;
  const entry: ArchivedDestination = {
    ...kept,
    disconnectedAt: at,
    ...(deletionDate === undefined ? {} : { deletionDate }),
  };
  const others = record.archived.filter((former) => !isSame(former, destination));
  const { successor, ...rest } = record;
  return {
    ...rest,
    ...(successor === undefined || isSame(successor, destination) ? {} : { successor }),
    active: wasActive ? null : record.active,
    archived: (destination.status === "planned" ? others : [entry, ...others]).slice(0, maxArchived),
  };
}

/** The record with credentials that did not pass, so that they are not sent again. */
export function rememberFailedRotation(record: ClaimRecord, failedRotation: FailedRotation): ClaimRecord {
  return { ...record, failedRotation };
}

/** Whether two entries are one revision of one destination. */
export function isSame(
  one: Pick<ClaimedDestination, "destinationId" | "revision">,
  other: Pick<ClaimedDestination, "destinationId" | "revision">,
): boolean {
  return one.destinationId === other.destinationId && one.revision === other.revision;
}

function archive(
  destination: ClaimedDestination,
  at: string,
  orphans: readonly ClaimedDestination[] = [],
): ArchivedDestination {
  const { status: _status, isHeld: _isHeld, ...kept } = destination;
  const isOrphan = orphans.some((orphan) => isSame(orphan, destination));
  return { ...kept, archivedAt: at, ...(isOrphan ? { isOrphan } : {}) };
}

/** The active destination, and one that was to follow it, give the claim up; their secrets stay. */
export function releaseActive(record: ClaimRecord, at: string): ClaimRecord {
  const { successor, ...kept } = record;
  const given = [record.active, successor].flatMap((entry) => (entry == null ? [] : [archive(entry, at)]));
  return { ...kept, active: null, archived: [...given, ...record.archived].slice(0, maxArchived) };
}
