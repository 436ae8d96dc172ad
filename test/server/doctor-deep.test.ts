import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { seedDemo, startSnowflakeServer } from "../../sdk/snowflake-server/index.js";
import { projectFolder } from "../support/engine/engine.js";
import { buildConnectionEnv } from "../support/snowflake/connection-env.js";
import { tsxLoader } from "../support/tsx-loader.js";

it("doctor --deep removes what it made when Ctrl-C ends it", async () => {
  const server = await startSnowflakeServer();
  const { database, schema, ...user } = seedDemo(server.control);
  const home = mkdtempSync(join(tmpdir(), "doctor-deep-"));
  const main = join(projectFolder, "sdk/cli/main.ts");
  const args = ["doctor", "--deep", "--database", database, "--schema", schema, "--json"];
  const child = spawn(process.execPath, ["--import", tsxLoader, main, ...args], {
    cwd: home,
    env: { PATH: "", HOME: home, ...buildConnectionEnv(server, user) },
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    let output = "";
    child.stdout?.on("data", (text: Buffer) => {
      output += text;
    });
    let hasMade = 0;
    const call = () => {
      hasMade = server.control.secrets(database, schema).length;
      child.kill("SIGINT");
    };
    server.control.addFault({ match: /^ALTER SECRET/, effect: { kind: "call", when: "before", call } });
    const [code] = await once(child, "close");
    const { checks } = JSON.parse(output) as { checks: { area: string; detail: string; code?: string }[] };
    const deep = checks.filter(({ area }) => area === "deep");
    expect([code, hasMade]).toEqual([4, 2]);
    expect(deep.at(-2)?.code).toBe("CANCELLED");
    // It may make one more before the signal has come.
    const made = server.control.statements().filter(({ kind }) => kind === "CREATE SECRET").length;
    expect(deep.at(-1)?.detail).toContain(`removed its ${made} secrets from `);
    expect(server.control.secrets(database, schema)).toEqual([]);
  } finally {
    child.kill("SIGKILL");
    await server.stop();
    rmSync(home, { recursive: true, force: true });
  }
});
