import { findFields } from "../../provider/core/field-meta.js";
import { connectionArguments } from "../../provider/snowflake/connection/arguments.js";
import { loginMethods } from "../../provider/snowflake/connection/login/index.js";
import {
  type OtherKeys,
  otherConfigKeys,
  otherProfileKeys,
} from "../../provider/snowflake/connection/other-keys.js";
import {
  listConfigKeys,
  listProfileKeys,
  nameVariable,
  toSnakeCase,
} from "../../provider/snowflake/connection/sources.js";
import { fillPage } from "./fill-page.js";
import { type LoginExample, loginExamples } from "./login-examples.js";
import { drawTable } from "./table.js";

/** The page about the connection: what is written by hand, and between its marks what the tables of the code say. */
export function buildConnectionPage(): string {
  return fillPage("docs/connection.md", {
    "ways to log in": buildWays(),
    "other settings": buildOtherSettings(),
  });
}

function buildWays(): string {
  const rows = loginMethods.map(({ title, authenticators, credential, settings, user, person }) => [
    title,
    listCode(authenticators),
    credential.length === 0 ? "–" : listCode(credential, " or "),
    settings.length === 0 ? "–" : listCode(settings),
    { required: "yes", optional: "if the token does not name one", "own-link": "no" }[user],
    person === undefined ? "no" : "yes",
  ]);
  const head = ["Way", "`authenticator`", "Credential", "Further fields", "`user` needed", "Person needed"];
  const table = drawTable(head, rows);
  const examples = loginMethods.flatMap(({ kind }) => loginExamples[kind].map(buildExample));
  return [table, ...examples].join("\n\n");
}

const secretFields: ReadonlySet<string> = new Set(
  findFields(connectionArguments, ({ secret }) => secret === true),
);

function buildExample({ title, fields, note }: LoginExample): string {
  const entries = Object.entries(fields);
  const argument = entries.map(([field, value]) => `  ${field}: ${JSON.stringify(value)},`);
  const config = entries.map(
    ([field, value]) =>
      `pulumi config set ${secretFields.has(field) ? "--secret " : ""}snowflake:${field} ${value}`,
  );
  const variables = entries.map(([field, value]) => `export ${nameVariable(field as never)}=${value}`);
  const profile = entries.map(([field, value]) => `${toSnakeCase(field)} = ${JSON.stringify(value)}`);
  return [
    `### With ${title}`,
    note,
    `\`\`\`ts\nconnection: {\n${argument.join("\n")}\n}\n\`\`\``,
    `\`\`\`sh\n# as config of the stack\n${config.join("\n")}\n# or as variables\n${variables.join("\n")}\n\`\`\``,
    `\`\`\`toml\n# or in connections.toml\n[prod]\n${profile.join("\n")}\n\`\`\``,
  ].join("\n\n");
}

function buildOtherSettings(): string {
  const refused = ({ refused: keys }: OtherKeys) => listCode(Object.keys(keys));
  const table = drawTable(
    ["", "In `connections.toml` (as a variable: `SNOWFLAKE_<KEY>`)", "In Pulumi config, `snowflake:`"],
    [
      ["used", listCode(listProfileKeys()), listCode(listConfigKeys())],
      [
        "refused where the account or the credential is taken from the same place, because they decide where or as whom to log in",
        refused(otherProfileKeys),
        refused(otherConfigKeys),
      ],
    ],
  );
  return [
    table,
    "These have no meaning here, and are ignored:",
    [
      `- In \`connections.toml\`: ${listCode(otherProfileKeys.ignored)}.`,
      `- In Pulumi config: ${listCode(otherConfigKeys.ignored)}.`,
    ].join("\n"),
  ].join("\n\n");
}

function listCode(words: readonly string[], separator = ", "): string {
  return words.map((word) => `\`${word}\``).join(separator);
}
