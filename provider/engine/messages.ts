/** What a person sees while an operation runs and in its summary: one line each, sparingly, and never a value. */
export interface Messages {
  report(line: string): void;
  /** What fails `up`, or would surprise a reader of the preview. */
  warn(line: string): void;
}

/** A name may hold a newline or an escape; a message that spans lines could pass for two. */
export function toOneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
