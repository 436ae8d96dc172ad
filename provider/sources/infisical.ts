import * as z from "zod";
import { ProviderError } from "../core/errors.js";
import { SecretValue } from "../core/secret-value.js";
import type { Known } from "../engine/unknown.js";
import type { HttpSite } from "./http-site.js";
import { infisicalAuthArguments, logIn } from "./infisical-auth.js";
import { askInfisical, openInfisicalSite } from "./infisical-request.js";
import { useOnce } from "./issued-token.js";
import { commonFields, flag, type SourceContext, type SourceEntry, type SourceType, text } from "./source.js";

const siteUrlShape = z
  .url({ protocol: /^https?$/, error: "must be a URL that begins with https://.", abort: true })
  // The state keeps it, and shows it.
  .refine((url) => !hasLogin(url), "must not hold a user or a password.");

const schema = z
  .strictObject({
    type: z.literal("infisical"),
    projectId: text.describe("The project's id."),
    environment: text.optional().describe("Environment slug. Default: the sync's environment."),
    secretPath: text
      .startsWith("/", 'must begin with "/".')
      .optional()
      .describe("Folder. Default: the sync's secretPath."),
    recursive: flag
      .optional()
      .describe(
        "Also reads the folders below. If two folders have the same key, the one nearer to `secretPath` wins. Default: false.",
      ),
    includeImports: flag
      .optional()
      .describe(
        "Secret imports too: the folders' own secrets go before them, and a later import before an earlier. With `recursive` the imports of all folders, in Infisical's order: it does not say which folder an import belongs to. Default: true.",
      ),
    expandSecretReferences: flag
      .optional()
      .describe(
        "Expand references to other secrets, on Infisical's side; those of imports are always expanded there. Default: true.",
      ),
    tagSlugs: z.array(text).optional().describe("Only secrets with one of these tags."),
    siteUrl: siteUrlShape
      .optional()
      .describe("A self-hosted Infisical. Default: INFISICAL_SITE_URL, else https://app.infisical.com."),
    auth: infisicalAuthArguments
      .optional()
      .describe("How to log in; what is absent comes from the environment."),
    ...commonFields,
  })
  .meta({
    id: "InfisicalSource",
    description: "Secrets of an Infisical folder; personal overrides are left out.",
  });

function hasLogin(url: string): boolean {
  const { username, password } = new URL(url);
  return username !== "" || password !== "";
}

type Spec = Known<z.infer<typeof schema>>;

/** @throws ProviderError `INVALID_INPUT` for a variable that holds no usable URL, which is not printed */
function readSiteUrl(env: SourceContext["env"]): string {
  const parsed = siteUrlShape.safeParse(env.INFISICAL_SITE_URL?.trim() || defaultSiteUrl);
  if (parsed.success) return parsed.data;
  throw new ProviderError("INVALID_INPUT", {
    operation: `INFISICAL_SITE_URL ${parsed.error.issues[0]?.message ?? "is not a URL."}`.replace(/\.$/, ""),
    hint: `set it to the address of your Infisical, such as ${defaultSiteUrl}.`,
  });
}

const defaultSiteUrl = "https://app.infisical.com";

/**
 * Secrets of an Infisical folder, by its API; personal overrides are left out.
 *
 * Infisical answers with less, and without a word, when the identity loses the right to read an import or, under
 * `recursive`, a folder below: the import comes back empty, as an empty folder does, and what it held counts as removed,
 * or a weaker import's value takes its place. Nothing in the answer tells the two apart, and the list of a folder's
 * imports names a hidden one like any other. `syncOptions.maxRemovals` of the sync bounds what that can remove.
 */
export const infisicalSource: SourceType<typeof schema> = {
  schema,
  variables: ["INFISICAL_"],
  describe: (spec, context) =>
    buildLabel(spec.environment ?? context.environment, spec.secretPath ?? context.secretPath),
  read: async (spec, context) => {
    const environment = spec.environment ?? context.environment;
    const path = spec.secretPath ?? context.secretPath;
    const siteUrl = spec.siteUrl?.trim() ?? readSiteUrl(context.env);
    const site = openInfisicalSite(buildLabel(environment, path), siteUrl, context.timeoutMs ?? 30_000);
    const login = {
      identity: [site.address, spec.auth],
      logIn: () => logIn(site, spec.auth, context.env),
    };
    const answer = await (context.useToken ?? useOnce)(login, (token) =>
      listSecrets(site, token, spec, environment, path),
    );
    const folder = answer.secrets.find((secret) => (secret.secretPath ?? path) === path)?.folderId;
    const expanded = spec.expandSecretReferences ?? true;
    return {
      entries: mergeFolders(answer, { environment, path, expanded }),
      ids: {
        projectId: spec.projectId,
        environment: { slug: environment },
        folder: { path, ...(folder ? { id: folder } : {}) },
      },
    };
  },
};

