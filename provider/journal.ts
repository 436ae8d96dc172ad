/**
 * What a hook writes to stdout is shown by Pulumi as a message, while the operation runs and in its summary.
 * One line each, sparingly, and never a value.
 */
export function report(line: string): void {
  process.stdout.write(`${oneLine(line)}\n`);
}

/** A message that begins with `warning:`; what it tells fails `up` or would surprise a reader of the preview. */
export function warn(line: string): void {
  report(`warning: ${line}`);
}

// A name may hold a newline; a message that spans lines could pass for two.
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
