import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ConnectionInputs } from "../../../provider/snowflake/connection/arguments.js";
import type { ConnectionSources } from "../../../provider/snowflake/connection/resolve.js";
import { nameVariable, toSnakeCase } from "../../../provider/snowflake/connection/sources.js";
import type { LoginExample } from "../../docs/login-examples.js";

type Fields = LoginExample["fields"];
type Env = Readonly<Record<string, string>>;
type Place = (fields: Fields, env: Env, home: string) => Partial<ConnectionSources>;

/** The four places where a person may keep a connection, and how what they hold is read from there. */
export const loginPlaces: Readonly<Record<string, Place>> = {
  "the argument": (fields, env) => ({ argument: fields as unknown as ConnectionInputs, env }),
  config: (fields, env) => ({
    config: { get: (name) => (fields as Record<string, string>)[name.replace("snowflake:", "")] },
    env,
  }),
  "the environment": (fields, env) => ({
    env: {
      ...env,
      ...Object.fromEntries(
        Object.entries(fields).map(([field, value]) => [nameVariable(field as never), value]),
      ),
    },
  }),
  "a profile": (fields, env, home) => {
    const lines = Object.entries(fields).map(
      ([field, value]) => `${toSnakeCase(field)} = ${JSON.stringify(value)}`,
    );
    mkdirSync(join(home, ".snowflake"), { recursive: true });
    writeFileSync(join(home, ".snowflake", "connections.toml"), `[default]\n${lines.join("\n")}\n`, {
      mode: 0o600,
    });
    return { env };
  },
};
