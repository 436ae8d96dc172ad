import * as z from "zod";

declare const brand: unique symbol;

/**
 * What stands in the place of a value that only `up` knows. On the wire it is a fixed text; its type has nothing in
 * common with a text's, so that the compiler asks for `isUnknown` before such a value is used.
 */
export interface Unknown {
  readonly [brand]: true;
}

/** `T` without the places that may hold `Unknown`. */
export type Known<T> = T extends Unknown ? never : T extends object ? { [K in keyof T]: Known<T[K]> } : T;

/** The engine's mark for an unknown value; it stands for a text as well as for a whole map. */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9" as unknown as Unknown;

/** Whether a value is known only in `up`: the engine's placeholder stands for it. */
export function isUnknown(value: unknown): value is Unknown {
  return value === unknownValue;
}

/** Whether anything in `value`, however deep, is known only in `up`. */
export function holdsUnknown(value: unknown): boolean {
  if (isUnknown(value)) return true;
  return typeof value === "object" && value !== null && Object.values(value).some(holdsUnknown);
}

/** Whether all of `value` is known. */
export function isKnown<T>(value: T): value is T & Known<T> {
  return !holdsUnknown(value);
}

const knownForms = z.registry<{ readonly form: unknown }>();

/** What a field of `orUnknown` is when it is known; undefined for any other schema. */
export function findKnownForm(schema: z.core.$ZodType): z.ZodType | undefined {
  return knownForms.get(schema)?.form as z.ZodType | undefined;
}

/** A field that in a preview may be unknown. */
export function orUnknown<T>(schema: z.ZodType<T>): z.ZodType<T | Unknown> {
  const field = z.unknown().transform((value, context): T | Unknown => {
    if (isUnknown(value)) return value;
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    context.issues.push(...parsed.error.issues.map((issue) => ({ ...issue, input: undefined }) as never));
    return z.NEVER;
  });
  return field.register(knownForms, { form: schema });
}
