import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { exportCredentialsArguments } from "../../provider/export-destination/credentials/index.js";
import { buildPayload } from "../../provider/export-destination/credentials/payload.js";
import { startSnowflakeServer } from "../../sdk/snowflake-server/index.js";
import { startAws } from "../support/aws/aws.js";
import { projectFolder } from "../support/engine/engine.js";
import { makeVouchedCertificate } from "../support/oidc/authority.js";
import { startIdentityProvider } from "../support/oidc/identity-provider.js";
import { runCommand } from "../support/pulumi/command.js";
import { installPythonConnector, pythonConnectorFolder } from "../support/snowflake/clients.js";
import { seedExportWarehouse } from "../support/snowflake/export-warehouse.js";
import { startGuideStage } from "./guide-stage.js";

const connectorVersion = "4.8.1";

// Snowflake's connector finds the account by DNS; here it is told where the server of the test is.
const leadToServer = (host: string, port: number) => `
import snowflake.connector as connector
connect = connector.connect
connector.connect = lambda **login: connect(host="${host}", port=${port}, protocol="http", **login)
`;

it("docs/guides/rotate-export-credentials.md rotates a key pair while its job goes on reading", async () => {
  const first = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  const aws = await startAws();
  await aws.control.createJobs(["nightly-export"]);
  await installPythonConnector(connectorVersion);
  const stage = await startGuideStage("docs/guides/rotate-export-credentials.md", { env: aws.env });
  const { project, server, page, takeProgram, runNext, expectShown } = stage;
  try {
    const { control } = server;
    for (const make of [
      () => control.createRole("EXPORT_ROLE"),
      () => control.createDatabase("ANALYTICS"),
      () => control.createWarehouse("EXPORT_WH"),
      () => control.grant("USAGE", { database: "ANALYTICS" }, "EXPORT_ROLE"),
      () => control.grant("USAGE", { warehouse: "EXPORT_WH" }, "EXPORT_ROLE"),
      () => control.createUser({ name: "EXPORT_USER", roles: ["EXPORT_ROLE"], publicKey: first.publicKey }),
    ])
      make();
    project.write("export_key.p8", first.privateKey);
    takeProgram();
    expectShown(await runNext());

    project.write("job.py", page.next("python"));
    project.write("sitecustomize.py", leadToServer(server.host, server.port));
    const runJob = async () => {
      const python = join(pythonConnectorFolder(connectorVersion), "bin/python");
      const claim = ["--claim", "exports/org_acme/active/snowflake", "--job-language", "python"];
      const env = { ...process.env, ...aws.env, AWS_DEFAULT_REGION: aws.region, PYTHONPATH: project.folder };
      const run = await runCommand(python, ["job.py", ...claim], {
        cwd: project.folder,
        env,
        timeoutMs: 60_000,
      });
      expect(run.code, run.output).toBe(0);
      expect(run.stdout).toContain("exporting as EXPORT_USER from ANALYTICS");
      return /export destination (\S+)/.exec(run.stdout)?.[1];
    };
    const old = await runJob();

    await runNext();
    const privateKey = readFileSync(join(project.folder, "new_key.p8"), "utf8");
    project.plant(privateKey);
    const both = [
      first.publicKey,
      createPublicKey(privateKey).export({ type: "spki", format: "pem" }).toString(),
    ];
    control.createUser({ name: "EXPORT_USER", roles: ["EXPORT_ROLE"], publicKey: both });
    const run = await aws.control.startRun("nightly-export", { state: "RUNNING" });
    const refused = await runNext({ code: 1 });
    expect(refused.output).toContain(page.next("").trim().replace(" RUN of ", ` ${run} of `));
    const active = await runJob();
    expect(active).not.toBe(old);

    aws.control.setRunState(run, "SUCCEEDED");
    await runNext();
    expect(await runJob()).toBe(active);
    expect((await runNext()).stdout.trim()).toBe("Validated");
    page.end();
  } finally {
    // Where the page was not followed to its end, its own failure is what a person has to read.
    rmSync(join(project.folder, "new_key.p8"), { force: true });
    await stage.stop();
    await aws.stop();
  }
});

// All of the job but what it does by itself: the log-in alone, with credentials as they are stored.
const logIn = `
import json, os
exec(open("job.py").read().split("credentials, destination_id =")[0])
with snowflake.connector.connect(**build_login(json.loads(os.environ["PAYLOAD"]))) as connection:
    print("logged in as %s" % connection.cursor().execute("SELECT CURRENT_USER()").fetchone())
`;

it("the job of docs/guides/rotate-export-credentials.md logs in with an OAuth client as it is stored", async () => {
  const folder = mkdtempSync(join(tmpdir(), "oauth-job-"));
  const certificate = await makeVouchedCertificate(folder);
  const [provider, server] = await Promise.all([
    startIdentityProvider({ EXPORTS: "secret-of-a-client-7ac" }, certificate),
    startSnowflakeServer(),
    installPythonConnector(connectorVersion),
  ]);
  try {
    seedExportWarehouse(server);
    server.control.createUser({ name: "EXPORTS", type: "SERVICE", roles: ["EXPORT_ROLE"] });
    server.control.run(provider.trust());
    const credentials = exportCredentialsArguments.parse({
      type: "snowflake",
      account: server.account,
      warehouse: "EXPORT_WH",
      database: "ANALYTICS",
      oauthClientId: provider.clientId,
      oauthClientSecret: "secret-of-a-client-7ac",
      oauthTokenRequestUrl: provider.tokenUrl,
      role: "EXPORT_ROLE",
    });
    const page = readFileSync(join(projectFolder, "docs/guides/rotate-export-credentials.md"), "utf8");
    writeFileSync(join(folder, "job.py"), /```python\n(.*?)```/s.exec(page)?.[1] ?? "");
    const trust = `import certifi\ncertifi.where = lambda: "${certificate.authorityFile}"\n`;
    writeFileSync(join(folder, "sitecustomize.py"), trust + leadToServer(server.host, server.port));
    const python = join(pythonConnectorFolder(connectorVersion), "bin/python");
    const run = await runCommand(python, ["-c", logIn, "--claim", "none"], {
      cwd: folder,
      env: {
        ...process.env,
        PYTHONPATH: folder,
        PAYLOAD: buildPayload(credentials).expose(),
      },
      timeoutMs: 60_000,
    });
    expect(run.output).toContain("logged in as EXPORTS");
  } finally {
    await Promise.all([provider.stop(), server.stop()]);
    rmSync(folder, { recursive: true });
  }
});
