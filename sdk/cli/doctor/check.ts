import { countOf } from "../../../provider/core/count-of.js";
import { describeHelp, type ErrorCode, isProviderError } from "../../../provider/core/errors.js";
import { describeFailure, type Line, paint, paintStart } from "../output.js";
import { screenWidth, wrapText } from "../text-layout.js";

/** One line of the doctor's screen. */
export interface Check {
  /** What was looked at: "Node", "log-in", "source". */
  readonly area: string;
  readonly status: "ok" | "bad" | "skipped";
  readonly detail: string;
  /** What mends it; for `bad` only. */
  readonly fix?: string;
  /** The code of the error; for `bad` only. */
  readonly code?: ErrorCode;
}

/** The screen for people: one check after the other, the way to mend it below. */
export function renderChecks(checks: readonly Check[]): Line[] {
  const width = Math.max(...checks.map(({ area }) => area.length));
  const indent = " ".repeat(width + 7);
  const lines = checks.flatMap(({ area, status, detail, fix }) => {
    const [mark, colour] = marks[status];
    const [first = "", ...rest] = wrapText(
      `${mark.padEnd(5)}${area.padEnd(width)}  ${detail}`,
      screenWidth,
      indent,
    );
    return [
      paintStart(first, mark.length, colour),
      ...rest,
      ...(fix === undefined ? [] : wrapText(`${indent}fix: ${fix}`, screenWidth)),
    ];
  });
  const bad = checks.filter(({ status }) => status === "bad").length;
  if (bad === 0) return [...lines, "", paint("green", "No problem found.")];
  const help = new Set(checks.flatMap(({ code }) => (code === undefined ? [] : [describeHelp(code)])));
  const found = `${countOf(bad, "problem")} found.`;
  return [...lines, "", paint("red", found), ...help];
}

const marks = { ok: ["ok", "green"], bad: ["BAD", "red"], skipped: ["-", "dim"] } as const;

/** An error as a check. */
export function asBadCheck(area: string, error: unknown): Check {
  if (!isProviderError(error)) {
    const { code, message } = describeFailure(error, area);
    return { area, status: "bad", detail: message, code };
  }
  const { code, operation, target, hint } = error;
  const detail = target === undefined ? operation : `${operation}: ${target}`;
  return { area, status: "bad", detail, fix: hint, code };
}
