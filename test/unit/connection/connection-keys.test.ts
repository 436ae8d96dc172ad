import { readFileSync } from "node:fs";
import { join } from "node:path";
import snowflake from "snowflake-sdk";
import { describe, expect, it } from "vitest";
import { isProviderError } from "../../../provider/core/errors.js";
import { buildHost } from "../../../provider/snowflake/connection/account.js";
import { mergeLinks } from "../../../provider/snowflake/connection/merge.js";
import { otherConfigKeys, otherProfileKeys } from "../../../provider/snowflake/connection/other-keys.js";
import { type ConnectionSources, resolveConnection } from "../../../provider/snowflake/connection/resolve.js";
import {
  readConfigLink,
  readEnvironmentLink,
  readProfileLink,
} from "../../../provider/snowflake/connection/sources.js";
import { projectFolder } from "../../support/engine/engine.js";

const page = readFileSync(join(projectFolder, "docs/connection.md"), "utf8");
const planted = "pl4nted-cr3dential";

const readProfile = (fields: Readonly<Record<string, unknown>>) =>
  readProfileLink({ name: "dev", fields, variables: {} });
const readConfig = (values: Readonly<Record<string, string>>) =>
  readConfigLink({ get: (name) => values[name.replace("snowflake:", "")] });

async function resolve(sources: Partial<ConnectionSources>) {
  const resolved = await resolveConnection({ config: { get: () => undefined }, env: {}, ...sources });
  if (resolved.unknown) throw new Error("expected a known connection");
  return resolved.connection;
}

function failWith(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (isProviderError(error)) return error.message;
    throw error;
  }
  throw new Error("expected a refusal");
}

/** Parameters of the Python connector 4.8, and what the CLI and other drivers add. */
const profileKeys = `account accountname user username password private_key private_key_raw private_key_file
  private_key_path private_key_passphrase private_key_file_pwd token token_file_path authenticator role rolename warehouse
  warehousename host port protocol region workload_identity_provider workload_identity_impersonation_path
  workload_identity_aws_use_outbound_token workload_identity_entra_resource oauth_client_id oauth_client_secret
  oauth_token_request_url oauth_scope proxy_host proxy_port proxy_user proxy_password no_proxy`.split(/\s+/);

/** What \`@pulumi/snowflake\` reads and this package uses. */
const configKeys = `account accountName organizationName user username password privateKey privateKeyPath
  privateKeyPassphrase token authenticator role warehouse host port protocol profile region workloadIdentityProvider
  workloadIdentityEntraResource oauthClientId oauthClientSecret oauthTokenRequestUrl oauthScope proxyHost proxyPort
  proxyProtocol proxyUser proxyPassword noProxy`.split(/\s+/);

describe.each([
  ["Snowflake's connection files", readProfile, profileKeys, otherProfileKeys],
  ["@pulumi/snowflake's config", readConfig, configKeys, otherConfigKeys],
])("keys of %s", (_place, read, used, { ignored }) => {
  it.each(used)("%s is used", (key) => {
    expect([...read({ [key]: "1" }).fields.values()]).toMatchObject([{ value: "1" }]);
    expect(page).toContain(`\`${key}\``);
  });

  it.each([...ignored])("%s is without meaning, and the page says so", (key) => {
    const link = read({ [key]: "1" });
    expect([link.fields.size, link.refused]).toEqual([0, []]);
    expect(page).toContain(`\`${key}\``);
  });
});

