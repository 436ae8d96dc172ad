import { fingerprint } from "../core/fingerprint.js";
import { SecretValue } from "../core/secret-value.js";
import { buildCheckFailure, buildFailures, type CheckFailure } from "../engine/failures.js";
import { findValue, holdValue } from "../engine/held-values.js";
import type { Operation } from "../engine/operation.js";
import type { Properties } from "../engine/resource.js";
import { holdsUnknown, isUnknown, type Unknown, unknownValue } from "../engine/unknown.js";
import {
  buildPayload,
  type ExportType,
  exportCredentialsSchema,
  exportTypes,
  listFields,
  listNonSensitiveFields,
} from "./credentials/index.js";
import type { DestinationInputs, KnownInputs } from "./inputs.js";

/** What of the credentials the engine gets to see. */
export type CredentialTraces = Pick<
  DestinationInputs,
  "type" | "destinationMetadata" | "credentialFingerprints" | "credentialsFingerprint"
>;

/** Checks the credentials, holds them in memory for `create` and `update`, and answers what may be seen of them. */
export function checkCredentials(
  given: unknown,
  olds: Properties,
  fingerprintKey: string,
  operation: Operation,
): { readonly traces?: CredentialTraces; readonly failures: readonly CheckFailure[] } {
  if (given === undefined) {
    // With `ignoreChanges` the engine sends the old input, and that holds no credentials: what is stored stays.
    const kept = pickTraces(olds);
    if (kept !== undefined) return { traces: kept, failures: [] };
    return { failures: [buildCheckFailure(["credentials"], "is required.")] };
  }
  if (isUnknown(given)) return { traces: buildUnknownTraces(olds), failures: [] };
  const parsed = exportCredentialsSchema.safeParse(given);
  if (!parsed.success) {
    const failures = [...buildTypeFailures(given), ...buildFailures(parsed.error, ["credentials"], given)];
    return holdsUnknown(given) && failures.length === 0
      ? { traces: buildPartialTraces(given as Record<string, unknown>, fingerprintKey), failures }
      : { failures };
  }
  if (holdsUnknown(given)) {
    return { traces: buildPartialTraces(given as Record<string, unknown>, fingerprintKey), failures: [] };
  }
  const payload = buildPayload(parsed.data);
  const credentialsFingerprint = fingerprint(fingerprintKey, "credentials", payload);
  holdValue(operation, credentialsFingerprint, payload);
  const fields = Object.entries(parsed.data).filter(
    ([field, value]) => field !== "type" && value !== undefined,
  );
  return {
    traces: {
      type: parsed.data.type,
      ...splitFields(parsed.data.type, Object.fromEntries(fields), fingerprintKey),
      credentialsFingerprint,
    },
    failures: [],
  };
}

/** The credentials that `check` of this operation held; undefined if it got none. */
export function findPayload(
  operation: Operation,
  { credentialsFingerprint }: Pick<KnownInputs, "credentialsFingerprint">,
): SecretValue | undefined {
  return findValue(operation, credentialsFingerprint);
}

function splitFields(
  type: ExportType,
  fields: Readonly<Record<string, unknown>>,
  fingerprintKey: string,
): Pick<CredentialTraces, "destinationMetadata" | "credentialFingerprints"> {
  const plain = listNonSensitiveFields(type);
  const destinationMetadata: Record<string, string | number | Unknown> = {};
  const credentialFingerprints: Record<string, string | Unknown> = {};
  for (const [field, value] of Object.entries(fields)) {
    if (plain.includes(field)) {
      destinationMetadata[field] = typeof value === "number" || isUnknown(value) ? value : String(value);
    } else {
      credentialFingerprints[field] = isUnknown(value)
        ? unknownValue
        : fingerprint(fingerprintKey, `credentials.${field}`, new SecretValue(String(value)));
    }
  }
  return { destinationMetadata, credentialFingerprints };
}

// In a preview, where some fields are known only in `up`: what is known is shown as it will be.
function buildPartialTraces(given: Record<string, unknown>, fingerprintKey: string): CredentialTraces {
  const type = exportTypes.find((known) => known === given.type);
  if (type === undefined) return buildUnknownTraces({});
  const known = listFields(type);
  const fields = Object.entries(given).filter(([field, value]) => known.includes(field) && value !== "");
  return {
    type,
    ...splitFields(type, Object.fromEntries(fields), fingerprintKey),
    credentialsFingerprint: unknownValue,
  };
}

function buildUnknownTraces({ type }: Properties): CredentialTraces {
  return {
    type: exportTypes.find((known) => known === type) ?? unknownValue,
    destinationMetadata: unknownValue,
    credentialFingerprints: unknownValue,
    credentialsFingerprint: unknownValue,
  };
}

function pickTraces(olds: Properties): CredentialTraces | undefined {
  const { type, destinationMetadata, credentialFingerprints, credentialsFingerprint } =
    olds as Partial<KnownInputs>;
  if (
    type === undefined ||
    destinationMetadata === undefined ||
    credentialFingerprints === undefined ||
    credentialsFingerprint === undefined
  ) {
    return undefined;
  }
  return { type, destinationMetadata, credentialFingerprints, credentialsFingerprint };
}

// Zod says of an unknown `type` only that nothing matches.
function buildTypeFailures(given: unknown): CheckFailure[] {
  if (typeof given !== "object" || given === null) return [];
  const { type } = given as Record<string, unknown>;
  if (isUnknown(type) || exportTypes.some((known) => known === type)) return [];
  return [buildCheckFailure(["credentials", "type"], `must be one of ${exportTypes.join(", ")}.`)];
}
