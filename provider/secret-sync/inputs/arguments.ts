import * as z from "zod";
import type { EngineContext } from "../../engine/context.js";
import { buildCheckFailure, buildFailures, type CheckFailure } from "../../engine/failures.js";
import { trigger } from "../../engine/trigger.js";
import {
  holdsUnknown,
  isUnknown,
  type Known,
  orUnknown,
  type Unknown,
  unknownValue,
} from "../../engine/unknown.js";
import { connectionArguments } from "../../snowflake/connection/arguments.js";
import { maxIdentifierLength } from "../../snowflake/statements.js";
import { sourceArguments } from "../../sources/index.js";
import { findKeySchemaFault, keySchemaRule } from "../plan/key-schema.js";
import { otherType, unmarked } from "../plan/plan.js";
import { pairedSecret, typedSecret } from "../secret-types.js";
import { programSourceArguments } from "./sources.js";

const text = z.string({ error: "must be a string." });
const atMost = (max: number) => ({ error: `must have at most ${max} characters.` });

const slug = (max: number) =>
  text
    .regex(/^[a-z0-9]+(-+[a-z0-9]+)*$/, { error: "must be a slug: a-z, 0-9 and - between them." })
    .max(max, atMost(max));

const identifier = z
  .string({ error: "must be the exact name, a string." })
  .min(1, { error: "must be the exact name; it is empty." })
  .refine((name) => [...name].length <= maxIdentifierLength && !name.includes("\0"), {
    error: `must have at most ${maxIdentifierLength} characters, and no NUL.`,
  });

const flag = orUnknown(z.boolean({ error: "must be true or false." }));

const takeOverRule = `must be an owner id (32 hex digits, as the refusal names it), "${unmarked}" or "${otherType}".`;

const maxRemovalsRule = { error: "must be a whole number, 0 or more." };

const behaviorRule =
  'must be "overwrite-destination" (drop secrets that the sources do not have) or "preserve-destination" (keep secrets that this sync did not write).';

const syncOptionsArguments = z
  .strictObject(
    {
      initialSyncBehavior: orUnknown(
        z
          .enum(["overwrite-destination", "preserve-destination"], {
            error: (issue) =>
              typeof issue.input === "string" && issue.input.startsWith("import")
                ? `importing is impossible, because Snowflake never returns the value of a secret: it ${behaviorRule}`
                : behaviorRule,
          })
          .meta({
            id: "InitialSyncBehavior",
            description:
              "`overwrite-destination`: drops GENERIC_STRING secrets that match `keySchema` and that no source has, and takes over secrets without an ownership comment. `preserve-destination`: keeps all secrets that this sync did not write. Required, so that no one drops secrets by default.",
          }),
      ),
      keySchema: orUnknown(
        z.string({ error: `must be ${keySchemaRule}.` }).superRefine((template, context) => {
          const fault = findKeySchemaFault(template);
          if (fault !== undefined)
            context.addIssue({ code: "custom", message: `${fault}; it must be ${keySchemaRule}.` });
        }),
      )
        .optional()
        .describe(
          "The template of the names in Snowflake: `{{secretKey}}` once, `{{environment}}` any number of times, and letters, digits, `_`, `-`, `/`; up to 255 characters. Only secrets whose names match are altered or dropped. A change creates the new names before it drops the old ones. Default: the key itself.",
        ),
      disableSecretDeletion: flag
        .default(false)
        .describe("Never drop a secret. A destroy removes only the ownership comments."),
      takeOver: orUnknown(
        z.array(
          orUnknown(
            z
              .string({ error: takeOverRule })
              .regex(new RegExp(`^([0-9a-f]{32}|${unmarked}|${otherType})$`), { error: takeOverRule }),
          ),
          { error: "must be a list of owner ids." },
        ),
      )
        .default([])
        .describe(
          `Which secrets of others this sync may take over: owner ids (32 hex digits), \`${unmarked}\` for secrets without an ownership comment, \`${otherType}\` for secrets of another type, which are replaced and lose their grants.`,
        ),
      maxRemovals: orUnknown(z.int(maxRemovalsRule).min(0, maxRemovalsRule))
        .optional()
        .describe(
          "How many secrets an `up` may drop. An `up` that would drop more fails before it writes, and names them. It does not limit a destroy. Default: no limit.",
        ),
    },
    { error: `must be { initialSyncBehavior, … }: initialSyncBehavior ${behaviorRule}` },
  )
  .meta({ id: "SyncOptions", description: "How the sync treats secrets that already exist." });

