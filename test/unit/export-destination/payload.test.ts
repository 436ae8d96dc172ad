import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { unknownValue } from "../../../provider/engine/unknown.js";
import { exportCredentialsArguments } from "../../../provider/export-destination/credentials/index.js";
import { buildPayload } from "../../../provider/export-destination/credentials/payload.js";
import { denied } from "../../support/aws/faults.js";
import { useAws } from "../../support/aws/use-aws.js";
import { DestinationFixture } from "../../support/destination-fixture.js";
import { hosts } from "../../support/hosts.js";
import { StackOfOne } from "../../support/stack-of-one.js";
import { useFixture } from "./fixture.js";
import { samples } from "./samples.js";

const privateKey = generateKeyPairSync("rsa", { modulusLength: 2048 })
  .privateKey.export({ type: "pkcs8", format: "pem" })
  .toString();
const { snowflake: password, warehouse, qlik } = samples;
const keyPair = { ...warehouse, username: "u", privateKey };
const oauthClient = { ...samples.oauthClient, username: "u" };
const postgresql = { ...samples.postgresql, port: 5433 };
const bareKey = privateKey.trim().split("\n").slice(1, -1).join("");

describe("the text that is stored", () => {
  it.each<[string, object, object, string]>([
    [
      "default",
      { ...password, role: "R" },
      {},
      '{"account":"acme-prod","database":"DB","password":"p","role":"R","type":"snowflake","username":"u","warehouse":"WH"}',
    ],
    [
      "default",
      postgresql,
      { payloadFormat: "default" },
      '{"database":"d","host":"db.example","password":"p","port":5433,"sslMode":"require","type":"postgresql","username":"u"}',
    ],
    [
      "glue, password",
      { ...password, role: "R" },
      { payloadFormat: "glue" },
      '{"PASSWORD":"p","USERNAME":"u","sfDatabase":"DB","sfPassword":"p","sfRole":"R","sfUser":"u","sfWarehouse":"WH"}',
    ],
    [
      "glue, key pair: bare base64",
      keyPair,
      { payloadFormat: "glue" },
      `{"pem_private_key":"${bareKey}","sfDatabase":"DB","sfUser":"u","sfWarehouse":"WH"}`,
    ],
    [
      "glue, OAuth client",
      oauthClient,
      { payloadFormat: "glue" },
      '{"USER_MANAGED_CLIENT_APPLICATION_CLIENT_SECRET":"s","sfDatabase":"DB","sfUser":"u","sfWarehouse":"WH"}',
    ],
    [
      "athena, password",
      password,
      { payloadFormat: "athena" },
      '{"PASSWORD":"p","USERNAME":"u","password":"p","username":"u"}',
    ],
    [
      "athena, key pair: PEM",
      keyPair,
      { payloadFormat: "athena" },
      `{"pem_private_key":${JSON.stringify(privateKey)},"sfUser":"u"}`,
    ],
    [
      "rds",
      postgresql,
      { payloadFormat: "rds" },
      '{"dbname":"d","engine":"postgres","host":"db.example","password":"p","port":5433,"username":"u"}',
    ],
    [
      "custom, a field that is no secret left out, one that is not given named",
      password,
      {
        payloadFormat: "custom",
        payloadNames: { username: "DB_USER", password: "db_user", account: "account", token: "TOKEN" },
      },
      '{"DB_USER":"u","account":"acme-prod","db_user":"p"}',
    ],
  ])("in format %s is this to the byte", (_format, credentials, choice, text) => {
    expect(buildPayload(exportCredentialsArguments.parse(credentials), choice).expose()).toBe(text);
  });
});

const fixture = useFixture();

