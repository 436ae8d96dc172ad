import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** The text of a file of this package, by its path from the package's folder. */
export function readPackageFile(path: string): string {
  // By the package's own name, as source and built code lie at different depths.
  const manifest = createRequire(__filename).resolve("pulumi-snowflake-secrets/package.json");
  return readFileSync(join(dirname(manifest), path), "utf8");
}
