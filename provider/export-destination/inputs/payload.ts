import { listInWords } from "../../core/list-in-words.js";
import { SecretValue } from "../../core/secret-value.js";
import { buildCheckFailure, type CheckFailure } from "../../engine/failures.js";
import type { Operation } from "../../engine/operation.js";
import { findSimilarName } from "../../engine/suggestion.js";
import { isUnknown } from "../../engine/unknown.js";
import { type ExportType, listNonSensitiveFields } from "../credentials/index.js";
import {
  buildPayload,
  findPayloadNames,
  listPayloadFields,
  listPayloadFormats,
  type PayloadChoice,
  payloadLayouts,
} from "../credentials/payload.js";
import type { DestinationArguments } from "./arguments.js";
import { type CredentialTraces, findCredentials } from "./credentials.js";

/**
 * What stands against the format of the payload, given these credentials. Of the credentials it reads which fields are
 * given, and how long they are together.
 */
export function checkPayload(
  { payloadFormat, payloadNames }: Pick<DestinationArguments, "payloadFormat" | "payloadNames">,
  traces: CredentialTraces,
  operation: Operation,
): readonly CheckFailure[] {
  if (isUnknown(payloadFormat) || isUnknown(payloadNames)) return [];
  // A name that is known in `up` only is looked at then.
  const choice = { payloadFormat, payloadNames } as PayloadChoice;
  const mismatches = checkChoice(choice);
  if (mismatches.length > 0 || isUnknown(traces.type)) return mismatches;
  const { type, destinationMetadata, credentialFingerprints } = traces;
  const given =
    isUnknown(destinationMetadata) || isUnknown(credentialFingerprints)
      ? undefined
      : ["type", ...Object.keys(destinationMetadata), ...Object.keys(credentialFingerprints)];
  const failures =
    payloadFormat === "custom" ? checkNames(type, given, choice) : checkFormat(type, given, choice);
  const credentials = failures.length > 0 ? undefined : findCredentials(operation, traces);
  return credentials === undefined ? failures : findTooLong(credentials, buildPayload(credentials, choice));
}

/** Whether format and names go together, whatever the credentials are. */
function checkChoice({ payloadFormat, payloadNames }: PayloadChoice): readonly CheckFailure[] {
  if (payloadNames === undefined)
    return payloadFormat === "custom" ? [buildCheckFailure(["payloadNames"], namesMissing)] : [];
  if (payloadFormat !== "custom")
    return [buildCheckFailure(["payloadNames"], 'goes with payloadFormat "custom" only.')];
  const fields = new Map<string, string>();
  return Object.entries(payloadNames).flatMap(([field, name]) => {
    const other = isUnknown(name) ? undefined : fields.get(name);
    if (other === undefined) fields.set(name, field);
    const problem = `has the same name as ${other}. Give each field a name of its own.`;
    return other === undefined ? [] : [buildCheckFailure(["payloadNames", field], problem)];
  });
}

const namesMissing =
  'is required with payloadFormat "custom": name each field, for example { username: "DB_USER", password: "DB_PASSWORD" }.';

function checkFormat(
  type: ExportType,
  given: readonly string[] | undefined,
  choice: PayloadChoice,
): readonly CheckFailure[] {
  const { payloadFormat = "default" } = choice;
  const formats = listPayloadFormats(type);
  const refuse = (problem: string) => [buildCheckFailure(["payloadFormat"], problem)];
  if (!formats.includes(payloadFormat)) {
    return refuse(
      `"${payloadFormat}" has no names for credentials of type ${type}: use ${listQuoted(formats)}.`,
    );
  }
  if (given === undefined || findPayloadNames(type, given, choice) !== undefined) return [];
  const wanted = (payloadLayouts[payloadFormat]?.[type] ?? []).map(({ needs }) => listInWords(needs, "and"));
  return refuse(
    `"${payloadFormat}" needs one of these in credentials: ${wanted.join("; ")}. Give these, or name the fields yourself with "custom" and payloadNames.`,
  );
}

function checkNames(
  type: ExportType,
  given: readonly string[] = [],
  { payloadNames = {} }: PayloadChoice,
): readonly CheckFailure[] {
  const fields = listPayloadFields(type);
  const named = Object.keys(payloadNames);
  const refuse = (field: string, problem: string) => buildCheckFailure(["payloadNames", field], problem);
  const unknown = named
    .filter((field) => !fields.includes(field))
    .map((field) => {
      const similar = findSimilarName(fields, field);
      const meant = similar === undefined ? `Use ${listInWords(fields, "or")}.` : `Did you mean ${similar}?`;
      return refuse(field, `credentials of type ${type} store no field of this name. ${meant}`);
    });
  // What is no secret may be left out: the claim has it too.
  const unnamed = given
    .filter((field) => field !== "type" && !listNonSensitiveFields(type).includes(field))
    .filter((field) => !named.includes(field))
    .map((field) => refuse(field, `is required: without a name, credentials.${field} would not be stored.`));
  return [...unknown, ...unnamed];
}

function listQuoted(names: readonly string[]): string {
  return listInWords(
    names.map((name) => `"${name}"`),
    "or",
  );
}

/** What AWS lets into the text of a secret, in bytes. */
const maxPayloadBytes = 65_536;

/** The longest field of credentials that AWS does not keep. */
function findTooLong(credentials: object, payload: SecretValue): readonly CheckFailure[] {
  if (Buffer.byteLength(payload.expose()) <= maxPayloadBytes) return [];
  const lengthOf = (value: unknown) => (value instanceof SecretValue ? value.expose() : String(value)).length;
  const [[longest = ""] = []] = Object.entries(credentials).sort(([, a], [, b]) => lengthOf(b) - lengthOf(a));
  return [buildCheckFailure(["credentials", longest], tooLong)];
}

const tooLong = `makes the credentials too long: AWS Secrets Manager keeps at most ${maxPayloadBytes} bytes, all fields together as JSON.`;
