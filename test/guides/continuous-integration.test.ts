import { generateKeyPairSync } from "node:crypto";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { transformSync } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type SnowflakeServer, seedDemo, startSnowflakeServer } from "../../sdk/snowflake-server/index.js";
import { FollowedPage } from "../support/docs/page.js";
import { projectFolder } from "../support/engine/engine.js";
import { type InfisicalServer, startInfisicalServer } from "../support/infisical-server/index.js";
import { type CommandResult, runCommand } from "../support/pulumi/command.js";
import { plantValues } from "../support/pulumi/planted-values.js";
import { createProject, type PulumiProject } from "../support/pulumi/project.js";

interface Step {
  readonly name?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly run?: string;
  readonly uses?: string;
}
interface Workflow {
  readonly defaults?: { readonly run: { readonly shell: string } };
  readonly jobs: Readonly<Record<string, { readonly steps: readonly Step[] }>>;
}

const read = (path: string) => readFileSync(join(projectFolder, path), "utf8");
const stepsOf = (path: string): readonly Step[] =>
  Object.values((parse(read(path)) as Workflow).jobs).flatMap(({ steps }) => steps);
const scriptOf = (path: string, wanted: RegExp): string => {
  const found = stepsOf(path).find(({ name = "", run = "" }) => wanted.test(`${name}\n${run}`));
  if (found?.run === undefined) throw new Error(`${path} has no step ${wanted}`);
  return found.run;
};

it("docs/guides/continuous-integration.md has nothing else to run", () => {
  new FollowedPage("docs/guides/continuous-integration.md").end();
});