describe("a payload format that does not fit", () => {
  const token = { ...warehouse, token: "t" };
  const custom = (payloadNames: object) => ({ payloadFormat: "custom", payloadNames });
  const bad: [object, string, string][] = [
    [
      { payloadFormat: "aws" },
      "",
      'payloadFormat: must be "default" or "glue" or "athena" or "rds" or "custom".',
    ],
    [
      { payloadFormat: "rds" },
      "",
      'payloadFormat: "rds" has no names for credentials of type snowflake: use "default", "glue", "athena" or "custom".',
    ],
    [
      { payloadFormat: "glue", credentials: qlik },
      "",
      'payloadFormat: "glue" has no names for credentials of type qlik: use "default" or "custom".',
    ],
    [
      { payloadFormat: "athena", credentials: token },
      "",
      'payloadFormat: "athena" needs one of these in credentials: username and password; username and privateKey. Give these, or name the fields yourself with "custom" and payloadNames.',
    ],
    [
      { payloadFormat: "custom" },
      "",
      'payloadNames: is required with payloadFormat "custom": name each field, for example { username: "DB_USER", password: "DB_PASSWORD" }.',
    ],
    [
      { payloadNames: { username: "U", password: "P" } },
      "",
      'payloadNames: goes with payloadFormat "custom" only.',
    ],
    [
      custom({ username: "U", password: "U" }),
      "payloadNames.password",
      "payloadNames.password: has the same name as username. Give each field a name of its own.",
    ],
    [
      custom({ username: "U", password: "P", privatekey: "K" }),
      "payloadNames.privatekey",
      "payloadNames.privatekey: credentials of type snowflake store no field of this name. Did you mean privateKey?",
    ],
    [
      custom({ username: "U", password: "P", host: "H" }),
      "payloadNames.host",
      "payloadNames.host: credentials of type snowflake store no field of this name. Use type, account, warehouse, database, username, authenticator, password, token, privateKey, oauthClientId, oauthClientSecret, oauthTokenRequestUrl, oauthScope or role.",
    ],
    [
      custom({ username: "U" }),
      "payloadNames.password",
      "payloadNames.password: is required: without a name, credentials.password would not be stored.",
    ],
    [
      custom({ username: "U", password: "a/b" }),
      "payloadNames.password",
      "payloadNames.password: must be letters, digits, '-', '_' and '.' (no '/').",
    ],
    [
      custom({ username: "U", password: "" }),
      "payloadNames.password",
      "payloadNames.password: must not be empty.",
    ],
  ];

  it("is told before anything happens, with its place and what is allowed, and no value", async () => {
    const stack = new StackOfOne({ stack: "dev", name: "bi" });
    fixture.aws.forgetCalls();
    for (const [changes, property, reason] of bad) {
      const { failures } = await stack.preview(fixture.args({ ...changes }));
      expect(failures, JSON.stringify(changes)).toEqual([{ property, reason }]);
    }
    expect(fixture.aws.callCount()).toBe(0);
  });

  it("is told of credentials that are known in part, and nothing is said where it is not known itself", async () => {
    const stack = new StackOfOne({ stack: "dev", name: "bi" });
    const credentials = { ...fixture.credentials, password: unknownValue };
    const tell = async (changes: object) =>
      (await stack.preview(fixture.args({ credentials, ...changes }))).failures.map(({ reason }) => reason);
    expect(await tell({ payloadFormat: "rds" })).toEqual([expect.stringContaining('"rds" has no names for')]);
    expect(await tell(custom({ username: "U" }))).toEqual([expect.stringContaining("payloadNames.password")]);
    expect(await tell({ payloadFormat: "glue" })).toEqual([]);
    expect(await tell({ payloadFormat: unknownValue })).toEqual([]);
    expect(await tell({ payloadFormat: unknownValue, payloadNames: unknownValue })).toEqual([]);
    expect(await tell(custom({ username: unknownValue, password: "P" }))).toEqual([]);
    expect(await tell({ ...custom({ username: "U" }), credentials: unknownValue })).toEqual([]);
  });

  it("is one that makes the text too long for AWS, where the names of the fields themselves do not", async () => {
    const stack = new StackOfOne({ stack: "dev", name: "bi" });
    const credentials = { ...fixture.credentials, password: "p".repeat(40_000) };
    expect((await stack.preview(fixture.args({ credentials }))).failures).toEqual([]);
    const { failures } = await stack.preview(fixture.args({ credentials, payloadFormat: "glue" }));
    expect(failures).toEqual([
      { property: "credentials.password", reason: expect.stringContaining("at most 65536 bytes") },
    ]);
  });
});

it("a preview says in one line which format the payload has, and will have", async () => {
  const stack = await fixture.connectedStack();
  const tell = async (changes: object) =>
    (await stack.preview(fixture.args({ ...changes }))).lines.filter((line) => line.includes("payload's"));
  const line = (before: string, after: string) => [
    `warning: export destination bi: the payload's format changes from ${before} to ${after}; jobs that read the secret need the new names`,
  ];
  expect(await tell({ payloadFormat: "default" })).toEqual([]);
  expect(await tell({ credentials: fixture.addUser() })).toEqual([]);
  expect(await tell({ payloadFormat: "glue" })).toEqual(line("default", "glue"));
  expect(await tell({ payloadFormat: unknownValue })).toEqual(
    line("default", "one that is known in `pulumi up`"),
  );
  const payloadNames = { username: "DB_USER", password: "DB_PASSWORD" };
  const custom = { payloadFormat: "custom", payloadNames };
  expect(await tell(custom)).toEqual(line("default", "custom (DB_PASSWORD, DB_USER)"));
  expect((await stack.up(fixture.args(custom))).error).toBeUndefined();
  expect(await tell({ ...custom, payloadNames: { ...payloadNames, username: "USER" } })).toEqual(
    line("custom (DB_PASSWORD, DB_USER)", "custom (DB_PASSWORD, USER)"),
  );
});

