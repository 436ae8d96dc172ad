import type { PulumiCommand } from "@pulumi/pulumi/automation/index.js";
import { buildSafeCause, ProviderError } from "../../provider/core/errors.js";

/** The program `pulumi` on PATH, asked for its version once. @throws ProviderError `ENGINE_FAILED` if none can be used */
export async function findPulumi(): Promise<PulumiCommand> {
  // Loading costs half a second, which other commands need not pay.
  const automation = await import("@pulumi/pulumi/automation/index.js");
  try {
    return await automation.PulumiCommand.get();
  } catch (error) {
    throw new ProviderError("ENGINE_FAILED", {
      operation: "Pulumi's command line was not found on PATH, or is too old",
      hint: "install it: https://www.pulumi.com/docs/install/.",
      cause: buildSafeCause(error),
    });
  }
}
