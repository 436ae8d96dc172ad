import { buildBenchmarkChart, buildBenchmarkPage } from "./benchmark-page.js";
import { buildErrorsPage } from "./errors-page.js";
import { buildReferencePage } from "./reference-page.js";

/** The pages that are built, by path; `npm run docs` writes them. */
export const pages: Readonly<Record<string, () => string | Promise<string>>> = {
  "docs/benchmark.md": buildBenchmarkPage,
  "docs/benchmark.svg": buildBenchmarkChart,
  "docs/errors.md": buildErrorsPage,
  "docs/reference.md": buildReferencePage,
};
