import { afterAll, beforeAll } from "vitest";
import {
  type ControlApi,
  type DemoSeed,
  type SnowflakeServer,
  seedDemo,
  startSnowflakeServer,
} from "../../../sdk/snowflake-server/index.js";

/** A Snowflake account with the demo's schema, role and user. */
class DemoAccount {
  #started: { readonly server: SnowflakeServer; readonly seed: DemoSeed } | undefined;

  async start(): Promise<void> {
    const server = await startSnowflakeServer();
    this.#started = { server, seed: seedDemo(server.control) };
  }

  async stop(): Promise<void> {
    await this.#started?.server.stop();
  }

  get server(): SnowflakeServer {
    if (this.#started === undefined) throw new Error("the account is not there yet");
    return this.#started.server;
  }

  get seed(): DemoSeed {
    if (this.#started === undefined) throw new Error("the account is not there yet");
    return this.#started.seed;
  }

  get control(): ControlApi {
    return this.server.control;
  }

  /** How the demo's user logs in. */
  get login(): Pick<DemoSeed, "username" | "password"> {
    const { username, password } = this.seed;
    return { username, password };
  }

  /** Puts a secret of the demo's role into the demo's schema. */
  putSecret(name: string, value?: string): void {
    const { database, schema, role } = this.seed;
    this.control.putSecret({
      database,
      schema,
      name,
      owner: role,
      ...(value === undefined ? {} : { value }),
    });
  }

  /** Empties the demo's schema. */
  dropSecrets(): void {
    const { database, schema } = this.seed;
    for (const { name } of this.control.secrets(database, schema))
      this.control.dropSecret(database, schema, name);
  }
}

/** One account for all tests of a file. */
export function useDemoAccount(): DemoAccount {
  const account = new DemoAccount();
  beforeAll(() => account.start());
  afterAll(() => account.stop());
  return account;
}
