import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type SnowflakeServer, startSnowflakeServer } from "../../sdk/snowflake-server/index.js";
import { type Aws, startAws } from "../support/aws/aws.js";
import { plantValues } from "../support/pulumi/planted-values.js";
import { createProject, type PulumiProject } from "../support/pulumi/project.js";
import { seedExportWarehouse } from "../support/snowflake/export-warehouse.js";

const username = "PLANTED_USER_THAT_EXPORTS";
const values = plantValues("first", "even", "odd");
/** Calls that change something: a crash before the first of them, or between reads, leaves nothing. */
const writes = [
  "CreateSecret",
  "PutSecretValue",
  "UpdateSecretVersionStage",
  "TagResource",
  "UntagResource",
  "DeleteSecret",
  "RestoreSecret",
];

describe("an engine and a plugin that are killed once AWS has carried a write out", () => {
  let aws: Aws;
  let server: SnowflakeServer;
  let project: PulumiProject;
  let password = values.first;
  const organizations = new Set<string>();

  beforeAll(async () => {
    [aws, server] = await Promise.all([startAws(), startSnowflakeServer()]);
    const { door } = server;
    seedExportWarehouse({ door });
    door.createUser({ name: username, password, roles: ["EXPORT_ROLE"] });
    project = await createProject({
      name: "killed",
      plants: [...Object.values(values), username],
      snowflake: [server],
      env: aws.env,
    });
  });
  afterAll(async () => {
    try {
      project?.stop();
    } finally {
      await Promise.all([server?.stop(), aws?.stop()]);
    }
  });

  function setProgram(): void {
    const destinations = [...organizations].map(
      (organization) => `new SnowflakeExportDestination("bi-${organization}", {
  name: "bi", organizationId: "${organization}",
  credentials: { account: "${server.account}", warehouse: "EXPORT_WH", database: "ANALYTICS", username: "${username}", password: ${JSON.stringify(password)} },
  validation: { endpoint: "${server.url}" }, egressIpService: false,
});`,
    );
    project.write(
      "index.js",
      `const { SnowflakeExportDestination } = require("pulumi-snowflake-secrets");\n${destinations.join("\n")}\n`,
    );
  }

  /** Runs `up`, and kills engine and plugins at the k-th write. @returns false if there were fewer */
  async function upKilledAt(k: number): Promise<boolean> {
    let kill: ((signal: NodeJS.Signals) => void) | undefined;
    let seen = 0;
    for (const operation of writes) {
      aws.faults.add({
        operation,
        matches: () => {
          seen += 1;
          if (seen !== k) return false;
          kill?.("SIGKILL");
          project.endPlugins();
          return true;
        },
        effect: { kind: "cut", when: "after" },
      });
    }
    const { code, output } = await project.up({
      onOutput: (_output, killRun) => {
        kill = killRun;
      },
    });
    aws.faults.clear();
    if (seen < k) {
      expect(code, output).toBe(0);
      return false;
    }
    expect(code, output).toBe(-1);
    expect((await project.pulumi(["cancel", "--yes"])).code).toBe(0);
    return true;
  }

  const up = async () => {
    const { code, output } = await project.up();
    expect(code, output).toBe(0);
  };

  /** What is stored for an organization and not scheduled for deletion, and what the claim says is active. */
  async function look(organization: string) {
    const prefix = `exports/org_${organization}/`;
    const all = (await aws.door.secretNames()).filter((name) => name.startsWith(prefix));
    const seen = await Promise.all(
      all.filter((name) => !name.includes("/active/")).map((name) => aws.door.secret(name)),
    );
    const stored = seen.filter((secret) => secret?.deletedDate === undefined);
    const claim = await aws.door.valueOf(`${prefix}active/snowflake`, { versionStage: "HOLDER" });
    return { stored, active: JSON.parse(claim ?? "{}").active as { secretArn: string } | null };
  }

  async function expectConnected(organization: string): Promise<void> {
    const { stored, active } = await look(organization);
    expect(stored).toHaveLength(1);
    expect(JSON.parse(stored[0]?.value ?? "{}").password).toBe(password);
    expect(active?.secretArn).toBe(stored[0]?.arn);
  }

  it("of a creation: the next up finds its own and finishes", { timeout: 600_000 }, async () => {
    let k = 0;
    for (let wasKilled = true; wasKilled; ) {
      k += 1;
      organizations.add(`o${k}`);
      setProgram();
      wasKilled = await upKilledAt(k);
      if (wasKilled) await up();
      await expectConnected(`o${k}`);
    }
    expect(k).toBeGreaterThan(3);
  });

  it("of a rotation: the next up moves on, and one secret is left", { timeout: 600_000 }, async () => {
    const [kept = ""] = organizations;
    const others = [...organizations].filter((each) => each !== kept);
    for (const each of others) organizations.delete(each);
    setProgram();
    await up();
    let k = 0;
    for (let wasKilled = true; wasKilled; ) {
      k += 1;
      password = k % 2 === 0 ? values.even : values.odd;
      server.door.setPassword(username, password);
      setProgram();
      wasKilled = await upKilledAt(k);
      if (wasKilled) await up();
      await expectConnected(kept);
    }
    expect(k).toBeGreaterThan(4);
  });

  it("of a disconnect: the next up ends it, and the claim is free", { timeout: 600_000 }, async () => {
    const [kept = ""] = organizations;
    let k = 0;
    for (let wasKilled = true; wasKilled; ) {
      k += 1;
      organizations.clear();
      setProgram();
      wasKilled = await upKilledAt(k);
      if (wasKilled) await up();
      const { stored, active } = await look(kept);
      expect(stored).toEqual([]);
      expect(active).toBeNull();
      organizations.add(kept);
      setProgram();
      await up();
      await expectConnected(kept);
    }
    expect(k).toBeGreaterThan(2);
  });
});