describe("what is not supported", () => {
  it.each(Object.entries(otherProfileKeys.refused))(
    "a profile's %s is refused beside what is used",
    (key, hint) => {
      const beside = { account: "org-a", user: "ada", password: planted };
      const message = failWith(() => mergeLinks([readProfile({ ...beside, [key]: planted })]));
      expect(message).toMatch(
        /^\[INVALID_INPUT\] the connection has settings that this package does not support/,
      );
      expect(message).toContain(`profile "dev" ${key}. Fix: ${hint}`);
      expect(message).not.toContain(planted);
      mergeLinks([readProfile({ ...beside, [key]: false })]);
      // The one place for a passcode.
      if (key === "passcode") return;
      const variable = `SNOWFLAKE_${key.toUpperCase()}`;
      const env = { SNOWFLAKE_ACCOUNT: "org-a", SNOWFLAKE_PASSWORD: planted, [variable]: planted };
      expect(failWith(() => mergeLinks([readEnvironmentLink(env)]))).toContain(`environment ${variable}`);
      const { SNOWFLAKE_ACCOUNT: _, ...credential } = env;
      expect(
        failWith(() => mergeLinks([readProfile({ account: "org-a" }), readEnvironmentLink(credential)])),
      ).toContain(`environment ${variable}`);
      // Beside nothing that is used, it decides nothing; nor does it where it is off.
      mergeLinks([readProfile(beside), readEnvironmentLink({ [variable]: planted })]);
    },
  );

  it.each(Object.entries(otherConfigKeys.refused))(
    "config's %s is refused beside what is used",
    (key, hint) => {
      for (const name of ["account", "accountName"]) {
        const message = failWith(() => mergeLinks([readConfig({ [name]: "a", [key]: planted })]));
        expect(message).toContain(`Pulumi config snowflake:${key}. Fix: ${hint}`);
      }
      expect(page).toContain(`\`${key}\``);
    },
  );
});

describe("the region of an account locator", () => {
  const credential = { user: "ada", password: planted };

  it.each<[string, Partial<ConnectionSources>]>([
    ["the argument", { argument: { account: "xy12345", region: "eu-central-1", ...credential } }],
    [
      "config",
      {
        config: {
          get: (name) =>
            ({ "snowflake:account": "xy12345", "snowflake:region": "eu-central-1", "snowflake:user": "ada" })[
              name
            ],
        },
        argument: { password: planted },
      },
    ],
    [
      "the environment",
      {
        env: {
          SNOWFLAKE_ACCOUNT: "xy12345",
          SNOWFLAKE_REGION: "eu-central-1",
          SNOWFLAKE_USER: "ada",
          SNOWFLAKE_PASSWORD: planted,
        },
      },
    ],
    [
      "another place than the account",
      { argument: { account: "xy12345", ...credential }, env: { SNOWFLAKE_REGION: "eu-central-1" } },
    ],
    [
      "the locator itself",
      { argument: { account: "xy12345.eu-central-1", region: "EU-central-1", ...credential } },
    ],
  ])("of %s is part of the account", async (_, sources) => {
    expect((await resolve(sources)).account).toBe("xy12345.eu-central-1");
  });

  it("of a profile is part of the account", () => {
    const { fields } = mergeLinks([readProfile({ account: "xy12345", region: "eu-central-1" })]);
    expect(fields.get("region")?.value).toBe("eu-central-1");
  });

  it("is without meaning beside organization and account name", async () => {
    const argument = { account: "org-dev", region: "eu-central-1", ...credential };
    expect((await resolve({ argument })).account).toBe("org-dev");
  });

  it.each([
    [{ account: "xy12345.eu-west-1", region: "eu-central-1" }, "the account locator names another region"],
    [{ account: "xy12345", region: "AWS_EU_CENTRAL_1" }, "not a valid region"],
    [{ account: "xy12345", region: "evil.example/" }, "not a valid region"],
  ])("of %j is refused", async (given, text) => {
    const work = resolve({ argument: { ...given, ...credential } });
    await expect(work).rejects.toMatchObject({
      code: "INVALID_INPUT",
      message: expect.stringContaining(text),
    });
  });

  it("makes another account: a credential that stands beside another region is not sent there", async () => {
    const work = resolve({
      argument: { account: "xy12345", region: "eu-west-1" },
      env: {
        SNOWFLAKE_ACCOUNT: "xy12345",
        SNOWFLAKE_REGION: "eu-central-1",
        SNOWFLAKE_USER: "ada",
        SNOWFLAKE_PASSWORD: planted,
      },
      homeDirectory: "/nowhere",
    });
    await expect(work).rejects.toMatchObject({ code: "CONNECTION_INCOMPLETE" });
  });
});

it.each([
  "org-dev",
  "xy12345",
  "xy12345.us-west-2",
  "xy12345.eu-central-1",
  "xy12345.cn-northwest-1",
  "xy12345.west-europe.azure",
])("the host in messages about %s is the one that the driver calls", (account) => {
  snowflake.configure({ logLevel: "OFF", additionalLogToConsole: false });
  const options = { account, username: "ada", password: planted };
  snowflake.createConnection(options);
  // The driver puts into the options what it makes of them.
  expect(buildHost(account)).toBe((options as { host?: string }).host);
});
