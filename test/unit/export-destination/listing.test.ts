import { describe, expect, it } from "vitest";
import { readClaim, releaseClaim } from "../../../provider/export-destination/claim/release.js";
import { getDestination, listDestinations } from "../../../provider/export-destination/listing.js";
import { useFixture } from "./fixture.js";

const fixture = useFixture();
const query = () => ({
  organizationId: "42",
  aws: { region: fixture.aws.region, endpoint: fixture.aws.endpoint },
});

describe("a listing", () => {
  it("shows the active destination first, then archived ones with their deletion dates, and no credential", async () => {
    const stack = await fixture.connectedStack();
    const first = stack.outs;
    await stack.up(fixture.args({ credentials: fixture.addUser() }));
    const listed = await listDestinations(query());
    expect(listed).toMatchObject([
      {
        destinationId: stack.outs.destinationId,
        integrationStatus: "Connected",
        isArchived: false,
        secretArn: stack.outs.secretArn,
        place: "organization/exports/dev/bi",
        destinationMetadata: { warehouse: "EXPORT_WH" },
      },
      {
        destinationId: first.destinationId,
        integrationStatus: "Disconnected",
        isArchived: true,
        deletionDate: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        disconnectedAt: expect.any(String),
      },
    ]);
    const text = JSON.stringify(listed);
    expect(text).not.toContain(fixture.credentials.password);
    expect(text).not.toContain(fixture.credentials.username);
  });

  it("reads every page, and only this organization and prefix", async () => {
    const stack = await fixture.connectedStack();
    for (let n = 0; n < 5; n += 1) await stack.up(fixture.args({ credentials: fixture.addUser(`U${n}`) }));
    await fixture.connectedStack({ organizationId: "421" }, "other");
    await fixture.connectedStack({ secretNamePrefix: "prod" }, "prod");
    fixture.aws.setPageSize(2);
    const listed = await listDestinations(query());
    expect(listed.map(({ revision }) => revision)).toEqual([6, 5, 4, 3, 2, 1]);
    expect(await listDestinations({ ...query(), type: "qlik" })).toEqual([]);
    expect(await listDestinations({ ...query(), secretNamePrefix: "prod" })).toHaveLength(1);
  });

  it("leaves out another organization whose prefix begins with this one's path", async () => {
    await fixture.connectedStack({ organizationId: "og1" }, "one");
    const nested = { organizationId: "og2", secretNamePrefix: "exports/org_og1" };
    await fixture.connectedStack(nested, "two");
    await fixture.connectedStack({ ...nested, organizationId: "og1" }, "three");
    const list = async (scope: { organizationId: string; secretNamePrefix?: string }) =>
      (await listDestinations({ ...query(), ...scope })).map(({ secretName }) =>
        secretName.replace(/_[^_]*$/, ""),
      );
    expect(await list({ organizationId: "og1" })).toEqual(["exports/org_og1/bi"]);
    expect(await list(nested)).toEqual(["exports/org_og1/exports/org_og2/bi"]);
  });

  it("shows a secret that no claim names as what it is", async () => {
    const stack = await fixture.connectedStack();
    await fixture.aws.control.deleteSecret("exports/org_42/active/snowflake", "at once");
    const [listed] = await listDestinations(query());
    expect(listed).toMatchObject({
      destinationId: stack.outs.destinationId,
      integrationStatus: "Error",
      destinationMetadata: { account: fixture.server.account },
    });
  });

  it("finds one by its id, or says where it looked", async () => {
    const stack = await fixture.connectedStack();
    const { destinationId } = stack.outs;
    expect(await getDestination({ ...query(), destinationId })).toMatchObject({
      destinationId,
      revision: 1,
    });
    await expect(getDestination({ ...query(), destinationId: "other" })).rejects.toMatchObject({
      code: "NOT_FOUND",
    });
    await expect(listDestinations({ ...query(), organizationId: "a/b" })).rejects.toMatchObject({
      code: "INVALID_INPUT",
    });
  });

  it("a released claim is free, its destination archived, and its secret where it was", async () => {
    const stack = await fixture.connectedStack();
    const { destinationId, secretName } = stack.outs;
    const scope = { ...query(), type: "snowflake" as const };
    expect((await readClaim(scope))?.active?.destinationId).toBe(destinationId);
    const released = await releaseClaim({ ...scope, destinationId });
    expect(released.owner.place).toBe("organization/exports/dev/bi");
    expect((await readClaim(scope))?.active).toBeNull();
    expect(await listDestinations(query())).toMatchObject([{ destinationId, isArchived: true }]);
    expect((await fixture.secrets()).stored).toEqual([secretName]);
    await expect(releaseClaim({ ...scope, destinationId })).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});
