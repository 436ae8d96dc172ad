import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { buildFailures } from "../../../provider/engine/failures.js";
import { unknownValue } from "../../../provider/engine/unknown.js";
import {
  type ConnectionInputs,
  connectionArguments,
  type ResolvedConnection,
  resolveConnection,
} from "../../../provider/snowflake/connection/resolve.js";
import { failureOf } from "../../support/failure.js";
import { makeKeyForms } from "../../support/snowflake/key-forms.js";

const planted = "pl4nted-cr3dential";
const keyForms = makeKeyForms();
const privateKey = keyForms.pkcs8;
let home: string;
const warnings: string[] = [];

beforeEach(() => {
  warnings.length = 0;
  home = mkdtempSync(join(tmpdir(), "chain-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

interface Links {
  argument?: ConnectionInputs;
  config?: Record<string, string>;
  env?: Record<string, string>;
  connections?: string;
  settings?: string;
  mode?: number;
}

async function resolveAny(links: Links) {
  mkdirSync(join(home, ".snowflake"), { recursive: true });
  if (links.connections !== undefined) writeSecure("connections.toml", links.connections, links.mode);
  if (links.settings !== undefined) writeSecure("config.toml", links.settings);
  const config = new Map(Object.entries(links.config ?? {}));
  return await resolveConnection({
    argument: links.argument,
    config: { get: (name) => config.get(name) },
    env: links.env ?? {},
    homeDirectory: home,
    programDirectory: home,
    platform: "linux",
    warn: (text) => warnings.push(text),
  });
}

async function resolveKnown(links: Links): Promise<ResolvedConnection> {
  const resolved = await resolveAny(links);
  if (resolved.unknown) throw new Error("expected a known connection");
  return resolved;
}

const failWith = async (links: Links) => (await failureOf(resolveAny(links), [planted])).message;

function writeSecure(name: string, text: string, mode = 0o600): void {
  const file = join(home, ".snowflake", name);
  writeFileSync(file, text, { mode });
  chmodSync(file, mode);
}

const whole = { account: "org-a", user: "ada", password: planted };

describe("the connection chain", () => {
  it("prefers the argument, then config, then the environment, then the default profile", async () => {
    const { connection, provenance } = await resolveKnown({
      argument: { role: "FROM_ARGUMENT", warehouse: "" },
      config: { "snowflake:role": "no", "snowflake:warehouse": "FROM_CONFIG", "snowflake:user": "ada" },
      env: { SNOWFLAKE_WAREHOUSE: "no", SNOWFLAKE_ACCOUNT: "org-a" },
      connections: `[default]\naccount = "org-a"\nuser = "ADA"\npassword = "${planted}"\nrole = "no"\n`,
    });
    expect(connection).toMatchObject({
      account: "org-a",
      username: "ada",
      role: "FROM_ARGUMENT",
      warehouse: "FROM_CONFIG",
      maxConcurrentStatements: 32,
    });
    expect(provenance).toMatchObject({
      role: "argument connection.role",
      warehouse: "Pulumi config snowflake:warehouse",
      account: "environment SNOWFLAKE_ACCOUNT",
      password: 'profile "default" password',
    });
    expect(JSON.stringify(provenance) + inspect(connection, { depth: 9 })).not.toContain(planted);
  });

  it("takes a password, a key pair, a programmatic access token and an OAuth token", async () => {
    const base = { account: "org-a", user: "ada" };
    const kind = async (argument: ConnectionInputs) =>
      (await resolveKnown({ argument })).connection.authentication.kind;
    writeFileSync(join(home, "key.p8"), privateKey);
    expect(await kind({ ...base, password: "p" })).toBe("password");
    expect(await kind({ ...base, privateKey, privateKeyPassphrase: "x" })).toBe("key-pair");
    expect(await kind({ ...base, privateKeyPath: "~/key.p8" })).toBe("key-pair");
    expect(await kind({ ...base, privateKeyPath: "~\\key.p8" })).toBe("key-pair");
    expect(await kind({ ...base, privateKeyPath: "key.p8" })).toBe("key-pair");
    expect(await kind({ account: "org-a", token: "t" })).toBe("programmatic-access-token");
    expect(await kind({ ...base, token: "t", authenticator: "OAuth" })).toBe("oauth");
    expect(await kind({ ...base, password: "t", authenticator: "PROGRAMMATIC_ACCESS_TOKEN" })).toBe(
      "programmatic-access-token",
    );
  });

  it.each<[what: string, links: Links]>([
    [
      "in two links",
      {
        config: { "snowflake:organizationName": "org", "snowflake:user": "ada" },
        env: { SNOWFLAKE_ACCOUNT_NAME: "dev" },
      },
    ],
    ["in one link", { env: { SNOWFLAKE_ORGANIZATION_NAME: "org", SNOWFLAKE_ACCOUNT_NAME: "dev" } }],
    [
      "of which a later link repeats one",
      {
        argument: { accountName: "dev" },
        env: { SNOWFLAKE_ORGANIZATION_NAME: "org", SNOWFLAKE_ACCOUNT_NAME: "DEV" },
      },
    ],
    [
      "that a later link has in one piece, beside the organization",
      {
        argument: { accountName: "dev" },
        env: { SNOWFLAKE_ORGANIZATION_NAME: "org", SNOWFLAKE_ACCOUNT: "org-dev" },
      },
    ],
    [
      "that a later link has in one piece",
      { argument: { organizationName: "org", accountName: "dev" }, env: { SNOWFLAKE_ACCOUNT: "ORG-DEV" } },
    ],
  ])("joins organization and account name %s", async (_, links) => {
    const env = { SNOWFLAKE_USER: "ada", SNOWFLAKE_PASSWORD: planted, ...links.env };
    const { connection } = await resolveKnown({ ...links, env });
    expect(connection).toMatchObject({ account: "org-dev", username: "ada" });
  });

  it.each([
    ["account", { SNOWFLAKE_ACCOUNT: "org-a" }],
    ["locator and region", { SNOWFLAKE_ACCOUNT: "xy12345", SNOWFLAKE_REGION: "eu-west-1" }],
    ["organization and account name", { SNOWFLAKE_ORGANIZATION_NAME: "org", SNOWFLAKE_ACCOUNT_NAME: "a" }],
  ])("keeps its account where a later link names another one by %s", async (_, env) => {
    for (const account of ["org-b", "ab12345"]) {
      const { connection } = await resolveKnown({ argument: { account, token: "t" }, env });
      expect(connection.account).toBe(account);
    }
  });

  it("lets a credential of an earlier link stand in front of those of later ones", async () => {
    const { connection } = await resolveKnown({
      argument: { token: "t" },
      env: { SNOWFLAKE_ACCOUNT: "org-a", SNOWFLAKE_USER: "ada", SNOWFLAKE_PASSWORD: planted },
    });
    expect(connection.authentication.kind).toBe("programmatic-access-token");
    // Of one kind too, of which a later link may have two.
    const { provenance } = await resolveKnown({
      argument: { account: "org-a", token: "t" },
      env: { SNOWFLAKE_TOKEN: planted, SNOWFLAKE_TOKEN_FILE_PATH: "token" },
    });
    expect(provenance).toEqual({
      account: "argument connection.account",
      token: "argument connection.token",
    });
  });

  it("never sends a credential to an account or for a user that it does not stand beside", async () => {
    for (const argument of [{ account: "org-b" }, { organizationName: "org", accountName: "b" }])
      expect(
        await failWith({
          argument,
          env: { SNOWFLAKE_ACCOUNT: "org-a", SNOWFLAKE_USER: "ada", SNOWFLAKE_PASSWORD: planted },
        }),
      ).toContain("User and credential of the environment (it names another account) were ignored.");
    expect(
      await failWith({
        argument: { account: "org-a", user: "bob" },
        env: { SNOWFLAKE_ACCOUNT: "ORG-A", SNOWFLAKE_USER: "ada", SNOWFLAKE_PASSWORD: planted },
      }),
    ).toContain("it names another user");
  });

  it.each<[what: string, links: Links]>([
    [
      "whose organization a later link has",
      {
        argument: { accountName: "b", profile: "a" },
        connections: `[a]\naccount = "org-a"\nuser = "ada"\npassword = "${planted}"\n`,
        config: { "snowflake:organizationName": "org" },
      },
    ],
    [
      "whose organization stands beside the credential",
      {
        argument: { accountName: "b" },
        env: { SNOWFLAKE_ACCOUNT: "org-a", SNOWFLAKE_ORGANIZATION_NAME: "org" },
      },
    ],
    [
      "of another organization than the one that it stands beside",
      {
        argument: { accountName: "a" },
        config: { "snowflake:organizationName": "org" },
        env: { SNOWFLAKE_ORGANIZATION_NAME: "other", SNOWFLAKE_ACCOUNT_NAME: "a" },
      },
    ],
    [
      "of another organization than the one that it stands beside, alone",
      { argument: { account: "org-b" }, env: { SNOWFLAKE_ORGANIZATION_NAME: "other" } },
    ],
    [
      "of another name than it stands beside, the organization elsewhere",
      {
        argument: { account: "org-b" },
        config: { "snowflake:organizationName": "org" },
        env: { SNOWFLAKE_ACCOUNT_NAME: "a" },
      },
    ],
    [
      "of another name than it stands beside, without an organization",
      { argument: { account: "org-b" }, env: { SNOWFLAKE_ACCOUNT_NAME: "a" } },
    ],
  ])("never sends a credential to an account %s", async (_, links) => {
    const env = links.connections ? {} : { SNOWFLAKE_USER: "ada", SNOWFLAKE_PASSWORD: planted, ...links.env };
    expect(await failWith({ ...links, env })).toMatch(
      / User and credential of .* \(it names another account\)/,
    );
  });

  it("takes account, host, role and warehouse of a link whose user is another one", async () => {
    const { connection, provenance, links } = await resolveKnown({
      config: { "snowflake:user": "bot", "snowflake:privateKey": privateKey, "snowflake:warehouse": "WH" },
      env: {
        SNOWFLAKE_USER: "ada",
        SNOWFLAKE_PASSWORD: planted,
        SNOWFLAKE_ACCOUNT: "org-a",
        SNOWFLAKE_HOST: "snowflake.internal",
        SNOWFLAKE_PORT: "8443",
        SNOWFLAKE_ROLE: "SYNC",
        SNOWFLAKE_WAREHOUSE: "no",
      },
    });
    expect(connection).toMatchObject({
      account: "org-a",
      username: "bot",
      authentication: { kind: "key-pair" },
      host: "snowflake.internal",
      port: 8443,
      role: "SYNC",
      warehouse: "WH",
    });
    expect(provenance).toMatchObject({ account: "environment SNOWFLAKE_ACCOUNT" });
    expect(links).toMatchObject({ user: "Pulumi config", account: "the environment" });
  });

  it("takes the role of a link whose account is another one, and neither its host nor its user", async () => {
    const { connection } = await resolveKnown({
      argument: { account: "org-b", token: "t" },
      env: {
        SNOWFLAKE_ACCOUNT: "org-a",
        SNOWFLAKE_HOST: "a.internal",
        SNOWFLAKE_USER: "ada",
        SNOWFLAKE_ROLE: "SYNC",
      },
    });
    expect(connection).toMatchObject({ account: "org-b", role: "SYNC" });
    expect(connection.host).toBeUndefined();
    expect(connection.username).toBeUndefined();
  });

  it.each([{}, { SNOWFLAKE_HOST: "elsewhere.internal" }])(
    "keeps the protocol of another link away from a host: %j",
    async (env) => {
      const { connection } = await resolveKnown({
        argument: { ...whole, host: "snowflake.internal" },
        env: { ...env, SNOWFLAKE_PROTOCOL: "http", SNOWFLAKE_PORT: "8080" },
      });
      expect(connection).toMatchObject({ host: "snowflake.internal" });
      expect(connection.protocol).toBeUndefined();
      expect(connection.port).toBeUndefined();
    },
  );

  it("refuses two credentials in one link, unless the authenticator tells which one is meant", async () => {
    const argument = { ...whole, privateKey };
    expect(await failWith({ argument })).toBe(
      "[INVALID_INPUT] more than one credential is set: privateKey and password in the connection argument. Fix: keep one of them, or set authenticator to choose one.",
    );
    const { password: _, ...keyAlone } = argument;
    expect(await failWith({ argument: { ...keyAlone, token: planted } })).toContain(
      "more than one credential is set: privateKey and token in",
    );
    const chosen = { ...argument, authenticator: "SNOWFLAKE_JWT" };
    expect((await resolveKnown({ argument: chosen })).connection.authentication.kind).toBe("key-pair");
    expect(await failWith({ argument: { ...chosen, privateKeyPath: "key.p8" } })).toBe(
      "[INVALID_INPUT] more than one credential is set: privateKey and privateKeyPath in the connection argument. Fix: keep one of them.",
    );
  });

  it("names what is missing and where it may stand", async () => {
    const message = await failWith({ argument: { account: "org-a" } });
    expect(message).toContain(
      "[CONNECTION_INCOMPLETE] the connection to Snowflake is incomplete: missing a credential, the user.",
    );
    expect(message).toContain(
      "a credential (connection.privateKeyPath, token or password, the same under snowflake:, or SNOWFLAKE_PRIVATE_KEY_PATH, SNOWFLAKE_TOKEN or SNOWFLAKE_PASSWORD; or that of another way to log in: docs/connection.md)",
    );
    expect(message).toContain("snowflake:user");
    const profile = `or a profile of connections.toml (there is no connections.toml or config.toml in ${join(home, ".snowflake")}; the default one is "default").`;
    expect(await failWith({ argument: { user: "ada", password: planted } })).toBe(
      `[CONNECTION_INCOMPLETE] the connection to Snowflake is incomplete: missing the account. Fix: give the account (connection.account, snowflake:account, SNOWFLAKE_ACCOUNT, or organizationName with accountName), ${profile}`,
    );
    expect(await failWith({ argument: { accountName: "a", password: planted } })).toBe(
      `[CONNECTION_INCOMPLETE] the connection to Snowflake is incomplete: missing the organization beside the account name, the user. Fix: give the organization beside the account name (snowflake:organizationName, SNOWFLAKE_ORGANIZATION_NAME); the user (connection.user, snowflake:user, SNOWFLAKE_USER), ${profile}`,
    );
    expect(await failWith({ connections: '[default]\naccount = "org-a"\n' })).toMatch(
      / or a profile of connections\.toml\.$/,
    );
  });

  it("refuses an authenticator that nobody knows, a path as account, and a port that is none", async () => {
    expect(await failWith({ argument: { ...whole, authenticator: "TOKENACCESSOR" } })).toContain(
      "[INVALID_INPUT] this authenticator is not supported: argument connection.authenticator. Fix: give WORKLOAD_IDENTITY (",
    );
    expect(await failWith({ argument: { ...whole, account: "https://app.snowflake.com/org/a" } })).toContain(
      "without",
    );
    expect(
      await failWith({ argument: whole, config: { "snowflake:host": "h", "snowflake:port": "many" } }),
    ).toContain("1 to 65535");
  });

  it("says in a preview which fields only up knows", async () => {
    expect(
      await resolveAny({ argument: { account: unknownValue as unknown as string, user: "ada" } }),
    ).toEqual({
      unknown: true,
      fields: ["account"],
    });
  });
});

describe("a private key of the connection", () => {
  const base = { account: "org-a", user: "ada" };
  const keyOf = ({ connection: { authentication } }: ResolvedConnection) =>
    authentication.kind === "key-pair" ? authentication.privateKey.expose() : undefined;

  it.each(Object.entries({ ...keyForms.plain, ...keyForms.encrypted }))(
    "is read from argument, variable, profile and file: %s",
    async (form, text) => {
      const passphrase = form in keyForms.encrypted ? keyForms.passphrase : undefined;
      const path = join(home, "key.p8");
      writeFileSync(path, text);
      const profile = { ...base, private_key_raw: text, private_key_passphrase: passphrase };
      const toml = Object.entries(profile).flatMap(([key, value]) =>
        value === undefined ? [] : [`${key} = ${JSON.stringify(value)}`],
      );
      const found = await Promise.all([
        resolveKnown({ argument: { ...base, privateKey: text, privateKeyPassphrase: passphrase } }),
        resolveKnown({ argument: { ...base, privateKeyPath: path, privateKeyPassphrase: passphrase } }),
        resolveKnown({
          argument: base,
          env: { SNOWFLAKE_PRIVATE_KEY: text, SNOWFLAKE_PRIVATE_KEY_PASSPHRASE: passphrase ?? "" },
        }),
        resolveKnown({ connections: `[default]\n${toml.join("\n")}\n` }),
      ]);
      expect(found.map(keyOf)).toEqual(Array.from({ length: 4 }, () => keyForms.pkcs8));
    },
  );

  it("is read from a file that holds its bytes", async () => {
    const path = join(home, "key.der");
    writeFileSync(path, Buffer.from(keyForms.pkcs8.replaceAll(/-----.*-----/g, ""), "base64"));
    expect(keyOf(await resolveKnown({ argument: { ...base, privateKeyPath: path } }))).toBe(keyForms.pkcs8);
  });

  it("is told with its place where it cannot be read", async () => {
    const encrypted = keyForms.encrypted["encrypted PKCS#8 as it is"] ?? "";
    expect(await failWith({ argument: base, env: { SNOWFLAKE_PRIVATE_KEY_RAW: encrypted } })).toBe(
      "[INVALID_INPUT] the private key is encrypted, and no passphrase is given: environment SNOWFLAKE_PRIVATE_KEY_RAW. Fix: give its passphrase (privateKeyPassphrase, SNOWFLAKE_PRIVATE_KEY_PASSPHRASE).",
    );
    expect(
      await failWith({
        argument: base,
        config: { "snowflake:privateKey": encrypted, "snowflake:privateKeyPassphrase": planted },
      }),
    ).toBe(
      "[INVALID_INPUT] the private key is encrypted, and the passphrase does not open it: Pulumi config snowflake:privateKey, passphrase of Pulumi config snowflake:privateKeyPassphrase. Fix: give its own passphrase.",
    );
    writeFileSync(join(home, "key.pub"), "ssh-rsa AAAAB3NzaC1yc2E ada@laptop\n");
    expect(await failWith({ argument: { ...base, privateKeyPath: "~/key.pub" } })).toBe(
      "[INVALID_INPUT] the private key is a public key: ~/key.pub (argument connection.privateKeyPath). Fix: give the private key that belongs to it.",
    );
    expect(await failWith({ argument: { ...base, privateKey: "~/key.p8" } })).toContain(
      "Fix: give it as privateKeyPath (SNOWFLAKE_PRIVATE_KEY_PATH).",
    );
  });
});

describe("text around a value", () => {
  it("is left out of account, host, user and token, and kept in a password", async () => {
    const { connection } = await resolveKnown({
      env: {
        SNOWFLAKE_ACCOUNT: " org-a\n",
        SNOWFLAKE_USER: "ada\r\n",
        SNOWFLAKE_HOST: "snowflake.internal\n",
        SNOWFLAKE_TOKEN: `${planted}\n`,
        SNOWFLAKE_ROLE: "SYNC ",
      },
    });
    expect(connection).toMatchObject({
      account: "org-a",
      username: "ada",
      host: "snowflake.internal",
      role: "SYNC ",
    });
    const credential = ({ authentication }: typeof connection) =>
      "token" in authentication ? authentication.token.expose() : "";
    expect(credential(connection)).toBe(planted);
    const { connection: other } = await resolveKnown({ argument: { ...whole, password: `${planted} ` } });
    expect("password" in other.authentication && other.authentication.password.expose()).toBe(`${planted} `);
  });

  it.each([
    ["https://org-a.snowflakecomputing.com", "org-a"],
    ["https://org-a.snowflakecomputing.com/\n", "org-a"],
    ["ORG-A.snowflakecomputing.com", "ORG-A"],
    ["https://xy12345.eu-west-1.privatelink.snowflakecomputing.com/", "xy12345.eu-west-1.privatelink"],
    ["https://xy12345.cn-northwest-1.snowflakecomputing.cn", "xy12345.cn-northwest-1"],
    ["https://xy12345.us-gov-west-1.fhplus.aws.snowflakecomputing.com", "xy12345.us-gov-west-1.fhplus.aws"],
    ["https://my_org-a_b.snowflakecomputing.com", "my_org-a_b"],
    ["https://org-a", "org-a"],
  ])("makes no other account of %j", async (account, expected) => {
    expect((await resolveKnown({ argument: { ...whole, account } })).connection.account).toBe(expected);
  });

  it.each([
    "https://app.snowflake.com/org/a",
    "https://ada:secret@org-a.snowflakecomputing.com",
    "https://org-a.snowflakecomputing.com/console",
    "https://org-a.snowflakecomputing.com:8443",
    "http://org-a.snowflakecomputing.com",
    "org-a.snowflakecomputing.cn",
  ])("that can mean something else is refused: account %s", async (account) => {
    expect(await failWith({ argument: { ...whole, account } })).toContain("not a valid account identifier");
  });

  it("is one account in two places", async () => {
    const { connection } = await resolveKnown({
      argument: { account: "https://ORG-a.snowflakecomputing.com" },
      env: { SNOWFLAKE_ACCOUNT: "org-a", SNOWFLAKE_USER: "ada", SNOWFLAKE_PASSWORD: planted },
    });
    expect(connection.username).toBe("ada");
  });

  it.each([
    ["https://snowflake.internal", { host: "snowflake.internal", protocol: "https" }],
    ["https://snowflake.internal:8443/", { host: "snowflake.internal", port: 8443, protocol: "https" }],
    ["snowflake.internal:8443", { host: "snowflake.internal", port: 8443 }],
    ["[::1]:8443", { host: "[::1]", port: 8443 }],
  ])("makes host, port and protocol of %s", async (host, expected) => {
    const { connection } = await resolveKnown({ argument: { ...whole, host } });
    const { port, protocol } = connection;
    expect({ host: connection.host, ...(port && { port }), ...(protocol && { protocol }) }).toEqual(expected);
  });

  it("that contradicts port or protocol is refused", async () => {
    const host = "https://snowflake.internal:8443";
    expect((await resolveKnown({ argument: { ...whole, host, port: 8443 } })).connection.port).toBe(8443);
    expect(await failWith({ argument: { ...whole, host, port: 443 } })).toContain(
      "host contains another port or protocol than the settings: argument connection.host",
    );
    expect(await failWith({ argument: { ...whole, host, protocol: "http" } })).toContain("another port");
    for (const wrong of ["https://h/path", "a b", "https://ada:secret@h", `h?${planted}`]) {
      expect(await failWith({ argument: { ...whole, host: wrong } })).toContain("not a valid host");
    }
  });
});

describe("profiles of connections.toml", () => {
  const two = `[dev]\naccount = "org-dev"\nuser = "ada"\npassword = "${planted}"\n[prod]\naccount = "org-prod"\nuser = "eve"\ntoken = "t"\n`;

  it("puts a profile that the argument names before config and environment", async () => {
    const { connection, name } = await resolveKnown({
      argument: { profile: "prod", role: "R" },
      config: { "snowflake:account": "org-dev", "snowflake:user": "ada", "snowflake:password": planted },
      connections: two,
    });
    expect(connection).toMatchObject({ account: "org-prod", username: "eve", role: "R" });
    expect(name).toBe("prod");
  });

  it("reads connections of config.toml only where there is no connections.toml", async () => {
    const settings = '[connections.dev]\naccount = "from-config"\ntoken = "t"\n';
    expect((await resolveKnown({ settings, argument: { profile: "dev" } })).connection.account).toBe(
      "from-config",
    );
    expect(
      (await resolveKnown({ settings, connections: two, argument: { profile: "dev" } })).connection.account,
    ).toBe("org-dev");
  });

  it("names the variable that stands in place of a key, also where no file has the connection", async () => {
    const env = {
      SNOWFLAKE_DEFAULT_CONNECTION_NAME: "ci",
      SNOWFLAKE_CONNECTIONS_CI_ACCOUNT: "org-ci",
      SNOWFLAKE_CONNECTIONS_CI_USER: "bot",
      SNOWFLAKE_CONNECTIONS_CI_PRIVATE_KEY_RAW: keyForms.encrypted["encrypted PKCS#8 as it is"] ?? "",
      PRIVATE_KEY_PASSPHRASE: keyForms.passphrase,
    };
    const { connection, provenance } = await resolveKnown({ env });
    expect(connection).toMatchObject({
      account: "org-ci",
      username: "bot",
      authentication: { kind: "key-pair" },
    });
    expect(provenance).toMatchObject({
      user: "environment SNOWFLAKE_CONNECTIONS_CI_USER",
      privateKey: "environment SNOWFLAKE_CONNECTIONS_CI_PRIVATE_KEY_RAW",
      privateKeyPassphrase: "environment PRIVATE_KEY_PASSPHRASE",
    });
  });

  it("leaves a complete connection alone, whatever the machine's default profile says", async () => {
    const { connection } = await resolveKnown({
      argument: whole,
      connections: '[default]\naccount = "org-a"\nrole = "ACCOUNTADMIN"\nhost = "elsewhere"\n',
    });
    expect(connection.role).toBeUndefined();
    expect(connection.host).toBeUndefined();
  });

  it("refuses a profile that is not there, also under the name of a built-in property", async () => {
    expect(await failWith({ connections: two, argument: { profile: "constructor" } })).toContain(
      'connection "constructor" not found',
    );
    expect(await failWith({ connections: two, argument: { profile: "gone" } })).toBe(
      `[CONNECTION_INCOMPLETE] Snowflake connection "gone" not found: ${join(home, ".snowflake", "connections.toml")} has only "dev", "prod". Fix: add a section with that name, or select another profile.`,
    );
    rmSync(join(home, ".snowflake"), { recursive: true });
    expect(await failWith({ argument: { profile: "gone" } })).toBe(
      `[CONNECTION_INCOMPLETE] Snowflake connection "gone" not found: there is no connections.toml or config.toml in ${join(home, ".snowflake")}. Fix: add a section with that name, or select another profile.`,
    );
  });

  it("says which file was looked at where there is no default connection", async () => {
    const argument = { account: "org-a" };
    const file = (name: string) => join(home, ".snowflake", name);
    expect(await failWith({ connections: two, argument })).toContain(
      `or a profile of connections.toml (${file("connections.toml")} has only "dev", "prod"; the default one is "default").`,
    );
    rmSync(file("connections.toml"));
    expect(await failWith({ settings: "[cli.logs]\nsave_logs = true\n", argument })).toContain(
      `(${file("config.toml")} has no connection; `,
    );
  });

  it("warns of a file that others may read, unless that is meant, and refuses one that they may write", async () => {
    const argument = { profile: "dev" };
    expect((await resolveKnown({ connections: two, mode: 0o640, argument })).name).toBe("dev");
    const file = join(home, ".snowflake", "connections.toml");
    expect(warnings).toEqual([`others may read ${file}; it may hold credentials: run chmod 600 "${file}".`]);
    warnings.length = 0;
    const env = { SF_SKIP_WARNING_FOR_READ_PERMISSIONS_ON_CONFIG_FILE: "true" };
    expect((await resolveKnown({ connections: two, mode: 0o640, argument, env })).name).toBe("dev");
    expect((await resolveKnown({ connections: two, mode: 0o600, argument })).name).toBe("dev");
    expect(warnings).toEqual([]);
    for (const mode of [0o602, 0o620, 0o660]) {
      expect(await failWith({ connections: two, mode, argument, env })).toBe(
        `[INVALID_INPUT] other users may write Snowflake's settings file: ${file}. Fix: it may hold credentials: run chmod 600 "${file}".`,
      );
    }
  });

  it("does not quote a line of a file that is no TOML", async () => {
    const message = await failWith({
      connections: `[dev]\npassword = ${planted} oops\n`,
      argument: { profile: "dev" },
    });
    expect(message).toContain("connections.toml line 2");
  });

  it("looks in SNOWFLAKE_HOME, and in the system's folder where there is none in the home folder", async () => {
    const elsewhere = join(home, "elsewhere");
    mkdirSync(elsewhere);
    writeFileSync(join(elsewhere, "connections.toml"), two, { mode: 0o600 });
    const argument = { profile: "prod" };
    expect(
      (await resolveKnown({ argument, env: { SNOWFLAKE_HOME: "~/elsewhere" } })).connection.account,
    ).toBe("org-prod");
    rmSync(join(home, ".snowflake"), { recursive: true });
    mkdirSync(join(home, ".config", "snowflake"), { recursive: true });
    writeFileSync(join(home, ".config", "snowflake", "connections.toml"), two, { mode: 0o600 });
    const found = await resolveConnection({
      argument,
      config: { get: () => undefined },
      env: {},
      homeDirectory: home,
      platform: "linux",
    });
    expect(found.unknown === false && found.connection.account).toBe("org-prod");
  });
});

/** Files as these tools write and document them. */
describe("a file of", () => {
  const keyFile = () => {
    const path = join(home, "rsa_key.p8");
    writeFileSync(path, keyForms.encrypted["encrypted PKCS#8 as it is"] ?? "");
    return path;
  };

  it("Snowflake's CLI, as `snow connection add` writes config.toml", async () => {
    const settings = `default_connection_name = "prod"

[cli.logs]
save_logs = true
path = "/home/ada/.snowflake/logs"
level = "info"

[connections.dev]
account = "org-dev"
user = "ada"
password = "${planted}"

[connections.prod]
account = "xy12345"
user = "bot"
region = "eu-central-1"
role = "SYNC"
warehouse = "WH"
database = "DB"
schema = "PUBLIC"
authenticator = "SNOWFLAKE_JWT"
private_key_path = "${keyFile()}"
`;
    const env = { PRIVATE_KEY_PASSPHRASE: keyForms.passphrase };
    const { connection, name, provenance } = await resolveKnown({ settings, env });
    expect(name).toBe("prod");
    expect(connection).toMatchObject({
      account: "xy12345.eu-central-1",
      username: "bot",
      role: "SYNC",
      warehouse: "WH",
      authentication: { kind: "key-pair" },
    });
    expect(provenance).toMatchObject({ region: 'profile "prod" region' });
    const other = await resolveKnown({ settings, env: { SNOWFLAKE_DEFAULT_CONNECTION_NAME: "dev" } });
    expect(other.connection.account).toBe("org-dev");
  });

  it("Snowflake's CLI action for GitHub, whose connection is empty and stands in variables", async () => {
    const { connection } = await resolveKnown({
      settings: 'default_connection_name = "myconnection"\n\n[connections.myconnection]\n',
      env: {
        SNOWFLAKE_CONNECTIONS_MYCONNECTION_ACCOUNT: "org-ci",
        SNOWFLAKE_CONNECTIONS_MYCONNECTION_USER: "bot",
        SNOWFLAKE_CONNECTIONS_MYCONNECTION_AUTHENTICATOR: "SNOWFLAKE_JWT",
        SNOWFLAKE_CONNECTIONS_MYCONNECTION_PRIVATE_KEY_RAW:
          keyForms.encrypted["encrypted PKCS#8 as it is"] ?? "",
        PRIVATE_KEY_PASSPHRASE: keyForms.passphrase,
      },
    });
    expect(connection).toMatchObject({ account: "org-ci", authentication: { kind: "key-pair" } });
  });

  it("the drivers, as connections.toml is documented, with its default named in either file", async () => {
    const connections = `default_connection_name = "analytics"

[default]
account = "org-a"
user = "ada"
password = "${planted}"

[analytics]
accountname = "org-b"
username = "eve"
authenticator = "oauth"
token = "t"
rolename = "R"
warehousename = "W"
port = 443
protocol = "https"
host = "org-b.snowflakecomputing.com"
session_parameters = { QUERY_TAG = "x" }
`;
    const { connection, name } = await resolveKnown({ connections });
    expect(name).toBe("analytics");
    expect(connection).toMatchObject({
      account: "org-b",
      username: "eve",
      role: "R",
      warehouse: "W",
      port: 443,
      authentication: { kind: "oauth" },
    });
    const withoutOwn = connections.replace(/^.*\n/, "");
    const settings = 'default_connection_name = "default"\n';
    expect((await resolveKnown({ connections: withoutOwn, settings })).name).toBe("default");
  });

  it("the drivers, with the sections of config.toml in connections.toml", async () => {
    const connections = '[connections.dev]\naccount = "org-dev"\ntoken = "t"\n';
    const { connection } = await resolveKnown({ connections, argument: { profile: "dev" } });
    expect(connection.account).toBe("org-dev");
    expect(await failWith({ connections, argument: { profile: "connections" } })).toContain('has only "dev"');
  });

  it("the Python connector, with its proxy and a private link", async () => {
    const connections = `[default]
account = "org-a.privatelink"
user = "ada"
private_key_file = "${keyFile()}"
private_key_file_pwd = "${keyForms.passphrase}"
proxy_host = "proxy.corp"
proxy_port = 3128
proxy_user = "ada"
proxy_password = "p@ss"
`;
    const { connection } = await resolveKnown({ connections });
    expect(connection.account).toBe("org-a.privatelink");
    expect(connection.proxy?.label).toBe('proxy.corp:3128 of profile "default" proxy_host');
    expect(connection.proxy?.url.expose()).toBe("http://ada:p%40ss@proxy.corp:3128/");
  });
});

describe("the proxy of a connection", () => {
  const argument = { ...whole };
  const labelOf = async (links: Links) => (await resolveKnown(links)).connection.proxy?.label;
  const env = { HTTPS_PROXY: "http://env.corp:3128" };

  it("is its own, else that of the environment, and none where one of them excludes the host", async () => {
    expect(await labelOf({ argument, env })).toBe("env.corp:3128 of HTTPS_PROXY");
    expect(await labelOf({ argument, env: { ...env, NO_PROXY: "snowflakecomputing.com" } })).toBeUndefined();
    expect(
      await labelOf({ argument: { ...argument, noProxy: "*.snowflakecomputing.com" }, env }),
    ).toBeUndefined();
    expect(await labelOf({ argument: { ...argument, proxyHost: "own.corp", proxyPort: 8080 }, env })).toBe(
      "own.corp:8080 of argument connection.proxyHost",
    );
    expect(await labelOf({ argument, config: { "snowflake:proxyHost": "https://own.corp" }, env })).toBe(
      "own.corp:443 of Pulumi config snowflake:proxyHost",
    );
    expect(await labelOf({ argument: { ...argument, host: "h", protocol: "http" }, env })).toBeUndefined();
    expect(await labelOf({ argument: { ...argument, host: "localhost" }, env })).toBeUndefined();
  });

  it("takes user and password from the place that names it alone", async () => {
    const { connection } = await resolveKnown({
      argument: { ...argument, proxyHost: "own.corp" },
      env: {
        SNOWFLAKE_PROXY_HOST: "env.corp",
        SNOWFLAKE_PROXY_USER: "ada",
        SNOWFLAKE_PROXY_PASSWORD: planted,
      },
    });
    expect(connection.proxy?.url.expose()).toBe("http://own.corp/");
    expect(inspect(connection, { depth: 9 })).not.toContain(planted);
  });

  it("that cannot be used is refused", async () => {
    expect(
      await failWith({ argument, env: { HTTPS_PROXY: `socks5://ada:${planted}@proxy.corp` } }),
    ).toContain("not a valid address of an HTTP proxy: HTTPS_PROXY");
    expect(await failWith({ argument: { ...argument, proxyHost: "p", proxyProtocol: "ftp" } })).toContain(
      "argument connection.proxyProtocol",
    );
  });
});

describe("the connection argument", () => {
  it("fails on leaf paths and never with a value", () => {
    const parsed = connectionArguments.safeParse({
      user: { [planted]: planted },
      pasword: planted,
      port: planted,
      protocol: planted,
      maxConcurrentStatements: 257,
    });
    const failures = parsed.success
      ? []
      : buildFailures(parsed.error, ["connection"], undefined, connectionArguments);
    expect(failures.map(({ property }) => property).sort()).toEqual([
      "connection.maxConcurrentStatements",
      "connection.pasword",
      "connection.port",
      "connection.protocol",
      "connection.user",
    ]);
    expect(JSON.stringify(failures)).not.toContain(planted);
    for (const { reason } of failures) expect(reason).toMatch(/[.?]$/);
  });

  it("takes what only up knows in every field", () => {
    const fields = Object.keys(connectionArguments.shape);
    const argument = Object.fromEntries(fields.map((field) => [field, unknownValue]));
    expect(connectionArguments.safeParse(argument).success).toBe(true);
  });
});
