import { describe, expect, it, vi } from "vitest";
import { unknownValue } from "../../../provider/engine/unknown.js";
import { hosts, openSyncHost } from "../../support/hosts.js";
import { plantValues } from "../../support/pulumi/planted-values.js";
import { createFixture, database, destination, overwrite, role, schema } from "./fixture.js";

const token = {
  type: "oauth2",
  apiAuthentication: 'My "OAuth"',
  oauthRefreshToken: "token-1",
  oauthRefreshTokenExpiryTime: "2027-01-31",
};
const scoped = { type: "oauth2", apiAuthentication: "OTHER", oauthScopes: ["read", "write"] };

describe.each(hosts)("a secret of type OAUTH2, in the host %s", (name) => {
  const open = async () => {
    const { control, connection } = await createFixture();
    for (const integration of [token.apiAuthentication, scoped.apiAuthentication]) {
      control.createIntegration(integration);
    }
    const host = openSyncHost(name, connection);
    const up = (secrets: object, more: object = {}) =>
      host.up({
        destinationConfig: destination,
        syncOptions: overwrite,
        secrets,
        ...more,
      });
    /** Texts without their comments. */
    const takeWrites = () => {
      const texts = control.statements().map(({ sql }) => sql.replace(/ COMMENT = .*/, ""));
      control.resetCounts();
      return texts.filter((text) => !/^(SELECT|SHOW)/.test(text));
    };
    const view = () => control.secret(database, schema, "API");
    return { control, host, up, takeWrites, view };
  };
  const create = (text: string, verb = "CREATE") => [
    `${verb} SECRET "APP"."SECRETS"."API" TYPE = OAUTH2 API_AUTHENTICATION = ${text}`,
  ];
  const withToken = '"My ""OAuth""" OAUTH_REFRESH_TOKEN = ? OAUTH_REFRESH_TOKEN_EXPIRY_TIME = ?';
  const withScopes = '"OTHER" OAUTH_SCOPES = (?, ?)';

  it("holds a refresh token with its expiry, which one ALTER changes", async () => {
    const { host, up, takeWrites, view } = await open();
    expect((await up({ API: token })).problems).toEqual([]);
    expect(takeWrites()).toEqual(create(withToken));
    const { createdOn } = view() ?? {};
    await up({ API: { ...token, oauthRefreshToken: "token-2", oauthRefreshTokenExpiryTime: "2027-02-28" } });
    expect(takeWrites()).toEqual([
      'ALTER SECRET "APP"."SECRETS"."API" SET OAUTH_REFRESH_TOKEN = ? OAUTH_REFRESH_TOKEN_EXPIRY_TIME = ?',
    ]);
    expect(view()).toMatchObject({
      createdOn,
      properties: {
        API_AUTHENTICATION: token.apiAuthentication,
        OAUTH_REFRESH_TOKEN: "token-2",
        OAUTH_REFRESH_TOKEN_EXPIRY_TIME: "2027-02-28",
      },
    });
    expect(host.state()?.managedSecrets.API).toMatchObject({ type: "OAUTH2", state: "synced" });
    await up({ OTHER: "text" });
    expect(takeWrites()).toContain('DROP SECRET "APP"."SECRETS"."API"');
  });

  it("holds scopes, each a bind, whose order and number count", async () => {
    const { up, takeWrites, view } = await open();
    await up({ API: scoped });
    expect(takeWrites()).toEqual(create(withScopes));
    for (const oauthScopes of [["write", "read"], ["writeread"]]) {
      await up({ API: { ...scoped, oauthScopes } });
      expect(takeWrites()).toEqual([
        `ALTER SECRET "APP"."SECRETS"."API" SET OAUTH_SCOPES = (${oauthScopes.map(() => "?").join(", ")})`,
      ]);
      expect(view()?.properties.OAUTH_SCOPES).toBe(oauthScopes.join(","));
    }
    await up({ API: { ...scoped, oauthScopes: ["writeread"] } });
    expect(takeWrites()).toEqual([]);
  });

  it("is replaced for another integration, and for scopes in place of a token", async () => {
    const { up, takeWrites } = await open();
    await up({ API: { ...scoped, apiAuthentication: token.apiAuthentication } });
    takeWrites();
    await up({ API: scoped });
    expect(takeWrites()).toEqual(create(withScopes, "CREATE OR REPLACE"));
    await up({ API: { ...token, apiAuthentication: "OTHER" } });
    expect(takeWrites()).toEqual(create(withToken.replace('"My ""OAuth"""', '"OTHER"'), "CREATE OR REPLACE"));
  });

  it("is replaced where somebody made another one, which may have another integration", async () => {
    const { control, up, takeWrites, view } = await open();
    await up({ API: token });
    const comment = view()?.comment ?? "";
    for (const drift of [
      () => control.putSecret({ ...destination, name: "API", type: "OAUTH2", owner: role, comment }),
      () => control.alterSecret({ ...destination, name: "API" }, { comment: "theirs" }),
    ]) {
      drift();
      takeWrites();
      await up({ API: token });
      expect(takeWrites()).toEqual(create(withToken, "CREATE OR REPLACE"));
    }
  });

  it("is made of keys of sources, with the integration as it is", async () => {
    const { host, up, takeWrites, view } = await open();
    const planted = plantValues("token");
    vi.stubEnv("OAUTH_TEST_TOKEN", planted.token);
    vi.stubEnv("OAUTH_TEST_EXPIRY", "2027-01-31");
    const keys = { oauthRefreshToken: "OAUTH_TEST_TOKEN", oauthRefreshTokenExpiryTime: "OAUTH_TEST_EXPIRY" };
    const sources = [{ type: "environment", keys: Object.values(keys) }];
    const { problems } = await up({ PLAIN: "p" }, { sources, typedSecrets: { API: { ...token, ...keys } } });
    expect(problems).toEqual([]);
    expect(takeWrites()).toContain(create(withToken)[0]);
    expect(view()?.properties.OAUTH_REFRESH_TOKEN).toBe(planted.token);
    expect(host.seen()).not.toContain(planted.token);
    vi.unstubAllEnvs();
  });

  it.each([
    [{ ...token, oauthRefreshToken: undefined }, "oauthRefreshToken: it has no value: give"],
    [
      { ...token, oauthRefreshTokenExpiryTime: undefined },
      "oauthRefreshTokenExpiryTime: it has no value: give",
    ],
    [{ ...token, oauthScopes: ["read"] }, "oauthRefreshToken: stands beside oauthScopes: give"],
    [{ ...scoped, oauthScopes: [] }, "oauthScopes: must have at least one scope."],
    [{ ...scoped, oauthScopes: ["read", ""] }, "oauthScopes.1: must not be empty."],
    [{ ...scoped, oauthScopes: "read" }, "oauthScopes: must be a list of scopes."],
    [{ ...scoped, apiAuthentication: "" }, "apiAuthentication: must be the name of a security integration."],
    [{ ...token, username: "u" }, "username: there is no such argument."],
  ])("is refused by path where it is not whole: %j", async (given, problem) => {
    const { up, takeWrites } = await open();
    const secret = JSON.parse(JSON.stringify(given));
    expect((await up({ API: secret })).problems.join()).toContain(`secrets.API.${problem}`);
    expect(takeWrites()).toEqual([]);
  });
});

it("a preview shows an OAUTH2 secret of which one scope is not known as unknown, and warns of a replacement", async () => {
  const { stack, sync, control, grantRead } = await createFixture();
  for (const integration of ["A", "OTHER"]) control.createIntegration(integration);
  const hidden = { ...scoped, oauthScopes: ["read", unknownValue] };
  const { inputs } = await stack.preview({ app: sync({ API: hidden }) });
  expect(inputs.app?.secrets).toEqual({ API: unknownValue });
  await stack.upOk({ app: sync({ API: scoped }) });
  grantRead("API");
  const { lines } = await stack.preview({ app: sync({ API: { ...scoped, apiAuthentication: "A" } }) });
  expect(lines.join("\n")).toContain("that ALTER cannot set, would be replaced and lose its grants");
  expect(lines.join("\n")).toMatch(/"API".*READER|READER.*"API"/);
});
