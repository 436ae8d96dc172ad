import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FollowedShell, followInShell } from "../support/docs/follow-in-shell.js";
import { isShown, readBlocks } from "../support/docs/page.js";
import { projectFolder } from "../support/engine/engine.js";
import { type InfisicalServer, startInfisicalServer } from "../support/infisical-server/index.js";
import { findFreePort } from "../support/network/free-port.js";
import { plantValues } from "../support/pulumi/planted-values.js";

const values = plantValues("own", "shared", "production");
const minuteMs = 60_000;

const examples = readdirSync(join(projectFolder, "examples"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => `examples/${name}/README.md`);

/** A block of commands, and what the page shows below it. */
interface Step {
  readonly page: string;
  readonly commands: string;
  readonly shown: string | undefined;
}
const steps: readonly Step[] = ["examples/README.md", ...examples].flatMap((page) =>
  readBlocks(page).flatMap(({ language, text }, index, blocks) => {
    const next = blocks[index + 1];
    return language === "sh"
      ? [{ page, commands: text, shown: next?.language === "" ? next.text : undefined }]
      : [];
  }),
);

const leave = `
npx pulumi-snowflake-secrets list secrets --database APP --schema SECRETS
kill %1 %2
`;

// The front page, and then each example after the other: the same shell, package and servers for all of them.
describe("the READMEs of the examples, followed in an empty folder", () => {
  let infisical: InfisicalServer;
  let shell: FollowedShell;

  beforeAll(async () => {
    infisical = await startInfisicalServer();
    infisical.set("dev:/app", "API_KEY", values.own);
    infisical.set("dev:/shared", "LOG_TOKEN", values.shared);
    infisical.set("prod:/app", "API_KEY", values.production);
    const awsPort = await findFreePort();
    const own = (commands: string) =>
      commands
        .replaceAll("3c90c3cc-0d44-4b50-8888-8dd25736052a", infisical.projectId)
        .replaceAll("5055", String(awsPort));
    shell = await followInShell([...steps.map(({ commands }) => own(commands)), leave], {
      env: infisical.env,
      timeoutMs: 9 * minuteMs,
    });
  }, 10 * minuteMs);
  afterAll(() => infisical?.close());

  it.each(examples)("%s shows what its commands print", (page) => {
    const ofPage = steps.flatMap((step, index) => (step.page === page ? [{ step, index }] : []));
    expect(ofPage.length).toBeGreaterThan(0);
    for (const { step, index } of ofPage) {
      const printed = shell.printed[index] ?? "";
      const { commands, shown } = step;
      if (shown === undefined) continue;
      expect(
        isShown(shown, printed),
        `after\n${commands}\nthe page shows\n${shown}\nand this was printed:\n${printed}`,
      ).toBe(true);
    }
  });

  it("can be pasted block by block: what asks a person is in the last line", () => {
    const lines = steps.flatMap(({ commands }) => commands.trimEnd().split("\n").slice(0, -1));
    expect(lines.filter((line) => /\bpulumi (up|destroy)\b/.test(line))).toEqual([]);
  });

  it("succeed with every command, but for the preview that the policies refuse", () => {
    expect(
      shell.failed.map((index) => steps[index]?.commands),
      shell.output,
    ).toEqual([expect.stringMatching(/pulumi preview .* --policy-pack-config policy\.json\n$/)]);
  });

  it("print no value", () => {
    for (const value of [...Object.values(values), "first-", "second-"])
      expect(shell.output).not.toContain(value);
  });

  it("leave no secret in the schema", () => {
    expect(shell.printed.at(-1)).toMatch(/^no secrets found in "APP"."SECRETS" that the role may see$/m);
  });
});