/** Every argument but the connection, the sources and the values. */
export const syncArguments = z.strictObject({
  name: orUnknown(slug(256)).describe(
    "Slug (a-z, 0-9, -), up to 256 characters. A change is recorded only. Default: the resource's name.",
  ),
  description: orUnknown(text.max(256, atMost(256)))
    .optional()
    .describe("Up to 256 characters. A change is recorded only."),
  environment: orUnknown(slug(64)).describe(
    "Slug, up to 64 characters; the default of sources, and `{{environment}}`. Default: the stack's name.",
  ),
  secretPath: orUnknown(text.regex(/^\//, { error: 'must begin with "/".' }))
    .default("/")
    .describe("The default folder of sources."),
  destinationConfig: orUnknown(
    z
      .strictObject(
        {
          database: orUnknown(identifier).describe("The database's exact name, 1 to 255 characters."),
          schema: orUnknown(
            identifier.refine((name) => name !== "INFORMATION_SCHEMA", {
              error: "must not be INFORMATION_SCHEMA, which belongs to Snowflake and cannot hold secrets.",
            }),
          ).describe("The schema's exact name, 1 to 255 characters."),
        },
        { error: "must be { database, schema }, both by their exact names." },
      )
      .meta({
        id: "DestinationConfig",
        description: "The schema that holds the secrets, by its exact name.",
      }),
  ).meta({
    description:
      "The schema that holds the secrets. A change replaces: the new schema is filled before the old one is cleaned.",
    replaces: true,
  }),
  typedSecrets: orUnknown(
    z.record(z.string(), pairedSecret, { error: "must be a map, with a name for each secret." }),
  )
    .optional()
    .describe(
      "Secrets with several parts. Each part names a key of `sources` or `secrets`. That key is then not synced by itself.",
    ),
  syncOptions: syncOptionsArguments,
  isAutoSyncEnabled: flag
    .default(true)
    .describe(
      "Whether every `up` syncs changes. If `false`, only a changed `syncTrigger` or the command `sync` does.",
    ),
  syncTrigger: trigger.optional().describe("Change it to sync now, if auto-sync is off."),
  rewriteTrigger: trigger
    .optional()
    .describe(
      "Change it to write every value again. Pulumi cannot detect a value that someone changed in place.",
    ),
});

/** The `fingerprintKey` argument; empty is the same as none. */
export const fingerprintKeyArgument = orUnknown(
  text.refine((key) => key === "" || Buffer.byteLength(key) >= 32, {
    error:
      "must have at least 32 bytes. Others can read the fingerprints in the COMMENTs, and could guess values with a short key. Leave it out for a random key.",
  }),
)
  .optional()
  .meta({
    description:
      "The key of the fingerprints, at least 32 bytes. You need it only for `preview --save-plan` of a first creation. A change writes every value again and keeps grants. Default: a random key, stored as a secret in the state.",
    secret: true,
  });

/** The `connection` argument, of the resource and of the listings. */
export const connectionArgument = connectionArguments.optional().meta({
  description:
    "How to log in to Snowflake. Fields that are not set here are taken from the provider's settings, `SNOWFLAKE_*` variables or `connections.toml`. It is stored encrypted in the state, because a destroy needs it. Another account replaces the resource. Another user, role or credential writes nothing.",
  secret: true,
});

/** Every argument as a program gives it, for who documents and compares them; some are parsed by files of their own. */
export const programArguments = z.strictObject({
  ...syncArguments.shape,
  // Found by `check` where the program gives none.
  name: syncArguments.shape.name.optional(),
  environment: syncArguments.shape.environment.optional(),
  connection: connectionArgument,
  sources: z
    .array(
      z.discriminatedUnion("type", [...sourceArguments.options, programSourceArguments]).meta({
        id: "Source",
        description:
          'One source of secrets; `{ type: "program", allowEmpty: true }` allows an empty `secrets`.',
      }),
    )
    .optional()
    .meta({
      description:
        "Where the secrets come from. If two sources have the same key, the later one wins; `secrets` wins over all sources. The state does not store their credentials.",
      secret: true,
      leaves: "no-credentials",
    }),
  secrets: z
    .record(z.string(), z.union([z.string(), typedSecret]))
    .optional()
    .meta({
      description:
        "Secrets from the program, by key. A string is a secret of type GENERIC_STRING; an object is a secret of its `type`. State and preview show a keyed fingerprint in place of the value. A secret whose type changes is created again and loses its grants.",
      secret: true,
      leaves: "fingerprints",
    }),
  fingerprintKey: fingerprintKeyArgument,
});

/** What `check` adds to them, and the engine keeps. */
export const addedInputs = z.object({
  ownerId: z.string(),
  /** An output too: as an input it is known in a preview, in either host. */
  secretIds: orUnknown(z.record(z.string(), z.string())).meta({
    description:
      'The full name of each secret in Snowflake, by source key: `"DB"."SCHEMA"."NAME"`. Known in a preview if the keys are known. It includes secrets that wait for a manual sync.',
    repeats: ["destinationConfig", "environment", "syncOptions"],
  }),
  /**
   * Why a source could not be read, by source, where `check` is not told whether this is a preview; `secrets` then has
   * the old fingerprints. It counts as a change, and what writes refuses it, so it never reaches the state.
   */
  notReadable: z.record(z.string(), z.string()).exactOptional(),
});

/** The arguments that hold no value, after parsing: exact types, defaults filled. */
export type SyncArguments = z.infer<typeof syncArguments>;

/** What `check` answers, and the engine keeps and shows. In a preview some of it may be unknown. */
export interface SyncInputs extends SyncArguments, Readonly<z.infer<typeof addedInputs>> {
  /** The argument as given; a secret to the engine. */
  readonly connection?: unknown;
  /** The sources without their credentials. */
  readonly sources?: unknown;
  /** Keyed fingerprint by source key. */
  readonly secrets: Readonly<Record<string, string | Unknown>> | Unknown;
  readonly fingerprintKey: string | Unknown;
}

/** The inputs in `up`, where nothing is unknown. */
export type KnownInputs = Known<SyncInputs>;

/** The inputs of a preview that knows enough to plan: at most fingerprints are unknown. */
export type PlannableInputs = Omit<KnownInputs, "secrets" | "secretIds"> &
  Pick<SyncInputs, "secrets" | "secretIds">;

/** The arguments that must be known before Snowflake can be looked at, and are not. */
export function findUnknownArguments({
  connection,
  destinationConfig,
  syncOptions,
  environment,
}: SyncInputs): readonly string[] {
  return Object.entries({ connection, destinationConfig, syncOptions, environment })
    .filter(([, value]) => holdsUnknown(value))
    .map(([argument]) => argument);
}

/** Whether all is known that a plan needs; values of `secrets` may be unknown. */
export function isPlannable(inputs: SyncInputs): inputs is PlannableInputs & SyncInputs {
  return findUnknownArguments(inputs).length === 0;
}

/** Arguments, or what is wrong with them. */
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
  const result = syncArguments.safeParse(raw);
  if (result.success) return { args: result.data, failures: [] };
  const failures = buildFailures(result.error, [], raw, programArguments).map((failure) =>
    addOrigin(failure, given, context),
  );
  // Never a failure without a word.
  const fallback = [buildCheckFailure([], "the arguments are not of the right form.")];
  return { args: undefined, failures: failures.length > 0 ? failures : fallback };
}

const unknownSyncOptions = {
  initialSyncBehavior: unknownValue,
  keySchema: unknownValue,
  disableSecretDeletion: unknownValue,
  takeOver: [unknownValue],
  maxRemovals: unknownValue,
} satisfies Record<keyof SyncArguments["syncOptions"], unknown>;

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
