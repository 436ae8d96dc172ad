import { providerArguments } from "../settings.js";
import type { PropertySpec, PropertySpecs } from "./package-spec.js";
import type { TypeSpecs } from "./type-specs.js";

/**
 * The settings of a `Provider`, and of a stack under `snowflake-secrets:`. They are texts, numbers and flags: of several
 * forms the first is taken, and a choice is a text.
 */
export function buildProviderConfig(types: TypeSpecs): PropertySpecs {
  const { properties } = types.buildObject(providerArguments, "Connection");
  return Object.fromEntries(Object.entries(properties).map(([name, spec]) => [name, flatten(spec)]));
}

function flatten({ oneOf, $ref, ...spec }: PropertySpec): PropertySpec {
  if (oneOf !== undefined) return { ...spec, ...oneOf[0] };
  return $ref === undefined ? spec : { ...spec, type: "string" };
}
