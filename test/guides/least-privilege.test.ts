import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { listDestinations } from "../../provider/export-destination/listing.js";
import { type SnowflakeServer, startSnowflakeServer } from "../../sdk/snowflake-server/index.js";
import { type Aws, startAws } from "../support/aws/aws.js";
import {
  enforcePolicy,
  isAllowed,
  knownOperations,
  listActions,
  type PolicyDocument,
  withoutAction,
} from "../support/aws/policy.js";
import { FollowedPage } from "../support/docs/page.js";
import { buildConnection } from "../support/snowflake/connection-argument.js";
import { openWire } from "../support/snowflake/wire-client.js";
import { Stack } from "../support/stack.js";
import { StackOfOne } from "../support/stack-of-one.js";

const page = new FollowedPage("docs/guides/least-privilege.md");
const listStatements = (text: string) => text.split(";\n").filter((each) => each.trim() !== "");
const roleOfSync = [...listStatements(page.next("sql")), ...listStatements(page.next("sql"))];
const roleOfExport = listStatements(page.next("sql"));
const policy = JSON.parse(page.next("json")) as PolicyDocument;
const policyOfJob = JSON.parse(page.next("json")) as PolicyDocument;
page.end();

/** An AWS that this process finds by its environment. */
async function findAws(): Promise<Aws> {
  const aws = await startAws();
  for (const [name, value] of Object.entries(aws.env)) vi.stubEnv(name, value);
  return aws;
}

const password = `pw-${crypto.randomUUID()}`;

/** An account in which nobody was granted anything, and the statements of the page, run by its administrator. */
async function startAccount(user: string, statements: readonly string[]): Promise<SnowflakeServer> {
  const server = await startSnowflakeServer();
  const { control } = server;
  for (const database of ["APP", "ANALYTICS"]) control.createDatabase(database);
  control.createSchema("APP", "SECRETS");
  control.createWarehouse("EXPORT_WH");
  control.createUser({ name: user, password });
  control.putSecret({
    database: "APP",
    schema: "SECRETS",
    name: "LEGACY_KEY",
    value: "old",
    owner: "SYSADMIN",
  });
  const admin = await openWire(server, server.connection);
  for (const statement of statements) {
    const { success, message } = await admin.query(statement);
    expect(success, `${statement}: ${message}`).toBe(true);
  }
  return server;
}

describe("the grants of a sync's role", () => {
  const role = "SYNC_ROLE";
  async function sync(statements: readonly string[]): Promise<string | undefined> {
    const server = await startAccount("DEPLOY", statements);
    try {
      const connection = buildConnection(server, { username: "DEPLOY", password, role });
      const declare = (secrets: Record<string, string>) => ({
        app: {
          args: {
            connection,
            secrets,
            destinationConfig: { database: "APP", schema: "SECRETS" },
            syncOptions: { initialSyncBehavior: "overwrite-destination" },
          },
        },
      });
      const stack = new Stack();
      for (const secrets of [
        { API_KEY: "1", LEGACY_KEY: "2" },
        { API_KEY: "3", LEGACY_KEY: "2" },
        { API_KEY: "3" },
      ]) {
        const { problems } = await stack.up(declare(secrets));
        if (problems.length > 0) {
          return problems.join("\n");
        }
      }
      const { problems } = await stack.destroy();
      expect(server.control.secrets("APP", "SECRETS")).toEqual([]);
      return problems[0];
    } finally {
      await server.stop();
    }
  }

  it("are enough to create, take over, alter and drop", async () => {
    expect(await sync(roleOfSync)).toBeUndefined();
  });

  it.each([
    ["GRANT USAGE ON DATABASE", "[NOT_FOUND]", 'GRANT USAGE ON DATABASE "APP" TO ROLE "SYNC_ROLE";'],
    [
      "GRANT USAGE ON SCHEMA",
      "[PRIVILEGE_MISSING]",
      'GRANT USAGE ON SCHEMA "APP"."SECRETS" TO ROLE "SYNC_ROLE";',
    ],
    [
      "GRANT CREATE SECRET",
      "[PRIVILEGE_MISSING]",
      'GRANT CREATE SECRET ON SCHEMA "APP"."SECRETS" TO ROLE "SYNC_ROLE";',
    ],
    ["GRANT ROLE", "[PRIVILEGE_MISSING]", "GRANT ROLE"],
    [
      "GRANT OWNERSHIP",
      "[ALREADY_EXISTS]",
      'GRANT OWNERSHIP ON SECRET "APP"."SECRETS"."LEGACY_KEY" TO ROLE "SYNC_ROLE"',
    ],
  ])("are not enough without %s", async (statement, code, fix) => {
    const rest = roleOfSync.filter((each) => !each.startsWith(statement));
    expect(rest).toHaveLength(roleOfSync.length - 1);
    const problem = await sync(rest);
    expect(problem).toContain(code);
    expect(problem).toContain(fix);
  });

  it("are all tried", () => {
    expect(roleOfSync).toHaveLength(1 + 5);
  });
});

