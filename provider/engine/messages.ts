/** What a person sees while an operation runs and in its summary: one line each, sparingly, and never a value. */
export interface Messages {
  report(line: string): void;
  /** What fails `up`, or would surprise a reader of the preview. */
  warn(line: string): void;
}
