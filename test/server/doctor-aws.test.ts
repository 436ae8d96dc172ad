import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { runCommandLine } from "../../sdk/cli/command-line.js";
import { denied } from "../support/aws/faults.js";
import { useAws } from "../support/aws/use-aws.js";

describe("the doctor's look at AWS", () => {
  beforeAll(() => {
    for (const name of Object.keys(process.env))
      if (/^(SNOWFLAKE|AWS)_/.test(name)) vi.stubEnv(name, undefined);
    vi.stubEnv("SNOWFLAKE_HOME", "/nonexistent");
  });
  const aws = useAws();
  beforeEach(() => aws().reset());

  const examine = async () => {
    let stdout = "";
    const write = (text: string) => {
      stdout += text;
    };
    const flags = ["--aws-endpoint", aws().endpoint, "--aws-region", aws().region, "--json"];
    const code = await runCommandLine(["doctor", ...flags], { stdout: { write }, stderr: { write } });
    const { checks } = JSON.parse(stdout) as {
      checks: { area: string; status: string; detail: string; fix?: string }[];
    };
    return { code, checks: checks.filter(({ area }) => area === "AWS") };
  };

  it("shows the account, the region and the permissions that can be tried", async () => {
    expect((await examine()).checks).toEqual([
      { area: "AWS", status: "ok", detail: `account 123456789012, region ${aws().region}` },
      { area: "AWS", status: "ok", detail: "secretsmanager:ListSecrets is allowed" },
      { area: "AWS", status: "ok", detail: "glue:GetJobs is allowed" },
    ]);
  });

  it("shows the permission that is missing", async () => {
    aws().faults.add({ operation: "GetJobs", times: Number.POSITIVE_INFINITY, effect: denied });
    const { code, checks } = await examine();
    aws().faults.clear();
    expect(code).toBe(4);
    expect(checks.map(({ status }) => status)).toEqual(["ok", "ok", "bad"]);
    expect(checks[2]?.fix).toBe("allow glue:GetJobs for the identity that runs Pulumi.");
  });
});
