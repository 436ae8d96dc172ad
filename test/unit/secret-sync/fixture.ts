import { afterEach } from "vitest";
import type { Unknown } from "../../../provider/engine/unknown.js";
import { parseOwnershipComment } from "../../../provider/secret-sync/plan/ownership-comment.js";
import {
  type SnowflakeServer,
  type SnowflakeServerOptions,
  seedDemo,
  startSnowflakeServer,
} from "../../../sdk/snowflake-server/index.js";
import { buildConnection } from "../../support/snowflake/connection-argument.js";
import { type Declared, Stack } from "../../support/stack.js";

export const database = "APP";
export const schema = "SECRETS";
export const destination = { database, schema };
export const role = "SYNC_ROLE";

export const overwrite = { initialSyncBehavior: "overwrite-destination" };
export const preserve = { initialSyncBehavior: "preserve-destination" };

/** Where the sync `app` of a `Stack` stands. */
export const place = {
  organization: "org",
  project: "proj",
  stack: "dev",
  parentTypes: "",
  type: "SnowflakeSecretSync",
  name: "app",
};

const running: SnowflakeServer[] = [];

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
});

/** A Snowflake account with a role that has exactly what a sync needs, and a stack that knows nothing yet. */
export interface Fixture {
  readonly server: SnowflakeServer;
  readonly control: SnowflakeServer["control"];
  readonly stack: Stack;
  /** The `connection` argument. */
  readonly connection: Readonly<Record<string, unknown>>;
  /** A sync of these secrets into the seeded schema. */
  sync(
    secrets: Readonly<Record<string, string | object | Unknown | undefined>> | undefined,
    args?: Readonly<Record<string, unknown>>,
    options?: Omit<Declared, "args">,
  ): Declared;
  /** Names and values in the schema, read past the product. */
  values(schemaName?: string): Record<string, string | undefined>;
  /** The owner id in the mark of a secret. */
  markOf(name: string, schemaName?: string): ReturnType<typeof parseOwnershipComment>;
  /** A secret that somebody else made in the schema. */
  put(name: string, more?: Partial<Parameters<SnowflakeServer["control"]["putSecret"]>[0]>): void;
  /** A schema beside the first one, in which the role may do the same. */
  addSchema(name: string): { readonly database: string; readonly schema: string };
  /** Makes another role a reader of a secret. */
  grantRead(name: string): void;
  /** Fails the next statement of this text, or one after it. */
  failNext(match: RegExp, more?: { readonly skip?: number; readonly times?: number }): void;
  /** Another user, with a role of its own that may fill the schema. @returns the `connection` argument */
  addUser(ownRole: string): Readonly<Record<string, unknown>>;
  /** Kinds of the statements since the last call. */
  takeStatements(): string[];
  /** Kinds of the statements since the last call that change something. */
  takeWrites(): string[];
}

export async function createFixture(options: SnowflakeServerOptions = {}): Promise<Fixture> {
  const server = await startSnowflakeServer(options);
  running.push(server);
  const { control } = server;
  const seed = seedDemo(control);
  const connection = buildConnection(server, seed);
  const takeStatements = () => {
    const kinds = control.statements().map(({ kind }) => kind);
    control.resetCounts();
    return kinds;
  };
  return {
    server,
    control,
    connection,
    stack: new Stack(),
    sync: (secrets, args = {}, rest = {}) => ({
      args: {
        connection,
        destinationConfig: destination,
        syncOptions: overwrite,
        ...(secrets === undefined ? {} : { secrets }),
        ...args,
      },
      ...rest,
    }),
    values: (schemaName = schema) =>
      Object.fromEntries(control.secrets(database, schemaName).map(({ name, value }) => [name, value])),
    markOf: (name, schemaName = schema) =>
      parseOwnershipComment(control.secret(database, schemaName, name)?.comment),
    addUser: (ownRole) => {
      const user = { username: `${ownRole}_USER`, password: `pw-of-${ownRole}` };
      control.createRole(ownRole);
      control.createUser({ name: user.username, password: user.password, roles: [ownRole] });
      control.grant("USAGE", { database }, ownRole);
      for (const privilege of ["USAGE", "CREATE SECRET"]) control.grant(privilege, destination, ownRole);
      return buildConnection(server, user);
    },
    put: (name, more) => control.putSecret({ ...destination, name, value: "theirs", owner: role, ...more }),
    addSchema: (name) => {
      control.createSchema(database, name, { owner: "SYSADMIN" });
      for (const privilege of ["USAGE", "CREATE SECRET"])
        control.grant(privilege, { database, schema: name }, role);
      return { database, schema: name };
    },
    grantRead: (name) => {
      control.createRole("READER");
      control.grant("READ", { ...destination, secret: name }, "READER");
    },
    failNext: (match, more) =>
      control.addFault({
        match,
        ...more,
        effect: { kind: "sql-error", code: "000603", sqlState: "XX000", message: "Processing aborted." },
      }),
    takeStatements,
    takeWrites: () => takeStatements().filter((kind) => !/^(SELECT|SHOW)/.test(kind)),
  };
}

/** One key per name, each with a value of its own. */
export function buildSecrets(count: number): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: count }, (_, i) => [`KEY_${i}`, `value-${i}-of-the-program`]),
  );
}
