import type * as z from "zod";

declare module "zod" {
  /** What the definition of an argument or an output says beside its form; it stands outermost (`.optional().meta`). */
  interface GlobalMeta {
    /** The name of a type in the schema and in every SDK. */
    id?: string;
    description?: string;
    /** A value or a credential: SDKs make it a secret. */
    secret?: true;
    /**
     * What `check` leaves of a secret, where that is not the secret itself: keyed fingerprints, which are shown, or the
     * argument without its credentials, which is as secret as the program gave it.
     */
    leaves?: "fingerprints" | "no-credentials";
    /** Of credentials: the names of the fields that are no secret. */
    nonSensitiveFields?: readonly string[];
    /** A change of the argument replaces the resource. */
    replaces?: true;
    /** The arguments that an output repeats, and that it is as secret as. */
    repeats?: readonly string[];
    /** The map whose values an output lists, A to Z; known in a preview where that is. */
    valuesOf?: string;
    /** That an update leaves an output as it is: in any case, or of what works. The others only `up` knows. */
    lasts?: "always" | "validated";
  }
}

/** The fields whose metadata is so. */
export function findFields({ shape }: z.ZodObject, isSo: (meta: z.GlobalMeta) => boolean): readonly string[] {
  return Object.entries(shape)
    .filter(([, field]) => isSo((field as z.ZodType).meta() ?? {}))
    .map(([name]) => name);
}

/** What an output with `valuesOf` holds. */
export function listValuesOf(map: Readonly<Record<string, string>>): string[] {
  return Object.values(map).sort();
}
