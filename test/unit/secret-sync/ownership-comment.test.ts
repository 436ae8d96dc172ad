import { describe, expect, it } from "vitest";
import {
  formatOwnershipComment,
  parseOwnershipComment,
} from "../../../provider/secret-sync/plan/ownership-comment.js";

const mark = {
  ownerId: "0a".repeat(16),
  revision: "00c0ffee",
  fingerprint: "9f".repeat(16),
  place: "o/p/s/n",
};
const ours = formatOwnershipComment(mark);

describe("a comment on a secret", () => {
  // What is stored in accounts must be read by later versions too.
  it("of ours has this text", () => {
    expect(ours).toBe(
      "pulumi-snowflake-secrets/1 owner=0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a revision=00c0ffee fingerprint=9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f place=o/p/s/n",
    );
  });

  it.each(["o/p/s/n", "two\nlines", "a place=b owner=c", ""])(
    "of ours is read as it was written: place %j",
    (place) => {
      expect(parseOwnershipComment(formatOwnershipComment({ ...mark, place }))).toEqual({ ...mark, place });
    },
  );

  it.each([
    ["there is none", undefined],
    ["Snowflake says that there is none", null],
    ["it is empty", ""],
    ["somebody wrote before it", `see ${ours}`],
    ["it is on a second line", `see\n${ours}`],
    ["it is of a later format", ours.replace("secrets/1", "secrets/2")],
    ["the owner is shorter", ours.replace("owner=0", "owner=")],
    ["the owner is longer", ours.replace("owner=", "owner=0")],
    ["the owner is in capitals", ours.replaceAll("0a", "0A")],
    ["the revision is shorter", ours.replace("revision=0", "revision=")],
    ["the fingerprint is not hexadecimal", ours.replace("fingerprint=9", "fingerprint=x")],
    ["it was cut off", ours.replace(/ place=.*/, "")],
  ])("is not one of ours where %s", (_, comment) => {
    expect(parseOwnershipComment(comment)).toBeUndefined();
  });
});
