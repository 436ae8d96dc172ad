import { z } from "zod";

/** A text that must be there and hold something. */
export const requiredText = z.string("must be a text.").min(1, "must not be empty.");

/** A text that may be missing; an empty one is missing too. */
export const unsetWhenEmpty = z
  .string("must be a text.")
  .optional()
  .transform((text) => (text === "" ? undefined : text));
