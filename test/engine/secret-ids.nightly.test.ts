import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { inHosts } from "../support/nightly.js";
import { plantValues } from "../support/pulumi/planted-values.js";
import { openWire, type WireSession } from "../support/snowflake/wire-client.js";
import { type Stage, startStage } from "./stage.js";

const values = plantValues("one", "two");

/**
 * What `ExternalAccessIntegration` of `@pulumi/snowflake` does, whose plugin is a download: a statement that creates, and
 * one that sets the list.
 */
const integration = `
const run = async (sqlText) => {
  const sdk = require("module").createRequire(require.resolve("pulumi-snowflake-secrets"))("snowflake-sdk");
  sdk.configure({ logLevel: "OFF", additionalLogToConsole: false });
  const { SNOWFLAKE_ACCOUNT: account, SNOWFLAKE_USER: username, SNOWFLAKE_PASSWORD: password, SNOWFLAKE_ROLE: role } = process.env;
  const accessUrl = "http://" + process.env.SNOWFLAKE_HOST + ":" + process.env.SNOWFLAKE_PORT;
  const connection = sdk.createConnection({ account, username, password, role, accessUrl });
  await new Promise((resolve, reject) => connection.connect((error) => error ? reject(new Error(error.message)) : resolve()));
  await new Promise((resolve, reject) =>
    connection.execute({ sqlText, complete: (error) => error ? reject(new Error(error.message)) : resolve() }));
  await new Promise((resolve) => connection.destroy(resolve));
};
const print = (secrets) => "ALLOWED_AUTHENTICATION_SECRETS = (" + (secrets.join(", ") || "none") + ")";
const provider = {
  create: async ({ secrets }) => {
    await run('CREATE EXTERNAL ACCESS INTEGRATION NET ALLOWED_NETWORK_RULES = ("APP"."SECRETS"."HOSTS") ' + print(secrets) + " ENABLED = TRUE");
    return { id: "NET", outs: { secrets } };
  },
  diff: async (id, olds, news) => ({ changes: JSON.stringify(olds.secrets) !== JSON.stringify(news.secrets) }),
  update: async (id, olds, { secrets }) => {
    await run("ALTER EXTERNAL ACCESS INTEGRATION NET SET " + print(secrets));
    return { outs: { secrets } };
  },
  delete: async () => run("DROP INTEGRATION NET"),
};
class Integration extends pulumi.dynamic.Resource {
  constructor(name, args) { super(provider, name, args); }
}
`;

describe.each(inHosts("plugin"))(
  "an integration that lists the secrets of a sync, in the host %s",
  (host) => {
    let stage: Stage;
    let session: WireSession;

    beforeAll(async () => {
      stage = await startStage(host, values);
      const { control } = stage.server;
      const schema = { database: "APP", schema: "SECRETS" };
      control.grant("CREATE INTEGRATION", "account", stage.seed.role);
      control.grant("CREATE NETWORK RULE", schema, stage.seed.role);
      session = await openWire(stage.server, stage.seed, "databaseName=APP&schemaName=SECRETS");
      const rule = "CREATE NETWORK RULE HOSTS TYPE = HOST_PORT MODE = EGRESS VALUE_LIST = ('api.example')";
      expect(await session.query(rule)).toMatchObject({ success: true });
    });
    afterAll(() => stage.stop());

    /** @param listed of which keys, where not of all */
    const declare = (secrets: string, listed = "app.secretIdList") =>
      stage.setProgram(`${integration}
const app = new SnowflakeSecretSync("app", {
  secrets: { ${secrets} },
  destinationConfig: { database: "APP", schema: "SECRETS" },
  syncOptions: { initialSyncBehavior: "overwrite-destination" },
});
new Integration("net", { secrets: ${listed} });`);

    /** @returns what was changed, in its order */
    const apply = async (command: "up" | "destroy") => {
      stage.server.control.resetCounts();
      const { code, output } = await stage.project[command]();
      if (code !== 0) throw new Error(output);
      const changes = stage.server.control.statements().map(({ kind }) => kind);
      return changes.filter((kind) => /^(CREATE|ALTER|DROP)/.test(kind));
    };
    const listed = async () => {
      const { data } = await session.query("DESCRIBE INTEGRATION NET");
      const rows = (data?.rowset ?? []) as (string | null)[][];
      return rows.find(([property]) => property === "ALLOWED_AUTHENTICATION_SECRETS")?.[2];
    };

    it("is shown with their names in the preview of the first up, and made after them", async () => {
      declare("A: v.one");
      const { output } = await stage.project.preview({ args: ["--diff"] });
      expect(output).toMatch(/secrets *: \[\s+\[0\]: "\\"APP\\"\.\\"SECRETS\\"\.\\"A\\""/);
      expect(await apply("up")).toEqual(["CREATE SECRET", "CREATE EXTERNAL ACCESS INTEGRATION"]);
    });

    it("gets an additional secret in the up that creates it", async () => {
      declare("A: v.one, B: v.two");
      const { output } = await stage.project.preview({ args: ["--diff"] });
      expect(output).toMatch(/\+ \[1\]: "\\"APP\\"\.\\"SECRETS\\"\.\\"B\\""/);
      expect(await apply("up")).toEqual(["CREATE SECRET", "ALTER EXTERNAL ACCESS INTEGRATION"]);
      expect(await listed()).toBe("[APP.SECRETS.A,APP.SECRETS.B]");
    });

    it("loses one in two steps: unlisted, then dropped", async () => {
      declare("A: v.one, B: v.two", "app.secretIds.apply(({ B, ...rest }) => Object.values(rest))");
      expect(await apply("up")).toEqual(["ALTER EXTERNAL ACCESS INTEGRATION"]);
      declare("A: v.one");
      expect(await apply("up")).toEqual(["DROP SECRET"]);
      expect(await listed()).toBe("[APP.SECRETS.A]");
    });

    it("names a dropped secret for a moment where both are done in one step", async () => {
      declare("A: v.one, B: v.two");
      await apply("up");
      declare("A: v.one");
      expect(await apply("up")).toEqual(["DROP SECRET", "ALTER EXTERNAL ACCESS INTEGRATION"]);
    });

    it("keeps its list where Snowflake refuses the drop, and the error names the secret", async () => {
      declare("A: v.one, B: v.two");
      await apply("up");
      stage.server.control.addFault({
        on: "statement",
        match: /^DROP SECRET/,
        effect: { kind: "sql-error", code: "003011", message: "is in use", sqlState: "42501" },
      });
      declare("A: v.one");
      const { code, output } = await stage.project.up();
      expect(code).not.toBe(0);
      expect(output).toContain('"APP"."SECRETS"."B"');
      expect(await listed()).toBe("[APP.SECRETS.A,APP.SECRETS.B]");
      stage.server.control.clearFaults();
      expect((await apply("destroy")).slice(-3)).toEqual(["DROP INTEGRATION", "DROP SECRET", "DROP SECRET"]);
      expect(stage.project.findPlanted()).toEqual([]);
    });
  },
);
