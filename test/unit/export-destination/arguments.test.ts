import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { unknownValue } from "../../../provider/engine/unknown.js";
import { compareDestination } from "../../../provider/export-destination/changes.js";
import { StackOfOne } from "../../support/stack-of-one.js";
import { useFixture } from "./fixture.js";

const privateKey = generateKeyPairSync("rsa", { modulusLength: 2048 })
  .privateKey.export({ type: "pkcs8", format: "pem" })
  .toString();

const fixture = useFixture();

/** What a change of each argument does to a working destination: the table of the documentation. */
const table: [argument: string, effect: "update" | "replace" | "same", change: (args: Args) => Args][] = [
  ["name", "replace", (args) => ({ ...args, name: "other" })],
  ["organizationId", "replace", (args) => ({ ...args, organizationId: "43" })],
  ["secretNamePrefix", "replace", (args) => ({ ...args, secretNamePrefix: "prod" })],
  ["destinationId", "replace", (args) => ({ ...args, destinationId: "fixed" })],
  ["credentials.account", "replace", (args) => withCredentials(args, { account: "acme-other" })],
  ["credentials.warehouse", "replace", (args) => withCredentials(args, { warehouse: "OTHER" })],
  ["credentials.database", "replace", (args) => withCredentials(args, { database: "OTHER" })],
  ["credentials.username", "replace", (args) => withCredentials(args, { username: "OTHER" })],
  ["credentials.password", "replace", (args) => withCredentials(args, { password: "other" })],
  ["credentials.role", "replace", (args) => withCredentials(args, { role: "OTHER" })],
  ["credentials.role, empty", "same", (args) => withCredentials(args, { role: "" })],
  ["credentials.token", "replace", (args) => withCredentials(args, { password: undefined, token: "t" })],
  ["credentials.privateKey", "replace", (args) => withCredentials(args, { password: undefined, privateKey })],
  ["aws.region", "replace", (args) => withAws(args, { region: "eu-west-1" })],
  [
    "aws.endpoint",
    "replace",
    (args) => withAws(args, { endpoint: fixture.aws.endpoint.replace("127.0.0.1", "localhost") }),
  ],
  ["aws.kmsKeyId", "update", (args) => withAws(args, { kmsKeyId: "alias/exports" })],
  ["aws.tags", "update", (args) => withAws(args, { tags: { team: "data" } })],
  ["aws.recoveryWindowInDays", "update", (args) => withAws(args, { recoveryWindowInDays: 7 })],
  ["glue.jobNames", "update", (args) => ({ ...args, glue: { jobNames: ["nightly"] } })],
  ["glue.scanAllJobs", "update", (args) => ({ ...args, glue: { scanAllJobs: true } })],
  ["onPendingDeletion", "update", (args) => ({ ...args, onPendingDeletion: "restore" })],
  ["onPendingDeletion, its default", "same", (args) => ({ ...args, onPendingDeletion: "fail" })],
  ["egressIpService", "update", (args) => ({ ...args, egressIpService: undefined })],
  [
    "validation",
    "update",
    (args) => ({ ...args, validation: { endpoint: "https://acme.privatelink.example" } }),
  ],
  ["payloadFormat", "replace", (args) => ({ ...args, payloadFormat: "glue" })],
  ["payloadFormat, its default", "same", (args) => ({ ...args, payloadFormat: "default" })],
  ["retryTrigger", "update", (args) => ({ ...args, retryTrigger: 1 })],
  ["nothing", "same", (args) => args],
];

type Args = Record<string, unknown>;
const withCredentials = (args: Args, change: object) => ({
  ...args,
  credentials: { ...(args.credentials as object), ...change },
});
const withAws = (args: Args, change: object) => ({ ...args, aws: { ...(args.aws as object), ...change } });

