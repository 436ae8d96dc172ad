import { buildBenchmarkChart, buildBenchmarkPage } from "./benchmark-page.js";
import { buildConnectionPage } from "./connection-page.js";
import { buildErrorsPage } from "./errors-page.js";
import { jsonSchemas } from "./json-schemas.js";
import { buildPayloadPage } from "./payload-page.js";
import { buildProvedPage } from "./proved-page.js";
import { buildReferencePage } from "./reference-page.js";
import { buildInstallationPage, buildRegistryPage, buildRegistrySchema } from "./registry.js";
import { buildScalePage } from "./scale-page.js";
import { buildSdkFields, buildSdkTypes } from "./sdk-types.js";

/**
 * What is built from the definitions, by path: pages, JSON schemas, the package schema, and the types of the SDK.
 * `npm run generate` writes them.
 */
export const pages: Readonly<Record<string, () => string | Promise<string>>> = {
  "docs/_index.md": buildRegistryPage,
  "docs/benchmark.md": buildBenchmarkPage,
  "docs/benchmark.svg": buildBenchmarkChart,
  "docs/scale.md": buildScalePage,
  "docs/connection.md": buildConnectionPage,
  "docs/errors.md": buildErrorsPage,
  "docs/installation-configuration.md": buildInstallationPage,
  "docs/payload-formats.md": buildPayloadPage,
  "docs/proved-and-documented.md": buildProvedPage,
  ...jsonSchemas,
  "docs/reference.md": buildReferencePage,
  "schema.json": buildRegistrySchema,
  "sdk/generated/fields.ts": buildSdkFields,
  "sdk/generated/types.ts": buildSdkTypes,
};
