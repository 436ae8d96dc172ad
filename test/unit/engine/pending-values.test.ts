import { describe, expect, it } from "vitest";
import { buildText } from "../../../provider/core/secret-content.js";
import { SecretValue } from "../../../provider/core/secret-value.js";
import { Operation } from "../../../provider/engine/operation.js";
import { addPendingValue, isFreeOfPendingValues } from "../../../provider/engine/pending-values.js";

function hold(...values: string[]): Operation {
  const operation = new Operation({ report: () => undefined, warn: () => undefined });
  for (const [i, value] of values.entries())
    addPendingValue(operation, `fingerprint ${i}`, buildText(new SecretValue(value)));
  return operation;
}

const said = (part: string) => `SQL compilation error: the value ${part} is not allowed.`;

describe("a text of somebody else", () => {
  it.each([
    ["a whole value", "hunter2", "hunter2"],
    ["a value of one character", "§", "§"],
    ["a value with quotes and newlines, as JSON has it", 'line "one"\nline two', 'line \\"one\\"\\nline two'],
    ["a value as a URL has it", "a b&c", "a%20b%26c"],
    ["the beginning of a longer value", "0123456789abcdefghijklmnopqrstuvwxyz", "'0123456789abcde…'"],
    ["the middle of a longer value", "0123456789abcdefghijklmnopqrstuvwxyz", "…9abcdefghijklmn…"],
    ["half a surrogate pair", "pass\ud800word", "pass\ud800word"],
  ])("that shows %s is not free of it", (_, value, part) => {
    expect(isFreeOfPendingValues(hold("another one", value), said(part))).toBe(false);
  });

  it("that shows none of them is, also beside an empty one", () => {
    expect(isFreeOfPendingValues(hold("hunter2", "", "x".repeat(20)), said("of argument 1"))).toBe(true);
  });

  it("of an operation that holds nothing is, and of one that ended", async () => {
    expect(isFreeOfPendingValues(hold(), said("hunter2"))).toBe(true);
    const operation = hold("hunter2");
    await operation.end();
    expect(isFreeOfPendingValues(operation, said("hunter2"))).toBe(true);
  });
});
