import { describe, expect, it } from "vitest";
import { ProviderError } from "../../../../provider/core/errors.js";
import type { ObservedSecret } from "../../../../provider/secret-sync/plan/plan.js";
import type { LookedAtStack } from "../../../../sdk/cli/drift/look-at-stack.js";
import { reportOwners } from "../../../../sdk/cli/drift/owners.js";

const destination = { database: "D", schema: "S" };
const unread = new ProviderError("ENGINE_FAILED", { operation: "pulumi failed", hint: "read it." });

/** A secret by its owner: an id of one digit, and the place that its comment names. */
const own = (id: string, place: string): ObservedSecret => ({
  type: "GENERIC_STRING",
  owner: "ROLE",
  mark: { ownerId: id.repeat(32), revision: "0".repeat(8), fingerprint: "0".repeat(32), place },
});
const look = (
  stack: string,
  syncs: Readonly<Record<string, readonly string[]>>,
  more: {
    seen?: Readonly<Record<string, ObservedSecret>> | ProviderError;
    error?: ProviderError;
    organization?: string;
  } = {},
): LookedAtStack => ({
  report: { project: "shop", stack, resources: [], ...(more.error && { error: more.error }) },
  syncs: Object.entries(syncs).map(([id, names]) => ({
    kind: "sync",
    urn: "",
    name: `app${id}`,
    settings: { get: () => undefined },
    state: {
      ownerId: id.repeat(32),
      place: `${more.organization ?? "organization"}/shop/${stack}/app${id}`,
      managedSecrets: Object.fromEntries(names.map((name) => [name, { fingerprint: "f" }])),
    } as never,
  })),
  schemas:
    more.seen === undefined
      ? []
      : [
          {
            account: "A",
            schema: destination,
            secrets: more.seen instanceof ProviderError ? more.seen : new Map(Object.entries(more.seen)),
          },
        ],
});
const whole = [{ name: "shop", isWhole: true }];
const find = (stacks: LookedAtStack[], projects = whole) =>
  reportOwners(stacks, projects)[0]?.owners.map(
    ({ ownership, because, secrets }) => `${secrets.join(" ")}: ${because ?? ownership}`,
  );

describe("who owns the secrets of a schema", () => {
  it("puts together what the roles of all stacks see", () => {
    const dev = look("dev", { 1: ["A"] }, { seen: { A: own("1", "organization/shop/dev/app1") } });
    const prod = look("prod", { 2: ["B"] }, { seen: { B: own("2", "organization/shop/prod/app2") } });
    expect(find([dev, prod])).toEqual(["A: managed", "B: managed"]);
  });

  it("tells what a state does not record of its own sync, and nobody's", () => {
    const secrets = { A: own("1", "organization/shop/dev/app1"), B: own("1", "organization/shop/dev/app1") };
    const nobody = { type: "PASSWORD", owner: "R", mark: undefined };
    expect(find([look("dev", { 1: ["A"] }, { seen: { ...secrets, C: nobody } })])).toEqual([
      "A: managed",
      "B: unrecorded",
      "C: unmanaged",
    ]);
  });

  it("finds the sync of a stack that was renamed, and names all that a copied state has", () => {
    const seen = { A: own("1", "organization/shop/former/app1") };
    expect(find([look("dev", { 1: ["A"] }, { seen })])).toEqual(["A: managed"]);
    const [schema] = reportOwners([look("dev", { 1: ["A"] }, { seen }), look("copy", { 1: ["A"] })], whole);
    expect(schema?.owners[0]?.syncs).toEqual(["shop/dev: app1", "shop/copy: app1"]);
  });

  const left = { Z: own("9", "organization/shop/old/gone") };
  it("says that a stack is gone only if all stacks of the project were read", () => {
    const dev = look("dev", { 1: [] }, { seen: left });
    expect(find([dev])).toEqual(["Z: stack gone"]);
    expect(find([dev], [{ name: "shop", isWhole: false }])).toEqual(["Z: stack old was not looked at"]);
    expect(find([dev, look("prod", {}, { error: unread })])).toEqual(["Z: stack prod could not be read"]);
    expect(find([dev], [{ name: "other", isWhole: true }])).toEqual(["Z: project shop was not looked at"]);
  });

  it("says that secrets are orphaned only if their own stack was read", () => {
    const dev = look("dev", { 1: [] }, { seen: left });
    expect(find([dev, look("old", {})])).toEqual(["Z: orphaned"]);
    expect(find([dev, look("old", {}, { error: unread })])).toEqual(["Z: stack old could not be read"]);
  });

  it("takes no stack of one organization for that of another", () => {
    const ofAcme = { Z: own("9", "acme/shop/old/gone") };
    const dev = look("dev", { 1: [] }, { seen: ofAcme });
    expect(find([dev, look("old", {})])).toEqual(["Z: organization acme was not looked at"]);
    expect(find([dev, look("acme/shop/old", {})])).toEqual(["Z: orphaned"]);
    expect(find([look("dev", { 1: [] }, { seen: ofAcme, organization: "acme" })])).toEqual(["Z: stack gone"]);
  });

  it("says so where Snowflake does not list them all", () => {
    const [schema] = reportOwners([look("dev", { 1: [] }, { seen: unread })], whole);
    expect(schema).toMatchObject({ owners: [], error: { code: "ENGINE_FAILED" } });
  });
});
