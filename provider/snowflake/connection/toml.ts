import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parse } from "smol-toml";
import { buildSafeCause, ProviderError } from "../../core/errors.js";

/** Where Snowflake's own tools would look, and what their variables say. */
export interface ConnectionsTomlContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homeDirectory: string;
  readonly platform: NodeJS.Platform;
}

/** A profile as it stands in the file: keys in snake case, values not yet looked at. */
export interface ConnectionProfile {
  readonly name: string;
  readonly file: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/**
 * Finds a profile where Snowflake's tools find it: `connections.toml` (which, if it is there, stands in place of the
 * `[connections.*]` of `config.toml`) in `$SNOWFLAKE_HOME`, else `~/.snowflake`, else the system's folder for
 * settings. Without `name` it is the default connection: `SNOWFLAKE_DEFAULT_CONNECTION_NAME`, then
 * `default_connection_name` of `config.toml`, then `default`.
 *
 * @returns undefined only if no name was asked for and there is no default connection.
 * @throws ProviderError `CONNECTION_INCOMPLETE` for a name that is not there, `INVALID_INPUT` for a file that others
 *   may read or write (unless `SF_SKIP_WARNING_FOR_READ_PERMISSIONS_ON_CONFIG_FILE=true`, for reading) or that is no TOML.
 */
export function findConnectionProfile(
  name: string | undefined,
  context: ConnectionsTomlContext,
): ConnectionProfile | undefined {
  const folder = findSettingsFolder(context);
  const configFile = join(folder, "config.toml");
  const connectionsFile = join(folder, "connections.toml");
  const config = readToml(configFile, context);
  const connections = readToml(connectionsFile, context);
  const file = connections === undefined ? configFile : connectionsFile;
  const profiles = connections ?? asTable(config?.connections) ?? {};
  const chosen =
    name ??
    (context.env.SNOWFLAKE_DEFAULT_CONNECTION_NAME || undefined) ??
    (typeof config?.default_connection_name === "string" ? config.default_connection_name : undefined);
  const wanted = chosen ?? "default";
  const fields = Object.hasOwn(profiles, wanted) ? asTable(profiles[wanted]) : undefined;
  if (fields !== undefined)
    return { name: wanted, file, fields: overrideByEnvironment(wanted, fields, context.env) };
  if (chosen === undefined) return undefined;
  throw new ProviderError("CONNECTION_INCOMPLETE", {
    operation: "look up a connection of Snowflake's connections.toml",
    target: `"${wanted}" in ${file}`,
    hint: "add a section of that name, or name another profile.",
  });
}

// Snowflake's tools let SNOWFLAKE_CONNECTIONS_<NAME>_<KEY> stand in place of a key of that connection.
function overrideByEnvironment(
  name: string,
  fields: Readonly<Record<string, unknown>>,
  env: ConnectionsTomlContext["env"],
): Readonly<Record<string, unknown>> {
  const prefix = `SNOWFLAKE_CONNECTIONS_${name.toUpperCase()}_`;
  const overrides = Object.entries(env)
    .filter(([key, value]) => key.startsWith(prefix) && value !== undefined && value !== "")
    .map(([key, value]) => [key.slice(prefix.length).toLowerCase(), value] as const);
  return { ...fields, ...Object.fromEntries(overrides) };
}

function findSettingsFolder({ env, homeDirectory, platform }: ConnectionsTomlContext): string {
  const home = env.SNOWFLAKE_HOME
    ? expandHome(env.SNOWFLAKE_HOME, homeDirectory)
    : join(homeDirectory, ".snowflake");
  if (statSync(home, { throwIfNoEntry: false })?.isDirectory()) return home;
  if (platform === "darwin") return join(homeDirectory, "Library", "Application Support", "snowflake");
  if (platform === "win32")
    return join(env.LOCALAPPDATA ?? join(homeDirectory, "AppData", "Local"), "snowflake");
  return join(env.XDG_CONFIG_HOME || join(homeDirectory, ".config"), "snowflake");
}

/** `~` and `~/…` as the home folder; anything else as it is. */
export function expandHome(path: string, homeDirectory: string): string {
  return path === "~" || path.startsWith("~/") ? join(homeDirectory, path.slice(1)) : path;
}

function readToml(file: string, context: ConnectionsTomlContext): Record<string, unknown> | undefined {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  if (context.platform !== "win32") checkPermissions(file, stat.mode, context.env);
  try {
    return parse(readFileSync(file, "utf8"));
  } catch (error) {
    // The parser's message quotes the line, which may hold a password.
    const line = (error as { line?: unknown }).line;
    throw new ProviderError("INVALID_INPUT", {
      operation: "read Snowflake's settings file",
      target: typeof line === "number" ? `${file} line ${line}` : file,
      hint: "make it readable for you and valid TOML.",
      cause: buildSafeCause(error),
    });
  }
}

function checkPermissions(file: string, mode: number, env: ConnectionsTomlContext["env"]): void {
  const mayRead = env.SF_SKIP_WARNING_FOR_READ_PERMISSIONS_ON_CONFIG_FILE?.toLowerCase() === "true";
  const forbidden = mayRead ? 0o022 : 0o066;
  if ((mode & forbidden) === 0) return;
  throw new ProviderError("INVALID_INPUT", {
    operation: `refuse a settings file that others may ${(mode & 0o022) === 0 ? "read" : "write"}`,
    target: file,
    hint: `it may hold credentials: run chmod 600 "${file}".`,
  });
}

function asTable(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
