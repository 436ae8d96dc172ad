import { generateKeyPairSync, randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import type { AwsCall } from "../../support/aws/proxy.js";
import { makeCertificate } from "../../support/postgres/certificate.js";
import { StackOfOne } from "../../support/stack-of-one.js";
import { useFixture } from "./fixture.js";

const fixture = useFixture();

/** A value that is nowhere else, so that finding it means a leak. */
const plant = () => `planted-${randomUUID()}`;

const cases: [what: string, credentials: (planted: (value?: string) => string) => Record<string, unknown>][] =
  [
    [
      "snowflake with a password",
      (planted) => ({ ...base(), username: planted(), password: planted(), role: planted() }),
    ],
    ["snowflake with a token", (planted) => ({ ...base(), username: planted(), token: planted() })],
    [
      "snowflake with an OAuth client",
      (planted) => ({
        ...base(),
        oauthClientId: planted(),
        oauthClientSecret: planted(),
        oauthTokenRequestUrl: "https://127.0.0.1:9/token",
        oauthScope: planted(),
      }),
    ],
    [
      "snowflake with a key",
      (planted) => {
        const passphrase = planted();
        const { privateKey } = generateKeyPairSync("rsa", {
          modulusLength: 2048,
          publicKeyEncoding: { type: "spki", format: "pem" },
          privateKeyEncoding: { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase },
        });
        // A line of it is found however the line breaks are written.
        planted(privateKey.split("\n")[1]);
        return { ...base(), username: planted(), privateKey, privateKeyPassphrase: passphrase };
      },
    ],
    [
      "snowflake with what is no key",
      (planted) => ({
        ...base(),
        username: planted(),
        privateKey: planted(),
        privateKeyPassphrase: planted(),
      }),
    ],
    ["postgresql", (planted) => ({ ...postgresql(planted), sslRootCertificate: plantCertificate(planted) })],
    [
      "postgresql with what is no certificate",
      (planted) => ({ ...postgresql(planted), sslRootCertificate: planted() }),
    ],
    ["qlik with a key", (planted) => ({ type: "qlik", tenant: "acme.example", apiKey: planted() })],
    [
      "qlik with a client",
      (planted) => ({ type: "qlik", tenant: "acme.example", clientId: planted(), clientSecret: planted() }),
    ],
    [
      "power_bi",
      (planted) => ({
        type: "power_bi",
        tenant: "contoso.example",
        workspace: "3c90c3cc-0d44-4b50-8888-8dd25736052a",
        clientId: planted(),
        clientSecret: planted(),
      }),
    ],
  ];

let certificate = "";
beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "certificate-"));
  certificate = (await makeCertificate(folder, undefined)).text;
  rmSync(folder, { recursive: true });
});

function plantCertificate(planted: (value?: string) => string): string {
  // A line of it is found however the line breaks are written.
  planted(certificate.split("\n")[1]);
  return certificate;
}

const base = () => ({
  type: "snowflake",
  account: fixture.server.account,
  warehouse: "EXPORT_WH",
  database: "ANALYTICS",
});

const postgresql = (planted: () => string) => ({
  type: "postgresql",
  host: "127.0.0.1",
  port: 9,
  database: "d",
  username: planted(),
  password: planted(),
});

function expectNowhere(planted: readonly string[], ...things: unknown[]): void {
  for (const thing of things) {
    const texts = [
      inspect(thing, { depth: 20, showHidden: true, maxStringLength: null }),
      JSON.stringify(thing) ?? "",
    ];
    for (const value of planted) for (const text of texts) expect(text).not.toContain(value);
  }
}

/** What AWS got, but for the one field that is made for secrets. */
const withoutSecretString = (calls: readonly AwsCall[]) =>
  calls.map(({ operation, body }) => {
    const { SecretString: _value, ...rest } = body;
    return { operation, rest };
  });

describe("credentials of every field", () => {
  it.each(cases)(
    "%s: appear in no error, state, log line or request when they fail",
    async (_what, build) => {
      const planted: string[] = [];
      const credentials = build((value = plant()) => {
        planted.push(value);
        return value;
      });
      const stack = new StackOfOne({ stack: "dev", name: "bi" });
      const endpoint = credentials.type === "snowflake" ? fixture.server.url : "http://127.0.0.1:9";
      const args = fixture.args({ credentials, validation: { endpoint, authorityEndpoint: endpoint } });
      const operations = [
        await stack.preview(args),
        await stack.up(args),
        await stack.up(args),
        await stack.up({ ...args, organizationId: "a/b" }),
        await stack.up({ ...args, credentials: { ...credentials, surplus: plant() } }),
        await stack.up({ ...args, credentials: { ...credentials, type: "oracle" } }),
        await stack.destroy(),
      ];
      expect(operations[1]?.error ?? operations[1]?.failures[0]).toBeDefined();
      expectNowhere(planted, operations, stack, fixture.aws.calls);
      for (const { error } of operations) expectNowhere(planted, error, error?.stack, error?.cause);
    },
  );

  it("that work reach AWS as SecretString, and nothing else of AWS, state, claim or log", async () => {
    const stack = await fixture.connectedStack();
    const next = fixture.addUser("PLANTED_USER_OF_SNOWFLAKE");
    const planted = [
      fixture.credentials.password,
      next.password,
      next.username,
      fixture.credentials.username,
    ];
    const operations = [
      await stack.preview(fixture.args({ credentials: next })),
      await stack.up(fixture.args({ credentials: next })),
      await stack.refresh(),
      await stack.up(fixture.args({ credentials: { ...next, password: plant() } })),
    ];
    expect(operations[1]?.error).toBeUndefined();
    expectNowhere(planted, operations, stack, withoutSecretString(fixture.aws.calls));
    const names = await fixture.aws.control.secretNames();
    for (const name of names) {
      const { value, ...open } = (await fixture.aws.control.secret(name)) ?? {};
      expectNowhere(planted, open, name.includes("/active/") ? value : undefined);
    }
    for (const { sql } of fixture.server.control.statements()) expectNowhere(planted, sql);
  });

  it("of a private key that works log in, and are stored as a key that needs no passphrase", async () => {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    fixture.server.control.createUser({ name: "KEYED", publicKey, roles: ["EXPORT_ROLE"] });
    const { password: _password, ...rest } = fixture.credentials;
    const pem = privateKey
      .export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "open" })
      .toString();
    const credentials = { ...rest, username: "KEYED", privateKey: pem, privateKeyPassphrase: "open" };
    const stack = await fixture.connectedStack({ credentials });
    const secret = await fixture.aws.control.secret(stack.outs.secretArn ?? "");
    const { privateKeyPassphrase: _passphrase, ...stored } = credentials;
    const opened = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    expect(JSON.parse(secret?.value ?? "{}")).toEqual({ ...stored, privateKey: opened });
    expect(Object.keys(stack.outs.credentialFingerprints).sort()).toEqual(["privateKey", "username"]);
    // The same key in another form is no change.
    const args = fixture.args({ credentials: { ...stored, privateKey: opened.replaceAll("\n", "\\n") } });
    expect((await stack.preview(args)).steps).toEqual(["same"]);
  });

  it("of a programmatic access token that works log in", async () => {
    const token = `pat-${randomUUID()}`;
    fixture.server.control.createUser({
      name: "TOKENED",
      programmaticAccessTokens: [token],
      roles: ["EXPORT_ROLE"],
    });
    const { password: _password, ...rest } = fixture.credentials;
    const stack = await fixture.connectedStack({ credentials: { ...rest, username: "TOKENED", token } });
    expect(stack.outs.integrationStatus).toBe("Connected");
  });
});
