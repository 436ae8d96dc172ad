import * as z from "zod";
import { orUnknown } from "./unknown.js";

/** A value of which only a change counts. */
export const trigger = orUnknown(
  z.union([z.string(), z.number(), z.boolean()], { error: "must be a string, a number or a boolean." }),
);
