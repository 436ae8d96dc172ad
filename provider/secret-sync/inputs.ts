import { z } from "zod";
import { buildCheckFailure, buildFailures, type CheckFailure } from "../check-failures.js";
import { type EngineContext, isUnknown, unknownValue } from "../engine.js";
import { maxIdentifierLength } from "../snowflake/statements.js";
import { knownOrUnknown } from "../sources/source.js";
import { findKeySchemaFault, keySchemaRule } from "./key-schema.js";
import { unmarked } from "./plan.js";

const slug = (max: number) =>
  z
    .string({ error: "give a text." })
    .regex(/^[a-z0-9]+(-+[a-z0-9]+)*$/, { error: "give a slug: a-z, 0-9 and - between them." })
    .max(max, { error: `give at most ${max} characters.` });

const identifier = z
  .string({ error: "give the exact name, as text." })
  .min(1, { error: "give the exact name; it is empty." })
  .refine((name) => [...name].length <= maxIdentifierLength && !name.includes("\0"), {
    error: `give at most ${maxIdentifierLength} characters, and no NUL.`,
  });

const trigger = z.union([z.string(), z.number(), z.boolean()], {
  error: "give a text, a number or a boolean.",
});
const flag = z.boolean({ error: "give true or false." });

const takeOverRule = `give an owner id (32 hex digits, as the refusal names it) or "${unmarked}".`;

const behaviorRule =
  'give "overwrite-destination" (what the source lacks is removed) or "preserve-destination" (what we did not write stays).';

// A preview may know a field only in `up`; then the field holds the engine's mark, and its type says otherwise.
const syncOptionsSchema = z.strictObject(
  {
    initialSyncBehavior: knownOrUnknown(
      z.enum(["overwrite-destination", "preserve-destination"], {
        error: (issue) =>
          typeof issue.input === "string" && issue.input.startsWith("import")
            ? `importing is impossible, because Snowflake never returns the value of a secret: ${behaviorRule}`
            : behaviorRule,
      }),
    ),
    keySchema: knownOrUnknown(
      z.string({ error: `give ${keySchemaRule}.` }).superRefine((template, context) => {
        const fault = findKeySchemaFault(template);
        if (fault !== undefined)
          context.addIssue({ code: "custom", message: `${fault}: give ${keySchemaRule}.` });
      }),
    ).optional(),
    disableSecretDeletion: knownOrUnknown(flag).default(false),
    takeOver: knownOrUnknown(
      z.array(
        knownOrUnknown(
          z
            .string({ error: takeOverRule })
            .regex(new RegExp(`^([0-9a-f]{32}|${unmarked})$`), { error: takeOverRule }),
        ),
        { error: "give a list of owner ids." },
      ),
    ).default([]),
  },
  { error: `give { initialSyncBehavior, … }: ${behaviorRule}` },
);

const argumentsSchema = z.strictObject({
  name: knownOrUnknown(slug(256)),
  description: knownOrUnknown(
    z.string({ error: "give a text." }).max(256, { error: "give at most 256 characters." }),
  ).optional(),
  environment: knownOrUnknown(slug(64)),
  secretPath: knownOrUnknown(
    z.string({ error: "give a path." }).regex(/^\//, { error: 'give a path that begins with "/".' }),
  ).default("/"),
  destinationConfig: knownOrUnknown(
    z.strictObject(
      { database: knownOrUnknown(identifier), schema: knownOrUnknown(identifier) },
      { error: "give { database, schema }, both by their exact names." },
    ),
  ),
  syncOptions: syncOptionsSchema,
  isAutoSyncEnabled: knownOrUnknown(flag).default(true),
  syncTrigger: trigger.optional(),
  rewriteTrigger: trigger.optional(),
});

/** The `fingerprintKey` argument; empty is the same as none. */
export const fingerprintKeySchema = z.string({ error: "give a text." });

/** The arguments that hold no value, after the door: exact types, defaults filled. */
export type SyncArguments = z.infer<typeof argumentsSchema>;

export interface ParsedArguments {
  /** Undefined where there are failures. */
  readonly args: SyncArguments | undefined;
  readonly failures: readonly CheckFailure[];
}

/** Parses every argument but the connection, the sources and the values, which have doors of their own. */
export function parseArguments(
  given: Readonly<Record<string, unknown>>,
  context: EngineContext,
): ParsedArguments {
  const raw = {
    ...given,
    name: given.name ?? context.place.name,
    environment: given.environment ?? context.place.stack,
    ...(isUnknown(given.syncOptions) ? { syncOptions: unknownSyncOptions } : {}),
  };
  const result = argumentsSchema.safeParse(raw);
  if (result.success) return { args: result.data, failures: [] };
  const failures = buildFailures(result.error, [], raw).map((failure) => addOrigin(failure, given, context));
  // Never a failure without a word.
  const fallback = [buildCheckFailure([], "the arguments are not of the right form.")];
  return { args: undefined, failures: failures.length > 0 ? failures : fallback };
}

const unknownSyncOptions = {
  initialSyncBehavior: unknownValue,
  keySchema: unknownValue,
  disableSecretDeletion: unknownValue,
  takeOver: [unknownValue],
};

// A default that is no slug was not written by the person who reads the failure.
function addOrigin(
  failure: CheckFailure,
  given: Readonly<Record<string, unknown>>,
  { place }: EngineContext,
): CheckFailure {
  const from = {
    name: `the resource's name ("${place.name}")`,
    environment: `the stack's name ("${place.stack}")`,
  };
  for (const [argument, origin] of Object.entries(from)) {
    if (given[argument] === undefined && failure.reason.startsWith(`${argument}:`)) {
      return {
        ...failure,
        reason: `${failure.reason} It comes from ${origin}, because ${argument} is not set: set it.`,
      };
    }
  }
  return failure;
}
