import { describe, expect, it } from "vitest";
import type { FaultEffect } from "../../sdk/snowflake-server/faults.js";
import type { HostName } from "../support/hosts.js";
import { inHosts } from "../support/nightly.js";
import { FaultFixture, seeThrough } from "./fault-fixture.js";
import { tellRow } from "./row.js";
import { answeredMs, type Fault, quickFaults } from "./snowflake-faults.js";

type Scene = NonNullable<Fault["scene"]>;

const refused: FaultEffect = {
  kind: "sql-error",
  code: "000603",
  sqlState: "XX000",
  message: "Processing aborted.",
};

/** The kinds of the statements of an operation without a fault, in order. */
async function listStatements(host: HostName, scene: Scene): Promise<readonly string[]> {
  const fixture = await FaultFixture.start(host);
  try {
    if (scene !== "creation") await fixture.up(fixture.before);
    fixture.control.resetCounts();
    expect((await fixture.run(scene)).problems).toEqual([]);
    return fixture.control.statements().map(({ kind }) => kind);
  } finally {
    await fixture.server.stop();
  }
}

/** What is seen of a statement that Snowflake refuses. */
function tellRefusal(kinds: readonly string[], k: number, scene: Scene): Fault["told"] {
  // What was written stands, and is only not read back; what was dropped is gone, and only what is elsewhere not seen.
  if (k === kinds.length - 1) {
    const text =
      scene === "destroy"
        ? /did not list all secrets of the account.*\[STATEMENT_FAILED\]/
        : /could not be read back: \[STATEMENT_FAILED\]/;
    return { text, in: "lines" };
  }
  return { text: /\[STATEMENT_FAILED\]/ };
}

describe.each(inHosts("dynamic"))("a fault of Snowflake, in the host %s", (host) => {
  it.for(quickFaults)("$what ($at)", (fault, context) => seeThrough(context, host, fault));

  describe.each(["creation", "update", "destroy"] as const)("at each statement of a %s", (scene) => {
    it.for<[string, FaultEffect, boolean]>([
      ["Snowflake refuses", refused, true],
      ["the connection is cut before Snowflake sees it", { kind: "cut", when: "before" }, false],
      ["the connection is cut after Snowflake carried it out", { kind: "cut", when: "after" }, false],
    ])("%s", async ([what, effect, isTold], context) => {
      const kinds = await listStatements(host, scene);
      expect(kinds.length).toBeGreaterThan(scene === "destroy" ? 3 : 5);
      const hits = kinds.map((kind, k) => {
        // The plugin cannot tell a preview from an up in its diff: what fails there is left to the update, which looks again.
        const isLook = host === "plugin" && scene === "update" && k < 2;
        const told = isTold && !isLook ? tellRefusal(kinds, k, scene) : undefined;
        return seeThrough(context, host, {
          what,
          at: `statement ${k + 1} of ${kinds.length} of a ${scene}, ${kind}`,
          scene,
          boundMs: answeredMs,
          inject: ({ control }) => control.addFault({ skip: k, times: 1, effect }),
          ...(told === undefined ? {} : { told }),
          ended: isTold ? "done, with a warning" : "asked again under the same request, and done once",
        });
      });
      await Promise.all(hits);
    });
  });

  it("the window between the check of what is ours and the write is short, and what is done in it is told by the next run", async (context) => {
    const fixture = await FaultFixture.start(host);
    try {
      const many = Object.fromEntries(Array.from({ length: 50 }, (_, i) => [`K${i}`, fixture.before.A]));
      expect((await fixture.up(many)).problems).toEqual([]);
      const seen: { readonly text: string; readonly atMs: number }[] = [];
      fixture.control.addFault({
        match: ({ text }) => {
          seen.push({ text, atMs: performance.now() });
          return false;
        },
        effect: { kind: "cut", when: "before" },
      });
      const started = Date.now();
      const changed = Object.fromEntries(Object.keys(many).map((key) => [key, fixture.after.A]));
      expect((await fixture.up(changed)).problems).toEqual([]);
      const tookMs = Date.now() - started;
      const isWrite = ({ text }: { text: string }) => /^ALTER SECRET/.test(text);
      const first = seen.findIndex(isWrite);
      const last = seen.findLastIndex(isWrite);
      const check = seen.slice(0, first).findLastIndex(({ text }) => /^SHOW SECRETS/.test(text));
      const windowMs = (seen[last]?.atMs ?? 0) - (seen[check]?.atMs ?? 0);
      // Nothing but the writes themselves stands between the check and the last of them.
      expect(first - check).toBe(1);
      expect(last - check).toBe(50);
      tellRow(context, {
        fault: "the window between check and write, of 50 writes one after another",
        host,
        saw: "",
        ended: `${first - check} statement to the first write, ${last - check} to the last, ${Math.round(windowMs)} ms in all`,
        tookMs,
        boundMs: answeredMs,
      });
    } finally {
      await fixture.server.stop();
    }
  });
});