describe("the grants of an export's role", () => {
  let aws: Aws;
  beforeAll(async () => {
    aws = await findAws();
  });
  afterAll(() => aws.stop());

  async function validate(
    statements: readonly string[],
  ): Promise<{ status: string; errorMessage: string | null }> {
    const server = await startAccount("EXPORTER", statements);
    try {
      const stack = new StackOfOne({ stack: "dev", name: "bi" });
      const { failures } = await stack.up(buildArgs(aws, server, crypto.randomUUID()));
      expect(failures).toEqual([]);
      return stack.outs as never;
    } finally {
      await server.stop();
    }
  }

  it("are enough", async () => {
    expect(await validate(roleOfExport)).toMatchObject({ status: "Validated" });
  });

  it.each([
    ["GRANT USAGE ON DATABASE", "ANALYTICS"],
    ["GRANT USAGE ON WAREHOUSE", "EXPORT_WH"],
    ["GRANT ROLE", "GRANT ROLE"],
  ])("are not enough without %s", async (statement, named) => {
    const rest = roleOfExport.filter((each) => !each.startsWith(statement));
    expect(rest).toHaveLength(roleOfExport.length - 1);
    const { status, errorMessage } = await validate(rest);
    expect(status).toBe("Failed");
    expect(errorMessage).toContain(named);
  });
});

describe("the policy of who runs Pulumi", () => {
  let aws: Aws;
  let server: SnowflakeServer;
  beforeAll(async () => {
    [aws, server] = await Promise.all([findAws(), startAccount("EXPORTER", roleOfExport)]);
    await aws.control.createJobs(["nightly"]);
  });
  afterAll(async () => {
    await Promise.all([aws.stop(), server.stop()]);
  });

  /** Everything that a destination does in its scenario; the first error. */
  async function live(allowed: PolicyDocument): Promise<string | undefined> {
    const organizationId = crypto.randomUUID();
    const args = buildArgs(aws, server, organizationId);
    const otherUser = { ...args.credentials, username: "EXPORTER2" };
    if (!server.control.hasUser("EXPORTER2"))
      server.control.createUser({ name: "EXPORTER2", password, roles: ["EXPORT_ROLE"] });
    const stack = new StackOfOne({ stack: "dev", name: "bi" });
    enforcePolicy(aws, allowed);
    const up = async (changes: object) => {
      const { error, failures } = await stack.up({ ...args, ...changes });
      return error?.message ?? failures[0]?.reason;
    };
    const settings = { region: aws.region, endpoint: aws.endpoint };
    const steps: (() => Promise<string | undefined>)[] = [
      () => up({}),
      () => up({ aws: { ...settings, tags: { team: "bi" } } }),
      () => up({ aws: { ...settings, kmsKeyId: "alias/aws/secretsmanager" } }),
      () => up({ credentials: otherUser }),
      async () => {
        await aws.control.deleteSecret(stack.outs.secretName ?? "", "scheduled");
        return up({ credentials: otherUser, onPendingDeletion: "restore" });
      },
      () =>
        listDestinations({ organizationId, aws: settings }).then(
          () => undefined,
          (error: Error) => error.message,
        ),
      async () => (await stack.destroy()).error?.message,
    ];
    try {
      for (const step of steps) {
        const message = await step();
        if (message !== undefined) return message;
      }
      return undefined;
    } finally {
      aws.faults.clear();
    }
  }

  it("is enough for a whole scenario, and nothing goes past it", async () => {
    aws.forgetCalls();
    expect(await live(policy)).toBeUndefined();
    const called = new Set(aws.calls.map(({ operation }) => operation));
    expect([...called].filter((operation) => !knownOperations.has(operation))).toEqual([]);
  });

  it.each(listActions(policy))("is not enough without %s", async (action) => {
    const message = await live(withoutAction(policy, action));
    expect(message).toContain(action === "secretsmanager:TagResource" ? "secretsmanager:" : action);
  });

  it("does not let stored credentials be read, which the job's policy does", async () => {
    const read = (name: string) => ({ SecretId: name });
    for (const [document, allowed] of [
      [policy, false],
      [policyOfJob, true],
    ] as const) {
      const stored = read("exports/org_acme/bi_123");
      expect(isAllowed(document, "secretsmanager:GetSecretValue", stored, aws.region)).toBe(allowed);
      const claim = read("exports/org_acme/active/snowflake");
      expect(isAllowed(document, "secretsmanager:GetSecretValue", claim, aws.region)).toBe(true);
    }
  });
});

function buildArgs(aws: Aws, server: SnowflakeServer, organizationId: string) {
  return {
    organizationId,
    credentials: {
      type: "snowflake",
      account: server.account,
      warehouse: "EXPORT_WH",
      database: "ANALYTICS",
      username: "EXPORTER",
      password,
      role: "EXPORT_ROLE",
    },
    aws: { region: aws.region, endpoint: aws.endpoint },
    validation: { endpoint: server.url },
    egressIpService: false as const,
  };
}