describe("what AWS keeps in a tag of 256 characters", () => {
  it.each(["organizationId", "destinationId"])(
    "%s is refused where it is longer, before anything is made",
    async (argument) => {
      const stack = new StackOfOne({ stack: "dev", name: "bi" });
      const { failures } = await stack.up(fixture.args({ [argument]: "x".repeat(257) }));
      expect(failures.map(({ reason }) => reason)).toContain(
        `${argument}: must not be longer than 256 characters.`,
      );
      expect(fixture.aws.callCount("CreateSecret")).toBe(0);
      const up = await stack.up(fixture.args({ [argument]: "x".repeat(256), name: "n" }));
      expect([up.error, up.failures]).toEqual([undefined, []]);
    },
  );
});

describe("a changed argument", () => {
  it("of a working destination updates, replaces or does nothing, as documented", async () => {
    const stack = await fixture.connectedStack();
    for (const [argument, effect, change] of table) {
      const preview = await stack.preview(change(fixture.args()));
      expect(preview.error, argument).toBeUndefined();
      expect(preview.failures, argument).toEqual([]);
      expect(preview.steps, argument).toEqual([effect]);
    }
  });

  it("of a failed destination always updates in place", async () => {
    const stack = await fixture.connectedStack();
    const failed = { ...stack.outs, status: "Failed" as const, integrationStatus: "Error" as const };
    for (const key of ["name", "organizationId", "awsRegion", "credentialsFingerprint"] as const) {
      const news = { ...failed, destinationId: undefined, [key]: "other" };
      expect(compareDestination(failed, news as never)).toEqual({ changes: true, replaces: [] });
    }
  });

  it("profile and role are recorded; one that leads to another account replaces", async () => {
    const stack = await fixture.connectedStack();
    const { destinationId: _id, ...news } = { ...stack.outs, aws: { ...stack.outs.aws, profile: "other" } };
    expect(compareDestination(stack.outs, news as never)).toEqual({ changes: true, replaces: [] });
    const elsewhere = { ...news, awsAccountId: "999999999999" };
    expect(compareDestination(stack.outs, elsewhere as never)).toEqual({
      changes: true,
      replaces: ["awsAccountId"],
    });
  });
});

async function failuresOf(stack: StackOfOne, changes: Args) {
  const { failures, error } = await stack.preview(fixture.args(changes));
  expect(error).toBeUndefined();
  return failures;
}

