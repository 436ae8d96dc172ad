import { spawn } from "node:child_process";
import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, it } from "vitest";
import { loginMethods } from "../../provider/snowflake/connection/login/index.js";
import { type SnowflakeServer, seedDemo, startSnowflakeServer } from "../../sdk/snowflake-server/index.js";
import type { LoginExample } from "../docs/login-examples.js";
import { projectFolder } from "../support/engine/engine.js";
import { type NamedHosts, startNamedHosts } from "../support/network/named-hosts.js";
import { type IdentityProvider, startIdentityProvider } from "../support/oidc/identity-provider.js";
import { startIssuer, type TokenIssuer } from "../support/oidc/issuer.js";
import { type Okta, oktaHost, startOkta } from "../support/person/okta.js";
import type { LoginCase } from "../support/snowflake/log-in.js";
import { accountHost } from "../support/snowflake/named-account.js";
import { tsxLoader } from "../support/tsx-loader.js";

/** A log-in that is refused. */
interface Refusal {
  readonly when: string;
  readonly fields: () => LoginExample["fields"];
  readonly env?: Readonly<Record<string, string>>;
}

const wrong = "wr0ng-credential-5e1";
let home: string;
let server: SnowflakeServer;
let issuer: TokenIssuer;
let okta: Okta;
let named: NamedHosts;
let identityProvider: IdentityProvider;
let other: KeyObject;
let identityToken: string;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), "refused-logins-"));
  [server, issuer, okta] = await Promise.all([
    startSnowflakeServer(),
    startIssuer(),
    startOkta(home, accountHost, {}),
  ]);
  named = await startNamedHosts(home, { [accountHost]: server.port, [oktaHost]: okta.port });
  const { certificate: cert, key } = named.authority;
  identityProvider = await startIdentityProvider({ pulumi: "right" }, { cert, key });
  const { role } = seedDemo(server.control);
  const [right, stranger] = [1, 2].map(() => generateKeyPairSync("rsa", { modulusLength: 2048 }));
  if (right === undefined || stranger === undefined) throw new Error("no keys");
  other = stranger.privateKey;
  server.control.createUser({
    name: "PULUMI",
    password: "right",
    roles: [role],
    publicKey: right.publicKey,
    secondFactor: { totpSecret: "31".repeat(20), push: "deny" },
  });
  identityToken = await issuer.sign();
  server.control.run(okta.trust);
  server.control.run(
    `CREATE USER FLOW TYPE = SERVICE WORKLOAD_IDENTITY = (TYPE = OIDC ISSUER = '${issuer.url}' SUBJECT = 'somebody else')`,
  );
});
afterAll(async () => {
  await Promise.all([named.stop(), server.stop(), issuer.stop(), okta.stop(), identityProvider.stop()]);
  rmSync(home, { recursive: true });
});

const atServer = () => ({
  account: server.account,
  host: server.host,
  port: String(server.port),
  protocol: "http",
});
const person = () => ({ ...atServer(), user: "PULUMI" });
const byName = { account: "acme-testing", user: "PULUMI" };

/** One at least for each way; what needs a person is refused where nobody is. */
const refusals: Readonly<Record<(typeof loginMethods)[number]["kind"], readonly Refusal[]>> = {
  "workload-identity": [
    {
      when: "no user has this identity",
      fields: () => ({
        ...atServer(),
        authenticator: "WORKLOAD_IDENTITY",
        workloadIdentityProvider: "OIDC",
        token: identityToken,
      }),
    },
  ],
  "key-pair": [
    {
      when: "the user has another key",
      fields: () => ({
        ...person(),
        privateKey: other.export({ type: "pkcs8", format: "pem" }).toString(),
      }),
    },
  ],
  "programmatic-access-token": [
    { when: "the token is unknown or has expired", fields: () => ({ ...person(), token: wrong }) },
  ],
  oauth: [
    {
      when: "the token is not valid",
      fields: () => ({ ...person(), authenticator: "OAUTH", token: wrong }),
    },
  ],
  "oauth-client-credentials": [
    {
      when: "the client's secret is wrong",
      fields: () => ({
        ...atServer(),
        authenticator: "OAUTH_CLIENT_CREDENTIALS",
        oauthClientId: identityProvider.clientId,
        oauthClientSecret: wrong,
        oauthTokenRequestUrl: identityProvider.tokenUrl,
      }),
    },
  ],
  password: [
    { when: "the password is wrong", fields: () => ({ ...person(), password: wrong }) },
    {
      when: "the user must give a second factor",
      fields: () => ({ ...person(), password: "right" }),
    },
  ],
  "password-mfa": [
    {
      when: "nobody is there to approve it",
      fields: () => ({ ...person(), authenticator: "USERNAME_PASSWORD_MFA", password: "right" }),
      env: { CI: "true" },
    },
    {
      when: "the passcode is wrong",
      fields: () => ({ ...person(), authenticator: "USERNAME_PASSWORD_MFA", password: "right" }),
      env: { SNOWFLAKE_PASSCODE: "000000" },
    },
  ],
  "external-browser": [
    {
      when: "nobody is there to log in",
      fields: () => ({ ...byName, authenticator: "EXTERNALBROWSER" }),
      env: { CI: "true" },
    },
  ],
  "oauth-authorization-code": [
    {
      when: "nobody is there to log in",
      fields: () => ({ ...byName, authenticator: "OAUTH_AUTHORIZATION_CODE" }),
      env: { CI: "true" },
    },
  ],
  okta: [
    {
      when: "Okta refuses the password",
      fields: () => ({ ...byName, authenticator: `https://${oktaHost}`, password: wrong }),
    },
  ],
};

