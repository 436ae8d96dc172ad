import type { FaultEffect } from "../../sdk/snowflake-server/faults.js";
import { elsewhere, type FaultFixture, otherMark, place, role } from "./fault-fixture.js";

/** One fault of Snowflake, what a person is to see of it, and what that person does. */
export interface Fault {
  readonly what: string;
  readonly at?: string;
  /** The operation that it hits. @default "update", which alters, creates and drops one secret each */
  readonly scene?: "creation" | "update" | "destroy";
  /** Within which time the operation ends. */
  readonly boundMs: number;
  inject(fixture: FaultFixture): void;
  /** What is seen of it; undefined: the operation succeeds without a word. */
  readonly told?: { readonly text: RegExp; readonly in?: "problems" | "lines" };
  /** Somebody changed Snowflake in it: what the state says is compared after the next `up`. */
  readonly isOutside?: boolean;
  /** It hits what is not ours in the window between check and write. */
  readonly losesForeign?: boolean;
  /** What a person does before the next run. */
  heal?(fixture: FaultFixture): void;
  /** How it ended, where it ended well. */
  readonly ended?: string;
}

const forever = Number.POSITIVE_INFINITY;
/** Of an operation whose statements are answered: the driver's pauses between its tries are in it. */
export const answeredMs = 20_000;
/** One statement that is never answered, with what follows it. */
export const statementMs = 140_000;
/** A log-in that is never answered. */
export const loginMs = 45_000;
const writes = /^(CREATE|ALTER|DROP) SECRET/;
const name = (key: string) => ({ ...place, name: `P_${key}` });
const once =
  (match: RegExp, effect: FaultEffect, skip = 0) =>
  (fixture: FaultFixture) =>
    fixture.control.addFault({ match, skip, times: 1, effect });
/** Somebody does something right before a statement is carried out. */
const interfere = (match: RegExp, work: (fixture: FaultFixture) => void) => (fixture: FaultFixture) =>
  fixture.control.addFault({
    match,
    times: 1,
    effect: { kind: "call", when: "before", call: () => work(fixture) },
  });

/** Those that end within seconds. */
export const quickFaults: readonly Fault[] = [
  ...[429, 503].map((status) => ({
    what: `two answers of HTTP ${status} in a row`,
    at: "a write",
    boundMs: answeredMs,
    inject: (fixture: FaultFixture) =>
      fixture.control.addFault({ match: writes, times: 2, effect: { kind: "http-status", status } }),
  })),
  {
    what: "an answer a byte at a time",
    at: "the listing",
    boundMs: answeredMs,
    inject: once(/^SHOW SECRETS/, { kind: "dribble", everyMs: 1 }),
  },
  {
    what: "the session's token expires",
    at: "the second write",
    boundMs: answeredMs,
    inject: once(writes, { kind: "expire-session" }, 1),
  },
  {
    what: "the session is gone for good",
    at: "the second write",
    boundMs: answeredMs,
    inject: interfere(/^CREATE SECRET/, ({ control }) => control.expireSessions("gone")),
    told: { text: /"P_GONE": \[UNREACHABLE\] .* Fix: run again\. The server ended the session/ },
  },
  {
    what: "CREATE SECRET is revoked",
    at: "the second write",
    boundMs: answeredMs,
    inject: interfere(writes, ({ control }) => control.revoke("CREATE SECRET", place, role)),
    told: { text: /run GRANT CREATE SECRET ON SCHEMA "APP"\."SECRETS" TO ROLE "SYNC_ROLE";/ },
    heal: ({ control }) => control.grant("CREATE SECRET", place, role),
  },
  {
    what: "USAGE on the schema is revoked",
    at: "the first write",
    boundMs: answeredMs,
    inject: interfere(writes, ({ control }) => control.revoke("USAGE", place, role)),
    told: { text: /\[(NOT_FOUND|PRIVILEGE_MISSING)\]/ },
    heal: ({ control }) => control.grant("USAGE", place, role),
  },
  {
    what: "every right of the role is revoked",
    at: "the second write, and from then on",
    boundMs: answeredMs,
    inject: ({ control }) =>
      control.addFault({
        match: writes,
        skip: 1,
        times: forever,
        effect: { kind: "sql-error", code: "003001", sqlState: "42501", message: "Insufficient privileges" },
      }),
    told: { text: /\[PRIVILEGE_MISSING\].*GRANT /s },
  },
  {
    what: "SHOW lists no more than two rows",
    boundMs: answeredMs,
    inject: ({ control }) => control.setRowCap(2),
    told: { text: /\[UNPROVEN\] the schema holds more secrets than Snowflake lists/ },
    heal: ({ control }) => control.setRowCap(10_000),
  },
  {
    what: "a name is taken by a secret that SHOW does not list",
    boundMs: answeredMs,
    isOutside: true,
    inject: ({ control }) => control.putSecret({ ...name("NEW"), value: "theirs", owner: elsewhere }),
    told: { text: /"P_NEW": ALREADY_EXISTS|"P_NEW": \[ALREADY_EXISTS\]|role "SYNC_ROLE" cannot see it/ },
    heal: ({ control }) => control.dropSecret(place.database, place.schema, "P_NEW"),
  },
  {
    what: "another owner's secret appears between check and CREATE",
    boundMs: answeredMs,
    isOutside: true,
    inject: interfere(/^CREATE SECRET/, ({ control }) =>
      control.putSecret({ ...name("NEW"), value: "theirs", owner: role, comment: otherMark }),
    ),
    told: { text: /ALREADY_EXISTS|already exists|a secret of that name is there/ },
    heal: (fixture) => {
      if (fixture.control.secret(place.database, place.schema, "P_NEW")?.value !== "theirs")
        throw new Error("what another owner made was touched");
      fixture.control.dropSecret(place.database, place.schema, "P_NEW");
    },
  },
  ...(["ALTER", "DROP"] as const).map((verb): Fault => {
    const theirs = name(verb === "ALTER" ? "A" : "GONE");
    return {
      what: `another owner's secret takes the place of ours between check and ${verb}`,
      boundMs: answeredMs,
      isOutside: true,
      inject: interfere(new RegExp(`^${verb} SECRET`), ({ control }) => {
        control.dropSecret(place.database, place.schema, theirs.name);
        control.putSecret({ ...theirs, value: "theirs", owner: role, comment: otherMark });
      }),
      ended: "the documented window: theirs was lost, as Snowflake has no conditional statement",
    };
  }),
  {
    what: "the database is dropped between check and write",
    scene: "creation",
    boundMs: answeredMs,
    isOutside: true,
    losesForeign: true,
    inject: interfere(/^SHOW SECRETS/, ({ control }) => control.dropDatabase(place.database)),
    told: { text: /\[NOT_FOUND\] database does not exist, or role "SYNC_ROLE" may not see it: "APP"/ },
    heal: makePlace,
  },
  {
    what: "the schema is dropped between check and the first write",
    scene: "creation",
    boundMs: answeredMs,
    isOutside: true,
    losesForeign: true,
    inject: interfere(/^CREATE SECRET/, ({ control }) => control.dropSchema(place.database, place.schema)),
    told: { text: /\[NOT_FOUND\]/ },
    heal: (fixture) => {
      fixture.control.dropDatabase(place.database);
      makePlace(fixture);
    },
  },
  {
    what: "a secret of ours is dropped and made again with our comment",
    boundMs: answeredMs,
    isOutside: true,
    inject: ({ control }) => {
      const comment = String(control.secret(place.database, place.schema, "P_B")?.comment);
      control.dropSecret(place.database, place.schema, "P_B");
      control.putSecret({ ...name("B"), value: "theirs", owner: role, comment });
    },
    ended: "seen by its creation time, and written again",
  },
  {
    what: "a secret of ours is given to a role that hides it",
    boundMs: answeredMs,
    isOutside: true,
    inject: ({ control }) => control.alterSecret(name("B"), { owner: elsewhere }),
    told: { text: /"P_B": .*its ownership was moved, or somebody made another one/ },
    heal: ({ control }) => control.alterSecret(name("B"), { owner: role }),
  },
  {
    what: "a secret of ours is given to a role that hides it",
    at: "its ALTER",
    boundMs: answeredMs,
    isOutside: true,
    inject: interfere(/^ALTER SECRET/, ({ control }) => control.alterSecret(name("A"), { owner: elsewhere })),
    told: { text: /"P_A": / },
    heal: ({ control }) => control.alterSecret(name("A"), { owner: role }),
  },
];

