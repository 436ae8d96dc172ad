import pLimit from "p-limit";
import * as z from "zod";
import type { ProviderError } from "../core/errors.js";
import type { HttpAnswer } from "../core/http-request.js";
import { parseSafeUrl } from "../core/safe-url.js";
import type { Known } from "../engine/unknown.js";
import { jsonFields, readFlatJson, unusableHint } from "./flat-json.js";
import { buildFailure } from "./http-site.js";
import { useOnce } from "./issued-token.js";
import { requireDistinct } from "./pick-keys.js";
import { commonFields, flag, type SourceResult, type SourceType, text } from "./source.js";
import { logIn, vaultAuthArguments } from "./vault-auth.js";
import { askVault, notVault, type VaultSite } from "./vault-request.js";
import { openVault } from "./vault-site.js";

const wholeNumber = "must be a whole number from 1.";
const addressRule =
  "must be a URL that begins with https:// (http:// on this machine alone), without a user or a password.";
const pathShape = /^[^/\s]+(?:\/[^/]+)*$/;
const pathRule = 'must not begin or end with "/".';

const schema = z
  .strictObject({
    type: z.literal("vault"),
    address: z
      .string("must be a string.")
      .refine((address) => parseSafeUrl(address) !== undefined, addressRule)
      .optional()
      .describe("The server. Default: VAULT_ADDR, or BAO_ADDR."),
    namespace: text
      .optional()
      .describe("Default: VAULT_NAMESPACE, or BAO_NAMESPACE; else the root namespace."),
    mount: text
      .regex(pathShape, pathRule)
      .optional()
      .describe("Where the KV engine is mounted. Default: `secret`."),
    path: text
      .regex(pathShape, pathRule)
      .describe(
        "The secret below the mount, as `vault kv get` names it: without `data/`. With `recursive`: a folder.",
      ),
    recursive: flag
      .optional()
      .describe("All secrets of the folder `path` and of the folders below. Default: false."),
    separator: text
      .optional()
      .describe(
        "With `recursive`: what stands in a name for each `/` after the folder, and before the key: with `prod` as the path, the key `PASSWORD` of `prod/db` is `db_PASSWORD`. Two keys with one name are an error. Default: `_`.",
      ),
    version: z
      .int(wholeNumber)
      .min(1, wholeNumber)
      .optional()
      .describe("Of KV version 2: which version of the secret. Default: the newest."),
    kvVersion: z
      .union([z.literal(1), z.literal(2)], { error: "must be 1 or 2." })
      .optional()
      .describe("The version of the KV engine. Default: what Vault says of the mount."),
    caFile: text
      .optional()
      .describe(
        "A file with the certificates (PEM) of the authorities to trust in place of Node's own. Default: VAULT_CACERT, or all files of the folder VAULT_CAPATH.",
      ),
    ...jsonFields,
    auth: vaultAuthArguments.optional().describe("How to log in. Default: a token."),
    ...commonFields,
  })
  .superRefine(({ recursive, version, kvVersion, separator }, context) => {
    const complain = (field: string, message: string) =>
      context.addIssue({ code: "custom", path: [field], message });
    if (version !== undefined && kvVersion === 1) complain("version", "is there in KV version 2 only.");
    if (version !== undefined && recursive === true) complain("version", "cannot be given with recursive.");
    if (separator !== undefined && recursive === undefined)
      complain("separator", "belongs to recursive only.");
  })
  .meta({
    id: "VaultSource",
    description:
      "A secret of HashiCorp Vault or OpenBao, or all of a folder, by the KV engine of version 2 or 1: texts, numbers as they are written, and booleans.",
  });

type Spec = Known<z.infer<typeof schema>>;

/** A secret of HashiCorp Vault or OpenBao, or all of a folder: the values of its keys. */
export const vaultSource: SourceType<typeof schema> = {
  schema,
  variables: ["VAULT_", "BAO_"],
  describe,
  read: async (spec, context) => {
    const vault = await openVault(spec, describe(spec), context);
    const login = {
      identity: [vault.site.address, vault.namespace, spec.auth],
      logIn: () => logIn(vault, spec.auth, context.env),
    };
    return (context.useToken ?? useOnce)(login, (token) => readSecrets(spec, { ...vault, token }));
  },
};

