import { afterEach, describe, expect, it, vi } from "vitest";
import { unknownValue } from "../../../provider/engine/unknown.js";
import { hosts, openSyncHost } from "../../support/hosts.js";
import { plantValues } from "../../support/pulumi/planted-values.js";
import { findIn } from "../../support/pulumi/search.js";
import { createFixture, database, destination, overwrite, role, schema } from "./fixture.js";

const git = { type: "password", username: "user-of-git", password: "token-of-git" };

describe.each(hosts)("a secret of several parts, in the host %s", (name) => {
  const open = async () => {
    const { control, connection } = await createFixture();
    const host = openSyncHost(name, connection);
    const up = (secrets: object, options: object = overwrite) =>
      host.up({ destinationConfig: destination, syncOptions: options, secrets });
    const takeWrites = () => {
      const texts = control.statements().map(({ sql }) => sql.replace(/(?<==)[0-9a-f]{8,32}\b/g, "…"));
      control.resetCounts();
      return texts.filter((text) => !/^(SELECT|SHOW)/.test(text));
    };
    const view = (secret = "GIT") => control.secret(database, schema, secret);
    return { control, host, up, takeWrites, view };
  };
  const mark = expect.stringMatching(
    /^[^']+ COMMENT = 'pulumi-snowflake-secrets\/1 owner=… revision=… fingerprint=… place=[^']+'$/,
  );
  const begin = (text: string) =>
    expect.stringMatching(new RegExp(`^${text.replace(/[?.]/g, "\\$&")} COMMENT = `));

  it("is created, altered as a whole where one part changes, and dropped", async () => {
    const { host, up, takeWrites, view } = await open();
    expect((await up({ GIT: git, PLAIN: "p" })).problems).toEqual([]);
    const created = takeWrites();
    expect(created).toEqual([mark, mark]);
    expect(created).toContainEqual(
      begin('CREATE SECRET "APP"."SECRETS"."GIT" TYPE = PASSWORD USERNAME = ? PASSWORD = ?'),
    );
    const { createdOn } = view() ?? {};
    for (const part of ["username", "password"]) {
      await up({ GIT: { ...git, [part]: "another" }, PLAIN: "p" });
      expect(takeWrites()).toEqual([
        begin('ALTER SECRET "APP"."SECRETS"."GIT" SET USERNAME = ? PASSWORD = ?'),
      ]);
    }
    expect(view()).toMatchObject({
      type: "PASSWORD",
      properties: { USERNAME: "user-of-git", PASSWORD: "another" },
      createdOn,
    });
    await up({ GIT: { ...git, password: "another" }, PLAIN: "p" });
    expect(takeWrites()).toEqual([]);
    expect(host.state()?.managedSecrets).toMatchObject({ GIT: { type: "PASSWORD", state: "synced" } });
    expect(host.state()?.managedSecrets.PLAIN).not.toHaveProperty("type");
    await up({ PLAIN: "p" });
    expect(takeWrites()).toEqual(['DROP SECRET "APP"."SECRETS"."GIT"']);
  });

  it("is replaced where its type changes, either way, and dropped by destroy", async () => {
    const { host, up, takeWrites, view } = await open();
    await up({ GIT: "text" });
    takeWrites();
    expect((await up({ GIT: git })).problems).toEqual([]);
    expect(takeWrites()).toEqual([
      begin('CREATE OR REPLACE SECRET "APP"."SECRETS"."GIT" TYPE = PASSWORD USERNAME = ? PASSWORD = ?'),
    ]);
    await up({ GIT: "text" });
    expect(takeWrites()).toEqual([
      begin('CREATE OR REPLACE SECRET "APP"."SECRETS"."GIT" TYPE = GENERIC_STRING SECRET_STRING = ?'),
    ]);
    await up({ GIT: git });
    expect(view()?.type).toBe("PASSWORD");
    await host.destroy();
    expect(view()).toBeUndefined();
  });

  it("is written again after it was dropped, recreated, unmarked or made a text by others", async () => {
    const { control, up, takeWrites, view } = await open();
    const place = { ...destination, name: "GIT" };
    await up({ GIT: git });
    const comment = view()?.comment ?? "";
    for (const drift of [
      () => control.dropSecret(database, schema, "GIT"),
      () => control.putSecret({ ...place, type: "PASSWORD", value: "theirs", owner: role, comment }),
      () => control.alterSecret(place, { comment: "theirs" }),
      () => control.putSecret({ ...place, value: "theirs", owner: role, comment }),
    ]) {
      drift();
      takeWrites();
      expect((await up({ GIT: git })).problems).toEqual([]);
      expect(takeWrites()).toHaveLength(1);
      expect(view()).toMatchObject({
        type: "PASSWORD",
        properties: { USERNAME: "user-of-git", PASSWORD: "token-of-git" },
      });
    }
  });

  it("is kept by an overwrite where others made it, and refused by path where it is not whole", async () => {
    const { control, up, takeWrites } = await open();
    for (const [secret, type] of [
      ["THEIRS", "PASSWORD"],
      ["KEY", "SYMMETRIC_KEY"],
      ["CLOUD", "CLOUD_PROVIDER_TOKEN"],
      ["WORKLOAD", "WORKLOAD_IDENTITY_FEDERATION"],
    ] as const) {
      control.putSecret({ ...destination, name: secret, type, owner: role });
    }
    control.putSecret({ ...destination, name: "TEXT", value: "theirs", owner: role });
    expect((await up({ GIT: git })).problems).toEqual([]);
    expect(takeWrites().filter((text) => text.startsWith("DROP"))).toEqual([
      'DROP SECRET "APP"."SECRETS"."TEXT"',
    ]);
    const wanted = await up({ KEY: "text" }, { ...overwrite, takeOver: ["unmarked", "other-type"] });
    expect(wanted.problems.join()).toContain(
      '"APP"."SECRETS"."KEY" is a secret of type SYMMETRIC_KEY, which no sync writes. It was not changed.',
    );
    const { password, ...half } = git;
    for (const [given, problem] of [
      [half, "secrets.GIT.password: it has no value. Give a string."],
      [{ ...git, password: null }, "secrets.GIT.password: it has no value. Give a string."],
      [{ ...git, password: 5 }, "secrets.GIT.password: must be a string."],
      [{ ...git, token: password }, "secrets.GIT.token: there is no such argument."],
      [{ ...git, type: "oauth" }, "secrets.GIT.type: must be one of password, oauth2; "],
      [{ username: "u" }, "secrets.GIT.type: must be one of password, oauth2; "],
      [["a"], "secrets.GIT: must be a string; it is a list."],
    ] as const) {
      expect((await up({ GIT: given })).problems.join()).toContain(problem);
    }
    expect(takeWrites()).toEqual([]);
  });

  it("leaves none of its parts anywhere", async () => {
    const { control, host, up } = await open();
    const planted = plantValues("username", "password", "other");
    const { username, password, other } = planted;
    control.addFault({
      match: /^CREATE SECRET/,
      effect: { kind: "sql-error", code: "001003", message: `near ${username} and ${password}` },
    });
    const whole = { type: "password", username, password };
    expect((await up({ GIT: whole })).ok).toBe(false);
    expect((await up({ GIT: whole })).problems).toEqual([]);
    await up({ GIT: { ...whole, username: other } });
    await up({ GIT: { ...whole, type: password } });
    await up({ GIT: { ...whole, [other]: password } });
    const texts = [
      { name: "seen", text: host.seen() },
      { name: "statements", text: JSON.stringify(control.statements().map(({ sql }) => sql)) },
    ];
    expect(findIn([username, password], { folders: [], leaveOut: new Set(), texts })).toEqual([]);
  });
});

describe("a secret of several parts", () => {
  it("shows one change in a preview, and what its new type costs", async () => {
    const { stack, sync, grantRead } = await createFixture();
    await stack.upOk({ app: sync({ GIT: git }) });
    const before = stack.state().secrets;
    const { lines } = await stack.preview({ app: sync({ GIT: { ...git, username: "another" } }) });
    expect(lines).toEqual(['app: 1 to alter in "APP"."SECRETS"']);
    await stack.upOk({ app: sync({ GIT: { ...git, username: "another" } }) });
    expect(Object.keys(stack.state().secrets)).toEqual(["GIT"]);
    expect(stack.state().secrets).not.toEqual(before);
    grantRead("GIT");
    expect((await stack.preview({ app: sync({ GIT: "text" }) })).lines).toEqual([
      'app: 1 to replace in "APP"."SECRETS"',
      'warning: app: 1 secret in "APP"."SECRETS" would be replaced by another type and lose its grants: "GIT"',
      'warning: app: "APP"."SECRETS"."GIT" has READ to ROLE READER',
    ]);
  });

  it("is known only in up where one part is, and its faults are told all the same", async () => {
    const { stack, sync } = await createFixture();
    const partly = { ...git, password: unknownValue };
    const { lines } = await stack.preview({ app: sync({ GIT: partly }) });
    expect(lines).toEqual(['app: 1 known after up in "APP"."SECRETS"']);
    const { problems } = await stack.preview({ app: sync({ GIT: { ...partly, username: 5 } }) });
    expect(problems.join()).toContain("secrets.GIT.username: must be a string.");
  });

  it("is left as it is under ignoreChanges, and is drift where another type takes its place", async () => {
    const { stack, sync, control } = await createFixture();
    await stack.upOk({ app: sync({ GIT: git }) });
    const changed = {
      app: sync({ GIT: { ...git, password: "another" } }, {}, { ignoreChanges: ["secrets.GIT"] }),
    };
    expect((await stack.upOk(changed)).changes).toEqual({ app: "same" });
    expect(control.secret(database, schema, "GIT")?.value).toBe("token-of-git");
    const { comment = "" } = control.secret(database, schema, "GIT") ?? {};
    control.putSecret({ ...destination, name: "GIT", value: "theirs", owner: role, comment });
    expect((await stack.refresh()).lines).toEqual([
      'warning: app: drift in "APP"."SECRETS": "GIT" has another type',
    ]);
    await stack.upOk({ app: sync({ GIT: git }) });
    expect((await stack.refresh()).lines).toEqual([]);
  });

  it("has a fingerprint that no other split, type or text shares", async () => {
    const { stack, sync } = await createFixture();
    const fingerprintKey = "k".repeat(32);
    const of = (username: string, password: string) => ({ type: "password", username, password });
    const lookalikes = [
      of("ab", "c"),
      of("a", "bc"),
      of("", "abc"),
      of("abc", ""),
      of("PASSWORD", "8:PASSWORD"),
      "abc",
      "typed:3:KEY8:PASSWORD8:USERNAME1:a8:PASSWORD2:bc",
      "3:KEY8:PASSWORD8:USERNAME1:a8:PASSWORD2:bc",
    ];
    const prints = new Set<unknown>();
    for (const KEY of lookalikes) {
      await stack.upOk({ app: sync({ KEY: KEY }, { fingerprintKey }) });
      prints.add(stack.state().secrets.KEY);
    }
    expect(prints.size).toBe(lookalikes.length);
  });
});

describe.each(hosts)("a secret of the values of several keys, in the host %s", (name) => {
  afterEach(() => void vi.unstubAllEnvs());

  const typedSecrets = { GIT: { type: "password", username: "GIT_USERNAME", password: "GIT_TOKEN" } };
  const sources = [{ type: "environment", prefix: "PAIRED_" }];
  const stub = (values: Readonly<Record<string, string | undefined>>) => {
    vi.unstubAllEnvs();
    for (const [key, value] of Object.entries(values)) vi.stubEnv(`PAIRED_${key}`, value);
  };
  const open = async () => {
    const { control, connection, values } = await createFixture();
    const host = openSyncHost(name, connection);
    const up = (args: object) =>
      host.up({ destinationConfig: destination, syncOptions: overwrite, sources, typedSecrets, ...args });
    return { control, host, up, values, view: () => control.secret(database, schema, "GIT")?.properties };
  };

  it("is synced in their place, from sources and the program alike", async () => {
    const { host, up, values, view } = await open();
    stub({ GIT_USERNAME: "u", GIT_TOKEN: "t", OTHER: "o" });
    expect((await up({})).problems).toEqual([]);
    expect(values()).toEqual({ GIT: "t", OTHER: "o" });
    expect(view()).toEqual({ USERNAME: "u", PASSWORD: "t" });
    expect(host.state()?.managedSecrets.GIT).toMatchObject({
      type: "PASSWORD",
      sourceKey: "GIT",
      source: "environment PAIRED_*",
    });
    stub({ GIT_USERNAME: "u", GIT_TOKEN: "t2", OTHER: "o" });
    await up({});
    expect(view()).toEqual({ USERNAME: "u", PASSWORD: "t2" });
    await up({ secrets: { GIT_TOKEN: "t3" } });
    expect(view()).toEqual({ USERNAME: "u", PASSWORD: "t3" });
    expect(host.state()?.managedSecrets.GIT?.source).toBe("program");
    await up({ typedSecrets: undefined });
    expect(values()).toEqual({ GIT_USERNAME: "u", GIT_TOKEN: "t2", OTHER: "o" });
  });

  it("is refused by path where a key is missing, no text, or a secret of its own, and where it is not well-formed", async () => {
    const { up, values } = await open();
    stub({ GIT_USERNAME: "u", OTHER: "o" });
    const pair = typedSecrets.GIT;
    for (const [args, problem] of [
      [{}, 'typedSecrets.GIT.password: no source has the key "GIT_TOKEN"'],
      [{ secrets: { GIT_TOKEN: git } }, 'typedSecrets.GIT.password: the secret "GIT_TOKEN" is no string'],
      [{ secrets: { GIT_TOKEN: "t", GIT: "text" } }, 'typedSecrets.GIT: a source has the key "GIT", too'],
      [
        { typedSecrets: { GIT: { ...pair, password: "" } } },
        "typedSecrets.GIT.password: must be the name of a key.",
      ],
      [
        { typedSecrets: { GIT: { ...pair, token: "T" } } },
        "typedSecrets.GIT.token: there is no such argument.",
      ],
      [
        { typedSecrets: { GIT: { type: "oauth" } } },
        "typedSecrets.GIT.type: must be one of password, oauth2.",
      ],
    ] as const) {
      expect((await up(args)).problems.join()).toContain(problem);
    }
    expect(values()).toEqual({});
  });
});

describe("a secret of the values of several keys", () => {
  afterEach(() => void vi.unstubAllEnvs());

  const typedSecrets = { GIT: { type: "password", username: "USER", password: "TOKEN" } };

  it("is unknown in a preview where one of its values or its keys are", async () => {
    const { stack, sync } = await createFixture();
    const preview = await stack.preview({ app: sync({ USER: "u", TOKEN: unknownValue }, { typedSecrets }) });
    expect(preview.problems).toEqual([]);
    expect(preview.lines).toEqual(['app: 1 known after up in "APP"."SECRETS"']);
    const unknown = await stack.preview({ app: sync({ USER: "u" }, { typedSecrets: unknownValue }) });
    expect(unknown.problems).toEqual([]);
    expect(unknown.lines.join()).toContain("the keys of its secrets are not known until up");
  });

  it("is left as it is under ignoreChanges on its name", async () => {
    const { stack, sync, values } = await createFixture();
    await stack.upOk({ app: sync({ USER: "u", TOKEN: "t" }, { typedSecrets }) });
    const options = { ignoreChanges: ["secrets.GIT"] };
    const changed = { app: sync({ USER: "u", TOKEN: "changed" }, { typedSecrets }, options) };
    expect((await stack.upOk(changed)).changes).toEqual({ app: "same" });
    expect(values()).toEqual({ GIT: "t" });
  });

  it("may have the name of one of its keys, and share a key with another", async () => {
    const { stack, sync, values } = await createFixture();
    const pairs = { TOKEN: typedSecrets.GIT, SECOND: { ...typedSecrets.GIT, password: "USER" } };
    await stack.upOk({ app: sync({ USER: "u", TOKEN: "t" }, { typedSecrets: pairs }) });
    expect(values()).toEqual({ TOKEN: "t", SECOND: "u" });
  });
});
