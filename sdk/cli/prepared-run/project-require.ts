import { createRequire } from "node:module";
import { join } from "node:path";

/** Loads modules as the code in the folder of the program would, in which these processes start. */
export const projectRequire = createRequire(join(process.cwd(), "index.js"));
