import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import type { ClaimRecord } from "../../provider/export-destination/claim/record.js";
import type { DestinationState } from "../../provider/export-destination/state.js";
import { type SnowflakeServer, startSnowflakeServer } from "../../sdk/snowflake-server/index.js";
import type { Aws, AwsRegion } from "./aws/aws.js";
import { type Host, type HostName, openDestinationHost, type Run } from "./hosts.js";
import { seedWarehouse } from "./snowflake/export-warehouse.js";

const organizationPath = "exports/org_42";
const claimName = `${organizationPath}/active/snowflake`;
/** Nobody's, another organization's and another owner's. */
const foreignNames = [
  `${organizationPath}/app_unmarked`,
  "exports/org_43/active/snowflake",
  `${organizationPath}/app_theirs`,
] as const;

const reads = /^(Get|Describe|List)/;

/** A region of AWS with secrets that are not ours, a warehouse, and a stack of one export destination in one host. */
export class DestinationFixture {
  readonly host: Host<DestinationState>;
  readonly #passwords: string[];
  #credentials: ReturnType<typeof seedWarehouse>;
  #changes: { readonly aws?: object } = {};
  #foreign = "";

  private constructor(
    readonly aws: AwsRegion,
    readonly server: SnowflakeServer,
    host: HostName,
  ) {
    this.host = openDestinationHost(host);
    this.#credentials = seedWarehouse(server);
    this.#passwords = [this.#credentials.password];
  }

  static async start(aws: Aws, host: HostName): Promise<DestinationFixture> {
    const fixture = new DestinationFixture(aws.openRegion(), await startSnowflakeServer(), host);
    const marks = { "managed-by": "pulumi-snowflake-secrets" };
    await Promise.all([
      fixture.control.createJobs(["export"]),
      ...foreignNames.map((name, i) => fixture.control.createSecret(name, "theirs", i > 0 ? marks : {})),
    ]);
    fixture.#foreign = await fixture.#lookAtForeign();
    return fixture;
  }

  async stop(): Promise<void> {
    this.aws.close();
    await this.server.stop();
  }

  get control(): AwsRegion["control"] {
    return this.aws.control;
  }

  /** Credentials that work. */
  get credentials(): { readonly password: string; readonly username: string } {
    return this.#credentials;
  }

  up(): Promise<Run> {
    return this.host.up({
      organizationId: "42",
      credentials: this.#credentials,
      validation: { endpoint: this.server.url },
      egressIpService: false,
      ...this.#changes,
      aws: { region: this.aws.region, endpoint: this.aws.endpoint, ...this.#changes.aws },
    });
  }

  /** Changes the program from the next `up` on. */
  change(changes: { readonly aws?: object; readonly [argument: string]: unknown }): void {
    this.#changes = { ...this.#changes, ...changes };
  }

  /** Gives the user another password, with which the next `up` rotates. */
  changePassword(): void {
    const password = `pw-${randomUUID()}`;
    this.server.control.setPassword("EXPORTER", password);
    this.#credentials = { ...this.#credentials, password };
    this.#passwords.push(password);
  }

  /** The calls since the last look. */
  takeCalls(): readonly string[] {
    return this.aws.calls.splice(0).map(({ operation }) => operation);
  }

  /** Those of them that change something. */
  takeWrites(): readonly string[] {
    return this.takeCalls().filter((operation) => !reads.test(operation));
  }

  async claim(): Promise<ClaimRecord | undefined> {
    const text = await this.control.valueOf(claimName, { versionStage: "HOLDER" });
    return text === undefined ? undefined : (JSON.parse(text) as ClaimRecord);
  }

  /** The names of the secrets of ours that hold credentials, scheduled ones apart. */
  async stored(): Promise<{ readonly stored: readonly string[]; readonly scheduled: readonly string[] }> {
    const isOurs = (name: string) =>
      name !== claimName && !(foreignNames as readonly string[]).includes(name);
    const names = (await this.control.secretNames()).filter(isOurs);
    const seen = await Promise.all(names.map((name) => this.control.secret(name)));
    const pick = (isScheduled: boolean) =>
      seen.flatMap((secret) =>
        secret !== undefined && (secret.deletedDate !== undefined) === isScheduled ? [secret.name] : [],
      );
    return { stored: pick(false), scheduled: pick(true) };
  }

  async #lookAtForeign(): Promise<string> {
    return JSON.stringify(await Promise.all(foreignNames.map((name) => this.control.secret(name))));
  }

  async expectForeignUntouched(): Promise<void> {
    expect(await this.#lookAtForeign()).toBe(this.#foreign);
  }

  /** What the state calls connected can be read; what does not work is not called so, and says why. */
  async expectTrueState(place: string): Promise<void> {
    const state = this.host.state();
    if (state === undefined) return;
    if (state.status === "Validated" && state.integrationStatus === "Connected") {
      const { value, versionId } = (await this.control.secret(state.secretArn ?? "")) ?? {};
      expect(versionId, place).toBe(state.secretVersionId);
      expect(this.#passwords, place).toContain(JSON.parse(value ?? "{}").password);
    } else {
      expect(state.errorMessage, place).not.toBe("");
      expect(state.secretArn, place).toBeUndefined();
    }
  }

  /** The destination works, once, with the latest credentials; and another `up` has nothing to do. */
  async expectConnected(place: string): Promise<void> {
    const state = this.host.state();
    const { destinationId, secretArn = "", secretName, secretVersionId } = state ?? {};
    expect(state, place).toMatchObject({
      status: "Validated",
      integrationStatus: "Connected",
      errorMessage: "",
    });
    expect((await this.stored()).stored, place).toEqual([secretName]);
    const secret = await this.control.secret(secretArn);
    expect(JSON.parse(secret?.value ?? "{}").password, place).toBe(this.#credentials.password);
    expect(secret?.versionId, place).toBe(secretVersionId);
    const { active, successor } = (await this.claim()) ?? {};
    expect(active, place).toMatchObject({ destinationId, secretArn, status: "connected" });
    expect(successor, place).toBeUndefined();
    this.takeCalls();
    expect((await this.up()).problems, place).toEqual([]);
    expect(this.takeWrites(), place).toEqual([]);
  }

  /** Nothing is active, and the secret can be had back for a while. */
  async expectDisconnected(place: string): Promise<void> {
    const { stored, scheduled } = await this.stored();
    expect([stored.length, scheduled.length], place).toEqual([0, 1]);
    const { active, archived } = (await this.claim()) ?? {};
    expect(active, place).toBeNull();
    expect(archived, place).toHaveLength(1);
  }

  expectNoValueSeen(): void {
    const seen = this.host.seen();
    for (const value of [...this.#passwords, this.#credentials.username])
      expect(seen.includes(value)).toBe(false);
  }
}