async function readSecrets(spec: Spec, vault: VaultSite): Promise<SourceResult> {
  const { mount, path, recursive = false, separator = "_" } = withDefaults(spec);
  const label = describe(spec);
  const kvVersion = spec.kvVersion ?? (await findKvVersion(vault, mount));
  const engine = { vault, mount, kvVersion, objectsAsJson: spec.objectsAsJson };
  if (!recursive) {
    const values = await readSecret(engine, path, spec.version);
    return { entries: values.map((entry) => ({ ...entry, source: label })) };
  }
  const secrets = await listSecrets(engine, path);
  if (secrets.length === 0) await requireEmptyFolder(engine, path);
  const limit = pLimit(concurrentReads);
  const read = secrets.map((name) =>
    limit(async () => {
      const parts = name.split("/");
      const values = await readSecret(engine, `${path}/${name}`);
      return values.map(({ key, value }) => ({
        from: [...parts, key].join("/"),
        name: [...parts, key].join(separator),
        value,
      }));
    }),
  );
  // Once one has failed, those that wait are not asked for.
  const named = (await Promise.all(read).finally(() => limit.clearQueue())).flat();
  requireDistinct(named, { label, hint: "set another separator, or rename one of the keys." });
  return { entries: named.map(({ name, value }) => ({ key: name, value, source: label })) };
}

const concurrentReads = 8;

function withDefaults<S extends { readonly mount?: string | undefined }>(spec: S): S & { mount: string } {
  return { ...spec, mount: spec.mount ?? "secret" };
}

function describe(spec: { readonly mount?: string | undefined; readonly path: string }): string {
  const { mount, path } = withDefaults(spec);
  return `vault ${mount}/${path}`;
}

interface Engine {
  readonly vault: VaultSite;
  readonly mount: string;
  readonly kvVersion: 1 | 2;
  readonly objectsAsJson: boolean | undefined;
}

const mountShape = z.object({
  data: z.object({ type: z.string(), options: z.object({ version: z.string() }).partial().nullish() }),
});

/** As `vault kv` finds it: a token that may read anything below a mount may ask this too. */
async function findKvVersion(vault: VaultSite, mount: string): Promise<1 | 2> {
  const { site } = vault;
  const answer = await askVault(vault, { path: `sys/internal/ui/mounts/${mount}`, expected: [403] });
  if (answer.status === 403) {
    throw buildFailure(site, {
      what: `HTTP 403, Vault says nothing of the mount ${mount}`,
      hint: "the token has ended, or may read nothing there, or there is no such mount: log in again, or correct mount and namespace.",
      cause: { name: "HttpError", code: "403" },
    });
  }
  const parsed = mountShape.safeParse(answer.body);
  if (!parsed.success) throw notVault(site);
  const { type, options } = parsed.data.data;
  if (type !== "kv" && type !== "generic") {
    throw buildFailure(site, {
      what: `the mount ${mount} is no KV engine`,
      hint: "set mount to that of a KV engine: `vault secrets list` names them.",
    });
  }
  return options?.version === "2" ? 2 : 1;
}

async function readSecret(engine: Engine, path: string, version?: number) {
  const { vault, mount, kvVersion, objectsAsJson } = engine;
  if (version !== undefined && kvVersion === 1) {
    throw buildFailure(vault.site, {
      what: `the mount ${mount} is of KV version 1, which keeps no versions`,
      hint: "leave out version.",
    });
  }
  const answer = await askVault(vault, {
    path: kvVersion === 2 ? `${mount}/data/${path}` : `${mount}/${path}`,
    ...(version === undefined ? {} : { query: { version: String(version) } }),
    expected: [404],
  });
  if (answer.status === 404) throw await explainAbsence(engine, path, version, answer);
  const read = readFlatJson(answer.text, {
    path: kvVersion === 2 ? ["data", "data"] : ["data"],
    objectsAsJson,
  });
  if ("values" in read) return read.values;
  if (read.problem === "unusable") {
    throw buildFailure(vault.site, {
      what: `these keys of ${mount}/${path} hold neither text, nor boolean, nor number: ${read.keys.join(", ")}`,
      hint: unusableHint,
    });
  }
  throw notVault(vault.site);
}

