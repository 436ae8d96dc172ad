import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { type SnowflakeServer, startSnowflakeServer } from "../../sdk/snowflake-server/index.js";
import { type InfisicalServer, startInfisicalServer } from "./infisical-server/index.js";
import { createProject, type PulumiProject } from "./pulumi/project.js";
import { buildConnectionEnv } from "./snowflake/connection-env.js";

/** A sync of Infisical's folder /app. */
export const followedProgram = `
const { SnowflakeSecretSync } = require("pulumi-snowflake-secrets");
new SnowflakeSecretSync("app", {
  environment: "dev",
  sources: [{ type: "infisical", projectId: process.env.PROJECT_ID, secretPath: "/app" }],
  destinationConfig: { database: "APP", schema: "SECRETS" },
  syncOptions: { initialSyncBehavior: "preserve-destination" },
});
`;

/** A project for auto-sync to follow, with its source and its account. */
export interface FollowedProject {
  readonly snowflake: SnowflakeServer;
  readonly infisical: InfisicalServer;
  readonly project: PulumiProject;
  /** What leads to both servers. */
  readonly env: Readonly<Record<string, string>>;
  /** Writes an `environmentFile` that leads to the project's backend. @returns its path */
  writeEnvironment(name: string, variables: Readonly<Record<string, string>>): string;
  /** Locks a stack, as an update of the engine leaves it when its machine dies. */
  lock(stack: string, pid: number): void;
  stop(): Promise<void>;
}

export async function startFollowedProject({
  secrets,
  plants,
  program = followedProgram,
}: {
  /** What /app has. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly plants: readonly string[];
  readonly program?: string;
}): Promise<FollowedProject> {
  const [snowflake, infisical] = await Promise.all([startSnowflakeServer(), startInfisicalServer()]);
  snowflake.control.createDatabase("APP");
  snowflake.control.createSchema("APP", "SECRETS");
  for (const [key, value] of Object.entries(secrets)) infisical.set("dev:/app", key, value);
  const env = {
    ...buildConnectionEnv(snowflake, snowflake.connection),
    ...infisical.env,
    PROJECT_ID: infisical.projectId,
  };
  const project = await createProject({
    plants: [...plants, infisical.clientSecret],
    snowflake: [snowflake],
    files: { "index.js": program },
    env,
  });
  // Beside the project, which is searched for what was planted.
  const environments = mkdtempSync(join(tmpdir(), "stack-environments-"));
  return {
    snowflake,
    infisical,
    project,
    env,
    writeEnvironment: (name, variables) => {
      const own = {
        ...variables,
        PULUMI_BACKEND_URL: `file://${project.backendFolder}`,
        PULUMI_CONFIG_PASSPHRASE: "a passphrase for tests",
      };
      const lines = Object.entries(own).map(([variable, value]) => `${variable}='${value}'`);
      const path = join(environments, `${name}.env`);
      writeFileSync(path, lines.join("\n"), { mode: 0o600 });
      return path;
    },
    lock: (stack, pid) => {
      const folder = join(project.backendFolder, ".pulumi/locks/organization/test-project", stack);
      mkdirSync(folder, { recursive: true });
      const holder = { pid, username: "jo", hostname: hostname(), timestamp: new Date().toISOString() };
      writeFileSync(join(folder, "lock.json"), JSON.stringify(holder));
    },
    stop: async () => {
      rmSync(environments, { recursive: true });
      try {
        project.stop();
      } finally {
        await Promise.all([snowflake.stop(), infisical.close()]);
      }
    },
  };
}
