import * as pulumi from "@pulumi/pulumi";
import {
  ExportDestination,
  type ExportDestinationArgs,
  SnowflakeExportDestination,
} from "pulumi-snowflake-secrets";

// README.md sets this config. Each type of warehouse that it has becomes a destination.
const config = new pulumi.Config();

// A service of your own that answers with the address of a login, or false. Some servers do not report it themselves.
const egressIpService = config.getObject<string | false>("egressIpService");

// One active destination per organization and type. The destinations differ only in their credentials.
const common: Omit<ExportDestinationArgs, "credentials"> = {
  organizationId: config.require("organizationId"),
  // One prefix per environment, if several share an AWS account.
  secretNamePrefix: pulumi.getStack(),
  aws: { recoveryWindowInDays: 7, tags: { team: "data" } },
  glue: { jobNames: config.getObject<string[]>("exportJobs") ?? [] },
  ...(egressIpService === undefined ? {} : { egressIpService }),
};

// Addresses of the services, if they are not the public ones: private link, and tests.
interface Endpoints {
  snowflake?: string;
  qlik?: string;
  powerBi?: string;
  entra?: string;
}
const endpoints = config.getObject<Endpoints>("endpoints") ?? {};
const at = (endpoint: string | undefined, authorityEndpoint?: string) => ({
  validation: {
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(authorityEndpoint === undefined ? {} : { authorityEndpoint }),
  },
});

const destinations: (ExportDestination | SnowflakeExportDestination)[] = [];

const snowflake = config.getObject<{
  account: string;
  warehouse: string;
  database: string;
  username: string;
}>("snowflake");
if (snowflake !== undefined) {
  destinations.push(
    new SnowflakeExportDestination("warehouse", {
      ...common,
      ...at(endpoints.snowflake),
      // In place of the password: a key pair (`privateKey`), a programmatic access token (`token`) or an OAuth client
      // (`oauthClientId`, …).
      credentials: { ...snowflake, password: config.requireSecret("snowflakePassword") },
    }),
  );
}

const postgresql = config.getObject<{ host: string; port: number; database: string; username: string }>(
  "postgresql",
);
if (postgresql !== undefined) {
  destinations.push(
    new ExportDestination("reporting", {
      ...common,
      credentials: {
        type: "postgresql",
        ...postgresql,
        password: config.requireSecret("postgresqlPassword"),
        sslMode: "require",
      },
    }),
  );
}

const qlikTenant = config.get("qlikTenant");
if (qlikTenant !== undefined) {
  destinations.push(
    new ExportDestination("qlik", {
      ...common,
      ...at(endpoints.qlik),
      credentials: { type: "qlik", tenant: qlikTenant, apiKey: config.requireSecret("qlikApiKey") },
    }),
  );
}

const powerBi = config.getObject<{ tenant: string; workspace: string; clientId: string }>("powerBi");
if (powerBi !== undefined) {
  destinations.push(
    new ExportDestination("dashboards", {
      ...common,
      ...at(endpoints.powerBi, endpoints.entra),
      credentials: {
        type: "power_bi",
        ...powerBi,
        clientSecret: config.requireSecret("powerBiClientSecret"),
      },
    }),
  );
}

// Export jobs look up the claim. Its name stays the same when credentials are replaced.
export const claims = destinations.map(({ claimName }) => claimName);
export const statuses = destinations.map(({ status }) => status);
