import { ProviderError } from "../core/errors.js";

/** What a URN tells: `urn:pulumi:<stack>::<project>::<types of the parents>$<type>::<name>`. */
export interface UrnParts {
  readonly stack: string;
  readonly project: string;
  /** The types of the parents, outermost first, as the URN joins them; "" where the stack is the parent. */
  readonly parentTypes: string;
  readonly type: string;
  /** May hold anything, `::` too. */
  readonly name: string;
}

/** The parts of a URN. The organization is not one of them. */
export function parseUrn(urn: string): UrnParts {
  const [, stack, project, types, name] = /^urn:pulumi:(.*?)::(.*?)::(.*?)::(.*)$/s.exec(urn) ?? [];
  if (stack === undefined || project === undefined || types === undefined || name === undefined) {
    throw new ProviderError("INTERNAL", {
      operation: "the Pulumi engine sent a resource name in an unknown form",
      hint: "update the plugin.",
    });
  }
  const end = types.lastIndexOf("$");
  return { stack, project, parentTypes: types.slice(0, Math.max(end, 0)), type: types.slice(end + 1), name };
}
