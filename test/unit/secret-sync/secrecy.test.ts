import { inspect } from "node:util";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { FaultEffect } from "../../../sdk/snowflake-server/index.js";
import { plantValues } from "../../support/pulumi/planted-values.js";
import { findIn } from "../../support/pulumi/search.js";
import { createFixture } from "./fixture.js";

const names = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"] as const;

/** What goes wrong with a write; a server may put what it was sent into its answer. */
const faults: readonly [
  what: string,
  isSurvived: boolean,
  effect: (values: readonly string[]) => FaultEffect,
][] = [
  [
    "an error that quotes every value",
    false,
    (values) => ({ kind: "sql-error", code: "001003", message: `syntax error near ${values.join(" and ")}` }),
  ],
  ["a cut connection", true, () => ({ kind: "cut", when: "after" })],
  ["a status without Snowflake's envelope", true, () => ({ kind: "http-status", status: 400 })],
];

/** All that can be seen of a thing: hidden properties, stacks and causes too. */
const show = (thing: unknown): string =>
  [
    inspect(thing, { depth: null, showHidden: true, maxStringLength: null, maxArrayLength: null }),
    JSON.stringify(thing) ?? "",
  ].join("\n");

afterEach(() => void vi.unstubAllEnvs());

describe("values of every shape", () => {
  it.each(faults)(
    "stand in no error, state, message or statement when a write meets %s",
    async (_, isSurvived, build) => {
      const { stack, sync, control, connection } = await createFixture();
      const planted = plantValues(...names);
      const values = Object.values(planted);
      const [fromEnvironment = ""] = values;
      vi.stubEnv("SYNC_TEST_PLANTED", fromEnvironment);
      const sources = [{ type: "environment", keys: ["SYNC_TEST_PLANTED"] }];
      // Names that every object has.
      const secrets = { ...planted, constructor: fromEnvironment, toString: fromEnvironment };
      const program = { app: sync(secrets, { sources }) };
      const preview = await stack.preview(program);
      control.addFault({ match: /^CREATE SECRET/, effect: build(values) });
      const failed = await stack.up(program);
      const finished = await stack.up(program);
      const refused = await stack.up({
        app: sync({ ...planted, "": planted.first }, { surplus: planted.second }),
      });
      const state = show(stack.state());
      const refreshed = await stack.refresh();
      const destroyed = await stack.destroy();
      expect([failed, finished, refused, refreshed, destroyed].map(({ ok }) => ok)).toEqual([
        isSurvived,
        true,
        false,
        true,
        true,
      ]);
      const texts = [preview, failed, finished, refused, refreshed, destroyed].map((outcome, index) => ({
        name: `operation ${index + 1}`,
        text: show(outcome),
      }));
      expect(
        findIn(values, {
          folders: [],
          leaveOut: new Set(),
          texts: [
            ...texts,
            { name: "state", text: state },
            {
              name: "statements",
              text: control
                .statements()
                .map(({ sql }) => sql)
                .join("\n"),
            },
            ...failed.errors.map((error) => ({ name: "error", text: `${error.stack} ${show(error.cause)}` })),
          ],
        }),
      ).toEqual([]);
      expect(
        findIn([...values, String(connection.password)], {
          folders: [],
          leaveOut: new Set(),
          texts: [{ name: "seen", text: stack.seen.join("\n") }],
        }),
      ).toEqual([]);
    },
  );
});
