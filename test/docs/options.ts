import { Operation } from "../../provider/engine/operation.js";
import type { Properties } from "../../provider/engine/resource.js";
import { hostedResources } from "../../provider/plugin/hosted-resources.js";
import type { PackageSpec, PropertySpecs, TypeSpec } from "../../provider/plugin/schema/package-spec.js";
import { optionExamples } from "./option-examples.js";

/** What the reference shows of an option beside its definition. */
export interface Option {
  readonly example: unknown;
  /** What is said of a value that it cannot take. */
  readonly refusal: string;
}

interface Found {
  readonly example: unknown;
  readonly resource: string;
  readonly args: Properties;
  readonly path: readonly (string | number)[];
}

/** Every option of every resource, by type and name: `SyncOptions.maxRemovals`. */
export async function readOptions(schema: PackageSpec): Promise<ReadonlyMap<string, Option>> {
  const options = new Map<string, Option>();
  for (const [key, found] of findExamples(schema)) {
    options.set(key, { example: found.example, refusal: await findRefusal(found) });
  }
  return options;
}

function findExamples(schema: PackageSpec): ReadonlyMap<string, Found> {
  const found = new Map<string, Found>();
  for (const [resource, examples] of Object.entries(optionExamples)) {
    const specs = schema.resources[`snowflake-secrets:index:${resource}`]?.inputProperties ?? {};
    for (const args of examples) {
      const visitFields = (
        type: string,
        properties: PropertySpecs,
        value: Properties,
        path: Found["path"],
      ) => {
        for (const [name, example] of Object.entries(value)) {
          const spec = properties[name];
          if (spec === undefined) throw new Error(`${type} has no option ${name}.`);
          if (spec.const !== undefined) continue;
          const at = [...path, name];
          if (!found.has(`${type}.${name}`))
            found.set(`${type}.${name}`, { example, resource, args, path: at });
          visit(spec, example, at);
        }
      };
      const visit = (spec: TypeSpec, value: unknown, path: Found["path"]): void => {
        const { items } = spec;
        if (items !== undefined) {
          for (const [index, item] of (value as unknown[]).entries()) visit(items, item, [...path, index]);
          return;
        }
        const ref =
          spec.discriminator?.mapping[String((value as Properties)[spec.discriminator.propertyName])];
        const token = (ref ?? spec.$ref)?.replace("#/types/", "");
        const type = token === undefined ? undefined : schema.types[token];
        if (type?.type !== "object" || token === undefined) return;
        visitFields(token.split(":").at(-1) ?? "", type.properties, value as Properties, path);
      };
      visitFields(resource, specs, args, []);
    }
  }
  return found;
}

/** No text may hold the first; nothing takes the second. */
const wrongValues = ["\0", [[]]];

/** Asks the resource itself, with an otherwise good program. */
async function findRefusal({ resource, args, path }: Found): Promise<string> {
  const hosted = hostedResources[`snowflake-secrets:index:${resource}`];
  if (hosted === undefined) throw new Error(`There is no resource ${resource}.`);
  const { check, type } = await hosted.load();
  const place = {
    organization: "organization",
    project: "docs",
    stack: "dev",
    parentTypes: "",
    type,
    name: "docs",
  };
  const messages = { report: () => undefined, warn: () => undefined };
  const at = `${path.join(".")}: `;
  for (const wrong of wrongValues) {
    const given = hosted.buildArguments({}, replaceAt(args, path, wrong) as Properties);
    const { failures } = await check({}, given, { place, run: "preview" }, new Operation(messages));
    const own = failures.map(({ reason }) => reason).filter((reason) => reason.startsWith(at));
    if (own[0] !== undefined) return own[0].slice(at.length);
  }
  throw new Error(`${resource}: nothing is said of a wrong ${path.join(".")}.`);
}

function replaceAt(value: unknown, [first, ...rest]: Found["path"], wrong: unknown): unknown {
  if (first === undefined) return wrong;
  if (Array.isArray(value))
    return value.map((item, at) => (at === first ? replaceAt(item, rest, wrong) : item));
  return { ...(value as Properties), [first]: replaceAt((value as Properties)[String(first)], rest, wrong) };
}
