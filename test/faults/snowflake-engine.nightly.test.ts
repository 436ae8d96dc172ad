import { describe, it } from "vitest";
import { seeThrough } from "./fault-fixture.js";
import { cutAfterCreate, quickFaults, slowFaults } from "./snowflake-faults.js";

const silence = slowFaults.filter(({ what, at }) => what.startsWith("silence") && at === "a write");

describe.each(["engine, dynamic", "engine, plugin"] as const)(
  "a fault of Snowflake, in the host %s",
  (host) => {
    it.for(silence)("$what ($at)", { concurrent: true }, (fault, context) =>
      seeThrough(context, host, fault),
    );

    it.for([cutAfterCreate, ...quickFaults])("$what ($at)", (fault, context) =>
      seeThrough(context, host, fault),
    );
  },
);
