import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { transformSync } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { type SnowflakeServer, seedDemo, startSnowflakeServer } from "../../sdk/snowflake-server/index.js";
import { FollowedPage } from "../support/docs/page.js";
import { projectFolder } from "../support/engine/engine.js";
import { type InfisicalServer, startInfisicalServer } from "../support/infisical-server/index.js";
import { startIssuer, subject, type TokenIssuer } from "../support/oidc/issuer.js";
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
  readonly jobs: Readonly<
    Record<string, { readonly env?: Readonly<Record<string, string>>; readonly steps: readonly Step[] }>
  >;
}

const read = (path: string) => readFileSync(join(projectFolder, path), "utf8");
const stepsOf = (path: string): readonly Step[] =>
  Object.values((parse(read(path)) as Workflow).jobs).flatMap(({ steps }) => steps);
const scriptOf = (path: string, wanted: RegExp): string => {
  const found = stepsOf(path).find(({ name = "", run = "" }) => wanted.test(`${name}\n${run}`));
  if (found?.run === undefined) throw new Error(`${path} has no step ${wanted}`);
  return found.run;
};

describe("the workflows of the examples", () => {
  const { value, changed } = plantValues("value", "changed");
  const page = new FollowedPage("docs/guides/continuous-integration.md");
  const bearer = "token-of-the-run";
  let server: SnowflakeServer;
  let infisical: InfisicalServer;
  let project: PulumiProject;
  let temporary: string;
  let github: Record<string, string>;
  let isIssuerUp = true;
  // GitHub's issuer of tokens for a run.
  let issuer: TokenIssuer;
  /** The variables of the guide. */
  let variables: Record<string, string>;

  beforeAll(async () => {
    [server, infisical] = await Promise.all([startSnowflakeServer(), startInfisicalServer()]);
    issuer = await startIssuer(bearer);
    issuer.answer = async (request, response) => {
      const audience = new URL(request.url ?? "", issuer.url).searchParams.get("audience");
      const isAsked = request.headers.authorization?.toLowerCase() === `bearer ${bearer}`;
      response.writeHead(isIssuerUp && isAsked ? 200 : 500, { "content-type": "application/json" });
      const value =
        audience === "infisical" ? `jwt-of-${infisical.clientId}` : await issuer.sign({ aud: audience });
      response.end(JSON.stringify({ value }));
    };
    const seed = seedDemo(server.control);
    ({ env: variables } = parse(page.next("yaml")) as { env: Record<string, string> });
    server.control.run(page.next("sql").replace("https://token.actions.githubusercontent.com", issuer.url));
    page.end();
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
        // The account of the test has a name of its own.
        SNOWFLAKE_WIF_ALLOWED_HOST_SUFFIXES: server.host,
        INFISICAL_SITE_URL: infisical.siteUrl,
      },
    });
    await project.setConfig("database", seed.database);
    await project.setConfig("schema", seed.schema);
    await project.setConfig("projectId", infisical.projectId);

    // Outside the project: what GitHub gives to a run.
    temporary = mkdtempSync(join(tmpdir(), "runner-"));
    github = { GITHUB_ENV: join(temporary, "env"), RUNNER_TEMP: temporary, ...issuer.githubEnv };
  });
  afterAll(async () => {
    project?.stop();
    await Promise.all([server?.stop(), infisical?.close(), issuer?.stop()]);
    rmSync(temporary, { recursive: true, force: true });
  });

  const shell = (script: string, env: Record<string, string>): Promise<CommandResult> =>
    project.shell(script, { env });
  const given = () => ({
    ...variables,
    SNOWFLAKE_ACCOUNT: server.account,
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
      const { env } = Object.values((parse(read(workflow)) as Workflow).jobs)[0] ?? {};
      expect(env).toMatchObject({ ...variables, SNOWFLAKE_ACCOUNT: expect.any(String) });
      expect(read(workflow)).not.toMatch(/secrets\.|PASSWORD|PRIVATE_KEY/);
      const left = await logIn(workflow);
      expect(left).toEqual({ INFISICAL_JWT: `jwt-of-${infisical.clientId}` });
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
      ...issuer.githubEnv,
      STACK: "prod",
      AWS_ID_TOKEN: "jwt-of-aws",
      CI_BUILDS_DIR: temporary,
    };
    const succeed = async (script: string) => {
      const { code, output } = await shell(script, env);
      expect(code, output).toBe(0);
      return output;
    };
    const snowflakeTokens = () =>
      issuer.requests.filter(({ url }) => url.endsWith("audience=snowflakecomputing.com")).length;
    const held = () => server.control.secrets("APP", "SECRETS").map((secret) => secret.value);

    // A fork's pull request: GitHub gives empty variables, and no step logs in.
    const nothing = Object.fromEntries(Object.keys(env).map((name) => [name, ""]));
    const fork = await shell("pulumi preview --stack prod --diff", nothing);
    expect(fork.code, fork.output).toBe(0);
    expect(fork.output).toContain("The preview shows its keys as unknown; pulumi up would fail.");

    expect(await succeed(job("preview"))).toMatch(/API_KEY: +"[0-9a-f]{32}"/);
    expect(held()).toEqual([]);
    await succeed(job("up"));
    expect(held()).toEqual([value]);
    expect(snowflakeTokens()).toBeGreaterThan(1);
    const doctor = await succeed(
      `node "${join(projectFolder, "dist/sdk/cli/main.js")}" doctor --database APP --schema SECRETS`,
    );
    expect(doctor.replace(/\s+/g, " ")).toContain(
      `issuer ${issuer.url}, subject ${subject}, audience snowflakecomputing.com. Its user: CREATE USER PULUMI TYPE = SERVICE DEFAULT_ROLE = "SYNC_ROLE" WORKLOAD_IDENTITY = (TYPE = OIDC ISSUER = '${issuer.url}' SUBJECT = '${subject}'); GRANT ROLE "SYNC_ROLE" TO USER PULUMI;`,
    );
    expect(doctor).not.toMatch(/eyJ/);
    expect(readFileSync(join(temporary, "aws-token"), "utf8")).toBe("jwt-of-aws");
    // GitLab puts the token of the job into a variable.
    const [asked, logins] = [snowflakeTokens(), server.control.counts().successfulLogins];
    const { variables: ofGitlab } = (
      gitlab as unknown as { ".pulumi": { variables: Record<string, string> } }
    )[".pulumi"];
    const inGitlab = await shell(job("preview"), {
      ...env,
      ...ofGitlab,
      ...{ ACTIONS_ID_TOKEN_REQUEST_URL: "", SNOWFLAKE_ID_TOKEN: await issuer.sign() },
    });
    expect(inGitlab.code, inGitlab.output).toBe(0);
    expect(server.control.counts().successfulLogins).toBeGreaterThan(logins);
    expect(snowflakeTokens()).toBe(asked);

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

  it("names the repository, without which npm takes no provenance, before what follows from it is built", async () => {
    const folder = mkdtempSync(join(tmpdir(), "release-"));
    try {
      const scripts = { generate: "cp package.json generated-from.json" };
      writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "x", version, scripts }));
      const env = { GITHUB_SERVER_URL: "https://github.com", GITHUB_REPOSITORY: "acme/secrets" };
      const { code, output } = await run(scriptOf(path, /^\nnpm pkg set/), env, folder);
      expect(code, output).toBe(0);
      expect(JSON.parse(readFileSync(join(folder, "generated-from.json"), "utf8"))).toMatchObject({
        repository: { type: "git", url: "git+https://github.com/acme/secrets.git" },
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it("hands on the plugin's archives, which are made before", async () => {
    const order = stepsOf(path).map(({ run: script = "" }) => script.trim().split(" ").slice(0, 3).join(" "));
    const steps = [
      "npm run check",
      "npm run test:nightly",
      "npm pkg set",
      "npm run plugin",
      "npm publish --provenance",
      "gh release create",
    ];
    const found = steps.map((step) => order.indexOf(step));
    expect(found).not.toContain(-1);
    expect(found).toEqual([...found].sort((one, other) => one - other));
    const folder = mkdtempSync(join(tmpdir(), "release-"));
    try {
      mkdirSync(join(folder, "release"));
      for (const file of ["plugin-linux-amd64.tar.gz", "plugin.cdx.json", "checksums.txt"])
        writeFileSync(join(folder, "release", file), "");
      writeFileSync(
        join(folder, "gh"),
        '#!/bin/sh\nshift 5\ntest $# = 3 && for file; do test -f "$file" || exit 1; done\n',
      );
      chmodSync(join(folder, "gh"), 0o755);
      const env = { TAG: `v${version}`, PATH: `${folder}${delimiter}${process.env.PATH}` };
      const { code, output } = await run(scriptOf(path, /^The release/), env, folder);
      expect(code, output).toBe(0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
