import { withAwsClients } from "../aws/clients.js";
import { openSecretsManager } from "../aws/secrets-manager.js";
import { holdsUnknown } from "../check-failures.js";
import { toProviderError } from "../core/errors.js";
import { warn } from "../journal.js";
import { openClaim } from "./active-claim.js";
import type { CheckedInputs } from "./inputs.js";
import { planIdentity, sharesClaim } from "./next-identity.js";
import type { Predecessor } from "./operation-memory.js";
import { formerSecretArns, refuseOtherHolder } from "./provision.js";
import { refuseKnownFailure } from "./rejection.js";
import { inspectName } from "./storage.js";

/**
 * Tells in a preview what AWS holds against a creation or a replacement: another holder, a name inside its recovery
 * window, credentials known not to work. It reads only; what cannot be read is told, too. Only `up` fails.
 */
export async function foresee(inputs: CheckedInputs, predecessor: Predecessor | undefined): Promise<void> {
  if (holdsUnknown(inputs)) return;
  try {
    await withAwsClients({ ...inputs.aws, region: inputs.awsRegion }, async (clients) => {
      const secrets = await openSecretsManager(clients.secretsManager);
      const record = (await openClaim(secrets, inputs).read())?.record;
      if (record !== undefined) refuseOtherHolder(inputs, record);
      const home = predecessor !== undefined && sharesClaim(predecessor, inputs) ? predecessor : undefined;
      if (predecessor !== undefined) {
        await refuseKnownFailure(inputs, record, home === undefined ? predecessor : undefined);
      }
      const identity = planIdentity(inputs, record, undefined, home);
      await inspectName(secrets, inputs, identity, formerSecretArns(record));
    });
  } catch (thrown) {
    const error = toProviderError(thrown, "look ahead");
    const what =
      error.code === "AWS_FAILED" ? "what up will find in AWS is not known" : "up will fail as things stand";
    warn(`export destination ${inputs.name}: ${what}: ${error.message}`);
  }
}
