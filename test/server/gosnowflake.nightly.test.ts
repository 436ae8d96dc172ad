import { beforeAll, describe } from "vitest";
import { buildGoClient, isLanguageInstalled, type SnowflakeClient } from "../support/snowflake/clients.js";
import { describeClientFidelity } from "./client-fidelity.js";

const BUILD_TIMEOUT_MS = 600_000;

describe.skipIf(!isLanguageInstalled("Go")).each(["1.19", "2.1"] as const)(
  "gosnowflake %s, unmodified",
  (version) => {
    let client: SnowflakeClient;
    beforeAll(async () => {
      client = await buildGoClient(version);
    }, BUILD_TIMEOUT_MS);

    describeClientFidelity({
      client: (job) => client(job),
      connectionOf: ({ server, credentials, ...place }) => ({
        host: server.host,
        port: server.port,
        account: server.account,
        ...place,
        ...("privateKey" in credentials ? { private_key: credentials.privateKey } : credentials),
      }),
    });
  },
);
