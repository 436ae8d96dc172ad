import { z } from "zod";
import { buildCheckFailure, buildFailures, type CheckFailure, holdsUnknown } from "../check-failures.js";
import type { EngineContext } from "../engine.js";
import { maxIdentifierLength } from "../snowflake/statements.js";
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

const trigger = z.union([z.string(), z.number(), z.boolean()], { error: "give a text, a number or a boolean." });
const flag = z.boolean({ error: "give true or false." });

const behaviorRule =
  'give "overwrite-destination" (what the source lacks is removed) or "preserve-destination" (what we did not write stays).';

const syncOptionsSchema = z.strictObject({
  initialSyncBehavior: z.enum(["overwrite-destination", "preserve-destination"], {
    error: (issue) =>
      typeof issue.input === "string" && issue.input.startsWith("import")
        ? `importing is impossible, because Snowflake never returns the value of a secret: ${behaviorRule}`
        : behaviorRule,
  }),
  keySchema: z
    .string({ error: `give ${keySchemaRule}.` })
    .superRefine((template, context) => {
      const fault = findKeySchemaFault(template);
      if (fault !== undefined) context.addIssue({ code: "custom", message: `${fault}: give ${keySchemaRule}.` });
    })
    .optional(),
  disableSecretDeletion: flag.default(false),
  takeOver: z
    .array(
      z.string().regex(new RegExp(`^([0-9a-f]{32}|${unmarked})$`), {
        error: `give an owner id (32 hex digits, as the refusal names it) or "${unmarked}".`,
      }),
      { error: "give a list of owner ids." },
    )
    .default([]),
});

const argumentsSchema = z.strictObject({
  name: slug(256),
  description: z.string({ error: "give a text." }).max(256, { error: "give at most 256 characters." }).optional(),
  environment: slug(64),
  secretPath: z
    .string({ error: "give a path." })
    .regex(/^\//, { error: 'give a path that begins with "/".' })
    .default("/"),
  destinationConfig: z.strictObject(
    { database: identifier, schema: identifier },
    { error: "give { database, schema }, both by their exact names." },
  ),
  syncOptions: syncOptionsSchema,
  isAutoSyncEnabled: flag.default(true),
  syncTrigger: trigger.optional(),
  rewriteTrigger: trigger.optional(),
});

/** The arguments that hold no value, after the door: exact types, defaults filled. */
export type SyncArguments = z.infer<typeof argumentsSchema>;

export type ParsedArguments =
  | { readonly kind: "parsed"; readonly args: SyncArguments }
  /** Something is known only in `up`; nothing that is known is wrong. `raw` has the plain defaults filled. */
  | { readonly kind: "unknown"; readonly raw: Record<string, unknown> }
  | { readonly kind: "failed"; readonly failures: readonly CheckFailure[] };

/** Parses every argument but the connection, the sources and the values, which have doors of their own. */
export function parseArguments(given: Readonly<Record<string, unknown>>, context: EngineContext): ParsedArguments {
  const raw = {
    ...given,
    name: given.name ?? context.place.name,
    environment: given.environment ?? context.place.stack,
  };
  const result = argumentsSchema.safeParse(raw);
  if (result.success) return { kind: "parsed", args: result.data };
  const failures = buildFailures(result.error, [], raw).map((failure) => addOrigin(failure, given, context));
  if (failures.length > 0) return { kind: "failed", failures };
  return holdsUnknown(raw)
    ? { kind: "unknown", raw }
    : { kind: "failed", failures: [buildCheckFailure([], "the arguments are not of the right form.")] };
}

// A default that is no slug was not written by the person who reads the failure.
function addOrigin(
  failure: CheckFailure,
  given: Readonly<Record<string, unknown>>,
  { place }: EngineContext,
): CheckFailure {
  const from = { name: `the resource's name ("${place.name}")`, environment: `the stack's name ("${place.stack}")` };
  for (const [argument, origin] of Object.entries(from)) {
    if (given[argument] === undefined && failure.reason.startsWith(`${argument}:`)) {
      return { ...failure, reason: `${failure.reason} It comes from ${origin}, because ${argument} is not set: set it.` };
    }
  }
  return failure;
}