/** At every statement, `snowflake.test.ts` cuts; this one is also seen through the engine. */
export const cutAfterCreate: Fault = {
  what: "the connection is cut after Snowflake carried it out",
  at: "CREATE SECRET",
  boundMs: answeredMs,
  inject: once(/^CREATE SECRET/, { kind: "cut", when: "after" }),
  ended: "asked again under the same request, and done once",
};

/** Those that end only when a limit of ours does. */
export const slowFaults: readonly Fault[] = [
  ...(["before", "after"] as const).map((when) => ({
    what: `silence, ${when} it is carried out`,
    at: "a write",
    boundMs: statementMs,
    inject: (fixture: FaultFixture) =>
      fixture.control.addFault({ match: /^ALTER SECRET/, times: forever, effect: { kind: "hang", when } }),
    told: { text: /TIMED_OUT|no answer/ },
  })),
  {
    what: "silence",
    at: "the log-in",
    boundMs: loginMs,
    inject: (fixture) => fixture.control.addFault({ on: "login", times: forever, effect: { kind: "hang" } }),
    told: { text: /\[TIMED_OUT\]/ },
  },
  {
    what: "a byte every two seconds",
    at: "the log-in",
    boundMs: loginMs,
    inject: (fixture) =>
      fixture.control.addFault({ on: "login", times: forever, effect: { kind: "dribble", everyMs: 2_000 } }),
    told: { text: /\[TIMED_OUT\]/ },
  },
  {
    what: "a byte every two seconds",
    at: "the listing",
    boundMs: statementMs,
    inject: (fixture) =>
      fixture.control.addFault({
        match: /^SHOW SECRETS/,
        times: forever,
        effect: { kind: "dribble", everyMs: 2_000 },
      }),
    told: { text: /\[TIMED_OUT\]/ },
  },
  ...[429, 503].map((status) => ({
    what: `HTTP ${status}, and it does not end`,
    at: "a write",
    boundMs: statementMs,
    inject: (fixture: FaultFixture) =>
      fixture.control.addFault({
        match: /^ALTER SECRET/,
        times: forever,
        effect: { kind: "http-status", status },
      }),
    told: { text: /TIMED_OUT|UNREACHABLE|no answer/ },
  })),
];

function makePlace({ control }: FaultFixture): void {
  control.createDatabase(place.database);
  control.createSchema(place.database, place.schema);
  control.grant("USAGE", { database: place.database }, role);
  for (const privilege of ["USAGE", "CREATE SECRET"]) control.grant(privilege, place, role);
}
