import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { seedDemo, startSnowflakeServer } from "../../sdk/snowflake-server/index.js";
import { plantValues } from "../support/pulumi/planted-values.js";
import { type Stage, startStage } from "./stage.js";

const values = plantValues("a", "b", "rotated", "typo");

const sync = (name: string, value: string, opts = "{}") => `
new SnowflakeSecretSync("${name}", {
  secrets: { KEY: ${value} },
  destinationConfig: { database: "APP", schema: "SECRETS" },
  syncOptions: { initialSyncBehavior: "overwrite-destination" },
}, ${opts});`;

const providers = async ({ project }: Stage) => {
  const { deployment } = await project.exportStack();
  return (deployment.resources ?? []).filter(({ type }) => type === "pulumi:providers:snowflake-secrets");
};

describe("the settings of a stack, for the plugin", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage("plugin", values, { isConnected: false });
    const { project, server, seed } = stage;
    for (const [name, value] of Object.entries({
      account: server.account,
      user: seed.username,
      role: seed.role,
      host: server.host,
      port: String(server.port),
      protocol: "http",
      maxConcurrentStatements: "4",
    })) {
      await project.setConfig(`snowflake-secrets:${name}`, value);
    }
    await project.setConfig("snowflake-secrets:password", seed.password, "secret");
  });
  afterAll(() => stage.stop());

  it("connect, and the password is kept encrypted only", async () => {
    stage.setProgram(sync("app", "v.a"));
    await stage.run("up");
    expect(stage.held()).toEqual({ KEY: values.a });
    const [resource] = await stage.project.state();
    expect(resource?.outputs?.connectionInfo).toMatchObject({
      provenance: { user: "provider setting snowflake-secrets:user" },
    });
    const [provider] = await providers(stage);
    expect(JSON.stringify(provider?.inputs?.password)).toContain("ciphertext");
  });

  it("count as they are now for a refresh and a destroy, whatever an earlier up recorded", async () => {
    stage.server.control.setPassword(stage.seed.username, values.rotated);
    await stage.project.setConfig("snowflake-secrets:password", values.rotated, "secret");
    await stage.run("refresh");
    await stage.run("destroy");
    expect(stage.held()).toEqual({});
  });

  it("that are wrong are refused before anything is read or written, without a value", async () => {
    await stage.project.setConfig("snowflake-secrets:prt", values.typo, "secret");
    const { code, output } = await stage.project.up();
    expect(code).not.toBe(0);
    expect(output).toContain("prt: there is no such argument.");
    expect(output).not.toContain(values.typo);
    await stage.project.removeConfig("snowflake-secrets:prt");
  });

  it("that lack something are told by the names that a stack of the plugin has", async () => {
    await stage.project.removeConfig("snowflake-secrets:user");
    const { code, output } = await stage.project.up();
    expect(code).not.toBe(0);
    expect(output).toContain("snowflake-secrets:user, SNOWFLAKE_USER");
  });
});

describe("two Providers in one program", () => {
  let stage: Stage;
  let other: Awaited<ReturnType<typeof startOther>>;
  const startOther = async () => {
    const server = await startSnowflakeServer({ locator: "ZZ98765" });
    return { server, seed: seedDemo(server.control) };
  };
  const provider = (name: string, { server, seed }: Pick<Stage, "server" | "seed">, more = "") => `
const ${name} = new Provider("${name}", {
  account: "${server.account}", user: "${seed.username}", password: "${seed.password}", role: "${seed.role}",
  host: "${server.host}", port: ${server.port}, protocol: "http", ${more}
});`;
  beforeAll(async () => {
    stage = await startStage("plugin", values, { isConnected: false });
    other = await startOther();
    stage.project.plant(other.seed.password);
  });
  afterAll(async () => {
    await stage.stop();
    await other.server.stop();
  });

  it("serve two accounts, and keep a password encrypted that the program did not mark", async () => {
    const { project } = stage;
    stage.setProgram(
      `${provider("one", stage)}${provider("two", other)}
${sync("first", "v.a", "{ provider: one }")}${sync("second", "v.b", "{ provider: two }")}`,
    );
    const { code, output } = await project.up();
    expect(code, output).toBe(0);
    expect(stage.held()).toEqual({ KEY: values.a });
    expect(other.server.control.secret("APP", "SECRETS", "KEY")?.value).toBe(values.b);
    const passwords = (await providers(stage)).map(({ inputs }) => JSON.stringify(inputs?.password));
    expect(passwords).toEqual([expect.stringContaining("ciphertext"), expect.stringContaining("ciphertext")]);
  });

  it("are changed in place for another role, and another account under the same name is refused, as the old one is out of reach", async () => {
    const { project } = stage;
    const program = (first: string) => `${first}${provider("two", other)}
${sync("first", "v.a", "{ provider: one }")}${sync("second", "v.b", "{ provider: two }")}`;
    stage.setProgram(program(provider("one", stage, "maxConcurrentStatements: 3")));
    const inPlace = await project.preview();
    expect(inPlace.code, inPlace.output).toBe(0);
    expect(inPlace.output).not.toContain("replace");
    stage.setProgram(program(provider("one", other)));
    const elsewhere = await project.preview();
    expect(elsewhere.output).not.toContain("(replace)");
    expect(elsewhere.output).toMatch(/first: \[WRONG_ACCOUNT\] .* `pulumi up` fails with this error\./);
    const refused = await project.up();
    expect(refused.code).not.toBe(0);
    expect(refused.output).toContain("[WRONG_ACCOUNT]");
  });
});

describe("a Provider that is not known before up", () => {
  let stage: Stage;
  beforeAll(async () => {
    stage = await startStage("plugin", values);
  });
  afterAll(() => stage.stop());

  it("leaves the preview to the engine, which hides what an SDK marked as a secret", async () => {
    const { project, server } = stage;
    stage.setProgram(`
const first = new SnowflakeSecretSync("first", {
  secrets: { FIRST: v.a },
  destinationConfig: { database: "APP", schema: "SECRETS" },
  syncOptions: { initialSyncBehavior: "overwrite-destination", keySchema: "ONE_{{secretKey}}" },
});
const late = new Provider("late", { account: first.syncStatus.apply(() => "${server.account}") });
new SnowflakeSecretSync("second", {
  secrets: { SECOND: v.b },
  destinationConfig: { database: "APP", schema: "SECRETS" },
  syncOptions: { initialSyncBehavior: "overwrite-destination", keySchema: "TWO_{{secretKey}}" },
}, { provider: late });`);
    const preview = await project.pulumi([
      "preview",
      "--diff",
      "--save-plan",
      "plan.json",
      "--non-interactive",
    ]);
    expect(preview.code, preview.output).toBe(0);
    expect(preview.output).toMatch(/secrets +: \[secret\]/);
    const up = await project.up();
    expect(up.code, up.output).toBe(0);
    expect(stage.held()).toEqual({ ONE_FIRST: values.a, TWO_SECOND: values.b });
  });
});
