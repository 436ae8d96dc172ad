/** What the engine puts in the place of a value that is known only in `up`; also deep inside maps. */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

export function isUnknown(value: unknown): boolean {
  return value === unknownValue;
}

/** Reads Pulumi config by its full name, `snowflake:account`. */
export interface ConfigReader {
  get(name: string): string | undefined;
}
