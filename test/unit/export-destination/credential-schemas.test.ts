import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import type * as z from "zod";
import { SecretValue } from "../../../provider/core/secret-value.js";
import { buildFailures } from "../../../provider/engine/failures.js";
import { unknownValue } from "../../../provider/engine/unknown.js";
import {
  exportCredentialsArguments,
  exportTypes,
  listFields,
  listNonSensitiveFields,
} from "../../../provider/export-destination/credentials/index.js";
import { buildPayload } from "../../../provider/export-destination/credentials/payload.js";
import { explainForeignLogin } from "../../../provider/export-destination/credentials/snowflake-login.js";
import { loadExportCredentialSchemas } from "../../../sdk/export-credential-schemas.js";
import { makeCertificate } from "../../support/postgres/certificate.js";
import { makeKeyForms } from "../../support/snowflake/key-forms.js";
import { samples } from "./samples.js";

const { snowflake, warehouse: nobody, oauthClient, postgresql, qlik, powerBi } = samples;
const { password: _password, ...bare } = snowflake;
const keyForms = makeKeyForms();

const problems = (value: unknown) =>
  exportCredentialsArguments
    .safeParse(value)
    .error?.issues.map((issue) => issue.path.join(".") || issue.code) ?? [];

describe("the credential schemas", () => {
  it("name their non-sensitive fields in their metadata", async () => {
    const { snowflakeCredentialsArguments } = await loadExportCredentialSchemas();
    expect(Object.fromEntries(exportTypes.map((type) => [type, listNonSensitiveFields(type)]))).toEqual({
      snowflake: ["account", "warehouse", "database", "authenticator", "oauthTokenRequestUrl"],
      postgresql: ["host", "port", "database", "sslMode"],
      qlik: ["tenant"],
      power_bi: ["tenant", "workspace"],
    });
    expect(snowflakeCredentialsArguments.meta()).toMatchObject({
      nonSensitiveFields: listNonSensitiveFields("snowflake"),
    });
    for (const type of exportTypes)
      expect(listFields(type)).toEqual(expect.arrayContaining([...listNonSensitiveFields(type)]));
  });

  it.each([{ ...snowflake, authenticator: "SNOWFLAKE" }, oauthClient, postgresql, powerBi, qlik])(
    "wrap each field of type $type that is not named as non-sensitive",
    (credentials) => {
      const { type, ...fields } = exportCredentialsArguments.parse({ ...credentials });
      const plain = Object.keys(fields).filter((field) => {
        const value = (fields as Record<string, unknown>)[field];
        return value !== undefined && !(value instanceof SecretValue);
      });
      expect(listNonSensitiveFields(type)).toEqual(expect.arrayContaining(plain));
      expect(inspect(fields)).not.toMatch(/'(u|p|c|s|k)'/);
    },
  );

  it("say in one sentence of a type which ones there are", () => {
    for (const type of ["oracle", "Snowflake", "", 7, undefined]) {
      const { error } = exportCredentialsArguments.safeParse({ ...snowflake, type });
      expect(error?.issues.map(({ path, message }) => [path.join("."), message])).toEqual([
        ["type", "must be one of postgresql, power_bi, qlik, snowflake."],
      ]);
    }
  });

  it.each(["warehouse", "database", "username"])("refuse a blank %s of Snowflake", (field) => {
    expect(problems({ ...snowflake, [field]: "  " })).toEqual([field]);
    expect(problems({ ...snowflake, [field]: " A " })).toEqual([]);
  });

  it("say what is wrong with a private key", () => {
    const encrypted = keyForms.encrypted["encrypted PKCS#8 as it is"];
    const refusal = (fields: object) =>
      exportCredentialsArguments
        .safeParse({ ...bare, ...fields })
        .error?.issues.map(({ path, message }) => `${path.join(".")} ${message}`);
    expect(refusal({ privateKey: encrypted })).toEqual([
      "privateKey is encrypted, and no passphrase is given: give privateKeyPassphrase.",
    ]);
    expect(refusal({ privateKey: encrypted, privateKeyPassphrase: "wrong" })).toEqual([
      "privateKeyPassphrase does not open privateKey: give its own.",
    ]);
    expect(refusal({ privateKey: "ssh-rsa AAAAB3NzaC1yc2E ada@laptop" })).toEqual([
      "privateKey is a public key: give the private key that belongs to it.",
    ]);
    expect(refusal({ privateKey: encrypted, privateKeyPassphrase: unknownValue })).toBeUndefined();
  });

  it("leave out what stands around a token and a host", () => {
    const payload = (given: unknown) =>
      JSON.parse(buildPayload(exportCredentialsArguments.parse(given)).expose());
    expect(payload({ ...bare, token: " t\n" })).toEqual({ ...bare, token: "t" });
    expect(payload({ ...qlik, tenant: "https://acme.eu.qlikcloud.com/\n", apiKey: "k\n" })).toEqual(qlik);
  });

  it("refuse a certificate authority that is no certificate, or that nothing would look at", async () => {
    const folder = mkdtempSync(join(tmpdir(), "certificate-"));
    const { text, keyFile } = await makeCertificate(folder, undefined);
    const key = readFileSync(keyFile, "utf8");
    rmSync(folder, { recursive: true });
    const of = (sslRootCertificate: unknown, more: object = {}) =>
      problems({ ...postgresql, ...more, sslRootCertificate });
    for (const good of [text, `# of acme\n${text}${text}`, text.replaceAll("\n", "\r\n"), "", unknownValue]) {
      expect(of(good)).toEqual([]);
    }
    const bad = [
      "/etc/ssl/ca.pem",
      "planted",
      key,
      text.replace("MII", "XII"),
      text.replaceAll("\n", "\\n"),
      text.slice(0, 200),
      text.replace(/-----END.*/s, ""),
      `${text}-----BEGIN CERTIFICATE-----\nMIID\n-----END CERTIFICATE-----\n`,
      `${text}${key}`,
      7,
    ];
    for (const each of bad) expect([each, of(each)]).toEqual([each, ["sslRootCertificate"]]);
    expect(of(text, { sslMode: "disable" })).toEqual(["sslRootCertificate"]);
    const { error } = exportCredentialsArguments.safeParse({ ...postgresql, sslRootCertificate: "planted" });
    expect(inspect(error, { depth: 9 })).not.toContain("planted");
  });

  it("refuse what they do not know", () => {
    expect(problems({ ...snowflake, schema: "S" })).toEqual(["unrecognized_keys"]);
    expect(problems({ ...snowflake, type: "oracle" })).toEqual(["type"]);
    expect(problems({ ...qlik, password: "p" })).toEqual(["unrecognized_keys"]);
  });

  it.each(["", " ", 7, undefined, "https://x/y"])("say one thing alone of the account %j", (account) => {
    expect(problems({ ...snowflake, account })).toEqual(["account"]);
  });

  it.each(["account", "warehouse", "database", "username", "password"])(
    "require a %s of Snowflake that is not empty",
    (field) => {
      expect(problems({ ...snowflake, [field]: "" })).toContain(field);
      expect(problems({ ...snowflake, [field]: undefined })).toContain(field);
      expect(problems({ ...snowflake, [field]: 1 })).toContain(field);
    },
  );

  it("take an empty role for none, and do not send it", () => {
    const parsed = exportCredentialsArguments.parse({ ...snowflake, role: "" });
    expect(JSON.parse(buildPayload(parsed).expose())).toEqual(snowflake);
  });

  it("take exactly one of password, token and private key", () => {
    const privateKey = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({
      type: "pkcs8",
      format: "pem",
    });
    expect(problems({ ...bare, token: "t" })).toEqual([]);
    expect(problems({ ...bare, privateKey })).toEqual([]);
    expect(problems({ ...bare, privateKey, privateKeyPassphrase: "x" })).toEqual([]);
    expect(problems({ ...nobody, token: "t" })).toEqual([]);
    expect(problems(bare)).toEqual(["password"]);
    expect(problems({ ...bare, password: "" })).toEqual(["password"]);
    expect(problems({ ...snowflake, token: "t" })).toEqual(["password"]);
    expect(problems({ ...snowflake, privateKeyPassphrase: "x" })).toEqual(["privateKeyPassphrase"]);
  });

  it("store an OAuth client under the names of a connector, and the way to log in where the credential does not say it", () => {
    const payload = (given: object) =>
      JSON.parse(buildPayload(exportCredentialsArguments.parse(given)).expose());
    const stored = { ...oauthClient, authenticator: "OAUTH_CLIENT_CREDENTIALS" };
    expect(payload(oauthClient)).toEqual(stored);
    expect(
      payload({ ...oauthClient, authenticator: "oauth_client_credentials", oauthScope: " a b\n" }),
    ).toEqual({
      ...stored,
      oauthScope: "a b",
    });
    expect(payload({ ...snowflake, authenticator: "" })).toEqual(snowflake);
    const token = { ...snowflake, authenticator: "programmatic_access_token" };
    expect(payload(token)).toEqual({ ...token, authenticator: "PROGRAMMATIC_ACCESS_TOKEN" });
  });

  it.each<[string, object, string]>([
    ["no secret", { oauthClientSecret: undefined }, "password"],
    [
      "no id",
      { oauthClientId: "" },
      "oauthClientId is required with OAUTH_CLIENT_CREDENTIALS: the id of the OAuth client.",
    ],
    ["no address", { oauthTokenRequestUrl: undefined }, "oauthTokenRequestUrl is required with"],
    [
      "an address without TLS",
      { oauthTokenRequestUrl: "http://127.0.0.1/token" },
      "oauthTokenRequestUrl must be an https URL",
    ],
    [
      "a password in the address",
      { oauthTokenRequestUrl: "https://u:p@a.example" },
      "oauthTokenRequestUrl must be an https URL",
    ],
    [
      "a second credential",
      { token: "t" },
      "password exactly one of password, token, privateKey and oauthClientSecret is required; more than one is given.",
    ],
    ["a passphrase", { privateKeyPassphrase: "x" }, "privateKeyPassphrase goes with privateKey only."],
    [
      "another way",
      { authenticator: "SNOWFLAKE_JWT" },
      "authenticator SNOWFLAKE_JWT goes with privateKey, and oauthClientSecret is given.",
    ],
    [
      "the identity of a workload",
      { authenticator: "workload_identity" },
      "authenticator a workload identity needs no stored secret, so there is nothing to export: let the job log in with its own identity.",
    ],
    [
      "a browser",
      { authenticator: "externalbrowser" },
      "authenticator must be SNOWFLAKE_JWT (a key pair), PROGRAMMATIC_ACCESS_TOKEN",
    ],
    ["Okta", { authenticator: "https://acme.okta.com" }, "authenticator must be SNOWFLAKE_JWT"],
    ["a code", { authenticator: "USERNAME_PASSWORD_MFA" }, "authenticator must be SNOWFLAKE_JWT"],
    ["a token that somebody else got", { authenticator: "OAUTH" }, "authenticator must be SNOWFLAKE_JWT"],
  ])("refuse an OAuth client with %s", (_what, change, text) => {
    const { error } = exportCredentialsArguments.safeParse({ ...oauthClient, ...change });
    const told = error?.issues.map(({ path, message }) => `${path.join(".")} ${message}`) ?? [];
    expect(
      told.some((each) => each.startsWith(text)),
      told.join("\n"),
    ).toBe(true);
    expect(told.join()).not.toMatch(/okta\.com|a\.example/);
  });

  it("refuse a setting of an OAuth client beside another credential, and a key without its user", () => {
    expect(problems({ ...snowflake, oauthClientId: "c", oauthScope: "s" })).toEqual([
      "oauthClientId",
      "oauthScope",
    ]);
    expect(problems({ ...nobody, privateKey: keyForms.pkcs8 })).toEqual(["username"]);
    expect(problems({ ...nobody, password: "p", authenticator: unknownValue })).toEqual(["authenticator"]);
  });

  it("say of the fields of a workload identity that there is nothing to export", () => {
    const { error } = exportCredentialsArguments.safeParse({ ...nobody, workloadIdentityProvider: "OIDC" });
    const failures = buildFailures(error as z.ZodError, ["credentials"], {}, exportCredentialsArguments);
    expect(failures.map(explainForeignLogin)).toContainEqual({
      property: "credentials.workloadIdentityProvider",
      reason:
        "credentials.workloadIdentityProvider: a workload identity needs no stored secret, so there is nothing to export: let the job log in with its own identity.",
    });
  });

  it.each([
    "xy12345.us-east-1",
    "xy12345",
    "acme-prod",
    "ACME-PROD_EU",
    "xy12345.us-east-2.aws",
    "xy12345.eu-west-1.privatelink",
  ])("take the account identifier %s as the driver wants it", (account) => {
    const parsed = exportCredentialsArguments.parse({ ...snowflake, account: ` ${account} ` });
    expect(parsed).toMatchObject({ account });
  });

  it.each([
    "https://xy12345.us-east-1.snowflakecomputing.com/",
    "xy12345.us-east-1.snowflakecomputing.com\n",
    "https://xy12345.us-east-1",
  ])("take the account's own address %j for its identifier", (account) => {
    expect(exportCredentialsArguments.parse({ ...snowflake, account })).toMatchObject({
      account: "xy12345.us-east-1",
    });
  });

  it.each([
    "https://xy12345.us-east-1.snowflakecomputing.com/console",
    "xy12345.us-east-1.snowflakecomputing.cn",
    "app.snowflake.com/acme/prod",
    "user:secret@host",
  ])("refuse %s for an account, with the right form and without repeating it", (account) => {
    const message =
      exportCredentialsArguments.safeParse({ ...snowflake, account }).error?.issues[0]?.message ?? "";
    expect(message).toContain("xy12345.us-east-1");
    expect(message).toContain("<organization>-<account>");
    expect(message).not.toContain(account);
  });

  it("have PostgreSQL's usual port, and its modes of TLS", () => {
    expect(exportCredentialsArguments.parse(postgresql)).toMatchObject({ port: 5432, sslMode: "require" });
    expect(problems({ ...postgresql, sslMode: "maybe" })).toEqual(["sslMode"]);
    expect(problems({ ...postgresql, port: 70_000 })).toEqual(["port"]);
    expect(problems({ ...postgresql, host: "postgres://u:p@db.example/d" })).toEqual(["host"]);
    expect(problems({ ...postgresql, host: " " })).toEqual(["host"]);
  });

  it("take either an API key or an OAuth client of Qlik", () => {
    const { apiKey: _key, ...bare } = qlik;
    expect(problems({ ...bare, clientId: "c", clientSecret: "s" })).toEqual([]);
    expect(problems(bare)).toEqual(["apiKey"]);
    expect(problems({ ...qlik, clientId: "c" })).toEqual(["apiKey"]);
    expect(problems({ ...bare, clientId: "c" })).toEqual(["clientSecret"]);
    expect(problems({ ...qlik, tenant: "https://acme.eu.qlikcloud.com/analytics" })).toEqual(["tenant"]);
  });

  it("take ids and domains of Entra, and a workspace's id only", () => {
    expect(problems({ ...powerBi, tenant: powerBi.workspace })).toEqual([]);
    expect(problems({ ...powerBi, tenant: "not a tenant" })).toEqual(["tenant"]);
    expect(problems({ ...powerBi, workspace: "Exports" })).toEqual(["workspace"]);
  });
});
