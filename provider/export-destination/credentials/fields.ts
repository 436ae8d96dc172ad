import { z } from "zod";

// Of an empty text nothing else is said.
const notEmpty = { error: "must not be empty.", abort: true };

/** A text that must be there and hold something. */
export const requiredText = z.string("must be a text.").min(1, notEmpty);

/** A text of which the spaces around it are no part. */
export const requiredTrimmedText = z.string("must be a text.").trim().min(1, notEmpty);

/** A text that may be missing; an empty one is missing too. */
export const unsetWhenEmpty = z
  .string("must be a text.")
  .optional()
  .transform((text) => (text === "" ? undefined : text));
