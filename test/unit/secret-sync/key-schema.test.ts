import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  buildKeySchema,
  findKeySchemaFault,
  renderNames,
} from "../../../provider/secret-sync/plan/key-schema.js";
import {
  formatOwnershipComment,
  parseOwnershipComment,
} from "../../../provider/secret-sync/plan/ownership-comment.js";

const literal = fc.stringMatching(/^[A-Za-z0-9_/-]{0,20}$/);
const key = fc.string({ minLength: 1, maxLength: 40, unit: "grapheme" });

describe("a key schema", () => {
  it("matches exactly the names that it makes", () => {
    fc.assert(
      fc.property(literal, literal, key, fc.string(), (prefix, suffix, sourceKey, name) => {
        const template = `${prefix}{{secretKey}}${suffix}`;
        expect(findKeySchemaFault(template)).toBeUndefined();
        const schema = buildKeySchema(template, "dev");
        expect(schema.matches(schema.renderName(sourceKey))).toBe(true);
        const isMade =
          name.startsWith(prefix) && name.endsWith(suffix) && name.length > prefix.length + suffix.length;
        expect(schema.matches(name)).toBe(isMade);
      }),
    );
  });

  it("renders the environment on either side, as often as it stands there", () => {
    const schema = buildKeySchema("{{environment}}/a_{{secretKey}}-{{environment}}_{{environment}}", "prod");
    expect(schema.renderName("K")).toBe("prod/a_K-prod_prod");
    expect(schema.prefix).toBe("prod/a_");
    expect(schema.matches("prod/a_-prod_prod")).toBe(false);
    expect(schema.matches("dev/a_K-prod_prod")).toBe(false);
  });

  it("does not take a placeholder in a key, or $ patterns, for its own", () => {
    const schema = buildKeySchema("a_{{secretKey}}", "dev");
    expect(schema.renderName("{{secretKey}}")).toBe("a_{{secretKey}}");
    expect(schema.renderName("{{environment}}")).toBe("a_{{environment}}");
    expect(schema.renderName("$&$1")).toBe("a_$&$1");
  });

  it("does not match a name in which prefix and suffix overlap", () => {
    expect(buildKeySchema("aba{{secretKey}}aba", "dev").matches("ababa")).toBe(false);
  });

  it("is explicit where one was given, and without one takes every key as it is", () => {
    const [given, none] = [buildKeySchema("{{secretKey}}", "dev"), buildKeySchema(undefined, "dev")];
    expect([given.isExplicit, none.isExplicit]).toEqual([true, false]);
    expect([none.prefix, none.renderName("K"), none.matches("K"), none.matches("")]).toEqual([
      "",
      "K",
      true,
      false,
    ]);
  });

  it.each([
    ["{{secretKey}}", undefined],
    [`${"x".repeat(255 - 13)}{{secretKey}}`, undefined],
    [`${"x".repeat(256 - 13)}{{secretKey}}`, /more than 255 characters/],
    ["{{secretKey}}{{secretKey}}", /2 times/],
    ["{{ secretKey }}", /0 times/],
    ["{{secretkey}}", /0 times/],
    ["{{secretKey}}.{{environment}}", /not allowed/],
    ["{{secretKey}}{{other}}", /not allowed/],
    ["{{secretKey}} ", /not allowed/],
    ["", /0 times/],
  ])("%j is judged", (template, fault) => {
    if (fault === undefined) expect(findKeySchemaFault(template)).toBeUndefined();
    else expect(findKeySchemaFault(template)).toMatch(fault);
  });
});

describe("the names of keys", () => {
  const schema = buildKeySchema("p_{{secretKey}}", "dev");

  it("tell every key that makes none, all in one error", () => {
    const keys = ["ok", "", "__proto__", "a\0b", "k".repeat(254)];
    expect(() => renderNames(schema, keys)).toThrow(
      /a key is empty; key "__proto__" cannot be kept.*; key "a\\u0000b" holds a NUL character; key "k+" makes a name of 256/,
    );
  });

  it("are those of the keys, in their order, up to 255 characters as Snowflake counts them", () => {
    const keys = ["B", "A", "k".repeat(253), "🔑".repeat(253)];
    expect([...renderNames(schema, keys)]).toEqual(keys.map((key) => [`p_${key}`, key]));
    expect(() => renderNames(schema, ["🔑".repeat(254)])).toThrow(
      /makes a name of 256 characters\. Fix: rename/,
    );
  });

  it.each([
    ["", "{{secretKey}}", "a key is empty."],
    ["__proto__", "{{secretKey}}", 'key "__proto__" cannot be kept in a Pulumi state.'],
    [
      "proto",
      "__{{secretKey}}__",
      'key "proto" makes the name "__proto__", which cannot be kept in a Pulumi state.',
    ],
  ])("are refused for the key %j under %s", (sourceKey, template, fault) => {
    expect(() => renderNames(buildKeySchema(template, "dev"), ["A", sourceKey])).toThrow(
      `[INVALID_INPUT] some secrets cannot have their names in Snowflake: ${fault} Fix: rename the keys in their source, or change syncOptions.keySchema. A name has 1 to 255 characters.`,
    );
  });

  it("tell two keys that meet in one name", () => {
    expect(() => renderNames(schema, ["A", "B", "A"])).toThrow(/keys "A" and "A" make the same name/);
  });
});

describe("a mark", () => {
  it("is read back as it was written, whatever stands in the place", () => {
    const hex = (length: number) => fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`));
    fc.assert(
      fc.property(hex(32), hex(8), hex(32), fc.string(), (ownerId, revision, fingerprint, place) => {
        const mark = { ownerId, revision, fingerprint, place };
        expect(parseOwnershipComment(formatOwnershipComment(mark))).toEqual(mark);
      }),
    );
  });

  const text = `pulumi-snowflake-secrets/1 owner=${"a".repeat(32)} revision=0a0b0c0d fingerprint=${"0".repeat(32)} place=o/p/s/n`;

  it("is this text", () => {
    const mark = {
      ownerId: "a".repeat(32),
      revision: "0a0b0c0d",
      fingerprint: "0".repeat(32),
      place: "o/p/s/n",
    };
    expect(formatOwnershipComment(mark)).toBe(text);
    expect(parseOwnershipComment(text)).toEqual(mark);
  });

  it.each([
    null,
    undefined,
    "",
    "a comment",
    text.replace("secrets/1", "secrets/2"),
    `see ${text}`,
    text.replace(" place=o/p/s/n", ""),
    ...["owner=", "revision=", "fingerprint="].flatMap((field) => [
      text.replace(field, `${field}0`),
      text.replace(new RegExp(`${field}.`), field),
      text.replace(new RegExp(`${field}.`), `${field}G`),
    ]),
  ])("is not seen in %j", (comment) => {
    expect(parseOwnershipComment(comment)).toBeUndefined();
  });
});
