import { execFileSync, spawn } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { graceMs } from "../../sdk/cli/auto-sync/signals.js";
import { type SnowflakeServer, seedDemo, startSnowflakeServer } from "../../sdk/snowflake-server/index.js";
import { newestSdk } from "../compat/cells.js";
import { CliRun } from "../support/cli/run-cli.js";
import { readBlocks } from "../support/docs/page.js";
import { buildImage, buildRun, type Image } from "../support/kubernetes/image.js";
import { buildManifests } from "../support/kubernetes/manifests.js";
import { startIssuer, type TokenIssuer } from "../support/oidc/issuer.js";
import { installRelease, packRelease } from "../support/package-install.js";
import { runCommand } from "../support/pulumi/command.js";
import { plantValues } from "../support/pulumi/planted-values.js";
import { createProject, type PulumiProject } from "../support/pulumi/project.js";
import { startVault, type Vault } from "../support/vault/vault.js";

const example = "examples/kubernetes";
const manifests = buildManifests(`${example}/overlays/production`);
const { Deployment, Service, ServiceMonitor, NetworkPolicy } = manifests;
const pod = Deployment.spec.template.spec;
const container = pod.containers[0];
if (container === undefined) throw new Error("The Deployment has no container.");

// That they decode, and that the pod is a restricted one, was judged when they were built.
describe("the manifests of the example", () => {
  it("lead from the ServiceMonitor by the Service to the port of the monitor", () => {
    const { labels } = Deployment.spec.template.metadata;
    expect(Service.metadata.labels).toMatchObject(ServiceMonitor.spec.selector.matchLabels);
    expect(labels).toMatchObject(Service.spec.selector);
    expect(labels).toMatchObject(NetworkPolicy.spec.podSelector.matchLabels);
    const [monitored] = ServiceMonitor.spec.endpoints;
    const port = Service.spec.ports.find(({ name }) => name === monitored?.port);
    const containerPort = container.ports.find(({ name }) => name === port?.targetPort)?.containerPort;
    expect(container.args[container.args.indexOf("--monitor") + 1]).toBe(`0.0.0.0:${containerPort}`);
    for (const probe of [container.startupProbe, container.livenessProbe, container.readinessProbe])
      expect(probe.httpGet.port).toBe(port?.targetPort);
  });

  it("end one pod before the next, in the time that auto-sync takes", () => {
    expect(Deployment.spec).toMatchObject({ replicas: 1, strategy: { type: "Recreate" } });
    expect(pod.terminationGracePeriodSeconds * 1_000).toBeGreaterThan(graceMs);
  });

  it("and the container file name the versions of images, of Pulumi's and Node's those that are tested", () => {
    const read = (path: string) => readFileSync(path, "utf8");
    const images = [...read(`${example}/Containerfile`).matchAll(/^FROM (\S+)/gm)].map(([, image]) => image);
    const [, pulumi] = /pulumi\/pkg\/v3 v(\S+)/.exec(read("test/support/engine/cli/go.mod")) ?? [];
    expect(images).toEqual([
      `docker.io/pulumi/pulumi-nodejs:${pulumi}`,
      expect.stringMatching(new RegExp(`/nodejs(${Object.keys(newestSdk).join("|")})-debian\\d+:nonroot$`)),
    ]);
    expect(container.image).toMatch(/:\d+\.\d+\.\d+$/);
  });
});

