/** A resource as the stack's state holds it. */
export interface ResourceState {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly custom?: boolean;
  /** True while an old one waits to be deleted after its replacement. */
  readonly delete?: boolean;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
  readonly initErrors?: readonly string[];
  /** By URN. */
  readonly dependencies?: readonly string[];
}

/** What `pulumi stack export` gives. */
export interface StackExport {
  readonly version: number;
  readonly deployment: {
    readonly resources?: readonly ResourceState[];
    readonly pending_operations?: readonly unknown[];
  };
}

/** The resources that programs declare: without the stack and the providers. */
export function resourcesOf(stack: StackExport): ResourceState[] {
  return (stack.deployment.resources ?? []).filter(
    ({ type }) => type !== "pulumi:pulumi:Stack" && !type.startsWith("pulumi:providers:"),
  );
}
