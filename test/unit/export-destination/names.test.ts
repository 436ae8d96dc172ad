import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exportTypes } from "../../../provider/export-destination/credentials/index.js";
import {
  buildClaimName,
  buildSecretName,
  deriveDestinationId,
} from "../../../provider/export-destination/secret/names.js";

const segment = fc.stringMatching(/^[A-Za-z0-9_.-]{1,12}$/);
const prefix = fc.option(
  fc.array(segment, { minLength: 1, maxLength: 3 }).map((parts) => parts.join("/")),
  { nil: undefined },
);
const scope = fc.record({
  secretNamePrefix: prefix,
  organizationId: segment,
  type: fc.constantFrom(...exportTypes),
});

describe("names", () => {
  it("are as documented", () => {
    const scope = { organizationId: "42", type: "snowflake" };
    expect(buildSecretName(scope, "bi", "id-1")).toBe("exports/org_42/bi_id-1");
    expect(buildSecretName({ ...scope, secretNamePrefix: "prod" }, "bi", "id-1")).toBe(
      "prod/exports/org_42/bi_id-1",
    );
    expect(buildClaimName({ ...scope, secretNamePrefix: "prod" })).toBe(
      "prod/exports/org_42/active/snowflake",
    );
  });

  it("of a destination are never that of a claim", () => {
    fc.assert(
      fc.property(scope, scope, segment, segment, (one, other, name, id) => {
        expect(buildSecretName(one, name, id)).not.toBe(buildClaimName(other));
      }),
    );
  });

  it("of claims differ wherever prefix, organization or type do", () => {
    fc.assert(
      fc.property(scope, scope, (one, other) => {
        const same = JSON.stringify(one) === JSON.stringify(other);
        expect(buildClaimName(one) === buildClaimName(other)).toBe(same);
      }),
    );
  });

  it("derived ids are the same for the same owner, scope and revision, and differ otherwise", () => {
    const scope = { organizationId: "42", type: "snowflake" };
    const id = deriveDestinationId("owner", scope, 1);
    expect(id).toMatch(/^[0-9a-f]{16}-1$/);
    expect(deriveDestinationId("owner", scope, 1)).toBe(id);
    const others = [
      deriveDestinationId("owner", scope, 2),
      deriveDestinationId("other", scope, 1),
      deriveDestinationId("owner", { ...scope, organizationId: "43" }, 1),
      deriveDestinationId("owner", { ...scope, type: "qlik" }, 1),
      deriveDestinationId("owner", { ...scope, secretNamePrefix: "prod" }, 1),
    ];
    expect(new Set([id, ...others]).size).toBe(6);
  });
});
