import * as z from "zod";

/** Where a resource stands in Pulumi. */
export interface Place {
  readonly organization: string;
  readonly project: string;
  readonly stack: string;
  readonly type: string;
  readonly name: string;
}

/** What a hook cannot find out by itself. */
export interface EngineContext {
  readonly place: Place;
  /** Undefined where the host learns it only in create and update. */
  readonly preview: boolean | undefined;
  /** Tells apart two resources of one program that stand in the same place: parents are not part of it. */
  readonly instance?: number | string | undefined;
}

/** The key of the input that the shells in `sdk/` send beside the arguments; it never reaches the state. */
const contextKey = "pulumiContext";

const contextShape = z.strictObject({
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

/**
 * Takes the context out of the inputs that `check` got. There is none where `ignoreChanges: ["*"]` put the old inputs
 * in the place of all new ones.
 */
export function splitContext(news: Readonly<Record<string, unknown>>): {
  context: EngineContext | undefined;
  args: Record<string, unknown>;
} {
  const { [contextKey]: context, ...args } = news;
  return { context: context === undefined ? undefined : contextShape.parse(context), args };
}

/** The hint for people beside an owner id: `organization/project/stack/name`. */
export function buildPlaceHint({ organization, project, stack, name }: Place): string {
  return [organization, project, stack, name].join("/");
}

/** Whether two such hints are of one stack. */
export function isSameStack(one: string, other: string): boolean {
  const stackOf = (hint: string) => hint.split("/").slice(0, 3).join("/");
  return stackOf(one) === stackOf(other);
}
