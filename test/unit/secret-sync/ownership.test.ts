import { describe, expect, it } from "vitest";
import { deriveOwnerId } from "../../../provider/engine/ownership.js";
import { Stack } from "../../support/stack.js";
import { createFixture, database, overwrite, place, preserve, schema } from "./fixture.js";

const ownerId = deriveOwnerId(place);

describe("the mark", () => {
  it("says owner, secretRevision, fingerprint and, for people, the place", async () => {
    const { stack, sync, markOf } = await createFixture();
    await stack.upOk({ app: sync({ A: "1" }) });
    expect(markOf("A")).toEqual({
      ownerId: ownerId,
      revision: stack.state().revision,
      fingerprint: stack.state().secrets.A,
      place: "org/proj/dev/app",
    });
  });

  it("survives a rename with an alias: nothing is written, and destroy still works", async () => {
    const { stack, sync, values, takeStatements } = await createFixture();
    await stack.upOk({ app: sync({ A: "1" }, { name: "app" }) });
    takeStatements();
    const program = { renamed: sync({ A: "1" }, { name: "app" }, { aliases: ["app"] }) };
    const { changes } = await stack.upOk(program);
    expect(changes).toEqual({ renamed: "same" });
    expect(takeStatements()).toEqual(["SELECT", "SHOW SECRETS"]);
    expect((await stack.destroy()).problems).toEqual([]);
    expect(values()).toEqual({});
  });

  it("keeps the former place where nothing is written, and a refusal names one owner with both", async () => {
    const { stack, sync } = await createFixture();
    await stack.upOk({ app: sync({ A: "1", B: "1" }, { name: "app" }) });
    await stack.upOk({ renamed: sync({ A: "1", B: "2" }, { name: "app" }, { aliases: ["app"] }) });
    const { problems } = await new Stack({ stack: "other" }).up({ app: sync({ A: "1", B: "1" }) });
    expect(problems).toHaveLength(1);
    expect(problems.join()).toContain(
      `"APP"."SECRETS"."A", "APP"."SECRETS"."B" belong to org/proj/dev/app, also named org/proj/dev/renamed (owner ${ownerId}); they are not changed.`,
    );
  });

  it("of a resource that was renamed without an alias refuses the new one, and says aliases", async () => {
    const { stack, sync } = await createFixture();
    await stack.upOk({ app: sync({ A: "1" }) });
    const { problems } = await stack.up({ renamed: sync({ A: "1" }) });
    expect(problems.join()).toContain(
      "If this resource was renamed, give it its former name in aliases. Fix: do what is said for each secret above, then run `pulumi up` again.",
    );
    const elsewhere = await new Stack({ stack: "other" }).up({ renamed: sync({ A: "1" }) });
    expect(elsewhere.problems.join()).not.toContain("aliases");
  });

  it("of a renamed resource is not shared with a new one that takes the old name", async () => {
    const { stack, sync } = await createFixture();
    await stack.upOk({ app: sync({ A: "1" }) });
    const { problems } = await stack.up({
      renamed: sync({ A: "1" }, {}, { aliases: ["app"] }),
      app: sync({ B: "1" }),
    });
    expect(problems.join()).toContain("[NOT_OURS] two resources have the same owner id");
  });

  it("is not shared by two resources of the same name under parents of different types", async () => {
    const { stack, sync, values, markOf } = await createFixture();
    const [one, two] = ["my:index:One", "my:index:Two"].map((parentTypes) => ({ parentTypes }));
    const program = {
      "app::one": sync({ A: "1" }, { syncOptions: preserve }, one),
      "app::two": sync({ B: "1" }, { syncOptions: preserve }, two),
    };
    await stack.upOk(program);
    expect((await stack.upOk(program)).changes).toEqual({ "app::one": "same", "app::two": "same" });
    expect(values()).toEqual({ A: "1", B: "1" });
    expect(markOf("A")?.ownerId).toBe(deriveOwnerId({ ...place, parentTypes: "my:index:One" }));
    expect(markOf("B")?.ownerId).not.toBe(markOf("A")?.ownerId);
    const both = { ...program, "app::two": sync({ A: "2" }, { syncOptions: preserve }, two) };
    expect((await stack.up(both)).problems.join()).toContain(
      "two syncs write the same secret: org/proj/dev/app (child of my:index:One) and org/proj/dev/app (child of my:index:Two)",
    );
    expect(values()).toEqual({ A: "1", B: "1" });
  });
});

