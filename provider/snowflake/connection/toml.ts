import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parse } from "smol-toml";
import { buildSafeCause, ProviderError } from "../../core/errors.js";

/** Where Snowflake's own tools would look, and what their variables say. */
export interface ConnectionsTomlContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly homeDirectory: string;
  readonly platform: NodeJS.Platform;
  /** Told of a file that others may read; nothing of the file is in the text. */
  readonly warn: (text: string) => void;
}

/** A profile as it stands in the file: keys in snake case, values not yet looked at. */
export interface ConnectionProfile {
  readonly name: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** By key, the variable that stands in its place. */
  readonly variables: Readonly<Record<string, string>>;
}

/** Where a default connection was looked for, and is not. */
export interface NoProfile {
  /** "there is no connections.toml or config.toml in …". */
  readonly reason: string;
}

/**
 * Finds a profile where Snowflake's tools find it: `connections.toml` (which, if it is there, stands in place of the
 * `[connections.*]` of `config.toml`) in `$SNOWFLAKE_HOME`, else `~/.snowflake`, else the system's folder for
 * settings. Without `name` it is the default connection: `SNOWFLAKE_DEFAULT_CONNECTION_NAME`, then
 * `default_connection_name` of either file, then `default`. `SNOWFLAKE_CONNECTIONS_<NAME>_<KEY>` stands in place of a
 * key of a connection, and may stand alone.
 *
 * @throws ProviderError `CONNECTION_INCOMPLETE` for a name that is not there, `INVALID_INPUT` for a file that others
 *   may write or that is no TOML.
 */
export function findConnectionProfile(
  name: string | undefined,
  context: ConnectionsTomlContext,
): ConnectionProfile | NoProfile {
  const folder = findSettingsFolder(context);
  const configFile = join(folder, "config.toml");
  const connectionsFile = join(folder, "connections.toml");
  const config = readToml(configFile, context);
  const connections = readToml(connectionsFile, context);
  // A section of connections.toml is a connection by itself; some write it as in config.toml.
  const profiles = {
    ...pickTables(asTable((connections ?? config)?.connections)),
    ...pickTables(connections),
  };
  const chosen =
    name ??
    (context.env.SNOWFLAKE_DEFAULT_CONNECTION_NAME || undefined) ??
    readText(connections?.default_connection_name) ??
    readText(config?.default_connection_name);
  const wanted = chosen ?? "default";
  const own = Object.hasOwn(profiles, wanted) ? profiles[wanted] : undefined;
  const variables = findVariables(wanted, context.env);
  if (own !== undefined || variables.length > 0) {
    return {
      name: wanted,
      fields: { ...own, ...Object.fromEntries(variables.map(([key, , value]) => [key, value])) },
      variables: Object.fromEntries(variables.map(([key, variable]) => [key, variable])),
    };
  }
  const names = Object.keys(profiles).map((each) => JSON.stringify(each));
  const reason =
    connections === undefined && config === undefined
      ? `there is no connections.toml or config.toml in ${folder}`
      : `${connections === undefined ? configFile : connectionsFile} has ${names.length === 0 ? "no connection" : `only ${names.join(", ")}`}`;
  if (chosen === undefined) return { reason };
  throw new ProviderError("CONNECTION_INCOMPLETE", {
    operation: `Snowflake connection ${JSON.stringify(wanted)} not found`,
    target: reason,
    hint: "add a section with that name, or select another profile.",
  });
}

/** What `SNOWFLAKE_CONNECTIONS_<NAME>_<KEY>` says of a connection: key, variable, value. */
function findVariables(
  name: string,
  env: ConnectionsTomlContext["env"],
): readonly (readonly [key: string, variable: string, value: string])[] {
  const prefix = `SNOWFLAKE_CONNECTIONS_${name.toUpperCase()}_`;
  return Object.entries(env).flatMap(([variable, value]) =>
    variable.startsWith(prefix) && value !== undefined && value !== ""
      ? [[variable.slice(prefix.length).toLowerCase(), variable, value] as const]
      : [],
  );
}

function pickTables(
  table: Readonly<Record<string, unknown>> | undefined,
): Record<string, Record<string, unknown>> {
  const entries = Object.entries(table ?? {}).flatMap(([name, value]) => {
    const found = asTable(value);
    // The table that holds connections is none itself.
    const isConnection = found !== undefined && !Object.values(found).every((each) => asTable(each));
    return isConnection || (found !== undefined && Object.keys(found).length === 0)
      ? [[name, found] as const]
      : [];
  });
  return Object.fromEntries(entries);
}

function readText(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
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

/** `~`, `~/…` and `~\…` as the home folder; anything else as it is. */
export function expandHome(path: string, homeDirectory: string): string {
  return /^~(?=$|[/\\])/.test(path) ? join(homeDirectory, path.slice(2)) : path;
}

function readToml(file: string, context: ConnectionsTomlContext): Record<string, unknown> | undefined {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  if (context.platform !== "win32") checkPermissions(file, stat.mode, context);
  try {
    return parse(readFileSync(file, "utf8"));
  } catch (error) {
    // The parser's message quotes the line, which may hold a password.
    const line = (error as { line?: unknown }).line;
    throw new ProviderError("INVALID_INPUT", {
      operation: "cannot read Snowflake's settings file",
      target: typeof line === "number" ? `${file} line ${line}` : file,
      hint: "make sure that you may read it and that it is valid TOML.",
      cause: buildSafeCause(error),
    });
  }
}

function checkPermissions(file: string, mode: number, { env, warn }: ConnectionsTomlContext): void {
  const remedy = `it may hold credentials: run chmod 600 "${file}".`;
  if ((mode & 0o022) !== 0) {
    throw new ProviderError("INVALID_INPUT", {
      operation: "other users may write Snowflake's settings file",
      target: file,
      hint: remedy,
    });
  }
  const isMeant = env.SF_SKIP_WARNING_FOR_READ_PERMISSIONS_ON_CONFIG_FILE?.toLowerCase() === "true";
  if ((mode & 0o044) !== 0 && !isMeant) warn(`others may read ${file}; ${remedy}`);
}

function asTable(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}
