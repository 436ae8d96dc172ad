// Pulumi's runner of programs, in a process whose Pulumi packages were loaded before it was known what would run.
import { projectRequire } from "./project-require.js";

const { runtime } = projectRequire("@pulumi/pulumi") as typeof import("@pulumi/pulumi");
const env = process.env as Record<string, string>;
const read = (name: string) => env[`PULUMI_NODEJS_${name}`] ?? "";

// The runtime reads these when it is loaded.
runtime.resetOptions(
  read("PROJECT"),
  read("STACK"),
  Number(read("PARALLEL")),
  read("ENGINE"),
  read("MONITOR"),
  read("DRY_RUN") === "true",
  read("ORGANIZATION"),
);
runtime.setAllConfig(
  JSON.parse(env.PULUMI_CONFIG ?? "{}"),
  JSON.parse(env.PULUMI_CONFIG_SECRET_KEYS ?? "[]"),
);

projectRequire("@pulumi/pulumi/cmd/run");
