import fc from "fast-check";
import { type CredentialName, credentialNames, type ModelType } from "./model-outside.js";

/** What the program says of its destination. */
export interface Wanted {
  readonly credential: CredentialName;
  readonly type: ModelType;
  readonly organizationId: string;
  readonly name: string;
  readonly destinationId: string | undefined;
  readonly retainOnDelete: boolean;
  readonly onPendingDeletion: "fail" | "restore";
  readonly retryTrigger: string;
}

export const firstWanted: Wanted = {
  credential: "good-1",
  type: "snowflake",
  organizationId: "42",
  name: "bi",
  destinationId: undefined,
  retainOnDelete: false,
  onPendingDeletion: "fail",
  retryTrigger: "",
};

/** Somebody else's doing, to the destination's secret or to its claim. */
const interferences = [
  "schedule the secret",
  "delete the secret",
  "put a value",
  "move the secret's label back",
  "strip tags",
  "strip the mark",
  "put a version on the claim",
  "move the claim's label back",
  "schedule the claim",
  "delete the claim",
  "take the fixed name",
] as const;
export type Interference = (typeof interferences)[number];

interface CutOff {
  readonly skip: number;
  readonly when: "before" | "after";
  readonly dies: boolean;
  /** The engine dies too, before it has written what the last hook answered. */
  readonly losesState: boolean;
}

export type Step =
  | { readonly do: "edit"; readonly to: Partial<Wanted> }
  | { readonly do: "rename" | "up" | "preview" | "refresh" | "destroy" | "run" | "runs end" }
  | { readonly do: "rival up" | "rival destroy" }
  | ({ readonly do: "up, cut off" | "destroy, cut off" } & CutOff)
  | { readonly do: "interfere"; readonly what: Interference };

const edit: fc.Arbitrary<Partial<Wanted>> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ credential: fc.constantFrom(...credentialNames) }) },
  { weight: 2, arbitrary: fc.record({ name: fc.constantFrom("bi", "sales") }) },
  { weight: 2, arbitrary: fc.record({ destinationId: fc.constantFrom(undefined, "fixed-1", "fixed-2") }) },
  { weight: 1, arbitrary: fc.record({ organizationId: fc.constantFrom("42", "43") }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constantFrom("snowflake" as const, "qlik" as const) }) },
  { weight: 1, arbitrary: fc.record({ retainOnDelete: fc.boolean() }) },
  {
    weight: 1,
    arbitrary: fc.record({ onPendingDeletion: fc.constantFrom("fail" as const, "restore" as const) }),
  },
  { weight: 1, arbitrary: fc.record({ retryTrigger: fc.constantFrom("", "again") }) },
);

const cutOff = {
  skip: fc.nat(26),
  when: fc.constantFrom("before" as const, "after" as const),
  dies: fc.boolean(),
  losesState: fc.boolean(),
};

/** What a scenario is made of. */
export const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant("edit" as const), to: edit }) },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom(
        "up" as const,
        "up" as const,
        "up" as const,
        "preview" as const,
        "refresh" as const,
      ),
    }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("up, cut off" as const), ...cutOff }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom("rename" as const, "destroy" as const) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("destroy, cut off" as const), ...cutOff }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("run" as const, "runs end" as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom("rival up" as const, "rival destroy" as const) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("interfere" as const),
      what: fc.constantFrom(...interferences),
    }),
  },
);
