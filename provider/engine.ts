import { z } from "zod";
import type { Place } from "./ownership.js";

/** What the engine puts in the place of a value that is known only in `up`; also deep inside maps. */
export const unknownValue = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The key of the input that the shells in `sdk/` send beside the arguments; `check` strips it. */
const contextKey = "pulumiContext";

const contextSchema = z.strictObject({
  preview: z.boolean(),
  place: z.strictObject({
    organization: z.string(),
    project: z.string(),
    stack: z.string(),
    type: z.string(),
    name: z.string(),
  }),
  instance: z.number().optional(),
});

/** What a hook cannot find out by itself: whether this is a preview, and where the resource stands. */
export interface EngineContext {
  readonly preview: boolean;
  readonly place: Place;
  /** Tells apart two resources of one program that stand in the same place: parents are not part of it. */
  readonly instance?: number | undefined;
}

/** Takes the context out of the inputs that `check` got. */
export function takeContext(news: Readonly<Record<string, unknown>>): {
  context: EngineContext;
  args: Record<string, unknown>;
} {
  const { [contextKey]: context, __provider, ...args } = news;
  return { context: contextSchema.parse(context), args };
}

export function isUnknown(value: unknown): boolean {
  return value === unknownValue;
}

/** Reads Pulumi config by its full name, `snowflake:account`. */
export interface ConfigReader {
  get(name: string): string | undefined;
}
