import { buildErrorsPage } from "./errors-page.js";
import { buildReferencePage } from "./reference-page.js";

/** The pages that are built, by path; `npm run docs` writes them. */
export const pages: Readonly<Record<string, () => string | Promise<string>>> = {
  "docs/errors.md": buildErrorsPage,
  "docs/reference.md": buildReferencePage,
};
