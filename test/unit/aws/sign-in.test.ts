import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { withAws } from "../../../provider/aws/with-aws.js";
import type { ProviderError } from "../../../provider/core/errors.js";
import { type Aws, startAws } from "../../support/aws/aws.js";

const planted = "planted-value";
const role = "arn:aws:iam::123456789012:role/exporter";
const config = `
[profile process]
credential_process = /bin/false ${planted}
[profile process-garbage]
credential_process = /bin/echo ${planted}
[profile sso]
sso_session = company
sso_account_id = 123456789012
sso_role_name = Deploy
[sso-session company]
sso_region = us-east-1
sso_start_url = https://company.awsapps.com/start
[profile sso-legacy]
sso_region = us-east-1
sso_start_url = https://company.awsapps.com/start
sso_account_id = 123456789012
sso_role_name = Deploy
[profile through-sso]
role_arn = ${role}
source_profile = sso
[profile round]
role_arn = ${role}
source_profile = round-2
[profile round-2]
role_arn = ${role}
source_profile = round
[profile dangling]
role_arn = ${role}
source_profile = missing
[profile empty]
region = us-east-1
[profile through-keys]
role_arn = ${role}
source_profile = keys
[profile keys]
aws_access_key_id = testing
aws_secret_access_key = ${planted}
`;

let aws: Aws;
let folder: string;

beforeAll(async () => {
  aws = await startAws();
  folder = mkdtempSync(join(tmpdir(), "aws-config-"));
  writeFileSync(join(folder, "config"), config);
});
beforeEach(async () => {
  await aws.reset();
  vi.stubEnv("AWS_CONFIG_FILE", join(folder, "config"));
  vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", join(folder, "none"));
  vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
  vi.stubEnv("AWS_ENDPOINT_URL", aws.endpoint);
  for (const name of ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"])
    vi.stubEnv(name, undefined);
});
afterEach(() => vi.unstubAllEnvs());
afterAll(async () => {
  await aws?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function fail(settings: { profile?: string; assumeRoleArn?: string } = {}): Promise<ProviderError> {
  const { endpoint, region } = aws;
  const failed = withAws({ region, endpoint, ...settings }, async () => undefined);
  const error = await failed.then(
    () => undefined,
    (thrown: ProviderError) => thrown,
  );
  expect(error?.code).toBe("AWS_FAILED");
  expect(JSON.stringify([error, error?.message, error?.stack])).not.toContain(planted);
  return error as ProviderError;
}

function useKeys(): void {
  vi.stubEnv("AWS_ACCESS_KEY_ID", "testing");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "testing");
}

describe("a profile that gives no credentials", () => {
  const causes = [
    [
      "process",
      'the credential_process of profile "process" gave no credentials: run the command that aws configure get credential_process --profile process shows.',
    ],
    ["process-garbage", 'the credential_process of profile "process-garbage" gave no credentials'],
    [
      "sso",
      'the AWS SSO session of profile "sso" has ended: run aws sso login --profile sso, then run again.',
    ],
    ["sso-legacy", "run aws sso login --profile sso-legacy"],
    ["through-sso", "run aws sso login --profile sso, then"],
    ["round", 'profile "round" leads back to itself (source_profile of "round", "round-2")'],
    [
      "dangling",
      'profile "missing" does not exist in AWS\'s configuration files (source_profile of "dangling")',
    ],
    [
      "empty",
      'profile "empty" gave no valid credentials: renew them; aws sts get-caller-identity --profile empty must work here.',
    ],
    [
      "nope",
      'profile "nope" does not exist in AWS\'s configuration files: check its name; aws configure list-profiles',
    ],
  ] as const;

  it.each(causes)("%s, as an argument, is told by its name with the command", async (profile, told) => {
    expect((await fail({ profile })).hint).toContain(told);
  });

  it.each(causes)("%s, by AWS_PROFILE", async (profile, told) => {
    vi.stubEnv("AWS_PROFILE", profile);
    expect((await fail()).hint).toContain(told);
  });

  it("and no profile at all", async () => {
    expect((await fail()).hint).toContain(
      "set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: no",
    );
  });

  it("in the region of the environment, which the error names", async () => {
    vi.stubEnv("AWS_REGION", "eu-west-1");
    const asked = withAws({}, async () => undefined);
    await expect(asked).rejects.toThrow(
      "[AWS_FAILED] cannot find out the AWS account (AWS CredentialsProviderError): eu-west-1. Fix: set AWS_PROFILE",
    );
  });
});

describe("credentials that AWS refuses", () => {
  it("from the environment are not told as missing", async () => {
    useKeys();
    aws.faults.add({
      operation: "GetCallerIdentity",
      times: 9,
      effect: { kind: "error", code: "ExpiredToken" },
    });
    expect((await fail()).hint).toContain("aws sts get-caller-identity shows it), and renew them");
  });

  it("from a profile are told with its name", async () => {
    aws.faults.add({
      operation: "GetCallerIdentity",
      times: 9,
      effect: { kind: "error", code: "ExpiredToken" },
    });
    expect((await fail({ profile: "keys" })).hint).toContain(
      'profile "keys" gave no valid credentials: renew them',
    );
  });

  it.each(["RequestTimeTooSkewed", "RequestExpired"])("for the clock (%s) are told so", async (code) => {
    useKeys();
    aws.faults.add({ operation: "GetCallerIdentity", times: 9, effect: { kind: "error", code } });
    expect((await fail()).hint).toContain("set this machine's clock");
  });
});

describe("a role that may not be assumed", () => {
  const denied = { kind: "error", code: "AccessDenied", status: 403 } as const;

  it("by aws.assumeRoleArn is named", async () => {
    useKeys();
    aws.faults.add({ operation: "AssumeRole", times: 9, effect: denied });
    expect((await fail({ assumeRoleArn: role })).hint).toBe(
      `allow sts:AssumeRole on ${role}, also in the role's trust policy, for the identity that runs Pulumi.`,
    );
  });

  it("by a profile is told with the profile's name", async () => {
    aws.faults.add({ operation: "AssumeRole", times: 9, effect: denied });
    expect((await fail({ profile: "through-keys" })).hint).toMatch(/through-keys|profile "keys"/);
  });
});

it("a secret that AWS does not delete for another reason is not told as scheduled for deletion", async () => {
  useKeys();
  await aws.control.createSecret("owned", "x");
  aws.faults.add({ operation: "DeleteSecret", effect: { kind: "error", code: "InvalidRequestException" } });
  const { endpoint, region } = aws;
  const failed = withAws({ region, endpoint }, ({ secrets }) => secrets.scheduleDeletion("owned", 30));
  await expect(failed).rejects.toMatchObject({
    code: "AWS_FAILED",
    hint: expect.stringContaining("aws secretsmanager describe-secret --secret-id owned shows OwningService"),
  });
});
