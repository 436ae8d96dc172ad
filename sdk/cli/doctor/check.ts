/** One line of the doctor's screen. */
export interface Check {
  /** What was looked at: "Node", "log-in", "source". */
  readonly area: string;
  readonly status: "ok" | "bad" | "skipped";
  readonly detail: string;
  /** What mends it; for `bad` only. */
  readonly fix?: string;
}

/** The screen for people: one line a check, the way to mend it below. */
export function renderChecks(checks: readonly Check[]): string {
  const width = Math.max(...checks.map(({ area }) => area.length));
  const lines = checks.flatMap(({ area, status, detail, fix }) => [
    `${marks[status]} ${area.padEnd(width)}  ${detail}`,
    ...(fix === undefined ? [] : [`${" ".repeat(5 + width)}  fix: ${fix}`]),
  ]);
  const bad = checks.filter(({ status }) => status === "bad").length;
  return [...lines, "", bad === 0 ? "All is well." : `${bad} to mend.`].join("\n");
}

const marks: Readonly<Record<Check["status"], string>> = { ok: "ok  ", bad: "BAD ", skipped: "-   " };