// An image for Linux runs on Linux alone.
describe.skipIf(process.platform !== "linux")("auto-sync in the image of the example", () => {
  const values = plantValues("first", "second");
  let folder: string;
  let snowflake: SnowflakeServer;
  let vault: Vault;
  let issuer: TokenIssuer;
  let project: PulumiProject;
  let image: Image;
  let command: readonly [file: string, ...args: string[]];
  let env: Record<string, string>;
  let run: CliRun | undefined;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "kubernetes-"));
    [snowflake, vault, issuer] = await Promise.all([startSnowflakeServer(), startVault(), startIssuer()]);
    seedDemo(snowflake.control);
    project = await createProject({
      plants: Object.values(values),
      snowflake: [snowflake],
      folder: example,
      files: Object.fromEntries(
        ["Pulumi.yaml", "package.json"].map((name) => [name, readFileSync(join(example, name), "utf8")]),
      ),
      ownPackages: true,
      stack: "prod",
    });
    // What was published stands in for by what would be.
    const release = await packRelease(folder);
    await installRelease(release, project.folder, "--package-lock-only");
    for (const name of ["package.json", "package-lock.json"]) {
      const text = readFileSync(join(project.folder, name), "utf8");
      project.write(name, text.replaceAll(/file:[^"]+\.tgz/g, `file:${release.tarball}`));
    }
    image = buildImage(join(project.folder, "Containerfile"), project.folder, folder);

    const subject = `system:serviceaccount:${Deployment.metadata.namespace}:${pod.serviceAccountName}`;
    const [trust = ""] = readBlocks(`${example}/README.md`).flatMap(({ language, text }) =>
      language === "sql" ? [text] : [],
    );
    snowflake.control.run(trust.replace(/(?<=ISSUER = ')[^']+/, issuer.url));
    // Vault's own log-in for Kubernetes asks the cluster about a token. This one asks the issuer.
    const trusted = { issuer: issuer.url, subject, audience: "vault" };
    await vault.trustIssuer("auto-sync", trusted, "kubernetes");

    const tokens = pod.volumes.find(({ projected }) => projected !== undefined);
    const tokenPath = container.volumeMounts.find(({ name }) => name === tokens?.name)?.mountPath ?? "";
    const tokenFolder = join(folder, "tokens");
    mkdirSync(tokenFolder);
    for (const { serviceAccountToken } of tokens?.projected?.sources ?? []) {
      const { path, audience } = serviceAccountToken;
      writeFileSync(join(tokenFolder, path), await issuer.sign({ sub: subject, aud: audience }));
    }
    copyFileSync(vault.caFile, join(tokenFolder, "ca.pem"));
    execFileSync("chmod", ["-R", "a+rwX", project.backendFolder]);
    command = buildRun(image, { "/backend": project.backendFolder, [tokenPath]: tokenFolder });
    env = {
      ...image.env,
      ...manifests.ConfigMap.data,
      ...Object.fromEntries(container.env.map(({ name, value }) => [name, value])),
      // Where the servers of the test are.
      PULUMI_BACKEND_URL: "file:///backend",
      PULUMI_CONFIG_PASSPHRASE: "a passphrase for tests",
      VAULT_ADDR: vault.address,
      VAULT_CACERT: `${tokenPath}/ca.pem`,
      SNOWFLAKE_ACCOUNT: snowflake.account,
      SNOWFLAKE_HOST: snowflake.host,
      SNOWFLAKE_PORT: String(snowflake.port),
      SNOWFLAKE_PROTOCOL: "http",
      SNOWFLAKE_WIF_ALLOWED_HOST_SUFFIXES: snowflake.host,
    };
  });
  afterAll(async () => {
    run?.kill();
    project?.stop();
    await Promise.all([snowflake?.stop(), vault?.stop(), issuer?.stop()]);
    rmSync(folder, { recursive: true });
  });

  const readValue = () =>
    snowflake.control.secrets("APP", "SECRETS").find(({ name }) => name === "API_KEY")?.value;
  const writeValue = (API_KEY: string) => vault.call("POST", "secret/data/app", { data: { API_KEY } });

  it("follows a stack without a shell, a credential, or a folder to write to but /tmp", async () => {
    expect(container.securityContext.readOnlyRootFilesystem).toBe(true);
    expect(container.volumeMounts.map(({ mountPath }) => mountPath)).toContain(image.env.HOME);
    const { runAsUser, runAsGroup } = pod.securityContext;
    expect(`${runAsUser}:${runAsGroup}`).toBe(image.user);

    const [file, ...args] = command;
    await writeValue(values.first);
    const up = await runCommand(file, [...args, "pulumi", "up", "--yes", "--stack", "prod"], {
      cwd: folder,
      env,
      timeoutMs: 120_000,
    });
    expect(up.code, up.output).toBe(0);
    expect(readValue()).toBe(values.first);

    const given = container.args.map((arg) => (arg.startsWith("0.0.0.0:") ? "127.0.0.1:0" : arg));
    run = new CliRun(
      spawn(file, [...args, ...image.entrypoint, ...given, "--interval", "1s"], {
        env,
        stdio: ["ignore", "pipe", "pipe"],
      }),
    );
    const { monitor } = await run.find("listening");
    await run.find("unchanged");
    for (const probe of [container.startupProbe, container.livenessProbe, container.readinessProbe])
      expect((await fetch(new URL(probe.httpGet.path, String(monitor)))).status).toBe(200);
    await writeValue(values.second);
    await run.find("synced");
    expect(readValue()).toBe(values.second);
    expect(await run.stop()).toBe(0);
    for (const value of Object.values(values)) expect(run.output + up.output).not.toContain(value);
  });
});
