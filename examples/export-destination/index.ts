import * as pulumi from "@pulumi/pulumi";
import {
  ExportDestination,
  type ExportDestinationArgs,
  SnowflakeExportDestination,
} from "pulumi-snowflake-secrets";

// pulumi config set organizationId 42
// pulumi config set --path snowflake.account acme-prod
// pulumi config set --secret snowflakePassword
// … and so on for postgresql, qlik and power_bi: what each needs stands below.
const config = new pulumi.Config();

// An address service of one's own, or false: it says from where a log-in came, where the server itself does not.
const egressIpService = config.getObject<string | false>("egressIpService");

// The four share all but their credentials: one active destination per organization and type.
const common: Omit<ExportDestinationArgs, "credentials"> = {
  organizationId: config.require("organizationId"),
  // One prefix per environment, where several share an AWS account.
  secretNamePrefix: pulumi.getStack(),
  aws: { recoveryWindowInDays: 7, tags: { team: "data" } },
  glue: { jobNames: config.getObject<string[]>("exportJobs") ?? [] },
  ...(egressIpService === undefined ? {} : { egressIpService }),
};

// Where the services are reached by other addresses than their public ones; for private link, and for tests.
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

const snowflake = config.requireObject<{
  account: string;
  warehouse: string;
  database: string;
  username: string;
}>("snowflake");
const warehouse = new SnowflakeExportDestination("warehouse", {
  ...common,
  ...at(endpoints.snowflake),
  // A key pair (`privateKey`), a programmatic access token (`token`) or an OAuth client (`oauthClientId`, …) may stand in
  // place of the password.
  credentials: { ...snowflake, password: config.requireSecret("snowflakePassword") },
});

const postgresql = config.requireObject<{ host: string; port: number; database: string; username: string }>(
  "postgresql",
);
const reporting = new ExportDestination("reporting", {
  ...common,
  credentials: {
    type: "postgresql",
    ...postgresql,
    password: config.requireSecret("postgresqlPassword"),
    sslMode: "require",
  },
});

const qlik = new ExportDestination("qlik", {
  ...common,
  ...at(endpoints.qlik),
  credentials: {
    type: "qlik",
    tenant: config.require("qlikTenant"),
    apiKey: config.requireSecret("qlikApiKey"),
  },
});

const powerBi = config.requireObject<{ tenant: string; workspace: string; clientId: string }>("powerBi");
const dashboards = new ExportDestination("dashboards", {
  ...common,
  ...at(endpoints.powerBi, endpoints.entra),
  credentials: { type: "power_bi", ...powerBi, clientSecret: config.requireSecret("powerBiClientSecret") },
});

// What an export job is given: the claim's name stays the same when credentials are replaced.
export const claims = [warehouse, reporting, qlik, dashboards].map(({ claimName }) => claimName);
export const statuses = [warehouse, reporting, qlik, dashboards].map(({ status }) => status);
