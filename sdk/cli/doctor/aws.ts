import type { AwsSettings } from "../../../provider/aws/aws-config.js";
import { withAws } from "../../../provider/aws/with-aws.js";
import { asBadCheck, type Check } from "./check.js";

/** The AWS account and region, and the permissions that can be tried without changing anything. */
export async function checkAws(settings: AwsSettings): Promise<Check[]> {
  try {
    return await withAws(settings, async (aws) => [
      { area: "AWS", status: "ok", detail: `account ${aws.accountId}, region ${aws.region}` },
      await tryCall("secretsmanager:ListSecrets", async () => {
        await aws.secrets.list("exports/");
      }),
      await tryCall("glue:GetJobs", async () => {
        await (await aws.glue()).listJobs();
      }),
    ]);
  } catch (error) {
    return [asBadCheck("AWS", error)];
  }
}

async function tryCall(permission: string, call: () => Promise<void>): Promise<Check> {
  try {
    await call();
    return { area: "AWS", status: "ok", detail: `${permission} is allowed` };
  } catch (error) {
    return asBadCheck("AWS", error);
  }
}
