import {
  describeHelp,
  type ErrorCode,
  isProviderError,
  type ProviderError,
  toProviderError,
} from "../../provider/core/errors.js";
import { toOneLine } from "../../provider/core/one-line.js";
import { screenWidth, wrapText } from "./text-layout.js";

/**
 * Where a command writes to: lines for people, or one JSON document a line for programs. Never a value. Every text
 * passes `toOneLine` here and nowhere else, so a line holds no newline and no escape but the colours given to it.
 */
export interface Output {
  readonly isJson: boolean;
  /** One statement of the command: `lines` for people, `data` under `--json`. */
  tell(lines: Line | readonly Line[], data: Readonly<Record<string, unknown>>): void;
  /** That there is nothing to list: to stderr for people, so that a pipe gets nothing. */
  tellNothing(line: string, data: Readonly<Record<string, unknown>>): void;
  /** A failure: to stderr for people, as `{"error": …}` under `--json`. */
  fail(error: unknown, operation: string): void;
  /** Says on a terminal what is under way, until something else is said. */
  progress(text: string): void;
  /** Takes the progress away. */
  end(): void;
}

/** One line for people; a part of it may have a colour. */
export type Line = string | ColouredLine;

/** A line in parts, of which some have a colour. */
export interface ColouredLine {
  readonly parts: readonly Part[];
}

/** A piece of a line. */
export interface Part {
  readonly text: string;
  /** Shown where the terminal shows colours and `NO_COLOR` is not set. */
  readonly colour?: Colour;
}

/** A colour of a terminal. */
export type Colour = keyof typeof codes;

const codes = { red: 31, green: 32, yellow: 33, bold: 1, dim: 2 } as const;

/** What of a stream the output needs. */
export interface OutputStream {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** What of a process the output needs; tests give streams of their own. */
export interface OutputStreams {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
}

/** Opens the output of one command. */
export function createOutput(isJson: boolean, { stdout, stderr }: OutputStreams = process): Output {
  let hasProgress = false;
  const end = () => {
    if (hasProgress) stderr.write(eraseLine);
    hasProgress = false;
  };
  // What JSON leaves as it is becomes its own \uXXXX: the same text to whoever parses it.
  const writeJson = (data: unknown) => stdout.write(`${toOneLine(JSON.stringify(data))}\n`);
  const writeLines = (stream: OutputStream, lines: readonly Line[]) =>
    stream.write(lines.map((line) => `${renderLine(line, showsColours(stream))}\n`).join(""));
  return {
    isJson,
    tell: (lines, data) => {
      end();
      if (isJson) writeJson(data);
      else writeLines(stdout, isLine(lines) ? [lines] : lines);
    },
    tellNothing: (line, data) => {
      end();
      if (isJson) writeJson(data);
      else writeLines(stderr, [line]);
    },
    fail: (error, operation) => {
      end();
      const failure = describeFailure(error, operation);
      if (isJson) {
        writeJson({ error: toJsonFailure(failure) });
        return;
      }
      const tag = `[${failure.code}]`;
      const [first = "", ...rest] =
        stderr.isTTY === true
          ? [`${failure.summary}.`, `  Fix: ${failure.hint}`, ...failure.engineLines].flatMap((line) =>
              wrapText(line, stderr.columns ?? screenWidth, "  "),
            )
          : [failure.message, ...failure.engineLines];
      const head = first.startsWith(tag) ? paintStart(first, tag.length, "red") : first;
      writeLines(stderr, [head, ...rest, `  ${describeHelp(failure.code)}`]);
    },
    progress: (text) => {
      if (isJson || stderr.isTTY !== true) return;
      end();
      // One line, or it could not be taken away.
      const shown = toOneLine(text).slice(0, (stderr.columns ?? screenWidth) - 1);
      stderr.write(renderLine(paint("dim", shown), showsColours(stderr)));
      hasProgress = true;
    },
    end,
  };
}

/** A line in one colour. */
export function paint(colour: Colour, text: string): ColouredLine {
  return { parts: [{ text, colour }] };
}

/** A line whose first `length` characters have a colour. */
export function paintStart(text: string, length: number, colour: Colour): ColouredLine {
  return { parts: [{ text: text.slice(0, length), colour }, { text: text.slice(length) }] };
}

/** The marks `~`, `+` and `-` before names in the colours that Pulumi gives them; the names stay as they are. */
export function paintMarks(text: string): ColouredLine {
  const parts = text.split(/((?<=^|\s)[~+-](?= \S))/);
  return {
    parts: parts.map((part, index) =>
      index % 2 === 0 ? { text: part } : { text: part, colour: markColour(part) },
    ),
  };
}

function markColour(mark: string): Colour {
  return mark === "+" ? "green" : mark === "-" ? "red" : "yellow";
}

function isLine(lines: Line | readonly Line[]): lines is Line {
  return typeof lines === "string" || "parts" in lines;
}

function renderLine(line: Line, hasColours: boolean): string {
  if (typeof line === "string") return toOneLine(line);
  const render = ({ text, colour }: Part) => {
    const shown = toOneLine(text);
    return hasColours && colour !== undefined ? `\u001b[${codes[colour]}m${shown}\u001b[0m` : shown;
  };
  return line.parts.map(render).join("");
}

const eraseLine = "\r\u001b[K";

function showsColours({ isTTY }: OutputStream): boolean {
  const { NO_COLOR: noColour, TERM: terminal } = process.env;
  return isTTY === true && (noColour === undefined || noColour === "") && terminal !== "dumb";
}

/** An error as it may be shown: ours with what Pulumi's engine said of it, a foreign one without its text. */
export interface Failure {
  readonly code: ErrorCode;
  /** The summary and the hint, in one line. */
  readonly message: string;
  readonly summary: string;
  readonly hint: string;
  /** What Pulumi's engine said of it, line by line. */
  readonly engineLines: readonly string[];
  readonly retryable: boolean;
}

/** What may be shown of an error; `operation` is for one that is not ours. */
export function describeFailure(error: unknown, operation: string): Failure {
  const ours: ProviderError = isProviderError(error) ? error : toProviderError(error, operation);
  const { engineMessages = [] } = ours.details;
  return {
    code: ours.code,
    message: ours.message,
    summary: ours.summary,
    hint: ours.hint,
    engineLines: engineMessages.map((line) => `  ${line}`),
    retryable: ours.retryable,
  };
}

/** A failure as `--json` shows it: one message. */
export function toJsonFailure({ code, message, engineLines, retryable }: Failure): {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable: boolean;
} {
  return { code, message: [message, ...engineLines].join("\n"), retryable };
}
