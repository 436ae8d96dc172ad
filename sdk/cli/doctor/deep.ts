import { isProviderError } from "../../../provider/core/errors.js";
import type { SnowflakeSession } from "../../../provider/snowflake/driver/session.js";
import { buildDropSecret, quoteName, type SchemaName } from "../../../provider/snowflake/statements.js";
import { asBadCheck, type Check } from "./check.js";
import { deepChecks } from "./deep-checks.js";
import { findTestSecrets, TestSecrets } from "./test-secrets.js";

const area = "deep";

/** What `--deep` is told. */
export interface DeepOptions {
  /** Where it makes its secrets. */
  readonly schema: SchemaName;
  /** Ends it after the check that is under way; what it made is removed all the same. */
  readonly stopping: AbortSignal;
}

/**
 * Makes secrets of its own in a schema, looks at what Snowflake does with them, and removes them. Where secrets of
 * another run stand there, nothing is made.
 */
export async function checkDeeply(
  session: SnowflakeSession,
  role: string,
  { schema, stopping }: DeepOptions,
): Promise<Check[]> {
  const secrets = new TestSecrets(session, schema, role);
  const checks: Check[] = [];
  try {
    const others = await findTestSecrets(session, schema);
    if (others.length > 0) return [describeOthers(schema, others)];
    let reason: string | undefined;
    for (const { expectation, run } of deepChecks) {
      reason ??= stopping.aborted ? "the doctor was interrupted" : undefined;
      if (reason !== undefined) {
        checks.push({ area, status: "skipped", detail: `not checked, because ${reason}: ${expectation}` });
        continue;
      }
      try {
        checks.push(judge(expectation, await run(secrets)));
      } catch (error) {
        const bad = asBadCheck(area, error);
        checks.push({ ...bad, detail: `${expectation}: ${bad.detail}` });
        // Without a privilege or a session the others fail for the same reason.
        if (!isProviderError(error) || error.code !== "STATEMENT_FAILED") reason = "of the problem above";
      }
    }
  } catch (error) {
    checks.push(asBadCheck(area, error));
  }
  return [...checks, ...describeInterruption(stopping), await remove(secrets)];
}

function judge(expectation: string, instead: string | undefined): Check {
  if (instead === undefined) return { area, status: "ok", detail: expectation };
  return {
    area,
    status: "bad",
    detail: `not so: ${expectation}. ${instead}`,
    fix: "do not sync into this account, and report this line.",
  };
}

async function remove(secrets: TestSecrets): Promise<Check> {
  const { removed, left, foreign } = await secrets.removeAll();
  const where = quoteName(secrets.schema);
  if (left.length > 0) {
    return {
      area,
      status: "bad",
      detail: `could not remove all of its secrets from ${where}: ${left.join(", ")}`,
      fix: explainRemoval(secrets.schema, left),
    };
  }
  if (foreign.length > 0) {
    return {
      area,
      status: "bad",
      detail: `somebody replaced secrets of the doctor in ${where}, so they stay: ${foreign.join(", ")}`,
      fix: "find out who made them, and whether they are needed.",
    };
  }
  return { area, status: "ok", detail: `removed its ${removed} secrets from ${where}` };
}

function describeOthers(schema: SchemaName, names: readonly string[]): Check {
  return {
    area,
    status: "bad",
    detail: `nothing was checked, because secrets of another run are in ${quoteName(schema)}: ${names.join(", ")}`,
    fix: `wait until that run has ended. If it was interrupted, ${explainRemoval(schema, names)}`,
    code: "ALREADY_EXISTS",
  };
}

function explainRemoval(schema: SchemaName, names: readonly string[]): string {
  return `run ${names.map((name) => `${buildDropSecret(schema, name).text};`).join(" ")}`;
}

function describeInterruption({ aborted }: AbortSignal): Check[] {
  return aborted
    ? [{ area, status: "bad", detail: "the doctor was interrupted", fix: "run it again.", code: "CANCELLED" }]
    : [];
}
