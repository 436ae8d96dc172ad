import { type SnowflakeServer, startSnowflakeServer } from "../../sdk/snowflake-server/index.js";
import { type Aws, startAws } from "../support/aws/aws.js";
import { createProject, type PulumiProject } from "../support/pulumi/project.js";
import { seedExportWarehouse } from "../support/snowflake/export-warehouse.js";
import { buildNodeProject, type Host, heads } from "./stage.js";

/** The hosts of an export destination, by the class that a program of the stage writes. */
const classes = {
  plugin: "ExportDestination",
  dynamic: "dynamic.SnowflakeExportDestination",
} as const satisfies Record<Host, string>;

const aliases = {
  plugin: "pulumi-nodejs:dynamic/snowflake:ExportDestination",
  dynamic: "snowflake-secrets:index:SnowflakeExportDestination",
} as const;

/** A warehouse, an AWS, and a project with one export destination in either host. */
export interface ExportStage {
  readonly aws: Aws;
  readonly server: SnowflakeServer;
  readonly project: PulumiProject;
  /** Writes the destination `bi` of a host, which knows itself in the other one by alias. */
  setProgram(host: Host, password: string, more?: More): void;
  /** As `setProgram`, several of them, each with its organization and password. */
  setPrograms(host: Host, destinations: readonly (More & Owner)[]): void;
  /** A command that must succeed. @returns what it printed */
  run(command: "preview" | "up" | "refresh" | "destroy", args?: readonly string[]): Promise<string>;
  /** Every secret that was ever stored but claims: name, whether it is live, what it holds. */
  stored(): Promise<readonly StoredSecret[]>;
  /** What the claim says is active. */
  active(): Promise<{ readonly destinationId: string; readonly secretName: string } | null>;
  stop(): Promise<void>;
}

export interface Owner {
  readonly organizationId: string;
  readonly password: string;
}

/** What a program has beside what every one has: arguments, credentials and options as text, and another name. */
export interface More {
  readonly args?: string;
  /** In place of those of the user with the password. */
  readonly credentials?: string;
  readonly options?: string;
  readonly resource?: string;
}

export interface StoredSecret {
  readonly name: string;
  readonly isLive: boolean;
  readonly value: string | undefined;
}

export async function startExportStage(options: {
  readonly passwords: Readonly<Record<"first", string>> & Readonly<Record<string, string>>;
  readonly username: string;
  readonly env?: Readonly<Record<string, string>>;
}): Promise<ExportStage> {
  const { passwords, username, env } = options;
  const [aws, server] = await Promise.all([startAws(), startSnowflakeServer()]);
  const { control } = server;
  seedExportWarehouse({ control });
  control.createUser({ name: username, password: passwords.first, roles: ["EXPORT_ROLE"] });
  const name = "exports";
  const project = await createProject({
    name,
    plants: [...Object.values(passwords), username],
    snowflake: [server],
    files: { "Pulumi.yaml": buildNodeProject(name), "index.js": heads.plugin },
    env: { ...aws.env, ...env },
  });
  const buildDestination = (
    host: Host,
    { organizationId, password, args = "", credentials, options: more = "", resource = "bi" }: More & Owner,
  ) => `
new ${classes[host]}("${resource}", {
  organizationId: "${organizationId}",
  credentials: { account: "${server.account}", warehouse: "EXPORT_WH", database: "ANALYTICS", ${credentials ?? `username: "${username}", password: ${JSON.stringify(password)}`} },
  validation: { endpoint: "${server.url}" },
  egressIpService: false,
  glue: { jobNames: [] },
  ${args}
}, { aliases: [{ type: "${aliases[host]}" }], ${more} });
`;
  const setPrograms: ExportStage["setPrograms"] = (host, destinations) =>
    project.write(
      "index.js",
      heads.plugin + destinations.map((destination) => buildDestination(host, destination)).join(""),
    );
  return {
    aws,
    server,
    project,
    setPrograms,
    setProgram: (host, password, more = {}) =>
      setPrograms(host, [{ organizationId: "42", password, ...more }]),
    run: async (command, args = []) => {
      const { code, output } = await project[command]({ args });
      if (code !== 0) throw new Error(`pulumi ${command} failed with ${code}:\n${output}`);
      return output;
    },
    stored: async () => {
      const names = (await aws.control.secretNames()).filter((each) => !each.includes("/active/"));
      return Promise.all(
        names.map(async (each) => {
          const secret = await aws.control.secret(each);
          return { name: each, isLive: secret?.deletedDate === undefined, value: secret?.value };
        }),
      );
    },
    active: async () => {
      const text = await aws.control.valueOf("exports/org_42/active/snowflake", { versionStage: "HOLDER" });
      return JSON.parse(text ?? "{}").active ?? null;
    },
    stop: async () => {
      try {
        project.stop();
      } finally {
        await Promise.all([server.stop(), aws.stop()]);
      }
    },
  };
}