describe("two syncs that want one name", () => {
  it("in one stack are refused before anything is written, in the preview already", async () => {
    const { stack, sync, values } = await createFixture();
    const program = {
      one: sync({ A: "1" }, { syncOptions: { ...overwrite, keySchema: "X_{{secretKey}}" } }),
      two: sync({ X_A: "2" }),
    };
    const { problems, ok } = await stack.preview(program);
    expect(ok).toBe(false);
    expect(problems.join()).toContain(
      '[NOT_OURS] two syncs write the same secret: org/proj/dev/one and org/proj/dev/two: "APP"."SECRETS"."X_A"',
    );
    expect(values()).toEqual({});
  });

  it("in two stacks refuse each other, and change nothing", async () => {
    const { stack, sync, values, takeWrites } = await createFixture();
    const second = new Stack({ stack: "other" });
    await stack.upOk({ app: sync({ A: "1" }) });
    takeWrites();
    const preview = await second.preview({ app: sync({ A: "2", B: "2" }) });
    expect(preview.ok).toBe(true);
    expect(preview.lines.join("\n")).toContain(
      `"APP"."SECRETS"."A" belongs to org/proj/dev/app (owner ${ownerId})`,
    );
    expect(preview.lines.join("\n")).toContain("`pulumi up` fails with this error.");
    const { problems } = await second.up({ app: sync({ A: "2", B: "2" }) });
    expect(problems.join()).toMatch(
      /^\[NOT_OURS\] nothing was written, because 1 of 2 secrets must not be changed/,
    );
    expect(values()).toEqual({ A: "1" });
    expect(takeWrites()).toEqual([]);
  });
});

describe("takeOver", () => {
  it("of an owner's id takes its secrets on purpose; the former owner then leaves them alone", async () => {
    const { stack, sync, values, markOf } = await createFixture();
    const otherId = deriveOwnerId({ ...place, stack: "other" });
    const former = new Stack({ stack: "other" });
    await former.upOk({ app: sync({ A: "1", B: "1" }) });
    const program = { app: sync({ A: "2" }, { syncOptions: { ...overwrite, takeOver: [otherId] } }) };
    const { lines } = await stack.preview(program);
    expect(lines.join("\n")).toContain('would be taken over (takeOver): "A"');
    await stack.upOk(program);
    expect(values()).toEqual({ A: "2", B: "1" });
    expect(markOf("A")?.place).toBe("org/proj/dev/app");

    const refused = await former.up({ app: sync({ A: "1", B: "1" }) });
    expect(refused.problems.join()).toContain("[NOT_OURS]");
    const destroyed = await former.destroy();
    expect(destroyed.ok).toBe(true);
    expect(destroyed.lines.join("\n")).toContain(
      'not dropped, because they have lost their ownership comments: "A"',
    );
    expect(values()).toEqual({ A: "2" });
    await stack.upOk(program);
    expect(values()).toEqual({ A: "2" });
  });
});

describe("a secret without a mark under our name", () => {
  it("is taken over under overwrite-destination, which the preview says, and keeps its grants", async () => {
    const { stack, sync, control, values, markOf, put } = await createFixture();
    put("A", { comment: "made by hand" });
    const program = { app: sync({ A: "1" }) };
    const { lines } = await stack.preview(program);
    expect(lines.join("\n")).toContain('without an ownership comment, would be taken over: "A"');
    const before = control.secret(database, schema, "A")?.createdOn;
    await stack.upOk(program);
    expect(values()).toEqual({ A: "1" });
    expect(markOf("A")?.fingerprint).toBe(stack.state().secrets.A);
    expect(control.secret(database, schema, "A")?.createdOn).toEqual(before);
  });

  it("is refused under preserve-destination, unless takeOver says unmarked", async () => {
    const { stack, sync, values, put } = await createFixture();
    put("A");
    const { problems } = await stack.up({ app: sync({ A: "1" }, { syncOptions: preserve }) });
    expect(problems.join()).toContain("exists without an ownership comment");
    expect(values()).toEqual({ A: "theirs" });
    await stack.upOk({ app: sync({ A: "1" }, { syncOptions: { ...preserve, takeOver: ["unmarked"] } }) });
    expect(values()).toEqual({ A: "1" });
  });
});

describe("a secret of another type under our name", () => {
  it("is refused, with a key schema too", async () => {
    const { stack, sync, put, values } = await createFixture();
    put("P_A", { type: "PASSWORD" });
    const keySchema = "P_{{secretKey}}";
    const attempts = [
      sync({ P_A: "1" }),
      sync({ A: "1" }, { syncOptions: { ...overwrite, keySchema } }),
      sync({ A: "1" }, { syncOptions: { ...preserve, keySchema, takeOver: ["unmarked"] } }),
    ];
    for (const app of attempts) {
      const { problems } = await stack.up({ app });
      expect(problems.join()).toContain('put "other-type" into syncOptions.takeOver, which replaces it');
    }
    expect(values()).toEqual({ P_A: "theirs" });
  });

  it("is replaced where takeOver says other-type, with the grants that go by name", async () => {
    const { stack, sync, control, values, put, grantRead } = await createFixture();
    put("A", { type: "PASSWORD" });
    grantRead("A");
    const app = sync({ A: "1" }, { syncOptions: { ...overwrite, takeOver: ["other-type"] } });
    const { lines } = await stack.preview({ app });
    expect(lines.join("\n")).toContain(
      'of another type, would be replaced (takeOver) and lose its grants: "A"',
    );
    expect(lines.join("\n")).toContain('"APP"."SECRETS"."A" has READ to ROLE READER');
    const up = await stack.upOk({ app });
    expect(up.lines.join("\n")).toContain(
      'recreated, without the grants it had: "APP"."SECRETS"."A" has READ',
    );
    expect(values()).toEqual({ A: "1" });
    expect(control.secret(database, schema, "A")?.type).toBe("GENERIC_STRING");
  });
});

