import { computeFingerprint, deriveFingerprintKey } from "../../../provider/core/fingerprint.js";
import { SecretValue } from "../../../provider/core/secret-value.js";
import type { ExportedResource } from "../../../sdk/cli/stack-syncs.js";

const type = "pulumi-nodejs:dynamic/snowflake:SnowflakeSecretSync";
const signature = "4dabf18193072939515e22adb298388d";
const secretMark = "1b47061264138c4ac30d75fd1eb44270";
/** The fingerprint key of `buildResource`. */
export const key = "the key";

/** The fingerprint of a value under that key. */
export function print(name: string, value: string, trigger?: string): string {
  return computeFingerprint(deriveFingerprintKey(key, trigger), name, new SecretValue(value));
}

/** A sync as `pulumi stack export --show-secrets` gives it. */
export function buildResource(inputs: Record<string, unknown> = {}): ExportedResource {
  return {
    urn: `urn:pulumi:dev::p::${type}::app`,
    type,
    inputs: {
      name: "app-sync",
      environment: "dev",
      sources: [
        { type: "program", allowEmpty: true },
        { type: "environment", prefix: "APP_" },
      ],
      secrets: { A: print("A", "1"), OLD: print("OLD", "1"), P: print("P", "program") },
      fingerprintKey: { [signature]: secretMark, plaintext: JSON.stringify(key) },
      ownerId: "0".repeat(32),
      destinationConfig: { database: "D", schema: "S" },
      ...inputs,
    },
    outputs: {
      syncStatus: "succeeded",
      managedSecrets: {
        X_A: { sourceKey: "A", source: "environment APP_*" },
        X_P: { sourceKey: "P", source: "program" },
      },
    },
  };
}
