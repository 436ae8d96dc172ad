import * as pulumi from "@pulumi/pulumi";
import { asPrintable, hideEach, isMap, requireCarried, requireKeepable, toOutput } from "../inputs.js";

/** An argument as a secret; none stays none. */
function hide(value: unknown): pulumi.Input<unknown> {
  return value === undefined ? undefined : pulumi.secret(toOutput(value));
}

/** The arguments that hold a secret, as secrets. */
export function hideArguments(args: object, names: readonly string[]): Record<string, pulumi.Input<unknown>> {
  const secret = Object.entries(args).filter(([name]) => names.includes(name));
  return Object.fromEntries(secret.map(([name, value]) => [name, hideFields(value)]));
}

/** Each field a secret of its own, so that one that is unknown in a preview does not make the others unknown. */
export function hideFields(given: unknown): pulumi.Input<unknown> {
  return isPlainMap(given) ? mapValues(dropUndefined(given), hide) : hide(given);
}

/** As `hideEach`; a key whose value is undefined is sent as null, or it would look like one that was removed. */
export function hideSecrets(resource: string, given: unknown): pulumi.Input<unknown> {
  if (given === undefined) return undefined;
  const keepValue = (value: unknown, key: string) => orNull(requireCarried(resource, value, key));
  const keep = (known: unknown) => {
    if (!isMap(known)) return known;
    requireKeepable(resource, Object.keys(known));
    return mapValues(known, keepValue);
  };
  if (!isPlainMap(given)) return hide(toOutput(given).apply(keep));
  requireKeepable(resource, Object.keys(given));
  return hideEach(given, keepValue);
}

function orNull(value: unknown): unknown {
  return value === undefined ? null : value;
}

function isPlainMap(given: unknown): given is Record<string, unknown> {
  return isMap(given) && !pulumi.Output.isInstance(given) && !(given instanceof Promise);
}

function dropUndefined(map: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(map).filter(([, value]) => value !== undefined));
}

function mapValues(
  map: Readonly<Record<string, unknown>>,
  change: (value: unknown, key: string) => unknown,
): object {
  return asPrintable(
    Object.fromEntries(Object.entries(map).map(([key, value]) => [key, change(value, key)])),
  );
}
