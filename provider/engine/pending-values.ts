import { listValues, type SecretContent } from "../core/secret-content.js";
import { createMemoryMap, type Operation } from "./operation.js";

/**
 * What `check` hands to `create` and `update` of the same operation in memory, so that only keyed fingerprints travel
 * through the engine. A fingerprint covers name and content, so it finds the content.
 */
const pendingValues = createMemoryMap<string, SecretContent>();

/** Keeps the content of a secret in memory until the operation ends. */
export function addPendingValue(operation: Operation, fingerprint: string, content: SecretContent): void {
  operation.recall(pendingValues).set(fingerprint, content);
}

/** The content of a fingerprint; undefined where this operation did not get it. */
export function findValue(operation: Operation, fingerprint: string): SecretContent | undefined {
  return operation.recall(pendingValues).get(fingerprint);
}

/** A part of a value that is as long as two of these less one holds one of them whole, wherever it begins. */
const blockLength = 8;

/**
 * Whether a text of somebody else, such as Snowflake's first line about a statement, shows none of the held values:
 * neither a whole one, plain or as JSON or in a URL would have it, nor 15 characters in a row of one. Only such a text
 * may be printed.
 */
export function isFreeOfPendingValues(operation: Operation, text: string): boolean {
  const blocks = Array.from({ length: Math.floor(text.length / blockLength) }, (_, i) =>
    text.slice(i * blockLength, (i + 1) * blockLength),
  );
  return [...operation.recall(pendingValues).values()]
    .flatMap(({ parts }) => parts.flatMap(listValues).flatMap((value) => buildForms(value.expose())))
    .every((form) => form === "" || !(text.includes(form) || blocks.some((block) => form.includes(block))));
}

function buildForms(value: string): readonly string[] {
  // Half a surrogate pair has no form in a URL.
  const inUrl = encodeURIComponent(value.replace(/\p{Surrogate}/gu, "\ufffd"));
  return [...new Set([value, JSON.stringify(value).slice(1, -1), inUrl])];
}
