import { generateKeyPairSync, randomBytes } from "node:crypto";
import { beforeAll, expect, it } from "vitest";
import type { SnowflakeServer } from "../../sdk/snowflake-server/index.js";
import type { ClientReport, SnowflakeClient } from "../support/snowflake/clients.js";
import { useDemoAccount } from "../support/snowflake/use-demo-account.js";

/** What a driver needs to open a session; the private key is PKCS #8 DER in base64. */
export interface ClientPlace {
  readonly server: SnowflakeServer;
  readonly user: string;
  readonly role: string;
  readonly warehouse: string;
  readonly database: string;
  readonly schema: string;
  readonly credentials:
    | { readonly password: string }
    | { readonly privateKey: string }
    | { readonly token: string };
}

const CLIENT_TIMEOUT_MS = 60_000;

/** The same tests for every driver of another language: what they do is what makes our server a Snowflake. */
export function describeClientFidelity(driver: {
  readonly client: SnowflakeClient;
  readonly connectionOf: (place: ClientPlace) => Readonly<Record<string, unknown>>;
}): void {
  const demo = useDemoAccount();
  const token = randomBytes(24).toString("base64url");
  const keys = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const privateKey = keys.privateKey.export({ type: "pkcs8", format: "der" }).toString("base64");

  beforeAll(() => {
    demo.control.createUser({
      name: "ROBOT",
      type: "SERVICE",
      publicKey: keys.publicKey,
      programmaticAccessTokens: [token],
      roles: [demo.seed.role],
      networkPolicy: { allowed: ["127.0.0.0/8"] },
    });
  });

  const connection = (
    credentials: ClientPlace["credentials"] = { password: demo.seed.password },
    changes: { readonly user?: string; readonly role?: string } = {},
  ): Readonly<Record<string, unknown>> =>
    driver.connectionOf({
      server: demo.server,
      user: demo.seed.username,
      role: demo.seed.role,
      warehouse: demo.seed.warehouse,
      database: demo.seed.database,
      schema: demo.seed.schema,
      credentials,
      ...changes,
    });

  it(
    "creates, alters, shows, describes and drops a secret",
    async () => {
      const { control } = demo;
      const [first, second] = [
        randomBytes(12).toString("hex"),
        `it's "ünlike" \\ ${randomBytes(6).toString("hex")}`,
      ];
      const created = await driver.client({
        connection: connection(),
        statements: [
          {
            sql: "CREATE SECRET \"Api key\" TYPE = GENERIC_STRING SECRET_STRING = ? COMMENT = 'v1'",
            binds: [first],
          },
        ],
      });
      expect(created).toEqual({ outcomes: [{ rows: [{ status: "Secret Api key successfully created." }] }] });
      expect(control.secret(demo.seed.database, demo.seed.schema, "Api key")).toMatchObject({
        value: first,
        comment: "v1",
      });

      const altered = await driver.client({
        connection: connection(),
        statements: [
          {
            sql: 'ALTER SECRET APP.SECRETS."Api key" SET SECRET_STRING = ? COMMENT = ?',
            binds: [second, "v2"],
          },
          { sql: "SHOW SECRETS LIKE 'api%' IN SCHEMA APP.SECRETS" },
          { sql: 'DESCRIBE SECRET "Api key"' },
        ],
      });
      const row = {
        name: "Api key",
        schema_name: demo.seed.schema,
        database_name: demo.seed.database,
        owner: demo.seed.role,
        comment: "v2",
        secret_type: "GENERIC_STRING",
      };
      expect(altered).toEqual({
        outcomes: [
          { rows: [{ status: "Statement executed successfully." }] },
          { rows: [expect.objectContaining({ ...row, owner_role_type: "ROLE" })] },
          { rows: [expect.objectContaining({ ...row, username: null })] },
        ],
      });
      expect(control.secret(demo.seed.database, demo.seed.schema, "Api key")?.value).toBe(second);

      const dropped = await driver.client({
        connection: connection(),
        statements: [{ sql: 'DROP SECRET "Api key"' }, { sql: 'DROP SECRET "Api key"' }],
      });
      expect(outcomesOf(dropped)).toEqual([
        { rows: [{ status: "Api key successfully dropped." }] },
        { error: expect.objectContaining({ number: 2003, sqlState: "02000" }) },
      ]);
      expect(control.secrets(demo.seed.database, demo.seed.schema)).toEqual([]);

      expect(control.statements().every(({ sql }) => !sql.includes(first) && !sql.includes(second))).toBe(
        true,
      );
      expect(control.counts()).toMatchObject({ successfulLogins: 3, openSessions: 0 });
    },
    CLIENT_TIMEOUT_MS,
  );

  it(
    "logs in with a key pair and with a programmatic access token",
    async () => {
      const statements = [
        { sql: "SELECT CURRENT_USER() AS WHO, CURRENT_ROLE() AS ROLE, CURRENT_WAREHOUSE() AS WH" },
      ];
      for (const credentials of [{ privateKey }, { token }]) {
        const report = await driver.client({
          connection: connection(credentials, { user: "ROBOT" }),
          statements,
        });
        expect(report).toEqual({
          outcomes: [{ rows: [{ WHO: "ROBOT", ROLE: demo.seed.role, WH: demo.seed.warehouse }] }],
        });
      }
    },
    CLIENT_TIMEOUT_MS,
  );

  it(
    "is refused with a wrong password, with another's key, and from an address outside the network policy",
    async () => {
      const stranger = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
      const strangersKey = stranger.export({ type: "pkcs8", format: "der" }).toString("base64");
      const login = async (place: Readonly<Record<string, unknown>>): Promise<ClientReport> =>
        driver.client({ connection: place, statements: [] });
      expect(await login(connection({ password: "wrong" }))).toMatchObject({
        loginError: { number: 390_100 },
      });
      expect(await login(connection({ privateKey: strangersKey }, { user: "ROBOT" }))).toMatchObject({
        loginError: { number: 390_144 },
      });
      demo.control.setNetworkPolicy({ allowed: ["198.51.100.0/24"] });
      try {
        expect(await login(connection())).toMatchObject({
          loginError: { number: 390_422, message: expect.stringContaining("127.0.0.1") },
        });
      } finally {
        demo.control.setNetworkPolicy(undefined);
      }
    },
    CLIENT_TIMEOUT_MS,
  );

  it(
    "renews an expired session and repeats the statement",
    async () => {
      demo.control.resetCounts();
      demo.control.addFault({ match: /CURRENT_ROLE/, effect: { kind: "expire-session" } });
      const report = await driver.client({
        connection: connection(),
        statements: [{ sql: "SELECT CURRENT_ROLE() AS ROLE" }],
      });
      expect(report).toEqual({ outcomes: [{ rows: [{ ROLE: demo.seed.role }] }] });
      expect(demo.control.counts()).toMatchObject({ logins: 1, renewals: 1 });
    },
    CLIENT_TIMEOUT_MS,
  );
}

function outcomesOf(report: ClientReport): unknown {
  return "outcomes" in report ? report.outcomes : report;
}
