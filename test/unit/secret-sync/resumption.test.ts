import { describe, expect, it } from "vitest";
import { deriveOwnerId } from "../../../provider/engine/ownership.js";
import { formatOwnershipComment } from "../../../provider/secret-sync/plan/ownership-comment.js";
import { Stack } from "../../support/stack.js";
import { createFixture, database, type Fixture, overwrite, place, preserve, schema } from "./fixture.js";

const ownerId = deriveOwnerId(place);
const hour = 60 * 60 * 1_000;

/** A secret that carries the owner id of the sync `app`. */
const putMarked = (
  { put }: Fixture,
  name: string,
  { hours = 0, revision = "0a0b0c0d", at = "org/proj/dev/app", schema = "SECRETS" } = {},
) =>
  put(name, {
    schema,
    comment: formatOwnershipComment({ ownerId, revision, fingerprint: "0".repeat(32), place: at }),
    createdOn: new Date(Date.now() - hours * hour),
  });

const nextRevision = async () => {
  const fixture = await createFixture();
  putMarked(fixture, "A");
  await fixture.stack.upOk({ app: fixture.sync({ A: "1" }) });
  return fixture.stack.state().revision;
};

describe.each([overwrite, preserve])(
  "secrets of a sync's owner id, with an empty state, under $initialSyncBehavior",
  (syncOptions) => {
    it("are resumed within a day, and counted in preview and up", async () => {
      const fixture = await createFixture();
      const { stack, sync, values, markOf } = fixture;
      putMarked(fixture, "A", { hours: 23 });
      putMarked(fixture, "B");
      const program = { app: sync({ A: "1", C: "1" }, { syncOptions }) };
      const told =
        'warning: app: 2 secrets in "APP"."SECRETS" have this sync\'s owner id, but the state is empty. The sync takes them for the work of an update that was interrupted in the last 24 hours.';
      const preview = (await stack.preview(program)).lines.join("\n");
      expect(preview).toContain(told);
      expect(preview).toContain("written by an earlier run of this sync, would be written again");
      expect((await stack.upOk(program)).lines.join("\n")).toContain(told);
      expect(values()).toEqual({ A: "1", C: "1" });
      expect(markOf("A")).toMatchObject({ ownerId, revision: stack.state().revision });
      expect((await stack.upOk(program)).lines).toEqual([]);
    });

    it.each([
      ["created more than a day ago", { hours: 25 }, "they were created more than 24 hours ago"],
      [
        "that another place wrote",
        { at: "org/proj/former/app" },
        "org/proj/former/app wrote them, and this is org/proj/dev/app",
      ],
      ["of several creations", { revision: "ffffffff" }, "several creations wrote them"],
    ])("are refused where they are %s", async (_, mark, because) => {
      const fixture = await createFixture();
      const { stack, sync, values, takeWrites } = fixture;
      putMarked(fixture, "A");
      putMarked(fixture, "B", mark);
      // B is no key of the program: it must not be dropped either.
      const program = { app: sync({ A: "1", C: "1" }, { syncOptions }) };
      takeWrites();
      const told = `[UNPROVEN] nothing was written, because 2 of the secrets carry this sync's owner id, but the state records none of them: ${because}: "APP"."SECRETS": "A", "B". Fix: if the state was lost (or --replace made this a new sync) and no other stack has this sync, put "${ownerId}" into syncOptions.takeOver.`;
      const preview = await stack.preview(program);
      expect(preview.ok).toBe(true);
      expect(preview.lines.join("\n")).toContain(`warning: app: ${told}`);
      expect(preview.lines.join("\n")).toContain("`pulumi up` fails with this error.");
      expect((await stack.up(program)).problems.join()).toContain(told);
      expect(values()).toEqual({ A: "theirs", B: "theirs" });
      expect(takeWrites()).toEqual([]);

      const meant = {
        app: sync({ A: "1", C: "1" }, { syncOptions: { ...syncOptions, takeOver: [ownerId] } }),
      };
      await stack.upOk(meant);
      expect(values()).toEqual({ A: "1", C: "1" });
      await stack.upOk(program);
      expect(values()).toEqual({ A: "1", C: "1" });
    });
  },
);

it("a creation that is cut off again and again is resumed", async () => {
  const fixture = await createFixture();
  const { stack, sync, values, markOf } = fixture;
  const later = await nextRevision();
  putMarked(fixture, "A");
  putMarked(fixture, "B", { revision: later });
  await stack.upOk({ app: sync({ A: "1", B: "1" }) });
  expect(stack.state().revision).toBe(later);
  expect([markOf("A")?.revision, markOf("B")?.revision]).toEqual([later, later]);
  expect(values()).toEqual({ A: "1", B: "1" });
});

it("a state that has written nothing yet proves nothing", async () => {
  const fixture = await createFixture();
  const { stack, sync, values } = fixture;
  await stack.upOk({ app: sync({ A: "1" }, { isAutoSyncEnabled: false }) });
  putMarked(fixture, "A", { hours: 25 });
  expect((await stack.up({ app: sync({ A: "1" }) })).problems.join()).toContain("[UNPROVEN]");
  expect(values()).toEqual({ A: "theirs" });
});

it("a stack that was renamed keeps its secrets from a new one of its former name", async () => {
  const { stack, sync, values, control, put } = await createFixture();
  await stack.upOk({ app: sync({ A: "1" }) });
  const { comment = "" } = control.secret(database, schema, "A") ?? {};
  put("A", { value: "1", comment, createdOn: new Date(Date.now() - 25 * hour) });
  const successor = new Stack();
  expect((await successor.up({ app: sync({ B: "2" }) })).problems.join()).toContain("[UNPROVEN]");
  expect(values()).toEqual({ A: "1" });
});

it("a move to a schema where an earlier one failed is no creation", async () => {
  const fixture = await createFixture();
  const { stack, sync, values, addSchema } = fixture;
  const other = addSchema("OTHER");
  await stack.upOk({ app: sync({ A: "1" }) });
  putMarked(fixture, "A", { hours: 25, schema: other.schema });
  await stack.upOk({ app: sync({ A: "1" }, { destinationConfig: other }) });
  expect(values("OTHER")).toEqual({ A: "1" });
});
