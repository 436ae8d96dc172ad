import * as z from "zod";
import { SecretValue } from "../../core/secret-value.js";

// Of an empty text nothing else is said.
const notEmpty = { error: "must not be empty.", abort: true };

/** A text that must be there and hold something. */
export const requiredText = z.string("must be a string.").min(1, notEmpty);

// Longer than any service takes; the claim, which AWS bounds, keeps those that are no secret.
const maxNameLength = 512;
const notTooLong = `must not be longer than ${maxNameLength} characters.`;

/** A text of which the spaces around it are no part. */
export const requiredTrimmedText = z
  .string("must be a string.")
  .trim()
  .min(1, notEmpty)
  .max(maxNameLength, notTooLong);

/** A name, kept as it is written: spaces alone are none. */
export const requiredName = requiredText
  .max(maxNameLength, notTooLong)
  .refine((text) => text.trim() !== "", "must not be blank.");

/** A text that may be missing; an empty one is missing too. */
export const unsetWhenEmpty = z
  .string("must be a string.")
  .optional()
  .transform((text) => (text === "" ? undefined : text));

/** What must be there and is not shown. */
export const requiredSecret = requiredText.transform((text) => new SecretValue(text));

/** A name that must be there and is not shown. */
export const requiredSecretName = requiredName.transform((text) => new SecretValue(text));

/** A token or an id that may be missing and is not shown: without the spaces and line breaks around it. */
export const optionalToken = z
  .string("must be a string.")
  .trim()
  .optional()
  .transform((text) => (text === undefined || text === "" ? undefined : new SecretValue(text)));

/** What may be missing, and is not shown; an empty text is missing too. */
export const optionalSecret = unsetWhenEmpty.transform((text) =>
  text === undefined ? undefined : new SecretValue(text),
);
