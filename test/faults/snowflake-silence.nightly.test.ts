import { describe, it } from "vitest";
import { seeThrough } from "./fault-fixture.js";
import { slowFaults } from "./snowflake-faults.js";

describe.each(["dynamic", "plugin"] as const)("a Snowflake that does not answer, in the host %s", (host) => {
  it.for(slowFaults)("$what ($at)", { concurrent: true, timeout: 400_000 }, (fault, context) =>
    seeThrough(context, host, fault),
  );
});