// Another server under siteUrl must not look like an empty folder.
const listedSecretShape = z.object({
  secretKey: z.string().min(1),
  secretValue: z.string(),
  secretPath: z.string().optional(),
  secretValueHidden: z.boolean().optional(),
  folderId: z.string().nullish(),
  type: z.string().optional(),
});

const listingShape = z.object({
  secrets: z.array(listedSecretShape),
  imports: z
    .array(z.object({ secretPath: z.string(), environment: z.string(), secrets: z.array(listedSecretShape) }))
    .optional(),
});

type ListedSecret = z.infer<typeof listedSecretShape>;
type Listing = z.infer<typeof listingShape>;

async function listSecrets(
  site: HttpSite,
  token: SecretValue,
  spec: Spec,
  environment: string,
  secretPath: string,
): Promise<Listing> {
  const answer = await askInfisical(site, {
    path: "api/v3/secrets/raw",
    token,
    query: {
      workspaceId: spec.projectId,
      environment,
      secretPath,
      recursive: String(spec.recursive ?? false),
      include_imports: String(spec.includeImports ?? true),
      expandSecretReferences: String(spec.expandSecretReferences ?? true),
      viewSecretValue: "true",
      ...(spec.tagSlugs === undefined ? {} : { tagSlugs: spec.tagSlugs.join(",") }),
    },
  });
  const listing = listingShape.safeParse(answer);
  if (listing.success) return listing.data;
  throw new ProviderError("SOURCE_FAILED", {
    operation: "Infisical's answer is not a list of secrets",
    target: site.label,
    hint: "check that siteUrl is the address of Infisical.",
  });
}

// From weak to strong, because of two with the same key the later wins: imports in their order, then the folders
// from the deepest to the one that was asked for.
function mergeFolders(
  listing: Listing,
  { environment, path, expanded }: { environment: string; path: string; expanded: boolean },
): SourceEntry[] {
  // What an import imports itself stands behind its own secrets, so there the first of equal keys wins.
  const imported = (listing.imports ?? []).flatMap((folder) =>
    buildEntries(folder.secrets, buildLabel(folder.environment, folder.secretPath), true).reverse(),
  );
  const byFolder = new Map<string, ListedSecret[]>();
  for (const secret of listing.secrets) {
    const folder = secret.secretPath ?? path;
    const secrets = byFolder.get(folder);
    if (secrets === undefined) byFolder.set(folder, [secret]);
    else secrets.push(secret);
  }
  const folders = [...byFolder].sort(([a], [b]) => depth(b) - depth(a) || (a < b ? 1 : -1));
  const own = folders.flatMap(([folder, secrets]) =>
    buildEntries(secrets, buildLabel(environment, folder), expanded),
  );
  return [...imported, ...markEqualNames(own)];
}

/** Marks what wins over the same key of another folder: nobody listed these folders one by one. */
function markEqualNames(entries: readonly SourceEntry[]): SourceEntry[] {
  const losers = new Map<string, readonly string[]>();
  return entries.map((entry) => {
    const otherFolders = losers.get(entry.key) ?? [];
    losers.set(entry.key, [...otherFolders, entry.source]);
    return otherFolders.length === 0 ? entry : { ...entry, doubts: { ...entry.doubts, otherFolders } };
  });
}

function depth(path: string): number {
  return path.split("/").filter((part) => part !== "").length;
}

// What Infisical takes for a reference; one that leads nowhere, in a circle or too deep stays in the value.
const reference = /\$\{[\w.:@-]+\}/;

function buildEntries(secrets: readonly ListedSecret[], source: string, expanded: boolean): SourceEntry[] {
  const shared = secrets.filter((secret) => secret.type !== "personal");
  const hidden = shared.filter((secret) => secret.secretValueHidden === true);
  if (hidden.length > 0) {
    // Where it does not refuse, Infisical puts a placeholder in the place of a value that the identity may not read.
    throw new ProviderError("SOURCE_FAILED", {
      operation: "this Infisical identity may list secrets, but not read their values",
      target: `${source}: ${hidden.map((secret) => secret.secretKey).join(", ")}`,
      hint: "allow the identity to read secret values in that folder.",
    });
  }
  return shared.map(({ secretKey, secretValue }) => ({
    key: secretKey,
    value: new SecretValue(secretValue),
    source,
    ...(expanded && reference.test(secretValue) ? { doubts: { holdsReference: true } } : {}),
  }));
}

function buildLabel(environment: string, path: string): string {
  return `infisical ${environment}:${path}`;
}
