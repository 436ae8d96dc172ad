import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseJson, parseJsonNumbersAsText, writeJson } from "../../../provider/core/json.js";

describe("JSON with numbers as text", () => {
  it.each([
    "1.10",
    "1.0",
    "0",
    "-0",
    "12345678901234567890",
    "0.1000000000000000055511151",
    "1e400",
    "1E-7",
    "-1.5e+3",
  ])("keeps %s as it is written", (number) => {
    expect(parseJsonNumbersAsText(`{"A":${number},"B":[ ${number} ]}`)).toEqual({ A: number, B: [number] });
    expect(parseJsonNumbersAsText(number)).toBe(number);
  });

  it("leaves texts as they are, whatever they hold", () => {
    const strings = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom('1.10"', "\\", '\\"2', "1", ',"A":2'),
    );
    const values = fc.letrec((tie) => ({
      value: fc.oneof(
        strings,
        fc.boolean(),
        fc.constant(null),
        fc.array(tie("value")),
        fc.dictionary(strings, tie("value")),
      ),
    })).value;
    fc.assert(
      fc.property(values, (value) => {
        const text = JSON.stringify(value, null, 1);
        expect(parseJsonNumbersAsText(text)).toEqual(parseJson(text));
      }),
    );
  });

  it("is written in one line, each number as it was", () => {
    const text =
      '{ "n": [1.10, -0, 12345678901234567890, "1.10"],\n "__proto__": {"b": [true, null, {}, []]} }';
    expect(writeJson(parseJson(text), parseJsonNumbersAsText(text))).toBe(
      '{"n":[1.10,-0,12345678901234567890,"1.10"],"__proto__":{"b":[true,null,{},[]]}}',
    );
  });

  it.each(["", "{", "{A:1}", "01", "1.", "{'A':1}", "[1,]", "1 2"])(
    "is none where the text is none: %j",
    (text) => {
      expect(parseJson(text)).toBeUndefined();
      expect(parseJsonNumbersAsText(text)).toBeUndefined();
    },
  );
});