describe("the workflows of the examples", () => {
  const { value, changed } = plantValues("value", "changed");
  const keys = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  let server: SnowflakeServer;
  let infisical: InfisicalServer;
  let project: PulumiProject;
  let temporary: string;
  let github: Record<string, string>;
  let isIssuerUp = true;
  // GitHub's issuer of tokens for a run.
  const issuer = createServer((request, response) => {
    const isAsked =
      request.headers.authorization === "bearer token-of-the-run" &&
      request.url === "/token?v=1&audience=infisical";
    response.writeHead(isIssuerUp && isAsked ? 200 : 500, { "content-type": "application/json" });
    response.end(JSON.stringify({ value: `jwt-of-${infisical.clientId}` }));
  });

  beforeAll(async () => {
    [server, infisical] = await Promise.all([startSnowflakeServer(), startInfisicalServer()]);
    await new Promise<void>((resolve) => issuer.listen(0, "127.0.0.1", resolve));
    const seed = seedDemo(server.control);
    server.control.createUser({ name: "DEPLOY", roles: [seed.role], publicKey: keys.publicKey });
    infisical.set("prod:/app", "API_KEY", value);
    project = await createProject({
      name: "shop",
      stack: "prod",
      plants: [value, changed],
      snowflake: [server],
      files: {
        "index.js": transformSync(read("examples/stack-per-environment/index.ts"), {
          loader: "ts",
          format: "cjs",
        }).code,
      },
      env: {
        SNOWFLAKE_HOST: server.host,
        SNOWFLAKE_PORT: String(server.port),
        SNOWFLAKE_PROTOCOL: "http",
        INFISICAL_SITE_URL: infisical.siteUrl,
      },
    });
    await project.setConfig("database", seed.database);
    await project.setConfig("schema", seed.schema);
    await project.setConfig("projectId", infisical.projectId);

    // Outside the project: what GitHub gives to a run, and an `aws` in the place of the one that needs an account.
    temporary = mkdtempSync(join(tmpdir(), "runner-"));
    mkdirSync(join(temporary, "bin"));
    writeFileSync(join(temporary, "key"), keys.privateKey);
    writeFileSync(
      join(temporary, "bin/aws"),
      `#!/bin/sh
test "$*" = "secretsmanager get-secret-value --secret-id snowflake/deploy --query SecretString --output text" || exit 9
cat "${join(temporary, "key")}"
`,
    );
    chmodSync(join(temporary, "bin/aws"), 0o755);
    github = {
      GITHUB_ENV: join(temporary, "env"),
      RUNNER_TEMP: temporary,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: "token-of-the-run",
      ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/token?v=1`,
      SNOWFLAKE_KEY_SECRET: "snowflake/deploy",
    };
  });
  afterAll(async () => {
    issuer.close();
    project?.stop();
    await Promise.all([server?.stop(), infisical?.close()]);
    rmSync(temporary, { recursive: true, force: true });
  });

  const shell = (script: string, env: Record<string, string>): Promise<CommandResult> =>
    project.shell(`export PATH="${join(temporary, "bin")}${delimiter}$PATH"\n${script}`, { env });
  const given = () => ({
    SNOWFLAKE_ACCOUNT: server.account,
    SNOWFLAKE_USER: "DEPLOY",
    SNOWFLAKE_ROLE: "SYNC_ROLE",
    INFISICAL_MACHINE_IDENTITY_ID: infisical.clientId,
  });
  /** What the log-in step leaves for the steps behind it. */
  async function logIn(workflow: string): Promise<Record<string, string>> {
    rmSync(github.GITHUB_ENV ?? "", { force: true });
    const { code, output } = await shell(scriptOf(workflow, /^Log in/), github);
    expect(code, output).toBe(0);
    expect(output).toContain(`::add-mask::jwt-of-${infisical.clientId}`);
    const lines = readFileSync(github.GITHUB_ENV ?? "", "utf8")
      .trim()
      .split("\n");
    return Object.fromEntries(lines.map((line) => line.split(/=(.*)/s, 2) as [string, string]));
  }

  const workflows = ["preview", "up", "drift"].map((name) => `examples/github-actions/${name}.yml`);

  it.each(workflows)(
    "%s logs in with the run's own token, and fails where it gets none",
    async (workflow) => {
      expect((parse(read(workflow)) as Workflow).defaults?.run.shell).toBe("bash");
      const { INFISICAL_JWT, SNOWFLAKE_PRIVATE_KEY_PATH = "" } = await logIn(workflow);
      expect(INFISICAL_JWT).toBe(`jwt-of-${infisical.clientId}`);
      expect(readFileSync(SNOWFLAKE_PRIVATE_KEY_PATH, "utf8")).toBe(keys.privateKey);
      expect(statSync(SNOWFLAKE_PRIVATE_KEY_PATH).mode & 0o777).toBe(0o600);
      rmSync(SNOWFLAKE_PRIVATE_KEY_PATH);
      isIssuerUp = false;
      expect((await shell(scriptOf(workflow, /^Log in/), github)).code).not.toBe(0);
      isIssuerUp = true;
    },
  );

  it("GitLab's jobs and GitHub's drift say what there is to do, do it, and find nothing, or drift", async () => {
    const gitlab = parse(read("examples/gitlab/.gitlab-ci.yml")) as Record<
      string,
      { readonly script: readonly string[]; readonly before_script: readonly string[] }
    >;
    const [install, ...before] = gitlab[".pulumi"]?.before_script ?? [];
    expect(install).toBe("npm ci");
    const job = (name: string) => [...before, ...(gitlab[name]?.script ?? [])].join("\n");
    const env = {
      ...given(),
      ...(await logIn("examples/github-actions/up.yml")),
      STACK: "prod",
      AWS_ID_TOKEN: "jwt-of-gitlab",
      CI_BUILDS_DIR: temporary,
    };
    const succeed = async (script: string) => {
      const { code, output } = await shell(script, env);
      expect(code, output).toBe(0);
      return output;
    };
    const held = () => server.control.secrets("APP", "SECRETS").map((secret) => secret.value);

    // A fork's pull request: GitHub gives empty variables, and no step logs in.
    const nothing = Object.fromEntries(Object.keys(env).map((name) => [name, ""]));
    const fork = await shell("pulumi preview --stack prod --diff", nothing);
    expect(fork.code, fork.output).toBe(0);
    expect(fork.output).toContain("In up this is an error; the keys it supplies are shown as unknown.");

    expect(await succeed(job("preview"))).toMatch(/API_KEY: +"[0-9a-f]{32}"/);
    expect(held()).toEqual([]);
    await succeed(job("up"));
    expect(held()).toEqual([value]);
    expect(readFileSync(join(temporary, "aws-token"), "utf8")).toBe("jwt-of-gitlab");

    const drift = scriptOf("examples/github-actions/drift.yml", /^\npulumi preview/).replace(
      // biome-ignore lint/suspicious/noTemplateCurlyInString: GitHub's own braces
      "${{ matrix.stack }}",
      "prod",
    );
    expect(drift).toBe((gitlab.drift?.script.join("\n") ?? "").replace("$STACK", "prod"));
    await succeed(drift);
    server.control.dropSecret("APP", "SECRETS", "API_KEY");
    expect((await shell(drift, env)).code).not.toBe(0);
  });
});

describe("the release of this repository", () => {
  const path = ".github/workflows/release.yml";
  const { version } = JSON.parse(read("package.json")) as { version: string };
  const run = (script: string, env: Record<string, string>, cwd = projectFolder) =>
    runCommand("bash", ["-e", "-c", script], { cwd, env: { ...process.env, ...env }, timeoutMs: 30_000 });

  it("is refused for a tag that is not the version", async () => {
    const script = scriptOf(path, /^The tag is the version/);
    expect((await run(script, { TAG: `v${version}` })).code).toBe(0);
    expect((await run(script, { TAG: "v0.0.1" })).code).not.toBe(0);
  });

  it("names the repository, without which npm takes no provenance", async () => {
    const folder = mkdtempSync(join(tmpdir(), "release-"));
    try {
      writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "x", version }));
      const env = { GITHUB_SERVER_URL: "https://github.com", GITHUB_REPOSITORY: "acme/secrets" };
      const { code, output } = await run(scriptOf(path, /^\nnpm pkg set/), env, folder);
      expect(code, output).toBe(0);
      expect(JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))).toMatchObject({
        repository: { type: "git", url: "git+https://github.com/acme/secrets.git" },
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("hands on the plugin's archives, which are made before", async () => {
    const order = stepsOf(path).map(({ run: script = "" }) => script.split(" ").slice(0, 3).join(" "));
    expect(order.indexOf("npm run plugin")).toBeGreaterThan(order.indexOf(".ci/run"));
    expect(order.indexOf("gh release create")).toBeGreaterThan(order.indexOf("npm run plugin"));
    // What is published is built with the same address as the archives, or it would be built anew without.
    const urls = stepsOf(path)
      .filter(({ run: script = "" }) => /^npm (run plugin|publish)/.test(script))
      .map(({ env }) => env?.PULUMI_SNOWFLAKE_SECRETS_PLUGIN_URL);
    expect(urls).toEqual([expect.stringContaining("RELEASE_URL"), urls[0]]);
    const folder = mkdtempSync(join(tmpdir(), "release-"));
    try {
      mkdirSync(join(folder, "release"));
      writeFileSync(join(folder, "release/plugin-linux-amd64.tar.gz"), "");
      writeFileSync(join(folder, "gh"), '#!/bin/sh\nfor last; do :; done\ntest -f "$last"\n');
      chmodSync(join(folder, "gh"), 0o755);
      const env = { TAG: `v${version}`, PATH: `${folder}${delimiter}${process.env.PATH}` };
      const { code, output } = await run(scriptOf(path, /^The release/), env, folder);
      expect(code, output).toBe(0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
