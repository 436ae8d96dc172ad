import type { Messages } from "../../engine/messages.js";

const intervalMs = 2_000;

/** Says how far many writes are: a line at most every two seconds, so a short sync says nothing. */
export function buildProgress(
  { report }: Messages,
  label: string,
  verb: string,
): (done: number, failed: number, total: number) => void {
  let last = Date.now();
  return (done, failed, total) => {
    if (Date.now() - last < intervalMs) return;
    last = Date.now();
    report(`${label}: ${done} of ${total} ${verb}${failed === 0 ? "" : `, ${failed} failed`}`);
  };
}
