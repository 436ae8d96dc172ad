import * as z from "zod";
import { findFields } from "../core/field-meta.js";
import { buildCheckFailure, buildFailures, type CheckFailure } from "../engine/failures.js";
import type { Properties } from "../engine/resource.js";
import { isUnknown } from "../engine/unknown.js";
import { connectionArguments } from "../snowflake/connection/arguments.js";

/** Where a file backend's stacks are, as it says itself. */
const defaultOrganization = "organization";

const text = z.string({ error: "must be a string." });

// A stack's config has texts only, and SDKs send numbers of a provider as texts.
const numeric = (schema: z.ZodType) =>
  z.preprocess((value) => (typeof value === "string" && /^\d+$/.test(value) ? Number(value) : value), schema);

/** What a `Provider` takes: the names of the `connection` argument, and where its resources stand in Pulumi. */
export const providerArguments = z.strictObject({
  ...connectionArguments.omit({ name: true }).shape,
  maxConcurrentStatements: numeric(connectionArguments.shape.maxConcurrentStatements),
  organization: text
    .optional()
    .describe(
      "The Pulumi organization of the stack. Pulumi does not tell it to a plugin, and it is a part of the owner id. Default: `organization`, the name that a file or bucket backend uses.",
    ),
});

/** Those that the engine keeps encrypted. */
export const secretSettings: ReadonlySet<string> = new Set(
  findFields(providerArguments, ({ secret }) => secret === true),
);

// The engine's own, which it passes along.
const engineSettings: ReadonlySet<string> = new Set(["version", "pluginDownloadURL"]);

/** What is wrong with the settings of a provider. */
export function checkSettings(given: Properties): readonly CheckFailure[] {
  const own = withoutEngineSettings(given);
  const parsed = providerArguments.safeParse(own);
  return parsed.success ? [] : buildFailures(parsed.error, [], own, providerArguments);
}

function withoutEngineSettings(given: Properties): Properties {
  return Object.fromEntries(Object.entries(given).filter(([name]) => !engineSettings.has(name)));
}

/**
 * Names that the engine gives its own provider of a package: `default`, with the version and the address that an SDK asks
 * for behind it (`default_1_2_3`, `default_1_2_3_example.com/plugins`).
 * https://github.com/pulumi/pulumi/blob/v3.230.0/pkg/resource/deploy/providers/provider.go, `DefaultName`
 */
const engineName = /^default(_\d+_\d+_\d+(_.*)?|_[^_]*[./].*)?$/s;

/**
 * The settings of a provider: as it was registered, and for the engine's own the stack's config as it is now, which may
 * hold another key than the one that a refresh or a destroy finds recorded. What was registered for one account never
 * goes by the config of another.
 */
export function chooseSettings(
  providerName: string | undefined,
  registered: Properties,
  stackConfig: Properties,
): Properties {
  const isEngines = providerName !== undefined && engineName.test(providerName);
  if (!isEngines || Object.keys(stackConfig).length === 0) return registered;
  const [before, now] = [findAccount(registered), findAccount(stackConfig)];
  return before !== undefined && before !== now ? registered : stackConfig;
}

/**
 * Refuses a `Provider` of a program with a name as the engine gives its own: it would be taken for that, and go by the
 * stack's config. The engine's own has exactly the stack's config when it is checked.
 */
export function checkProviderName(
  providerName: string,
  given: Properties,
  stackConfig: Properties,
): readonly CheckFailure[] {
  if (!engineName.test(providerName) || Object.keys(stackConfig).length === 0) return [];
  if (compareSettings(withoutEngineSettings(given), stackConfig).changed.length === 0) return [];
  return [
    buildCheckFailure(
      [],
      `a Provider must not be named ${providerName}: Pulumi gives such names to its own default provider, which uses the stack's config. Give it another name.`,
    ),
  ];
}

/** How two sets of settings differ. */
export interface SettingsDifference {
  readonly changed: readonly string[];
  /** Another account is another provider: what it holds must be recreated there. */
  readonly replaces: readonly string[];
}

/** How two settings of a provider differ. */
export function compareSettings(olds: Properties, news: Properties): SettingsDifference {
  const names = new Set([...Object.keys(olds), ...Object.keys(news)]);
  const changed = [...names].filter((name) => String(olds[name] ?? "") !== String(news[name] ?? ""));
  const [before, after] = [findAccount(olds), findAccount(news)];
  const isOther = before !== undefined && after !== undefined && before !== after;
  const replaces = changed.filter((name) => accountSettings.has(name));
  return { changed, replaces: isOther ? replaces : [] };
}

const accountSettings: ReadonlySet<string> = new Set([
  "account",
  "accountName",
  "organizationName",
  "region",
]);

/** Undefined where the settings do not tell it: then something else of the connection chain does. */
function findAccount({ organizationName, accountName, account, region }: Properties): string | undefined {
  const parts = accountName ? [organizationName, accountName] : [account, ...(region ? [region] : [])];
  if (parts.some((part) => typeof part !== "string" || part === "" || isUnknown(part))) return undefined;
  return parts.join("-").toUpperCase();
}

/** How messages name a setting: "provider setting snowflake-secrets:user". */
export const settingsOrigin = { title: "provider setting", namespace: "snowflake-secrets" };

/** What a provider was configured with. */
export class ProviderSettings {
  readonly organization: string;
  readonly #values: ReadonlyMap<string, string>;

  constructor(values: Properties) {
    const known = Object.entries(values).filter(([, value]) => value !== null && !isUnknown(value));
    this.#values = new Map(known.map(([name, value]) => [name, String(value)]));
    this.organization = this.#values.get("organization") || defaultOrganization;
  }

  /** By the name that the connection chain asks for, `snowflake:account`. */
  get(name: string): string | undefined {
    return this.#values.get(name.replace(/^snowflake:/, ""));
  }
}
