import { z } from "zod";
import { ProviderError } from "../core/errors.js";
import { SecretValue } from "../core/secret-value.js";
import { infisicalAuthSchema, logIn } from "./infisical-auth.js";
import { withInfisicalErrors } from "./infisical-errors.js";
import {
  commonFields,
  knownOrUnknown,
  type SourceContext,
  type SourceEntry,
  type SourceType,
} from "./source.js";

const text = z.string("give a text.").min(1, "give a text that is not empty.");
const flag = knownOrUnknown(z.boolean("give true or false."));

const schema = z.strictObject({
  type: z.literal("infisical"),
  projectId: text,
  /** Environment slug. @default the sync's environment */
  environment: text.optional(),
  /** Folder. @default the sync's secretPath */
  secretPath: text.startsWith("/", 'give a path that begins with "/".').optional(),
  /** The folders below too; of two with the same key the one nearer to `secretPath` wins. @default false */
  recursive: flag.optional(),
  /** Secret imports too: the folder's own secrets go before them, and a later import before an earlier. @default true */
  includeImports: flag.optional(),
  /** Expand `${...}` references, on Infisical's side. @default true */
  expandSecretReferences: flag.optional(),
  /** Only secrets with one of these tags. */
  tagSlugs: z.array(text).optional(),
  /** A self-hosted Infisical. @default INFISICAL_SITE_URL, else https://app.infisical.com */
  siteUrl: z.url({ protocol: /^https?$/, error: "give a URL that begins with https://." }).optional(),
  /** How to log in; what is absent comes from the environment. */
  auth: infisicalAuthSchema.optional(),
  ...commonFields,
});

type Spec = z.infer<typeof schema>;

/** Secrets of an Infisical folder, by `@infisical/sdk`; personal overrides are left out. */
export const infisicalSource: SourceType<typeof schema> = {
  schema,
  describe: (spec, context) =>
    buildLabel(spec.environment ?? context.environment, spec.secretPath ?? context.secretPath),
  withoutCredentials: ({ auth, ...spec }) => {
    if (auth === undefined) return spec;
    const { clientSecret: _1, token: _2, jwt: _3, ...rest } = auth as Record<string, string>;
    return { ...spec, auth: rest as Spec["auth"] };
  },
  open: (spec) => ({
    resolve: async (context) => {
      const environment = spec.environment ?? context.environment;
      const path = spec.secretPath ?? context.secretPath;
      const answer = await withInfisicalErrors(
        buildLabel(environment, path),
        context.timeoutMs ?? 30_000,
        () => listSecrets(spec, environment, path, context),
      );
      const folder = answer.secrets.find((secret) => (secret.secretPath ?? path) === path)?.folderId;
      return {
        entries: mergeFolders(answer, environment, path),
        ids: {
          projectId: spec.projectId,
          environment: { slug: environment },
          folder: { path, ...(folder ? { id: folder } : {}) },
        },
      };
    },
  }),
};

// The SDK hands on whatever a server answers: another server under siteUrl must not look like an empty folder.
const listedSecretSchema = z.object({
  secretKey: z.string().min(1),
  secretValue: z.string(),
  secretPath: z.string().optional(),
  secretValueHidden: z.boolean().optional(),
  folderId: z.string().nullish(),
  type: z.string().optional(),
});

const listingSchema = z.object({
  secrets: z.array(listedSecretSchema),
  imports: z
    .array(
      z.object({ secretPath: z.string(), environment: z.string(), secrets: z.array(listedSecretSchema) }),
    )
    .optional(),
});

type ListedSecret = z.infer<typeof listedSecretSchema>;
type Listing = z.infer<typeof listingSchema>;

async function listSecrets(
  spec: Spec,
  environment: string,
  secretPath: string,
  { env }: SourceContext,
): Promise<Listing> {
  const siteUrl = spec.siteUrl ?? (env.INFISICAL_SITE_URL || undefined);
  const { InfisicalSDK } = await import("@infisical/sdk");
  const sdk = new InfisicalSDK(siteUrl === undefined ? {} : { siteUrl });
  await logIn(sdk, spec.auth, env, siteUrl);
  const answer = await sdk.secrets().listSecrets({
    projectId: spec.projectId,
    environment,
    secretPath,
    recursive: spec.recursive ?? false,
    includeImports: spec.includeImports ?? true,
    expandSecretReferences: spec.expandSecretReferences ?? true,
    viewSecretValue: true,
    ...(spec.tagSlugs === undefined ? {} : { tagSlugs: spec.tagSlugs }),
  });
  const listing = listingSchema.safeParse(answer);
  if (listing.success) return listing.data;
  throw new ProviderError("SOURCE_FAILED", {
    operation: "read secrets of Infisical: the answer is no listing of secrets",
    target: buildLabel(environment, secretPath),
    hint: "check that siteUrl leads to Infisical itself.",
  });
}

// From weak to strong, because of two with the same key the later wins: imports in their order, then the folders
// from the deepest to the one that was asked for.
function mergeFolders(listing: Listing, environment: string, path: string): SourceEntry[] {
  const imported = (listing.imports ?? []).flatMap((folder) =>
    buildEntries(folder.secrets, folder.environment, folder.secretPath),
  );
  const byFolder = new Map<string, ListedSecret[]>();
  for (const secret of listing.secrets) {
    const folder = secret.secretPath ?? path;
    const secrets = byFolder.get(folder);
    if (secrets === undefined) byFolder.set(folder, [secret]);
    else secrets.push(secret);
  }
  const folders = [...byFolder].sort(([a], [b]) => depth(b) - depth(a) || (a < b ? 1 : -1));
  return [...imported, ...folders.flatMap(([folder, secrets]) => buildEntries(secrets, environment, folder))];
}

function depth(path: string): number {
  return path.split("/").filter((part) => part !== "").length;
}

function buildEntries(secrets: readonly ListedSecret[], environment: string, path: string): SourceEntry[] {
  const shared = secrets.filter((secret) => secret.type !== "personal");
  const source = buildLabel(environment, path);
  const hidden = shared.filter((secret) => secret.secretValueHidden === true);
  if (hidden.length > 0) {
    // Infisical puts a placeholder in the place of a value that the identity may not read.
    throw new ProviderError("SOURCE_FAILED", {
      operation: "read values that this identity may only list",
      target: `${source}: ${hidden.map((secret) => secret.secretKey).join(", ")}`,
      hint: "give the identity the permission to read secret values there.",
    });
  }
  return shared.map(({ secretKey, secretValue }) => ({
    key: secretKey,
    value: new SecretValue(secretValue),
    source,
  }));
}

function buildLabel(environment: string, path: string): string {
  return `infisical ${environment}:${path}`;
}
