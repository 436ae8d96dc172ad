import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inHosts } from "../support/nightly.js";
import { type LanguageStage, startLanguageStage } from "../support/pulumi/language-stage.js";
import { plantValues } from "../support/pulumi/planted-values.js";
import { buildPluginLines, pluginFolder } from "../support/pulumi/plugin.js";
import { type Stage, startStage, tidy } from "./stage.js";
import { usePythonSdk } from "./use-python-sdk.js";

const values = plantValues("user", "token", "plain", "next");

const findParts = ({ server }: LanguageStage, name = "GIT") =>
  server.control.secret("APP", "SECRETS", name)?.properties;
const crm = {
  API_AUTHENTICATION: "CRM_OAUTH",
  OAUTH_REFRESH_TOKEN: values.token,
  OAUTH_REFRESH_TOKEN_EXPIRY_TIME: "2027-01-31",
};

describe.each(inHosts("dynamic"))("a PASSWORD and an OAUTH2 secret beside a text, in the host %s", (host) => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage(host, values);
    stage.server.control.createIntegration("CRM_OAUTH");
  });
  afterAll(() => stage.stop());

  const declare = (git: string, options = "{}") =>
    stage.setProgram(`new SnowflakeSecretSync("app", {
  secrets: {
    PLAIN: v.plain,
    GIT: ${git},
    CRM: { type: "oauth2", apiAuthentication: "CRM_OAUTH", oauthRefreshToken: pulumi.secret(v.token), oauthRefreshTokenExpiryTime: "2027-01-31" },
  },
  destinationConfig: { database: "APP", schema: "SECRETS" },
  syncOptions: { initialSyncBehavior: "overwrite-destination" },
}, ${options});`);
  const whole = '{ type: "password", username: v.user, password: pulumi.secret(v.token) }';
  const changed = '{ type: "password", username: v.user, password: pulumi.output(v.next) }';

  it("is shown by one line where a part changes, and no part stands anywhere", async () => {
    declare(whole);
    await stage.run("up");
    expect(findParts(stage)).toEqual({ USERNAME: values.user, PASSWORD: values.token });
    expect(findParts(stage, "CRM")).toEqual(crm);
    declare(changed);
    const preview = await stage.run("preview", "--diff");
    expect(preview.output.match(/^ +[~+-] GIT.*$/gm)).toHaveLength(1);
    expect(tidy(preview.output)).toMatch(/~ GIT *: "<fingerprint>" => "<fingerprint>"/);
    expect((await stage.run("up")).writes).toEqual(["ALTER SECRET"]);
    expect(findParts(stage)).toEqual({ USERNAME: values.user, PASSWORD: values.next });
    expect((await stage.run("up")).writes).toEqual([]);
    expect(stage.project.findPlanted()).toEqual([]);
  });

  it("is left as it is by ignoreChanges on its key", async () => {
    declare(whole, `{ ignoreChanges: ['secrets["GIT"]'] }`);
    expect((await stage.run("up")).writes).toEqual([]);
    expect(findParts(stage)).toEqual({ USERNAME: values.user, PASSWORD: values.next });
  });

  it("is refused, by path, where ignoreChanges names a part, or a part is missing", async () => {
    declare(whole, `{ ignoreChanges: ["secrets.GIT.password"] }`);
    const { code, output } = await stage.project.up();
    // The plugin is not told of the path: the engine takes the part away, as the old inputs have none.
    expect(output).toContain(
      host === "dynamic"
        ? 'app: ignoreChanges: "secrets.GIT.password" names a part of a secret'
        : "secrets.GIT.password: it has no value. Give a string.",
    );
    expect(code).not.toBe(0);
    declare('{ type: "password", username: v.user, password: undefined }');
    const half = await stage.project.up();
    expect(half.output).toContain("secrets.GIT.password: it has no value. Give a string.");
    expect(half.code).not.toBe(0);
    expect(findParts(stage)).toEqual({ USERNAME: values.user, PASSWORD: values.next });
    await stage.run("destroy");
    expect(stage.held()).toEqual({});
  });

  it("is made of two keys by typedSecrets, which are then no secrets of their own", async () => {
    const pair = (token: string) =>
      stage.setProgram(`new SnowflakeSecretSync("app", {
  secrets: { USER: v.user, TOKEN: pulumi.secret(${token}) },
  typedSecrets: { GIT: { type: "password", username: "USER", password: "TOKEN" } },
  destinationConfig: { database: "APP", schema: "SECRETS" },
  syncOptions: { initialSyncBehavior: "overwrite-destination" },
});`);
    pair("v.token");
    expect((await stage.run("up")).writes).toEqual(["CREATE SECRET"]);
    expect(findParts(stage)).toEqual({ USERNAME: values.user, PASSWORD: values.token });
    pair("v.next");
    const preview = await stage.run("preview", "--diff");
    expect(tidy(preview.output)).toMatch(/~ GIT *: "<fingerprint>" => "<fingerprint>"/);
    expect((await stage.run("up")).writes).toEqual(["ALTER SECRET"]);
    expect(findParts(stage)).toEqual({ USERNAME: values.user, PASSWORD: values.next });
    expect(stage.project.findPlanted()).toEqual([]);
    await stage.run("destroy");
  });
});

describe("a map of texts and objects in Python", () => {
  const getEnv = usePythonSdk();

  it.each([
    [
      "as objects of the SDK",
      "PasswordSecretArgs(type='password', username=USER, password=secret)",
      "Oauth2SecretArgs(type='oauth2', api_authentication='CRM_OAUTH', oauth_refresh_token=secret, oauth_refresh_token_expiry_time='2027-01-31')",
    ],
    [
      "as dictionaries",
      "{'type': 'password', 'username': USER, 'password': secret}",
      "{'type': 'oauth2', 'apiAuthentication': 'CRM_OAUTH', 'oauthRefreshToken': secret, 'oauthRefreshTokenExpiryTime': '2027-01-31'}",
    ],
  ])("is synced: %s", async (_, git, oauth2) => {
    const files = {
      "Pulumi.yaml": `name: shop\nruntime: python\n${buildPluginLines(pluginFolder)}`,
      "__main__.py": `import os, pulumi
from pulumi_snowflake_secrets import Oauth2SecretArgs, PasswordSecretArgs, SnowflakeSecretSync
USER = os.environ["TEST_USER"]
secret = pulumi.Output.secret(os.environ["TEST_TOKEN"])
SnowflakeSecretSync("app",
    secrets={"PLAIN": "text", "GIT": ${git}, "CRM": ${oauth2}},
    destination_config={"database": "APP", "schema": "SECRETS"},
    sync_options={"initial_sync_behavior": "overwrite-destination"})
`,
    };
    const env = { ...getEnv(), TEST_USER: values.user, TEST_TOKEN: values.token };
    const stage = await startLanguageStage({ name: "shop", plants: Object.values(values), files, env });
    stage.server.control.createIntegration("CRM_OAUTH");
    try {
      await stage.run("up");
      expect(findParts(stage)).toEqual({ USERNAME: values.user, PASSWORD: values.token });
      expect(findParts(stage, "CRM")).toEqual(crm);
      expect((await stage.run("up")).writes).toEqual([]);
      expect(stage.project.findPlanted()).toEqual([]);
    } finally {
      await stage.stop();
    }
  });
});
