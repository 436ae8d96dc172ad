import * as pulumi from "@pulumi/pulumi";
import type * as wire from "../provider/secret-sync/inputs/secrets-on-wire.js";
import type { SnowflakeSecretSyncArgs } from "./generated/types.js";

type Secrets = SnowflakeSecretSyncArgs["secrets"];

// A shell loads nothing of the provider: their types hold them to what `check` reads.
const ownMapKey: typeof wire.ownMapKey = "";
const valueBeside: typeof wire.valueBeside = "";

/** By which Pulumi knows what is not known yet. A preview shows it as unknown, and `up` leaves it out. */
const unknownText: unknown = pulumi.runtime.unknownValue;

/** Names and values apart, before the engine sees them: it keeps a whole argument secret, or nothing of it. */
export function splitSecrets(
  resource: string,
  secrets: Secrets,
): { readonly [K in keyof wire.SecretsOnWire]: unknown } {
  if (secrets === undefined) return { secrets: buildNames({}) };
  if (pulumi.Output.isInstance(secrets) || secrets instanceof Promise) {
    return {
      secrets: pulumi.unsecret(toOutput(secrets).apply(buildNames)),
      secretValues: pulumi.secret(toOutput(secrets).apply(keepValues)),
    };
  }
  // What is no map goes to `check` as it is, which says so without spelling it out.
  if (!isMap(secrets)) return { secrets: buildNames({}), secretValues: pulumi.secret(secrets) };
  requireKeepable(resource, secrets);
  return { secrets: buildNames(secrets), secretValues: hideEach(secrets) };
}

/**
 * A map as one secret in which each value that is an output stays one, so that an unknown value in a preview does not
 * make the others unknown. Those that are plain are no outputs: each would cost the SDK half a millisecond.
 */
export function hideEach(map: Readonly<Record<string, unknown>>): pulumi.Output<unknown> {
  const hidden = mapValues(map, (value) => (isMap(value) ? toOutput(value).apply(orNull) : orNull(value)));
  // Not `pulumi.secret(hidden)`, which is unknown as soon as one of its values is.
  return pulumi.secret("").apply(() => hidden);
}

/** A map that is known by now, or what a program gave in its place, with null for what is no value. */
export function keepValues(known: unknown): unknown {
  return isMap(known) ? mapValues(known, orNull) : known;
}

// Null is told as a key without a value; undefined would look like a key that was removed, and so would the text of
// unknown values, which `up` leaves out.
function orNull(value: unknown): unknown {
  return value === undefined || value === unknownText ? null : value;
}

/** A map of its own with the same keys. */
export function mapValues(
  map: Readonly<Record<string, unknown>>,
  change: (value: unknown) => unknown,
): object {
  return asPrintable(Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value)])));
}

/** What a program gave, in any form, as an output. */
export function toOutput(value: unknown): pulumi.OutputInstance<unknown> {
  return pulumi.output(value as string) as unknown as pulumi.OutputInstance<unknown>;
}

/** Those of the arguments that are given, each as a secret, which the engine then keeps encrypted. */
export function hideGiven(args: object, names: readonly string[]): Record<string, pulumi.Output<unknown>> {
  const given = Object.entries(args).filter(([name, value]) => names.includes(name) && value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name, pulumi.secret(value)]));
}

/** What `check` fills, and the engine keeps encrypted, because a secret stands here under the same name. */
export function buildSecretPlaces(names: readonly string[]): Record<string, pulumi.Output<string>> {
  return Object.fromEntries(names.map((name) => [name, pulumi.secret("")]));
}

/** The options with further types that the resource may have had until now. */
export function withFormerTypes(
  opts: pulumi.CustomResourceOptions | undefined,
  ...types: readonly string[]
): pulumi.CustomResourceOptions {
  return pulumi.mergeOptions(opts, { aliases: types.map((type) => ({ type })) });
}

/** Whether a value, which a program in JavaScript may have made, has fields of its own. */
export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function buildNames(secrets: unknown): Record<string, string> {
  const keys = isMap(secrets) ? Object.keys(secrets) : [];
  return asPrintable(Object.fromEntries([ownMapKey, ...keys].map((key) => [key, valueBeside])));
}

/**
 * Refuses what would be lost on the way to the provider, or mean something else there. Only for what is there at once:
 * the SDK hangs when a function of an output throws.
 *
 * @throws RunError
 */
export function requireKeepable(resource: string, secrets: Readonly<Record<string, unknown>>): void {
  const fault = Object.entries(secrets).map(findFault).find(Boolean);
  if (fault !== undefined) throw new pulumi.RunError(`${resource}: secrets: ${fault}`);
}

function findFault([key, value]: readonly [string, unknown]): string | undefined {
  if (key === ownMapKey) return "a key is empty. Give each secret a name.";
  if (key === "__proto__") return 'the key "__proto__" cannot be kept in a Pulumi state. Rename it.';
  const parts = isMap(value) ? Object.values(value) : [value];
  if (!parts.includes(unknownText)) return undefined;
  return `the value of ${JSON.stringify(key)} is the text that Pulumi uses for unknown values, so Pulumi would lose it. Give another value.`;
}

/**
 * No field of the credentials is in the state, so there is none that `ignoreChanges` on a single one could keep.
 *
 * @throws RunError
 */
export function requireWholeCredentials(name: string, opts: pulumi.CustomResourceOptions | undefined): void {
  const path = opts?.ignoreChanges?.find((ignored) => /^credentials[.[]/.test(ignored));
  if (path === undefined) return;
  throw new pulumi.RunError(
    `${name}: ignoreChanges: "${path}" would lose the field, as none of the credentials is in the state. Name "credentials", or nothing of them.`,
  );
}

/**
 * A secret has one fingerprint in the state, over all of its parts, so there is none of a part that `ignoreChanges` could
 * keep.
 *
 * @throws RunError
 */
export function requireWholeSecrets(name: string, opts: pulumi.CustomResourceOptions | undefined): void {
  const key = String.raw`(\.[^.[]+|\["([^"\\]|\\.)*"\]|\[[^\]]*\])`;
  const path = opts?.ignoreChanges?.find((ignored) => new RegExp(`^secrets${key}[.[]`).test(ignored));
  if (path === undefined) return;
  throw new pulumi.RunError(
    `${name}: ignoreChanges: "${path}" names a part of a secret, and the state has none of the parts. Name the whole secret, as in secrets["KEY"].`,
  );
}

/** The SDK prints its arguments for its debug log, and dies of a map with a key `toString`. */
export function asPrintable<T extends object>(map: T): T {
  return Object.defineProperty(map, Symbol.toPrimitive, { value: () => "secrets" });
}
