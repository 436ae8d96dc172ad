import * as pulumi from "@pulumi/pulumi";
import { hideEach, isMap, keepValues, mapValues, requireKeepable, toOutput } from "../inputs.js";

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

/** A map of values as one secret, of which the known ones stay known beside others. */
export function hideSecrets(resource: string, given: unknown): pulumi.Input<unknown> {
  if (given === undefined) return undefined;
  if (!isPlainMap(given)) return hide(toOutput(given).apply(keepValues));
  requireKeepable(resource, given);
  return hideEach(given);
}

function isPlainMap(given: unknown): given is Record<string, unknown> {
  return isMap(given) && !pulumi.Output.isInstance(given) && !(given instanceof Promise);
}

function dropUndefined(map: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(map).filter(([, value]) => value !== undefined));
}
