import { randomBytes } from "node:crypto";
import { buildText, type SecretContent } from "../../../provider/core/secret-content.js";
import { SecretValue } from "../../../provider/core/secret-value.js";
import type { Row, SnowflakeSession } from "../../../provider/snowflake/driver/session.js";
import {
  buildAlterSecret,
  buildCreateSecret,
  buildDropSecret,
  buildGrantRead,
  buildShowGrantsOnSecret,
  buildShowSecrets,
  buildShowSecretsNamed,
  buildUnsetComment,
  type SchemaName,
} from "../../../provider/snowflake/statements.js";

/** What the names of all secrets begin with that a check makes; nothing else has such a name. */
const testPrefix = "PULUMI_SNOWFLAKE_SECRETS_DOCTOR_";

/** The secrets of all runs that stand in a schema. */
export async function findTestSecrets(
  session: SnowflakeSession,
  schema: SchemaName,
): Promise<readonly string[]> {
  const rows = await session.execute(buildShowSecrets(schema, testPrefix));
  return rows.map(({ name }) => String(name)).filter((name) => name.startsWith(testPrefix));
}

/** A value that protects nothing. */
export function buildTestValue(): string {
  return randomBytes(8).toString("hex");
}

function buildTestText(): SecretContent {
  return buildText(new SecretValue(buildTestValue()));
}

/** The secrets that one run makes in a schema, each under a label, and takes away. */
export class TestSecrets {
  readonly #run = randomBytes(6).toString("hex").toUpperCase();
  readonly #tried = new Set<string>();
  /** When Snowflake made each, as it was shown under this run's comment. */
  readonly #createdOn = new Map<string, number>();

  constructor(
    readonly session: SnowflakeSession,
    readonly schema: SchemaName,
    /** The session's. */
    readonly role: string,
  ) {}

  /** The name under a label. */
  nameOf(label: string): string {
    return `${testPrefix}${this.#run}_${label}`;
  }

  /** A comment of this run: it proves that a secret is this run's. */
  buildComment(text: string): string {
    return `made by pulumi-snowflake-secrets doctor --deep, run ${this.#run}: ${text}`;
  }

  async create(label: string, content = buildTestText(), replace = false): Promise<void> {
    const name = this.nameOf(label);
    this.#tried.add(name);
    const comment = this.buildComment("created");
    await this.session.execute(buildCreateSecret(this.schema, name, { content, comment, replace }));
    await this.show(label);
  }

  async alter(label: string, content = buildTestText(), text = "altered"): Promise<void> {
    const comment = this.buildComment(text);
    await this.session.execute(buildAlterSecret(this.schema, this.nameOf(label), { content, comment }));
  }

  async unsetComment(label: string): Promise<void> {
    await this.session.execute(buildUnsetComment(this.schema, this.nameOf(label)));
  }

  /** Lets the session's own role read it. */
  async grantRead(label: string): Promise<void> {
    await this.session.execute(buildGrantRead(this.schema, this.nameOf(label), this.role));
  }

  async showGrants(label: string): Promise<readonly Row[]> {
    return this.session.execute(buildShowGrantsOnSecret(this.schema, this.nameOf(label)));
  }

  /** What a listing shows, with the creation time in epoch milliseconds; undefined where it is not listed. */
  async show(label: string, by = this.session): Promise<TestSecret | undefined> {
    const name = this.nameOf(label);
    const rows = await by.execute(buildShowSecretsNamed(this.schema, name));
    const row = rows.find((each) => each.name === name);
    if (row === undefined) return undefined;
    const shown = {
      type: String(row.secret_type),
      comment: String(row.comment ?? ""),
      createdOn: Number(row.created_on),
    };
    if (this.#isOurs(name, shown)) this.#createdOn.set(name, shown.createdOn);
    return shown;
  }

  /** Drops one. @returns whether it was listed, and is this run's by its comment or its creation time */
  async drop(label: string): Promise<boolean> {
    const [name, shown] = [this.nameOf(label), await this.show(label)];
    if (shown === undefined || !this.#isOurs(name, shown)) return false;
    await this.session.execute(buildDropSecret(this.schema, name));
    return true;
  }

  /** Drops all that this run made. */
  async removeAll(): Promise<Removal> {
    const names = [...this.#tried];
    const labels = names.map((name) => name.slice(this.nameOf("").length));
    const dropped = await Promise.allSettled(labels.map((label) => this.drop(label)));
    const listed = await Promise.allSettled(labels.map((label) => this.show(label)));
    const left: string[] = [];
    const foreign: string[] = [];
    for (const [i, name] of names.entries()) {
      const shown = listed[i];
      // What cannot be shown may still be there.
      if (shown?.status !== "fulfilled") left.push(name);
      else if (shown.value !== undefined) (this.#isOurs(name, shown.value) ? left : foreign).push(name);
    }
    return {
      removed: dropped.filter((each) => each.status === "fulfilled" && each.value).length,
      left,
      foreign,
    };
  }

  #isOurs(name: string, { comment, createdOn }: TestSecret): boolean {
    return comment.startsWith(this.buildComment("")) || this.#createdOn.get(name) === createdOn;
  }
}

interface TestSecret {
  readonly type: string;
  readonly comment: string;
  readonly createdOn: number;
}

/** What became of the secrets of a run. */
interface Removal {
  readonly removed: number;
  /** They may still be there. */
  readonly left: readonly string[];
  /** Somebody put others in their place. */
  readonly foreign: readonly string[];
}
