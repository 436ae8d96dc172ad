import {
  type ErrorCode,
  isProviderError,
  linkToCode,
  type ProviderError,
  toProviderError,
} from "../../provider/core/errors.js";
import { wrapText } from "./text-layout.js";

/** Where a command writes to: lines for people, or one JSON document a line for programs. Never a value. */
export interface Output {
  readonly isJson: boolean;
  /** One statement of the command: `text` for people, `data` under `--json`. */
  tell(text: string, data: Readonly<Record<string, unknown>>): void;
  /** A failure: to stderr for people, as `{"error": …}` under `--json`. */
  fail(error: unknown, operation: string): void;
  /** Says on a terminal what is under way, until something else is said. */
  progress(text: string): void;
  /** Takes the progress away. */
  end(): void;
  /** Colours a text for people, where the terminal shows colours and `NO_COLOR` is not set. */
  paint(colour: Colour, text: string): string;
}

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

export function createOutput(isJson: boolean, { stdout, stderr }: OutputStreams = process): Output {
  let hasProgress = false;
  const end = () => {
    if (hasProgress) stderr.write(eraseLine);
    hasProgress = false;
  };
  const paintOn = (stream: OutputStream, colour: Colour, text: string) =>
    showsColours(stream) ? `\u001b[${codes[colour]}m${text}\u001b[0m` : text;
  return {
    isJson,
    tell: (text, data) => {
      end();
      stdout.write(`${isJson ? JSON.stringify(data) : text}\n`);
    },
    fail: (error, operation) => {
      end();
      const failure = describeFailure(error, operation);
      if (isJson) {
        stdout.write(`${JSON.stringify({ error: failure })}\n`);
        return;
      }
      const tag = `[${failure.code}]`;
      const text = stderr.isTTY ? wrapText(failure.message, stderr.columns ?? 80, "  ") : failure.message;
      const shown = text.startsWith(tag) ? paintOn(stderr, "red", tag) + text.slice(tag.length) : text;
      stderr.write(`${shown}\n  See ${linkToCode(failure.code)}\n`);
    },
    progress: (text) => {
      if (isJson || stderr.isTTY !== true) return;
      end();
      // One line, or it could not be taken away.
      stderr.write(paintOn(stderr, "dim", text.slice(0, (stderr.columns ?? 80) - 1)));
      hasProgress = true;
    },
    end,
    paint: (colour, text) => (isJson ? text : paintOn(stdout, colour, text)),
  };
}

/** The marks `~`, `+` and `-` before names in the colours that Pulumi gives them; the names stay as they are. */
export function paintMarks(text: string, paint: Output["paint"]): string {
  return text.replace(/(?<=^|\s)[~+-](?= \S)/g, (mark) =>
    paint(mark === "+" ? "green" : mark === "-" ? "red" : "yellow", mark),
  );
}

const eraseLine = "\r\u001b[K";

function showsColours({ isTTY }: OutputStream): boolean {
  const { NO_COLOR: noColour, TERM: terminal } = process.env;
  return isTTY === true && (noColour === undefined || noColour === "") && terminal !== "dumb";
}

/** An error as it may be shown: ours with what Pulumi's engine said of it, a foreign one without its text. */
export function describeFailure(
  error: unknown,
  operation: string,
): { code: ErrorCode; message: string; retryable: boolean } {
  const ours: ProviderError = isProviderError(error) ? error : toProviderError(error, operation);
  const { engineMessages = [] } = ours.details;
  return {
    code: ours.code,
    message: [ours.message, ...engineMessages.map((line) => `  ${line}`)].join("\n"),
    retryable: ours.retryable,
  };
}
