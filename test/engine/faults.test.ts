import { describe, it } from "vitest";
import { seeThrough } from "../faults/fault-fixture.js";
import { cutAfterCreate, quickFaults } from "../faults/snowflake-faults.js";

/** The others, in both hosts, see `npm run test:faults`. */
const telling: ReadonlySet<string> = new Set([
  "CREATE SECRET is revoked",
  "another owner's secret appears between check and CREATE",
  "the database is dropped between check and write",
]);

describe("a fault of Snowflake, seen through the engine", () => {
  it("in the host dynamic: the connection is cut after a CREATE", (context) =>
    seeThrough(context, "engine, dynamic", cutAfterCreate));

  it.for(quickFaults.filter(({ what }) => telling.has(what)))("in the host plugin: $what", (fault, context) =>
    seeThrough(context, "engine, plugin", fault),
  );
});
