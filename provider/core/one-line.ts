/**
 * Text from outside as it may be shown in one line: control characters, line separators and turns of the reading
 * direction become `\uXXXX`. A name that holds a newline or an escape could otherwise pass for a line of its own.
 */
export function toOneLine(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
