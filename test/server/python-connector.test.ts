import { beforeAll, describe } from "vitest";
import {
  installPythonConnector,
  isLanguageInstalled,
  type SnowflakeClient,
} from "../support/snowflake/clients.js";
import { describeClientFidelity } from "./client-fidelity.js";

const INSTALL_TIMEOUT_MS = 600_000;

describe.skipIf(!isLanguageInstalled("Python")).each(["4.8.1", "5.2.0"])(
  "snowflake-connector-python %s, unmodified",
  (version) => {
    let client: SnowflakeClient;
    beforeAll(async () => {
      client = await installPythonConnector(version);
    }, INSTALL_TIMEOUT_MS);

    describeClientFidelity({
      client: (job) => client(job),
      connectionOf: ({ server, credentials, ...place }) => ({
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
      }),
    });
  },
);
