import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { buildProgress } from "../../../provider/secret-sync/apply/progress.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("progress tells what is written from what failed, at most every two seconds", () => {
  const lines: string[] = [];
  const onProgress = buildProgress(
    { report: (line) => lines.push(line), warn: () => undefined },
    "app",
    "written",
  );
  onProgress(1, 0, 9);
  vi.advanceTimersByTime(2_000);
  onProgress(3, 0, 9);
  onProgress(4, 0, 9);
  vi.advanceTimersByTime(2_000);
  onProgress(4, 2, 9);
  expect(lines).toEqual(["app: 3 of 9 written", "app: 4 of 9 written, 2 failed"]);
});
