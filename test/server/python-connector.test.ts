import { beforeAll, describe, expect, it } from "vitest";
import { seedDemo, startSnowflakeServer } from "../../sdk/snowflake-server/index.js";
import {
  installPythonConnector,
  isLanguageInstalled,
  type SnowflakeClient,
} from "../support/snowflake/clients.js";
import { type ClientPlace, describeClientFidelity } from "./client-fidelity.js";

const INSTALL_TIMEOUT_MS = 600_000;

describe.skipIf(!isLanguageInstalled("Python")).each(["4.8.1", "5.2.0"])(
  "snowflake-connector-python %s, unmodified",
  (version) => {
    let client: SnowflakeClient;
    beforeAll(async () => {
      client = await installPythonConnector(version);
    }, INSTALL_TIMEOUT_MS);

    const connectionOf = ({ server, credentials, ...place }: ClientPlace) => ({
      host: server.host,
      port: server.port,
      protocol: "http",
      account: server.account,
      ...place,
      ...("privateKey" in credentials
        ? { authenticator: "SNOWFLAKE_JWT", private_key: credentials.privateKey }
        : "token" in credentials
          ? { authenticator: "PROGRAMMATIC_ACCESS_TOKEN", token: credentials.token }
          : { password: credentials.password }),
    });
    describeClientFidelity({ client: (job) => client(job), connectionOf });

    it("describes a statement by cursor.describe, and nothing is applied", async () => {
      const server = await startSnowflakeServer();
      const { username, password, role, warehouse, database, schema } = seedDemo(server.control);
      server.control.putSecret({ database, schema, name: "OLD", value: "v", owner: role });
      const report = await client({
        connection: connectionOf({
          server,
          user: username,
          credentials: { password },
          role,
          warehouse,
          database,
          schema,
        }),
        statements: [
          "CREATE SECRET NEW TYPE = GENERIC_STRING SECRET_STRING = ? COMMENT = ?",
          "ALTER SECRET OLD SET SECRET_STRING = ?",
          "DROP SECRET OLD",
          "DESCRIBE SECRET OLD",
          "SELECT 7 AS N, TRUE AS B, ? AS P",
          "INSERT INTO T VALUES (?)",
        ].map((sql) => ({ sql, describe: true })),
      });
      const status = { columns: [["status", "TEXT"]] };
      expect(report).toEqual({
        outcomes: [
          status,
          status,
          status,
          {
            columns: expect.arrayContaining([
              ["created_on", "TIMESTAMP_LTZ"],
              ["name", "TEXT"],
            ]),
          },
          {
            columns: [
              ["N", "FIXED"],
              ["B", "BOOLEAN"],
              ["P", "TEXT"],
            ],
          },
          { error: expect.objectContaining({ number: 1003, sqlState: "42000" }) },
        ],
      });
      expect(server.control.secrets(database, schema)).toMatchObject([{ name: "OLD", value: "v" }]);
      await server.stop();
    });
  },
);