/** Vault answers 404 to much: what it was is asked here, as far as the token may. */
async function explainAbsence(
  engine: Engine,
  path: string,
  version: number | undefined,
  answer: HttpAnswer,
): Promise<ProviderError> {
  const { vault, mount, kvVersion } = engine;
  const tell = (what: string, hint: string) =>
    buildFailure(vault.site, { what, hint, cause: { name: "HttpError", code: "404" } });
  const metadata = readMetadata(answer.body);
  if (metadata !== undefined) {
    const which = `version ${metadata.version} of ${mount}/${path}`;
    return metadata.destroyed
      ? tell(`${which} was destroyed`, "write the secret again, or name another version.")
      : tell(
          `${which} was deleted`,
          "undelete it with `vault kv undelete`, or write the secret again; with recursive, `vault kv metadata delete` takes it out of the folder for good.",
        );
  }
  const found = await findKvVersion(vault, mount).catch(() => undefined);
  if (found !== undefined && found !== kvVersion) return buildMismatch(engine, found);
  if (version !== undefined)
    return tell(`there is no version ${version} of ${mount}/${path}`, "correct version and path.");
  const below = await list(engine, path).catch(() => []);
  if (below.length > 0) return tell(`${mount}/${path} is a folder`, "set recursive, or name a secret in it.");
  return tell(`there is no secret ${mount}/${path}`, "correct mount, path and namespace.");
}

const absenceShape = z.object({
  data: z.object({ metadata: z.object({ version: z.int(), destroyed: z.boolean() }) }),
});

function readMetadata(body: unknown): { version: number; destroyed: boolean } | undefined {
  const parsed = absenceShape.safeParse(body);
  return parsed.success ? parsed.data.data.metadata : undefined;
}

/** The secrets of a folder and of those below, by their paths from there. */
async function listSecrets(engine: Engine, folder: string): Promise<string[]> {
  const names = await list(engine, folder);
  const found: string[] = [];
  for (const name of names) {
    if (!name.endsWith("/")) found.push(name);
    else
      for (const deeper of await listSecrets(engine, `${folder}/${name.slice(0, -1)}`))
        found.push(`${name}${deeper}`);
  }
  return found;
}

/** Of a folder that is not there and of a mount of the other version Vault says the same, and `allowEmpty` would believe it. */
async function requireEmptyFolder(engine: Engine, path: string): Promise<void> {
  const { vault, mount, kvVersion } = engine;
  const found = await findKvVersion(vault, mount);
  if (found !== kvVersion) throw buildMismatch(engine, found);
  const secret = kvVersion === 2 ? `${mount}/data/${path}` : `${mount}/${path}`;
  const answer = await askVault(vault, { path: secret, expected: [403, 404] });
  if (answer.status !== 200) return;
  throw buildFailure(vault.site, {
    what: `${mount}/${path} is a secret, and no folder`,
    hint: "leave out recursive, or name the folder.",
  });
}

function buildMismatch({ vault, mount }: Engine, found: 1 | 2): ProviderError {
  return buildFailure(vault.site, {
    what: `the mount ${mount} is of KV version ${found}`,
    hint: `set kvVersion to ${found}, or leave it out.`,
  });
}

const listShape = z.object({ data: z.object({ keys: z.array(z.string().min(1)) }) });

/** What lies directly in a folder, folders with "/" at their end; nothing where there is no such folder. */
async function list({ vault, mount, kvVersion }: Engine, folder: string): Promise<readonly string[]> {
  const path = kvVersion === 2 ? `${mount}/metadata/${folder}` : `${mount}/${folder}`;
  const answer = await askVault(vault, { path, query: { list: "true" }, expected: [404] });
  if (answer.status === 404) return [];
  const parsed = listShape.safeParse(answer.body);
  if (!parsed.success) throw notVault(vault.site);
  return parsed.data.data.keys;
}