describe("a bad argument", () => {
  const bad: [Args, string, RegExp][] = [
    [{ name: "a/b" }, "", /^name: must be letters, digits/],
    [{ organizationId: "a/b" }, "", /^organizationId: must be letters/],
    [{ organizationId: undefined }, "", /^organizationId: /],
    [{ secretNamePrefix: "x".repeat(500) }, "", /would be longer than 512 characters/],
    [{ secretNamePrefix: "/prod" }, "", /^secretNamePrefix: /],
    [{ destinationId: "a b" }, "", /^destinationId: /],
    [{ onPendingDeletion: "overwrite" }, "", /^onPendingDeletion: must be "fail" or "restore"\.$/],
    [{ aws: { recoveryWindowInDays: 6 } }, "aws.recoveryWindowInDays", /7 to 30 days/],
    [{ aws: { recoveryWindowInDays: 31 } }, "aws.recoveryWindowInDays", /7 to 30 days/],
    [{ aws: { tags: { "aws:x": "1" } } }, "aws.tags.aws:x", /may not be named/],
    [{ aws: { tags: { managed: "é\u0000" } } }, "aws.tags.managed", /a tag may hold/],
    [{ aws: { endpoint: "http://aws.example" } }, "aws.endpoint", /https:\/\//],
    [{ validation: { endpoint: "http://snowflake.example" } }, "validation.endpoint", /https:\/\//],
    [{ aws: { region: "nowhere" } }, "aws.region", /^aws.region: must be the name of an AWS region/],
    [{ aws: { region: "Frankfurt-1" } }, "aws.region", /^aws.region: must be the name of an AWS region/],
    [{ glue: { jobNames: [""] } }, "glue.jobNames.0", /must not be empty/],
    [{ glue: { scanAllJobs: false } }, "glue.scanAllJobs", /no job would be looked at/],
    [
      { credentials: { type: "oracle" } },
      "credentials.type",
      /^credentials.type: must be one of postgresql, power_bi, qlik, snowflake\.$/,
    ],
    [{ credentials: "a text" }, "", /^credentials: must be an object with named fields\.$/],
    [{ aws: { regoin: "x" } }, "aws.regoin", /no such argument/],
    [{ credential: {} }, "", /^credential: there is no such argument/],
    [{ credentials: undefined }, "", /^credentials: is required/],
  ];

  it("is told before anything happens, with its place and what is allowed", async () => {
    const stack = new StackOfOne({ stack: "dev", name: "bi" });
    fixture.aws.forgetCalls();
    for (const [changes, property, reason] of bad) {
      const failures = await failuresOf(stack, changes);
      expect(failures, JSON.stringify(changes)).toEqual([
        { property, reason: expect.stringMatching(reason) },
      ]);
    }
    expect(fixture.aws.callCount()).toBe(0);
  });
});

describe("a preview", () => {
  it("shows unknown credentials as unknown, field by field, and replaces", async () => {
    const stack = await fixture.connectedStack();
    const credentials = { ...fixture.credentials, password: unknownValue };
    const preview = await stack.preview(fixture.args({ credentials }));
    expect(preview.failures).toEqual([]);
    expect(preview.replaces).toEqual(["credentialFingerprints"]);
    const whole = await stack.preview(fixture.args({ credentials: unknownValue }));
    expect(whole.failures).toEqual([]);
    expect(whole.replaces).toContain("credentialFingerprints");
    for (const warehouse of ["", " "]) {
      const bad = await stack.preview(fixture.args({ credentials: { ...credentials, warehouse } }));
      expect(bad.failures).toEqual([
        { property: "credentials.warehouse", reason: expect.stringMatching(/must not be (empty|blank)/) },
      ]);
    }
  });

  it("goes on with a warning where AWS cannot be reached, and up does not", async () => {
    const stack = new StackOfOne({ stack: "dev", name: "bi" });
    const args = fixture.args({ aws: { region: "us-east-1", endpoint: "http://127.0.0.1:9" } });
    const preview = await stack.preview(args);
    expect(preview.error).toBeUndefined();
    expect(preview.lines.join("\n")).toContain("warning: AWS cannot be asked from here");
    const up = await stack.up(args);
    expect(up.error).toBeUndefined();
    expect(up.failures).toEqual([{ property: "", reason: expect.stringMatching(/^\[AWS_FAILED\] /) }]);
  });

  it("ignoreChanges on credentials refuses what would store the ignored ones: a replacement", async () => {
    const stack = await fixture.connectedStack();
    const { kept } = stack;
    const args = fixture.args({ credentials: fixture.addUser(), name: "reporting" });
    const ignored = { ignoreChanges: ["credentials"] };
    for (const operation of [await stack.preview(args, ignored), await stack.up(args, ignored)]) {
      expect(operation.failures).toEqual([
        {
          property: "",
          reason:
            "credentials: their changes are ignored (ignoreChanges), and a replacement would store the new ones all the same. Take credentials out of ignoreChanges, or leave what replaces the destination as it was.",
        },
      ]);
    }
    expect(stack.kept).toEqual(kept);
    expect((await stack.up(args)).error).toBeUndefined();
  });

  it("ignoreChanges on one field of the credentials stores nothing that it would hold back", async () => {
    const stack = await fixture.connectedStack();
    const { kept } = stack;
    const needed = await stack.up(fixture.args({ credentials: fixture.addUser() }), {
      ignoreChanges: ["credentials.password"],
    });
    expect(needed.failures.map(({ reason }) => reason)).toEqual([
      "credentials.password: exactly one of password, token, privateKey and oauthClientSecret is required; none is given.",
      "credentials.password: was given before and is not now. Where ignoreChanges names it, name credentials as a whole: no single field is kept.",
    ]);
    expect(stack.kept).toEqual(kept);
  });

  it("ignoreChanges on credentials keeps what is stored", async () => {
    const stack = await fixture.connectedStack();
    const up = await stack.up(fixture.args({ credentials: undefined, onPendingDeletion: "restore" }));
    expect(up.error).toBeUndefined();
    expect(up.steps).toEqual(["update"]);
    expect((await stack.up(fixture.args({ onPendingDeletion: "restore" }))).steps).toEqual(["same"]);
  });
});
