import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type SnowflakeServer, startSnowflakeServer } from "../../sdk/snowflake-server/index.js";
import { runCliAsPerson, startCli } from "../support/cli/run-cli.js";
import { findEngine } from "../support/engine/engine.js";
import { type InfisicalServer, startInfisicalServer } from "../support/infisical-server/index.js";
import { plantValues } from "../support/pulumi/planted-values.js";
import { createProject, type PulumiProject } from "../support/pulumi/project.js";

const program = `
const { SnowflakeSecretSync } = require("pulumi-snowflake-secrets");
new SnowflakeSecretSync("app", {
  sources: [
    { type: "infisical", projectId: process.env.PROJECT_ID, secretPath: "/app" },
    { type: "dotenv", path: "app.env" },
  ],
  destinationConfig: { database: "APP", schema: "SECRETS" },
  syncOptions: { initialSyncBehavior: "preserve-destination" },
});
`;

const { password, value } = plantValues("password", "value");
// What a dotenv file can hold without quotes.
const inFile = randomUUID();

describe("the doctor", () => {
  let snowflake: SnowflakeServer;
  let infisical: InfisicalServer;
  let project: PulumiProject;
  let env: Record<string, string>;

  beforeAll(async () => {
    [snowflake, infisical] = await Promise.all([startSnowflakeServer(), startInfisicalServer()]);
    const { control } = snowflake;
    control.setClientAddress("203.0.113.7");
    control.createDatabase("APP");
    control.createSchema("APP", "SECRETS");
    control.createRole("SYNC", { grantedTo: [] });
    control.grant("USAGE", { database: "APP" }, "SYNC");
    control.grant("USAGE", { database: "APP", schema: "SECRETS" }, "SYNC");
    control.grant("CREATE SECRET", { database: "APP", schema: "SECRETS" }, "SYNC");
    control.createRole("ANALYST");
    control.run('GRANT READ ON FUTURE SECRETS IN SCHEMA "APP"."SECRETS" TO ROLE ANALYST;');
    control.createUser({ name: "BOT", password, roles: ["SYNC"] });
    infisical.set("dev:/app", "API_KEY", value);
    env = {
      SNOWFLAKE_USER: "bot",
      SNOWFLAKE_PASSWORD: password,
      ...infisical.env,
      PROJECT_ID: infisical.projectId,
    };
    project = await createProject({
      plants: [password, value, inFile, infisical.clientSecret],
      snowflake: [snowflake],
      files: { "index.js": program, "app.env": `A=1\nB=${inFile}\n` },
      env,
    });
    await project.setConfig("snowflake:account", snowflake.account);
    await project.setConfig("snowflake:host", snowflake.host);
    await project.setConfig("snowflake:port", String(snowflake.port));
    await project.setConfig("snowflake:protocol", "http");
    const up = await project.up();
    expect(up.code, up.output).toBe(0);
  });
  afterAll(async () => {
    project.stop();
    await Promise.all([snowflake.stop(), infisical.close()]);
  });

  const examine = async (change: Record<string, string> = {}, args = ["--stack", "dev"]) => {
    const { code, screen } = await runCliAsPerson(project, ["doctor", ...args], { ...env, ...change });
    for (const each of [password, value, inFile, infisical.clientSecret]) expect(screen).not.toContain(each);
    return { code, lines: screen.trimEnd().split("\n") };
  };
  const node = `ok   Node        v${process.versions.node}`;
  const engine = () => `ok   Pulumi      ${findEngine().version}`;
  const connection = [
    "ok   connection  acme-testing as bot, by password (account, host, port,",
    "                 protocol: Pulumi config; user, password: the environment)",
  ];
  const login = "ok   log-in      from address 203.0.113.7, as Snowflake sees it";
  const role = "ok   role        SYNC";
  const readers = 'ok   readers     "APP"."SECRETS": new secrets grant READ to ROLE ANALYST';
  const privileges = [
    'ok   privileges  "APP"."SECRETS": USAGE, CREATE SECRET, OWNERSHIP of 3 synced',
    "                 secrets",
    readers,
  ];
  const sources = ["ok   source      infisical dev:/app: 1 key", "ok   source      dotenv app.env: 2 keys"];
  const aws = "-    AWS         not checked: give --aws, or a stack with export destinations";

  it("shows a healthy set-up on one screen", async () => {
    expect(await examine()).toEqual({
      code: 0,
      lines: [
        node,
        engine(),
        ...connection,
        login,
        role,
        ...privileges,
        ...sources,
        aws,
        "",
        "No problem found.",
      ],
    });
  });

  it("shows a wrong password", async () => {
    expect(await examine({ SNOWFLAKE_PASSWORD: "wrong" })).toEqual({
      code: 4,
      lines: [
        node,
        engine(),
        ...connection,
        "BAD  log-in      the log-in to Snowflake failed (Snowflake 390100): account",
        "                 acme-testing",
        "                 fix: check the user name and the credential. A programmatic",
        "                 access token may have expired.",
        ...sources,
        aws,
        "",
        "1 problem found.",
        "Details: npx pulumi-snowflake-secrets explain AUTHENTICATION_FAILED",
      ],
    });
  });

  it("shows the address that a network policy refuses", async () => {
    snowflake.control.setNetworkPolicy({ allowed: ["198.51.100.1"] });
    const { code, lines } = await examine();
    snowflake.control.setNetworkPolicy(undefined);
    expect(code).toBe(4);
    expect(lines).toEqual([
      node,
      engine(),
      ...connection,
      "BAD  log-in      the log-in to Snowflake failed (Snowflake 390422, address",
      "                 203.0.113.7): account acme-testing",
      "                 fix: allow this address in the account's network policy.",
      ...sources,
      aws,
      "",
      "1 problem found.",
      "Details: npx pulumi-snowflake-secrets explain NETWORK_POLICY",
    ]);
  });

  it("shows the GRANT that is missing", async () => {
    const schema = { database: "APP", schema: "SECRETS" };
    snowflake.control.revoke("CREATE SECRET", schema, "SYNC");
    const { code, lines } = await examine();
    snowflake.control.grant("CREATE SECRET", schema, "SYNC");
    expect(code).toBe(4);
    expect(lines).toEqual([
      node,
      engine(),
      ...connection,
      login,
      role,
      'BAD  privileges  role "SYNC" may not create secrets in the schema:',
      '                 "APP"."SECRETS"',
      '                 fix: run GRANT CREATE SECRET ON SCHEMA "APP"."SECRETS" TO ROLE',
      '                 "SYNC";',
      readers,
      ...sources,
      aws,
      "",
      "1 problem found.",
      "Details: npx pulumi-snowflake-secrets explain PRIVILEGE_MISSING",
    ]);
  });

  it("shows a source whose credentials are refused and one whose file is gone", async () => {
    const file = "app.env";
    project.write(file, "");
    const { code, lines } = await examine({ INFISICAL_CLIENT_SECRET: "wrong" });
    project.write(file, `A=1\nB=${inFile}\n`);
    expect(code).toBe(4);
    expect(lines).toEqual([
      node,
      engine(),
      ...connection,
      login,
      role,
      ...privileges,
      "BAD  source      secrets of Infisical could not be read (HTTP 401",
      "                 UnauthorizedError): infisical dev:/app",
      "                 fix: the credentials were refused: check client id and secret,",
      "                 or which subject, audience, account and role the identity",
      "                 allows.",
      "BAD  source      the source is empty: dotenv app.env",
      "                 fix: add a secret to the file, or correct path, keys and",
      "                 prefix. If it may be empty, set allowEmpty: true on it.",
      aws,
      "",
      "2 problems found.",
      "Details: npx pulumi-snowflake-secrets explain SOURCE_FAILED",
    ]);
  });

  it("shows what a connection lacks, and a machine without the engine", async () => {
    const { code, lines } = await examine({ SNOWFLAKE_USER: "", SNOWFLAKE_PASSWORD: "", PATH: "" }, []);
    expect(code).toBe(4);
    expect(lines[0]).toBe(node);
    expect(lines.slice(1, 4)).toEqual([
      "BAD  Pulumi      Pulumi's command line was not found on PATH, or is too old",
      "                 fix: install it: https://www.pulumi.com/docs/install/.",
      "BAD  connection  the connection to Snowflake is incomplete: missing the account,",
    ]);
    expect(lines[4]).toBe("                 a credential, the user");
    for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(80);
    expect(lines.slice(-6)).toEqual([
      "-    source      not checked: give --stack",
      aws,
      "",
      "2 problems found.",
      "Details: npx pulumi-snowflake-secrets explain ENGINE_FAILED",
      "Details: npx pulumi-snowflake-secrets explain CONNECTION_INCOMPLETE",
    ]);
  });

  it("gives the same as JSON, and lists databases and schemas over the stack's config", async () => {
    const run = startCli(project, ["doctor", "--stack", "dev"], env);
    expect(await run.exited).toBe(0);
    expect(run.events).toMatchObject([
      { checks: expect.arrayContaining([{ area: "role", status: "ok", detail: "SYNC" }]) },
    ]);

    const list = async (...args: string[]) =>
      runCliAsPerson(project, ["list", ...args, "--stack", "dev"], env);
    expect(await list("databases")).toEqual({ code: 0, screen: "APP\n" });
    expect(await list("schemas", "APP")).toEqual({ code: 0, screen: "SECRETS\n" });
    expect(await list("schemas", "GONE")).toEqual({
      code: 1,
      screen:
        '[NOT_FOUND] the database does not exist, or the role may not use it: "GONE". Fix: give a name that `list databases` shows, or grant the role USAGE on the database.\n  Details: npx pulumi-snowflake-secrets explain NOT_FOUND\n',
    });
    expect((await list("schemas", "app")).screen).toContain('did you mean "APP"?');
    expect((await list("schemas", "")).code).toBe(2);
    expect((await list("nothing")).code).toBe(2);
    const half = await runCliAsPerson(project, ["doctor", "--database", "APP"], env);
    expect(half).toEqual({
      code: 2,
      screen:
        "[INVALID_INPUT] --database and --schema belong together: --database, --schema. Fix: give both, or none.\n  Details: npx pulumi-snowflake-secrets explain INVALID_INPUT\n",
    });
  });

  it("lists the secrets of a schema by who manages them, for people and as JSON", async () => {
    const { control } = snowflake;
    control.putSecret({
      database: "APP",
      schema: "SECRETS",
      name: "FOREIGN",
      type: "PASSWORD",
      owner: "SYNC",
    });
    const place = ["--database", "APP", "--schema", "SECRETS", "--stack", "dev"];
    const { code, screen } = await runCliAsPerson(project, ["list", "secrets", ...place], env);
    expect(code, screen).toBe(0);
    const time = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z";
    expect(screen).toMatch(
      new RegExp(
        [
          "^managed by organization/test-project/dev/app",
          "  owner id [0-9a-f]{32}",
          "  NAME     TYPE            CREATED",
          `  A        GENERIC_STRING  ${time}`,
          `  API_KEY  GENERIC_STRING  ${time}`,
          `  B        GENERIC_STRING  ${time}`,
          "",
          "not managed by a sync",
          "  NAME     TYPE      CREATED",
          `  FOREIGN  PASSWORD  ${time}\n$`,
        ].join("\n"),
      ),
    );
    const run = startCli(project, ["list", "secrets", ...place], env);
    expect(await run.exited).toBe(0);
    expect(run.events).toMatchObject([
      {
        database: "APP",
        schema: "SECRETS",
        secrets: [
          {
            name: "A",
            type: "GENERIC_STRING",
            role: "SYNC",
            owner: { place: "organization/test-project/dev/app" },
          },
          { name: "API_KEY" },
          { name: "B" },
          { name: "FOREIGN", type: "PASSWORD", role: "SYNC" },
        ],
      },
    ]);
    const [{ secrets } = {}] = run.events as { secrets?: object[] }[];
    expect(secrets?.at(-1)).not.toHaveProperty("owner");
    expect(screen + run.output).not.toContain(value);
  });
});
