import { describe, expect, it } from "vitest";
import { checkSources } from "../../../sdk/cli/doctor/sources.js";
import { readStackSyncs } from "../../../sdk/cli/stack-syncs.js";
import { buildResource } from "./exported-sync.js";

describe("the doctor, where there is no source to read, says why", () => {
  const place = { programDirectory: ".", mayRun: () => false };
  const ofProgram = readStackSyncs([buildResource({ sources: [{ type: "program", allowEmpty: true }] })]);

  it.each([
    ["no stack was given", "not given", [], "not checked: give --stack"],
    ["the stack cannot be read", "not read", [], "not checked: the stack cannot be read"],
    ["the stack has no sync", "read", [], "this stack has no sync"],
    ["all values are the program's", "read", ofProgram, "this stack's syncs have no external source"],
  ] as const)("%s", async (_, stack, syncs, detail) => {
    expect(await checkSources(syncs, place, stack)).toEqual([{ area: "source", status: "skipped", detail }]);
  });
});
