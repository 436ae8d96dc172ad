import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import * as z from "zod";
import { exportCredentialsArguments } from "../../../provider/export-destination/credentials/index.js";
import {
  buildPayload,
  type PayloadChoice,
} from "../../../provider/export-destination/credentials/payload.js";
import { projectFolder } from "../../support/engine/engine.js";
import { useFixture } from "./fixture.js";
import { samples } from "./samples.js";

const fixture = useFixture();

type Schema = Exclude<Parameters<typeof z.fromJSONSchema>[0], boolean>;

function readSchema(name: string): Schema {
  return JSON.parse(readFileSync(join(projectFolder, "docs/schemas", `${name}.json`), "utf8"));
}

/** The schema without room for what it does not name: so nothing is written that is not documented. */
function close(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(close);
  if (typeof schema !== "object" || schema === null) return schema;
  const closed = Object.fromEntries(Object.entries(schema).map(([name, part]) => [name, close(part)]));
  return "properties" in schema ? { additionalProperties: false, ...closed } : closed;
}

function problemsOf(schema: unknown, value: unknown): string {
  const { error } = z.fromJSONSchema(schema as Schema).safeParse(value);
  return error === undefined ? "" : z.prettifyError(error);
}

it("the schema of the claim describes each record that a life of destinations writes, and no less", async () => {
  const claim = readSchema("claim");
  const told = new Set<string>();
  const look = async () => {
    const record = await fixture.claim();
    expect(problemsOf(close(claim), record)).toBe("");
    for (const name of Object.keys(record ?? {})) told.add(name);
  };
  const stack = await fixture.connectedStack();
  await look();
  const wrong = { credentials: { ...fixture.credentials, password: "wrong-password" } };
  expect((await stack.up(fixture.args(wrong))).error?.code).toBe("CREDENTIALS_REJECTED");
  await look();
  // Cut off before the claim moves, so that the successor waits there.
  const denied = { kind: "error", code: "AccessDeniedException", status: 400 } as const;
  fixture.aws.faults.add({ operation: "CreateSecret", effect: denied });
  const next = fixture.args({ credentials: fixture.addUser(), payloadFormat: "glue" });
  expect((await stack.up(next)).error?.code).toBe("AWS_FAILED");
  await look();
  expect((await stack.up(next)).error).toBeUndefined();
  await look();
  await stack.destroy();
  await look();
  expect([...told].sort()).toEqual(Object.keys(claim.properties ?? {}).sort());

  const record = { ...(await fixture.claim()) };
  expect(problemsOf(claim, { ...record, ofALaterRelease: 1 })).toBe("");
  expect(problemsOf(claim, { ...record, active: { destinationId: "d" } })).not.toBe("");
});

const key = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
const privateKey = key.export({ type: "pkcs8", format: "pem" }).toString();
const { postgresql, qlik, powerBi } = samples;
const password = { ...samples.snowflake, role: "R" };
const user = { ...samples.warehouse, username: "u" };
const keyPair = { ...user, privateKey };
const oauthClient = { ...samples.oauthClient, username: "u", oauthScope: "session:role:R" };

it.each<[NonNullable<PayloadChoice["payloadFormat"]>, readonly object[]]>([
  ["default", [password, keyPair, { ...user, token: "t" }, oauthClient, postgresql, qlik, powerBi]],
  ["glue", [password, keyPair, oauthClient]],
  ["athena", [password, keyPair]],
  ["rds", [postgresql]],
])("the schema of the payload in format %s describes what is stored, and no less", (format, examples) => {
  const schema = readSchema(`payload-${format}`);
  const forms = new Set<string>();
  for (const example of examples) {
    const payload = buildPayload(exportCredentialsArguments.parse(example), { payloadFormat: format });
    const stored = JSON.parse(payload.expose());
    expect(problemsOf(schema, stored)).toBe("");
    expect(problemsOf(schema, { ...stored, more: "m" })).not.toBe("");
    expect(problemsOf(schema, {})).not.toBe("");
    const fits = (schema.anyOf as readonly unknown[]).findIndex((form) => problemsOf(form, stored) === "");
    forms.add(String(fits));
  }
  expect(forms.size).toBe(schema.anyOf?.length);
});
