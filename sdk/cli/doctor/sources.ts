import { countOf } from "../../../provider/core/count-of.js";
import { describeSource, readSource, type SourceContext } from "../../../provider/sources/index.js";
import type { StackSync } from "../stack-syncs.js";
import { asBadCheck, type Check } from "./check.js";

/** Where the sources of a stack are read. */
export type SourcePlace = Required<Pick<SourceContext, "programDirectory" | "mayRun">>;

/**
 * Whether each source of the stack's syncs can be read from here, and how many keys it has.
 *
 * @param stack whether a stack was given, and could be read
 */
export async function checkSources(
  syncs: readonly StackSync[],
  place: SourcePlace,
  stack: "not given" | "not read" | "read",
): Promise<Check[]> {
  const checks = await Promise.all(
    syncs.flatMap((sync) =>
      sync.sources.map(async (source): Promise<Check> => {
        const label = describeSource(source, sync);
        try {
          const { entries } = await readSource(source, {
            environment: sync.environment,
            secretPath: sync.secretPath,
            programDirectory: place.programDirectory,
            mayRun: place.mayRun,
            env: process.env,
          });
          const keys = new Set(entries.map(({ key }) => key)).size;
          return { area: "source", status: "ok", detail: `${label}: ${countOf(keys, "key")}` };
        } catch (error) {
          return asBadCheck("source", error);
        }
      }),
    ),
  );
  return checks.length > 0
    ? checks
    : [{ area: "source", status: "skipped", detail: describeNone(syncs, stack) }];
}

function describeNone(syncs: readonly StackSync[], stack: "not given" | "not read" | "read"): string {
  if (stack === "not given") return "not checked: give --stack";
  if (stack === "not read") return "not checked: the stack cannot be read";
  return syncs.length === 0 ? "this stack has no sync" : "this stack's syncs have no external source";
}
