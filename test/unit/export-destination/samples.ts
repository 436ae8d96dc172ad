/** Complete credentials of each type, which work nowhere. */
const warehouse = { type: "snowflake", account: "acme-prod", warehouse: "WH", database: "DB" };

export const samples = {
  snowflake: { ...warehouse, username: "u", password: "p" },
  /** Whose user is named by the credential: what is left of the fields. */
  warehouse,
  oauthClient: {
    ...warehouse,
    oauthClientId: "c",
    oauthClientSecret: "s",
    oauthTokenRequestUrl: "https://login.acme.example/oauth2/token",
  },
  postgresql: { type: "postgresql", host: "db.example", database: "d", username: "u", password: "p" },
  qlik: { type: "qlik", tenant: "acme.eu.qlikcloud.com", apiKey: "k" },
  powerBi: {
    type: "power_bi",
    tenant: "contoso.onmicrosoft.com",
    workspace: "3c90c3cc-0d44-4b50-8888-8dd25736052a",
    clientId: "c",
    clientSecret: "s",
  },
};
