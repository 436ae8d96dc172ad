import { cpSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildProgram, resourceNames } from "../docs/resource-programs.js";
import { projectFolder } from "../support/engine/engine.js";
import { runCommand } from "../support/pulumi/command.js";
import { generateSdks } from "../support/pulumi/generated-sdk.js";

/** A secret of type PASSWORD, beside a text. */
const program = `package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"pulumi-snowflake-secrets/sdk/go/snowflakesecrets"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		app, err := snowflakesecrets.NewSnowflakeSecretSync(ctx, "app", &snowflakesecrets.SnowflakeSecretSyncArgs{
			Secrets: pulumi.Map{
				"A": pulumi.String("a"),
				"GIT": snowflakesecrets.PasswordSecretArgs{
					Type:     pulumi.String("password"),
					Username: pulumi.String("u"),
					Password: pulumi.ToSecret(pulumi.String("p")).(pulumi.StringOutput),
				},
			},
			DestinationConfig: snowflakesecrets.DestinationConfigArgs{
				Database: pulumi.String("APP"),
				Schema:   pulumi.String("SECRETS"),
			},
			SyncOptions: snowflakesecrets.SyncOptionsArgs{
				InitialSyncBehavior: snowflakesecrets.InitialSyncBehaviorOverwriteDestination,
			},
		})
		if err != nil {
			return err
		}
		ctx.Export("status", app.SyncStatus)
		return nil
	})
}
`;

describe("the generated Go SDK", () => {
  let folder: string;
  beforeAll(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "go-sdk-")));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("is compiled, with the examples of the Registry and a program that uses more of it", async () => {
    await generateSdks(folder, ["go"]);
    const module = join(folder, "module");
    cpSync(join(folder, "go"), module, { recursive: true });
    // The module of the engine has what the SDK needs, in versions that are here already.
    const engine = join(projectFolder, "test/support/engine/cli");
    const goMod = readFileSync(join(engine, "go.mod"), "utf8")
      .replace(/^module .*$/m, "module pulumi-snowflake-secrets/sdk/go")
      .replace(/^tool .*$/m, "");
    writeFileSync(join(module, "go.mod"), goMod);
    cpSync(join(engine, "go.sum"), join(module, "go.sum"));
    const programs = {
      program,
      ...Object.fromEntries(resourceNames.map((name) => [name, buildProgram(name, "go")])),
    };
    for (const [name, text] of Object.entries(programs)) {
      mkdirSync(join(module, name));
      writeFileSync(join(module, name, "main.go"), text);
    }
    const { code, output } = await runCommand(
      "go",
      ["build", "-mod=mod", "-trimpath", "-buildvcs=false", "./..."],
      {
        cwd: module,
        env: { ...process.env, GOFLAGS: "", GOWORK: "off" },
        timeoutMs: 170_000,
      },
    );
    expect(code, output).toBe(0);
  });
});
