/** One assignment of a dotenv file. */
export interface DotenvAssignment {
  readonly key: string;
  readonly value: string;
  /** Where it begins, from 1. */
  readonly line: number;
}

/** Why a line is refused: readers do not agree on it, or it is nearly always a slip. */
export type DotenvRule =
  | "no-assignment"
  | "unclosed-quote"
  | "after-quote"
  | "backtick"
  | "hash"
  | "backslash"
  | "space"
  | "line-end"
  | "duplicate"
  | "read-otherwise";

/** A line that is refused. Nothing of its value is in here. */
export interface DotenvProblem {
  readonly line: number;
  /** Missing where the line has none. */
  readonly key?: string;
  readonly rule: DotenvRule;
}

/** What a dotenv text holds, and the lines that are refused. */
export interface DotenvText {
  readonly assignments: readonly DotenvAssignment[];
  readonly problems: readonly DotenvProblem[];
}

/**
 * Reads the text of a dotenv file, and accepts only what the readers of dotenv files agree on: dotenv (npm),
 * python-dotenv, godotenv and Docker Compose. `$` stays as it is: a secret is not a template. How each of them reads a
 * corpus of odd files is in `test/fixtures/dotenv`.
 */
export function readDotenvText(content: string): DotenvText {
  const assignments: DotenvAssignment[] = [];
  const problems: DotenvProblem[] = [];
  const keys = new Set<string>();
  let line = 1;
  for (let rest = content; rest !== ""; ) {
    const found = readNext(rest);
    if (found.key === "export") problems.push({ line, rule: "no-assignment" });
    else if (found.rule !== undefined) {
      problems.push({ line, rule: found.rule, ...(found.key === undefined ? {} : { key: found.key }) });
    } else if (found.key !== undefined) {
      if (keys.has(found.key)) problems.push({ line, key: found.key, rule: "duplicate" });
      else assignments.push({ key: found.key, value: found.value ?? "", line });
      keys.add(found.key);
    }
    line += rest.slice(0, found.length).split("\n").length - 1;
    rest = rest.slice(found.length);
  }
  return { assignments, problems };
}

interface Found {
  /** How much of the text it is, its line end included. */
  readonly length: number;
  readonly key?: string;
  readonly value?: string;
  readonly rule?: DotenvRule;
}

const blank = /^[ \t]*(?:#[^\n]*?)?\r?(?:\n|$)/;
const start = /^[ \t]*(?:export[ \t]+)?([\w.-]+)[ \t]*=[ \t]*/;
/** What stands between quotes, and behind them up to the end of the line. */
const quoted = /^(["'])((?:(?!\1)[^\\]|\\[\s\S])*)\1([^\n]*)(?:\n|$)/;
// Some take these for the end of a line, or for a space, and others for a part of the value.
const lineEnds = /[\r\v\f\u0085\u2028\u2029]/;

function readNext(rest: string): Found {
  const wholeLine = rest.slice(0, rest.indexOf("\n") + 1 || rest.length);
  const text = wholeLine.replace(/\r?\n?$/, "");
  const { length } = wholeLine;
  const opened = start.exec(rest);
  if (blank.test(wholeLine)) return lineEnds.test(text) ? { length, rule: "line-end" } : { length };
  if (opened === null) return { length, rule: "no-assignment" };
  const key = opened[1] as string;
  const value = rest.slice(opened[0].length);
  if (value.startsWith("`")) return { length, key, rule: "backtick" };
  if (/^["']/.test(value)) {
    const read = readQuoted(value);
    return { ...read, key, length: opened[0].length + read.length };
  }
  return { length, key, ...readUnquoted(text.slice(opened[0].length)) };
}

function readQuoted(value: string): Found {
  const match = quoted.exec(value);
  // Whatever follows may be a part of the value.
  if (match === null) return { length: value.length, rule: "unclosed-quote" };
  const [{ length }, quote, inner = "", after = ""] = match;
  const comment = after.replace(/\r$/, "");
  if (inner.includes("\r") || lineEnds.test(comment)) return { length, rule: "line-end" };
  if (!/^[ \t]*(?:#.*)?$/.test(comment)) return { length, rule: "after-quote" };
  if (quote === "'") {
    return /\\[\\']/.test(inner) ? { length, rule: "backslash" } : { length, value: inner };
  }
  if (/\\[^nr]/.test(inner)) return { length, rule: "backslash" };
  return { length, value: inner.replaceAll("\\n", "\n").replaceAll("\\r", "\r") };
}

function readUnquoted(text: string): Pick<Found, "value" | "rule"> {
  if (lineEnds.test(text)) return { rule: "line-end" };
  const value = text.replace(/ +#(?!.*\s#).*$/, "").replace(/[ \t]+$/, "");
  const hasComment = text.slice(value.length).includes("#");
  // A quote before a comment may have been meant to go around it.
  if (value.includes("#") || (hasComment && /["'`]/.test(value))) return { rule: "hash" };
  if (value.includes("\\$")) return { rule: "backslash" };
  return value.trim() === value ? { value } : { rule: "space" };
}