/** What `pulumi up` prints of each, in either host: both make their connection there. */
async function readAll(cases: readonly LoginCase[]): Promise<readonly string[]> {
  const child = spawn(
    process.execPath,
    [...["--import", tsxLoader], join(projectFolder, "test/support/snowflake/log-in.ts")],
    {
      env: {
        PATH: process.env.PATH ?? "",
        ...named.env,
        HOME: home,
        SNOWFLAKE_WIF_ALLOWED_HOST_SUFFIXES: server.host,
      },
    },
  );
  child.stdin.end(JSON.stringify(cases));
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  expect(output).not.toMatch(/wr0ng|eyJ|right/);
  expect(errors).toBe("");
  return JSON.parse(output) as string[];
}

/** As a place names a field. */
const origins: Readonly<Record<string, RegExp>> = {
  "the argument": /argument connection\.(\w+)/g,
  config: /Pulumi config snowflake:(\w+)/g,
  "the environment": /environment SNOWFLAKE_(?!PASSCODE)(\w+)/g,
  "a profile": /profile "default" (\w+)/g,
};

it("tells what docs/refused-log-ins.md says, from each place where a connection may be", async () => {
  const all = loginMethods.flatMap(({ kind }) => refusals[kind]);
  const places = Object.keys(origins);
  const texts = await readAll(
    all.flatMap(({ fields, env = {} }) => places.map((place) => ({ place, fields: fields(), env }))),
  );
  const told = new Map(all.map((refusal, index) => [refusal, texts.slice(index * places.length)]));
  const lines: string[] = [];
  for (const { kind, title, authenticators } of loginMethods) {
    lines.push(`## ${title.replace(/^./, (first) => first.toUpperCase())} (\`${authenticators[0]}\`)`, "");
    for (const refusal of refusals[kind]) {
      const [first = "", ...others] = places.map((place, index) =>
        maskFields(told.get(refusal)?.[index] ?? "", place),
      );
      expect(first).toContain("‹account›");
      for (const text of others) expect(text).toBe(first);
      const shown = (told.get(refusal)?.[0] ?? "")
        .replaceAll(/localhost:\d+/g, "login.acme.com")
        .replaceAll(/log-in [0-9a-f-]{36}/g, "log-in \\<id>");
      lines.push(`If ${refusal.when}:`, "", `> ${shown}`, "");
    }
  }
  const page = `${head}${lines.join("\n").trimEnd()}\n`;
  await expect(page).toMatchFileSnapshot(join(projectFolder, "docs/refused-log-ins.md"));
});

function maskFields(text: string, place: string): string {
  const simplify = (field: string) => field.toLowerCase().replaceAll("_", "");
  return text.replaceAll(origins[place] ?? "", (_all, field: string) => `‹${simplify(field)}›`);
}

const head = `# When a log-in is refused

For each [way to log in](connection.md#ways-to-log-in), the error of \`pulumi up\` if its credential is refused. It is the same in TypeScript and with the plugin. A preview shows it as a warning.

The brackets behind account, user and credential say where each is from:

| Place | In the brackets |
|---|---|
| \`connection\` argument | \`argument connection.password\` |
| config of the stack | \`Pulumi config snowflake:password\` |
| environment | \`environment SNOWFLAKE_PASSWORD\` |
| profile of Snowflake's files | \`profile "default" password\` |

A refused credential is not sent again in the same run, because Snowflake locks users after several refused log-ins. A test runs all of these from all four places, and holds them to this page; \`<id>\` is the id under which an account administrator finds the attempt.

`;