it("another format under a fixed id keeps the ARN, and goes there and back", async () => {
  const fixed = { destinationId: "warehouse" };
  const stack = await fixture.connectedStack(fixed);
  const { secretArn = "" } = stack.outs;
  const stored = async () => (await fixture.aws.control.secret(secretArn))?.value;
  const before = await stored();
  expect((await stack.up(fixture.args({ ...fixed, payloadFormat: "glue" }))).error).toBeUndefined();
  expect(JSON.parse((await stored()) ?? "")).toMatchObject({ sfPassword: fixture.credentials.password });
  expect((await stack.up(fixture.args(fixed))).error).toBeUndefined();
  expect([stack.outs.secretArn, await stored()]).toEqual([secretArn, before]);
  expect((await fixture.secrets()).scheduled).toEqual([]);
});

describe("credentials that were refused", () => {
  it("are not sent again in another format, by a first destination nor by a rotation", async () => {
    const wrong = { credentials: { ...fixture.credentials, password: "wrong-password" } };
    const first = new StackOfOne({ stack: "dev", name: "bi" });
    const rotated = await fixture.connectedStack({ organizationId: "43" });
    for (const [stack, args] of [
      [first, fixture.args(wrong)],
      [rotated, fixture.args({ ...wrong, organizationId: "43" })],
    ] as const) {
      expect((await stack.up(args)).error?.code).toBe("CREDENTIALS_REJECTED");
      fixture.server.control.resetCounts();
      const again = await stack.up({ ...args, payloadFormat: "glue" });
      expect(again.error?.message).toContain("were not tried again");
      expect(fixture.server.control.counts().logins).toBe(0);
    }
  });
});

it("an interrupted creation goes on in place with another format", async () => {
  const stack = new StackOfOne({ stack: "dev", name: "bi" });
  // The claim, when the secret is stored.
  fixture.aws.faults.add({ operation: "PutSecretValue", effect: denied });
  expect((await stack.up(fixture.args())).error?.code).toBe("AWS_FAILED");
  expect((await fixture.secrets()).stored).toHaveLength(1);
  const up = await stack.up(fixture.args({ payloadFormat: "glue" }));
  expect([up.error, up.steps]).toEqual([undefined, ["update"]]);
  const secret = await fixture.aws.control.secret(stack.outs.secretArn ?? "");
  expect(Object.keys(JSON.parse(secret?.value ?? "{}"))).toContain("sfUser");
});

describe.each(hosts)("in the host %s", (host) => {
  const getAws = useAws();

  it("another format replaces the secret, and an altered one is stored again in it", async () => {
    const stage = await DestinationFixture.start(getAws(), host);
    try {
      expect((await stage.up()).problems).toEqual([]);
      const old = stage.host.state();
      stage.change({ payloadFormat: "glue" });
      const { credentials } = stage;
      expect((await stage.up()).problems).toEqual([]);
      const { secretArn = "", revision, destinationId } = stage.host.state() ?? {};
      expect(revision).toBe((old?.revision ?? 0) + 1);
      const read = async () => JSON.parse((await stage.control.secret(secretArn))?.value ?? "{}");
      const wanted = {
        USERNAME: credentials.username,
        PASSWORD: credentials.password,
        sfUser: credentials.username,
        sfPassword: credentials.password,
        sfDatabase: "ANALYTICS",
        sfWarehouse: "EXPORT_WH",
      };
      expect(await read()).toMatchObject(wanted);
      expect((await stage.claim())?.active).toMatchObject({ destinationId, payloadFormat: "glue" });
      expect(await stage.stored()).toEqual({
        stored: [stage.host.state()?.secretName],
        scheduled: [old?.secretName],
      });
      stage.expectNoValueSeen();
      stage.takeCalls();
      expect((await stage.up()).problems).toEqual([]);
      expect(stage.takeWrites()).toEqual([]);
      await stage.control.putValue(secretArn, "altered by somebody");
      expect((await stage.up()).problems).toEqual([]);
      expect(await read()).toMatchObject(wanted);
    } finally {
      await stage.stop();
    }
  });
});
