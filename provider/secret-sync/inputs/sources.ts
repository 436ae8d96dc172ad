import * as z from "zod";
import { buildCheckFailure, buildFailures, type CheckFailure } from "../../engine/failures.js";
import { isUnknown, unknownValue } from "../../engine/unknown.js";
import { type SourceInputs, sourceArguments, stripSourceCredentials } from "../../sources/index.js";

/** What stands among `sources` for the argument `secrets`. */
export const programSourceArguments = z
  .strictObject({
    type: z.literal("program"),
    allowEmpty: z
      .boolean({ error: "must be true or false." })
      .optional()
      .describe("An empty `secrets` is meant, and removes what it supplied before. Default: false."),
  })
  .meta({ id: "ProgramSource", description: "What is said of `secrets` as a source." });

/** The `sources` argument after parsing. */
export interface ParsedSources {
  readonly sources: readonly SourceInputs[];
  /** How many more there are, with arguments that only `up` knows. */
  readonly unknownSources: number;
  /** What the state keeps: the argument without credentials. */
  readonly kept: unknown;
  readonly allowEmptyProgram: boolean;
  readonly failures: readonly CheckFailure[];
}

/** Parses the `sources` argument. */
export function parseSources(given: unknown): ParsedSources {
  const nothing = {
    sources: [],
    unknownSources: 0,
    kept: undefined,
    allowEmptyProgram: false,
    failures: [],
  };
  if (given === undefined) return nothing;
  if (isUnknown(given)) return { ...nothing, unknownSources: 1, kept: given };
  if (!Array.isArray(given)) {
    return { ...nothing, failures: [buildCheckFailure(["sources"], "must be a list of sources.")] };
  }
  const sources: SourceInputs[] = [];
  const kept: unknown[] = [];
  const failures: CheckFailure[] = [];
  let unknownSources = 0;
  let allowEmptyProgram = false;
  for (const [i, spec] of given.entries()) {
    const schema = spec?.type === "program" ? programSourceArguments : sourceArguments;
    const result = schema.safeParse(spec);
    if (!result.success) {
      const found = buildFailures(result.error, ["sources", i], spec, schema);
      failures.push(...found);
      // Nothing is wrong with what is known of it; the rest may hold a credential, so it is not shown.
      if (found.length === 0) unknownSources += 1;
      kept.push(unknownValue);
    } else if (result.data.type === "program") {
      allowEmptyProgram = result.data.allowEmpty === true;
      kept.push(result.data);
    } else {
      sources.push(result.data);
      kept.push(stripSourceCredentials(result.data));
    }
  }
  return { sources, unknownSources, kept, allowEmptyProgram, failures };
}
