import * as pulumi from "@pulumi/pulumi";
import type * as wire from "../provider/secret-sync/inputs/secrets-on-wire.js";
import type { SnowflakeSecretSyncArgs } from "./generated/types.js";

type Secrets = SnowflakeSecretSyncArgs["secrets"];

// A shell loads nothing of the provider: their types hold them to what `check` reads.
const ownMapKey: typeof wire.ownMapKey = "";
const valueBeside: typeof wire.valueBeside = "";

/** Names and values apart, before the engine sees them: it keeps a whole argument secret, or nothing of it. */
export function splitSecrets(
  resource: string,
  secrets: Secrets,
): { readonly [K in keyof wire.SecretsOnWire]: unknown } {
  const buildNames = (map: unknown) => buildNamesOf(resource, map);
  if (secrets === undefined) return { secrets: buildNames({}) };
  if (pulumi.Output.isInstance(secrets) || secrets instanceof Promise) {
    const values = toOutput(secrets).apply((map) => {
      if (isMap(map)) for (const [key, value] of Object.entries(map)) requireCarried(resource, value, key);
      return map;
    });
    return {
      secrets: pulumi.unsecret(pulumi.output(secrets).apply(buildNames)),
      secretValues: pulumi.secret(values),
    };
  }
  // What is no map goes to `check` as it is, which says so without spelling it out.
  if (!isMap(secrets)) return { secrets: buildNames({}), secretValues: pulumi.secret(secrets) };
  return {
    secrets: buildNames(secrets),
    secretValues: hideEach(secrets, (value, key) => requireCarried(resource, value, key)),
  };
}

/**
 * A map as one secret in which each value that is an output stays one, so that an unknown value in a preview does not
 * make the others unknown. Those that are plain are no outputs: each would cost the SDK half a millisecond.
 *
 * @param change what a value becomes
 */
export function hideEach(
  map: Readonly<Record<string, unknown>>,
  change: (value: unknown, key: string) => unknown,
): pulumi.Output<unknown> {
  const values = Object.entries(map).map(([key, value]) => [
    key,
    isMap(value) ? toOutput(value).apply((known) => change(known, key)) : change(value, key),
  ]);
  const hidden = asPrintable(Object.fromEntries(values));
  // Not `pulumi.secret(hidden)`, which is unknown as soon as one of its values is.
  return pulumi.secret("").apply(() => hidden);
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

function buildNamesOf(resource: string, secrets: unknown): Record<string, string> {
  const keys = isMap(secrets) ? Object.keys(secrets) : [];
  requireKeepable(resource, keys);
  return asPrintable(Object.fromEntries([ownMapKey, ...keys].map((key) => [key, valueBeside])));
}

/** @throws RunError for a key that would be lost on the way to the engine, or means something else there */
export function requireKeepable(resource: string, keys: readonly string[]): void {
  if (keys.includes("")) {
    throw new pulumi.RunError(`${resource}: secrets: a key is empty. Give each secret a name.`);
  }
  if (!keys.includes("__proto__")) return;
  throw new pulumi.RunError(
    `${resource}: secrets: the key "__proto__" cannot be kept in a Pulumi state. Rename it.`,
  );
}

/**
 * A value, unless it is the text by which the engine knows what is not known yet: a preview would show the key as
 * unknown, and `up` would lose it, and so drop the secret.
 *
 * @throws RunError
 */
export function requireCarried(resource: string, value: unknown, key: string): unknown {
  if (value !== pulumi.runtime.unknownValue) return value;
  throw new pulumi.RunError(
    `${resource}: secrets: the value of ${JSON.stringify(key)} is the text that Pulumi uses for unknown values, so Pulumi would lose it. Give another value.`,
  );
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

/** The SDK prints its arguments for its debug log, and dies of a map with a key `toString`. */
export function asPrintable<T extends object>(map: T): T {
  return Object.defineProperty(map, Symbol.toPrimitive, { value: () => "secrets" });
}
