import { closest, distance } from "fastest-levenshtein";
import type * as z from "zod";
import { createJsonSchemas, type JsonSchema, listForms, readRef } from "./json-schema.js";

/** The argument at `path` that somebody most likely meant by `name`; undefined if none is like it. */
export function findSimilarArgument(
  schema: z.ZodType,
  path: readonly PropertyKey[],
  name: string,
): string | undefined {
  const schemas = createJsonSchemas();
  let here: readonly JsonSchema[] = [schemas.describe(schema)];
  const resolve = (form: JsonSchema): readonly JsonSchema[] => {
    const named = form.$ref === undefined ? form : (schemas.named[readRef(form.$ref)] ?? {});
    const forms = listForms(named);
    return forms.length === 0 ? [named] : forms.flatMap(resolve);
  };
  for (const step of path) {
    here = here.flatMap(resolve).flatMap(({ properties, items, additionalProperties }) => {
      const next = properties?.[String(step)] ?? items ?? additionalProperties;
      return next === undefined || next === false ? [] : [next];
    });
  }
  const names = here.flatMap(resolve).flatMap(({ properties }) => Object.keys(properties ?? {}));
  return findSimilarName(names, name);
}

/** Of `names` the one that somebody most likely meant by `name`; undefined if none is like it. */
export function findSimilarName(names: readonly string[], name: string): string | undefined {
  if (names.length === 0) return undefined;
  const found = closest(name, names);
  const apart = distance(name.toLowerCase(), found.toLowerCase());
  return apart < name.length && apart <= Math.max(2, name.length / 3) ? found : undefined;
}
