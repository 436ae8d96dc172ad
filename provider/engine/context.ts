import * as z from "zod";

/** Where a resource stands in Pulumi. */
export interface Place {
  readonly organization: string;
  readonly project: string;
  readonly stack: string;
  /** The types of its parents as its URN has them, outermost first: `a:b:C$d:e:F`; "" where the stack is the parent. */
  readonly parentTypes: string;
  readonly type: string;
  readonly name: string;
}

/** What the engine is at; `unknown` where a host is told only in create and update, as the plugin is. */
export type RunKind = "preview" | "up" | "unknown";

/** What a hook cannot find out by itself. */
export interface EngineContext {
  readonly place: Place;
  readonly run: RunKind;
  /** The URN, where the host is told it: two resources of the plugin may have one type here. */
  readonly urn?: string;
}

/** The key of the input that the shells in `sdk/` send beside the arguments; it never reaches the state. */
const contextKey = "pulumiContext";

const contextShape = z.strictObject({
  /** As the SDK knows it: whether this is a dry run. */
  preview: z.boolean(),
  place: z.strictObject({
    organization: z.string(),
    project: z.string(),
    stack: z.string(),
    parentTypes: z.string(),
    type: z.string(),
    name: z.string(),
  }),
});

/**
 * Takes the context out of the inputs that `check` got. There is none where `ignoreChanges: ["*"]` put the old inputs
 * in the place of all new ones.
 */
export function splitContext(news: Readonly<Record<string, unknown>>): {
  context: EngineContext | undefined;
  args: Record<string, unknown>;
} {
  const { [contextKey]: sent, ...args } = news;
  if (sent === undefined) return { context: undefined, args };
  const { preview, ...context } = contextShape.parse(sent);
  return { context: { ...context, run: preview ? "preview" : "up" }, args };
}

/**
 * The hint for people beside an owner id: `organization/project/stack/name`. The types of the parents are not in it:
 * they would make most hints longer than the names that they stand beside, and the owner id tells two equal hints apart.
 */
export function buildPlaceHint({ organization, project, stack, name }: Place): string {
  return [organization, project, stack, name].join("/");
}

/** The same with the types of the parents, where two resources of one hint may meet in one message. */
export function describePlace(place: Place): string {
  const parents = place.parentTypes === "" ? "" : ` (child of ${place.parentTypes.replaceAll("$", " > ")})`;
  return `${buildPlaceHint(place)}${parents}`;
}

/** Whether two such hints are of one stack. A plugin is not told the organization and has `organization` in its place. */
export function isSameStack(one: string, other: string): boolean {
  const [organization, ...stack] = one.split("/").slice(0, 3);
  const [otherOrganization, ...otherStack] = other.split("/").slice(0, 3);
  const organizations = new Set([organization, otherOrganization, "organization"]);
  return stack.join("/") === otherStack.join("/") && organizations.size < 3;
}
