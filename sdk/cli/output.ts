import { isProviderError, toProviderError } from "../../provider/core/errors.js";

/** Where a command writes to: lines for people, or one JSON document a line for programs. Never a value. */
export interface Output {
  readonly isJson: boolean;
  /** One statement of the command: `text` for people, `data` under `--json`. */
  tell(text: string, data: Readonly<Record<string, unknown>>): void;
  /** A failure: to stderr for people, as `{"error": …}` under `--json`. */
  fail(error: unknown, operation: string): void;
}

/** What of a process the output needs; tests give streams of their own. */
export interface OutputStreams {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

export function createOutput(isJson: boolean, { stdout, stderr }: OutputStreams = process): Output {
  return {
    isJson,
    tell: (text, data) => {
      stdout.write(`${isJson ? JSON.stringify(data) : text}\n`);
    },
    fail: (error, operation) => {
      const { code, message, retryable } = describeFailure(error, operation);
      if (isJson) stdout.write(`${JSON.stringify({ error: { code, message, retryable } })}\n`);
      else stderr.write(`${message}\n`);
    },
  };
}

/** An error as it may be shown: ours as it is, a foreign one without its text. */
export function describeFailure(
  error: unknown,
  operation: string,
): { code: string; message: string; retryable: boolean } {
  const ours = isProviderError(error) ? error : toProviderError(error, operation);
  return { code: ours.code, message: ours.message, retryable: ours.retryable };
}
