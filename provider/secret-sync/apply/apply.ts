import { ProviderError, rewordError, toProviderError } from "../../core/errors.js";
import type { SecretContent } from "../../core/secret-content.js";
import type { SnowflakeSession } from "../../snowflake/driver/session.js";
import {
  buildAlterSecret,
  buildCreateSecret,
  buildDropSecret,
  buildGrant,
  quoteIdentifier,
  quoteName,
  type SchemaName,
  type Statement,
} from "../../snowflake/statements.js";
import { formatOwnershipComment, type OwnershipComment } from "../plan/ownership-comment.js";
import type { DesiredSecret, WriteStep } from "../plan/plan.js";
import { explainMissingPrivilege } from "../plan/privileges.js";

/** What every write of one run shares. */
export interface ApplyContext {
  readonly session: SnowflakeSession;
  readonly schema: SchemaName;
  /** The session's role, for the GRANT that a refused write lacks. */
  readonly role: string;
  /** The mark of what is written, but for its fingerprint. */
  readonly mark: Omit<OwnershipComment, "fingerprint">;
  /** What a desired secret is to hold; undefined where this process never had it. */
  readonly findValue: (desired: DesiredSecret) => SecretContent | undefined;
  /** The source key under which a name was written before, for renames. */
  readonly findSourceKey: (name: string) => string | undefined;
  /** Called after each write that ended. */
  readonly onProgress: (done: number, failed: number, total: number) => void;
}

/** How each write ended, by name: undefined is success. */
export type Outcomes = ReadonlyMap<string, ProviderError | undefined>;

/**
 * Carries out `writes` side by side, bounded by the session. A failed one does not stop the others. Drops come
 * last, and one whose key could not be written under its new name does not run.
 */
export async function applyWrites(context: ApplyContext, writes: readonly WriteStep[]): Promise<Outcomes> {
  const outcomes = new Map<string, ProviderError | undefined>();
  const failedKeys = new Set<string>();
  let failed = 0;
  const run = async (step: WriteStep) => {
    const error = await write(context, step, failedKeys);
    if (error && step.desired) failedKeys.add(step.desired.sourceKey);
    outcomes.set(step.name, error);
    if (error) failed += 1;
    context.onProgress(outcomes.size - failed, failed, writes.length);
  };
  await Promise.all(writes.filter(({ action }) => action !== "drop").map(run));
  await Promise.all(writes.filter(({ action }) => action === "drop").map(run));
  return outcomes;
}

async function write(
  context: ApplyContext,
  step: WriteStep,
  failedKeys: ReadonlySet<string>,
): Promise<ProviderError | undefined> {
  try {
    await context.session.execute(buildStatement(context, step, failedKeys));
    return undefined;
  } catch (error) {
    const known = toProviderError(error, `write secret ${quoteName(context.schema, step.name)}`);
    return explainTakenName(
      explainMissingPrivilege(known, context.schema, step, context.role),
      context,
      step,
    );
  }
}

/** A name that was not listed and is taken all the same: made meanwhile, or by a secret that our role cannot see. */
function explainTakenName(
  error: ProviderError,
  { schema, role }: ApplyContext,
  { name, reason }: WriteStep,
): ProviderError {
  if (error.code !== "ALREADY_EXISTS") return error;
  const whose =
    reason === "recorded but gone"
      ? `this sync wrote a secret of that name, and role ${quoteIdentifier(role)} cannot see it any more: its ownership was moved, or somebody made another one`
      : `a secret of that name is there. Made after the schema was listed, it is seen by the next run; otherwise role ${quoteIdentifier(role)} cannot see it`;
  const grant = buildGrant("OWNERSHIP", { ...schema, secret: name }, role);
  return rewordError(error, {
    hint: `${whose}. To get it, have its owner run ${grant}, or use another name or keySchema.`,
  });
}

function buildStatement(
  { schema, mark, findValue, findSourceKey }: ApplyContext,
  step: WriteStep,
  failedKeys: ReadonlySet<string>,
): Statement {
  const { name, action, desired } = step;
  if (action === "drop") {
    const sourceKey = findSourceKey(name);
    if (sourceKey === undefined || !failedKeys.has(sourceKey)) return buildDropSecret(schema, name);
    throw new ProviderError("UNPROVEN", {
      operation: "the secret was not dropped, because its key could not be written under the new name",
      target: quoteName(schema, name),
      hint: "correct the failure of that key, then run again.",
      retryable: true,
    });
  }
  const content = findValue(desired);
  if (typeof desired.fingerprint !== "string" || !content) {
    throw new ProviderError("INTERNAL", {
      operation: "the value of a secret is missing",
      target: quoteName(schema, name),
      hint: "run again. If the error stays, report it.",
    });
  }
  const comment = formatOwnershipComment({ ...mark, fingerprint: desired.fingerprint });
  const secret = { content, comment };
  return action === "alter"
    ? buildAlterSecret(schema, name, secret)
    : buildCreateSecret(schema, name, { ...secret, replace: action === "replace" });
}
