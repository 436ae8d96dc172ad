import { computeFingerprint } from "../../core/fingerprint.js";
import { SecretValue } from "../../core/secret-value.js";
import { buildCheckFailure, buildFailures, type CheckFailure } from "../../engine/failures.js";
import { createMemoryMap, type Operation } from "../../engine/operation.js";
import type { Properties } from "../../engine/resource.js";
import { holdsUnknown, isUnknown, type Unknown, unknownValue } from "../../engine/unknown.js";
import {
  type ExportCredentials,
  type ExportType,
  exportCredentialsArguments,
  exportTypes,
  listFields,
  listNonSensitiveFields,
  parseField,
} from "../credentials/index.js";
import { buildPayload } from "../credentials/payload.js";
import { explainForeignLogin } from "../credentials/snowflake-login.js";
import type { DestinationInputs, KnownInputs } from "./arguments.js";

/** What of the credentials the engine gets to see. */
export type CredentialTraces = Pick<
  DestinationInputs,
  "type" | "destinationMetadata" | "credentialFingerprints" | "credentialsFingerprint"
>;

/** Credentials that `check` hands to `create` and `update` of the same operation in memory, by their fingerprint. */
const pendingCredentials = createMemoryMap<string, ExportCredentials>();

/** Parses the credentials, holds them for `create` and `update`, and answers what may be seen of them. */
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
    return { failures: [buildCheckFailure(["credentials"], missing)] };
  }
  if (isUnknown(given)) return { traces: buildUnknownTraces(olds), failures: [] };
  const parsed = exportCredentialsArguments.safeParse(given);
  if (!parsed.success) {
    const found = buildFailures(parsed.error, ["credentials"], given, exportCredentialsArguments);
    const failures = found.map(explainForeignLogin);
    if (failures.length > 0) return { failures: [...failures, ...findWithheld(failures, given, olds)] };
  }
  if (!parsed.success || holdsUnknown(given)) {
    return { traces: buildPartialTraces(given as Properties, parsed.data, fingerprintKey), failures: [] };
  }
  const { type, ...fields } = parsed.data;
  const whole = buildPayload(parsed.data);
  const credentialsFingerprint = computeFingerprint(fingerprintKey, "credentials", whole);
  operation.recall(pendingCredentials).set(credentialsFingerprint, parsed.data);
  return {
    traces: { type, ...splitFields(type, fields, fingerprintKey), credentialsFingerprint },
    failures: [],
  };
}

const missing =
  "is required. Where ignoreChanges names it, take it out: an imported destination has none to keep.";

/** Fields that fail as they were given before and are not now: so `ignoreChanges` on a single field looks. */
function findWithheld(
  failures: readonly CheckFailure[],
  given: unknown,
  { credentialFingerprints }: Properties,
): readonly CheckFailure[] {
  const failing = new Set(failures.map(({ property }) => property));
  return Object.keys(Object(credentialFingerprints))
    .filter((field) => !Object.hasOwn(Object(given), field))
    .filter((field) => failing.has("") || failing.has(`credentials.${field}`))
    .map((field) => buildCheckFailure(["credentials", field], withheld));
}

const withheld =
  "was given before and is not now. Where ignoreChanges names it, name credentials as a whole: no single field is kept.";

/** The credentials that `check` of this operation held; undefined if it got none. */
export function findCredentials(
  operation: Operation,
  { credentialsFingerprint }: Pick<DestinationInputs, "credentialsFingerprint">,
): ExportCredentials | undefined {
  if (isUnknown(credentialsFingerprint)) return undefined;
  return operation.recall(pendingCredentials).get(credentialsFingerprint);
}

// Which field is a secret is decided by the schema alone: those come out of it wrapped.
function splitFields(
  type: ExportType,
  fields: Readonly<Record<string, unknown>>,
  fingerprintKey: string,
): Pick<CredentialTraces, "destinationMetadata" | "credentialFingerprints"> {
  const plain = listNonSensitiveFields(type);
  const destinationMetadata: Record<string, string | number | Unknown> = {};
  const credentialFingerprints: Record<string, string | Unknown> = {};
  for (const [field, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    if (value instanceof SecretValue) {
      const text: unknown = value.expose();
      credentialFingerprints[field] = isUnknown(text)
        ? text
        : computeFingerprint(fingerprintKey, `credentials.${field}`, value);
    } else if (!isUnknown(value)) {
      destinationMetadata[field] = typeof value === "number" ? value : String(value);
    } else if (plain.includes(field)) {
      destinationMetadata[field] = value;
    } else {
      credentialFingerprints[field] = value;
    }
  }
  return { destinationMetadata, credentialFingerprints };
}

// In a preview, where some fields are known only in `up`: what is known is shown as it will be.
function buildPartialTraces(
  given: Properties,
  parsed: ExportCredentials | undefined,
  fingerprintKey: string,
): CredentialTraces {
  const type = exportTypes.find((known) => known === given.type);
  if (type === undefined) return buildUnknownTraces({});
  const whole: Properties = { ...parsed };
  const fields = listFields(type).map((field) => {
    const value = given[field];
    if (parsed !== undefined) return [field, whole[field]] as const;
    return [field, isUnknown(value) ? value : parseField(type, field, value)] as const;
  });
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

// What our own `check` answered before, and the engine kept.
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
