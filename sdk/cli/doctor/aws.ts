import { type AwsSettings, withAwsClients } from "../../../provider/aws/clients.js";
import { openGlue } from "../../../provider/aws/glue.js";
import { openSecretsManager } from "../../../provider/aws/secrets-manager.js";
import type { Check } from "./check.js";
import { asBadCheck } from "./snowflake.js";

/** Who AWS takes us for, and the permissions that can be tried without changing anything. */
export async function checkAws(settings: AwsSettings): Promise<Check[]> {
  try {
    return await withAwsClients(settings, async (clients) => [
      { area: "AWS", status: "ok", detail: `account ${clients.accountId}, region ${clients.region}` },
      await tryCall("secretsmanager:ListSecrets", async () => {
        await (await openSecretsManager(clients.secretsManager)).list("exports/");
      }),
      await tryCall("glue:GetJobs", async () => {
        await (await openGlue(await clients.glue())).listJobs();
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
