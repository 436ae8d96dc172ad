import { afterAll, beforeEach } from "vitest";
import type { ClaimRecord } from "../../../provider/export-destination/claim/record.js";
import { type SnowflakeServer, startSnowflakeServer } from "../../../sdk/snowflake-server/index.js";
import type { Aws } from "../../support/aws/aws.js";
import { useAws } from "../../support/aws/use-aws.js";
import { seedWarehouse } from "../../support/snowflake/export-warehouse.js";
import { StackOfOne } from "../../support/stack-of-one.js";

/** The services that a test of this folder runs against, empty at its beginning. */
export class Fixture {
  #server: SnowflakeServer | undefined;
  #credentials: ReturnType<typeof seedWarehouse> | undefined;

  constructor(private readonly getAws: () => Aws) {}

  get aws(): Aws {
    return this.getAws();
  }

  get server(): SnowflakeServer {
    return known(this.#server);
  }

  /** Credentials that work. */
  get credentials(): ReturnType<typeof seedWarehouse> {
    return known(this.#credentials);
  }

  /** Arguments of a destination that works, with changes. */
  args(changes: Record<string, unknown> = {}): Record<string, unknown> {
    return { ...buildArgs(this.aws, this.server, this.credentials), ...changes };
  }

  /** Makes a second user with its own password; both work. */
  addUser(name = "EXPORTER2"): ReturnType<typeof seedWarehouse> {
    const password = `pw-${crypto.randomUUID()}`;
    this.server.control.createUser({ name, password, roles: ["EXPORT_ROLE"] });
    return { ...this.credentials, username: name, password };
  }

  /** A stack with one destination that is connected. */
  async connectedStack(changes: Record<string, unknown> = {}, stack = "dev"): Promise<StackOfOne> {
    const made = new StackOfOne({ stack, name: "bi" });
    const { error, failures } = await made.up(this.args(changes));
    if (error !== undefined) throw error;
    if (failures.length > 0) throw new Error(JSON.stringify(failures));
    return made;
  }

  /** What a consumer reads under the claim's stable name. */
  async claim(type = "snowflake", organizationId = "42"): Promise<ClaimRecord | undefined> {
    const name = `exports/org_${organizationId}/active/${type}`;
    const text = await this.aws.control.valueOf(name, { versionStage: "HOLDER" });
    return text === undefined ? undefined : (JSON.parse(text) as ClaimRecord);
  }

  /** The names of the destinations' secrets, scheduled ones apart. */
  async secrets(): Promise<{ stored: string[]; scheduled: string[] }> {
    const names = (await this.aws.control.secretNames()).filter((name) => !name.includes("/active/"));
    const seen = await Promise.all(names.map((name) => this.aws.control.secret(name)));
    const pick = (scheduled: boolean) =>
      seen.flatMap((secret) =>
        secret !== undefined && (secret.deletedDate !== undefined) === scheduled ? [secret.name] : [],
      );
    return { stored: pick(false), scheduled: pick(true) };
  }

  async reset(): Promise<void> {
    await this.aws.reset();
    await this.#server?.stop();
    this.#server = await startSnowflakeServer();
    this.#credentials = seedWarehouse(this.#server);
  }

  async close(): Promise<void> {
    await this.#server?.stop();
  }
}

/** Services for a test file: started once, emptied before each test. */
export function useFixture(): Fixture {
  const fixture = new Fixture(useAws());
  beforeEach(() => fixture.reset());
  afterAll(() => fixture.close());
  return fixture;
}

function known<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("the fixture is not open yet");
  return value;
}

/** The arguments that every test of this folder begins with. */
export function buildArgs(aws: Aws, server: SnowflakeServer, credentials: object) {
  return {
    organizationId: "42",
    credentials,
    aws: { region: aws.region, endpoint: aws.endpoint },
    validation: { endpoint: server.url },
    egressIpService: false as const,
  };
}