/** The stack with its state under another name, as after `pulumi stack rename`, or as a copy of the state. */
function withStateOf(stack: Stack, place: { project?: string; stack?: string }): Stack {
  const other = new Stack(place);
  for (const [name, kept] of stack.resources) other.resources.set(name, kept);
  return other;
}

describe("a stack or project that was renamed", () => {
  it.each([
    ["project", { project: "elsewhere" }, "org/elsewhere/dev/app"],
    ["stack", { stack: "renamed" }, "org/proj/renamed/app"],
  ])(
    "%s keeps the owner, and marks each secret for its new place once, which preview and up say",
    async (_, place, hint) => {
      const { stack, sync, markOf, values, takeStatements } = await createFixture();
      await stack.upOk({ app: sync({ A: "1", B: "1" }) });
      const moved = withStateOf(stack, place);
      const program = { app: sync({ A: "1", B: "1" }) };
      const told =
        'warning: app: 2 secrets in "APP"."SECRETS" and the state name another stack (org/proj/dev/app): they are written again for this one, as after a rename of the stack. If this state is a copy, cancel now';
      expect((await moved.preview(program)).lines.join("\n")).toContain(told);
      const { lines, changes } = await moved.upOk(program);
      expect(changes).toEqual({ app: "update" });
      expect(lines.join("\n")).toContain(told);
      for (const name of ["A", "B"])
        expect(markOf(name)).toMatchObject({
          ownerId,
          place: hint,
        });
      takeStatements();
      expect((await moved.upOk(program)).changes).toEqual({ app: "same" });
      expect((await moved.destroy()).ok).toBe(true);
      expect(values()).toEqual({});
    },
  );

  it("keeps its former place while a secret could not be marked", async () => {
    const { stack, sync, values, failNext } = await createFixture();
    await stack.upOk({ app: sync({ A: "1", B: "1" }) });
    const moved = withStateOf(stack, { stack: "renamed" });
    failNext(/^ALTER SECRET .*"B"/);
    expect((await moved.up({ app: sync({ A: "1", B: "1" }) })).ok).toBe(false);
    await moved.upOk({ app: sync({ A: "1", B: "1" }) });
    expect(moved.state().place).toBe("org/proj/renamed/app");
    expect((await moved.destroy()).ok).toBe(true);
    expect(values()).toEqual({});
  });

  it("is not moved to another schema in the same update, as a copy would take the secrets away", async () => {
    const { stack, sync, values, addSchema } = await createFixture();
    await stack.upOk({ app: sync({ A: "1" }) });
    const program = { app: sync({ A: "1" }, { destinationConfig: addSchema("COPY") }) };
    const { problems } = await withStateOf(stack, { stack: "copy" }).up(program);
    expect(problems.join()).toContain(
      "[UNPROVEN] the state was written by org/proj/dev/app, and this is org/proj/copy/app: the secrets may belong to that stack, so they are not removed",
    );
    expect([values(), values("COPY")]).toEqual([{ A: "1" }, {}]);
  });
});

describe("a copy of the state in another stack", () => {
  it("that was updated holds the secrets; the original neither writes nor drops them", async () => {
    const { stack, sync, values } = await createFixture();
    const program = { app: sync({ A: "1" }) };
    await stack.upOk(program);
    const copy = withStateOf(stack, { stack: "copy" });
    await copy.upOk({ app: sync({ A: "2" }) });
    expect((await stack.up(program)).problems.join()).toMatch(
      /^\[NOT_OURS\] .*"A" belongs to org\/proj\/copy\/app/,
    );
    expect((await stack.destroy()).problems.join()).toMatch(
      /^\[UNPROVEN\] a copy of this state in org\/proj\/copy\/app has since written secrets of this sync, so nothing was dropped/,
    );
    expect(values()).toEqual({ A: "2" });
    await stack.upOk({ app: sync({ A: "1" }, { syncOptions: { ...overwrite, takeOver: [ownerId] } }) });
    expect((await copy.destroy()).problems.join()).toMatch(
      /^\[UNPROVEN\] a copy of this state in org\/proj\/dev/,
    );
    expect(values()).toEqual({ A: "1" });
  });
});
