import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { gunzipSync } from "node:zlib";

/** A place where a value stands. */
export interface Finding {
  /** Which of the values, by its index: a report of findings must not print what it found. */
  readonly value: number;
  /** In which form it stands there. */
  readonly form: string;
  /** The file, or the name of the output. */
  readonly place: string;
}

export interface SearchPlaces {
  readonly folders: readonly string[];
  readonly texts: readonly { readonly name: string; readonly text: string }[];
  /** Files that hold the values on purpose, such as the program's own text. */
  readonly leaveOut: ReadonlySet<string>;
}

/** Every place where a value stands, plain or in one of the forms that it takes on its way to a file. */
export function findIn(values: readonly string[], { folders, texts, leaveOut }: SearchPlaces): Finding[] {
  const forms = values.flatMap((value, index) => formsOf(value).map((form) => ({ ...form, index })));
  const findings: Finding[] = [];
  const search = (place: string, content: Buffer) => {
    for (const { index, form, bytes } of forms) {
      if (content.includes(bytes)) findings.push({ value: index, form, place });
    }
  };
  for (const { name, text } of texts) search(name, Buffer.from(text, "utf8"));
  for (const folder of folders) {
    for (const file of filesOf(folder)) {
      if (leaveOut.has(file)) continue;
      const content = readFileSync(file);
      search(relative(folder, file), content);
      if (content[0] === 0x1f && content[1] === 0x8b)
        search(`${relative(folder, file)} (unpacked)`, gunzipSync(content));
    }
  }
  return findings;
}

function filesOf(folder: string): string[] {
  if (!existsSync(folder)) return [];
  if (lstatSync(folder).isFile()) return [folder];
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    const entry = lstatSync(path);
    if (entry.isSymbolicLink() || name === "node_modules") return [];
    if (entry.isDirectory()) return filesOf(path);
    return entry.isFile() ? [path] : [];
  });
}

/** The texts that a value can stand as. */
function formsOf(value: string): { form: string; bytes: Buffer }[] {
  if (value === "") throw new Error("An empty value stands everywhere; search for another one.");
  const json = JSON.stringify(value).slice(1, -1);
  const texts: Record<string, string> = {
    plain: value,
    "JSON string": json,
    "JSON string in a JSON string": JSON.stringify(json).slice(1, -1),
    // Go escapes these three in JSON.
    "JSON string of Go": json.replace(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`),
    "URL-encoded": encodeURIComponent(value),
    "URL-encoded form": new URLSearchParams({ v: value }).toString().slice(2),
    hex: Buffer.from(value, "utf8").toString("hex"),
    "SQL string": value.replaceAll("\\", "\\\\").replaceAll("'", "''"),
    "SQL string with backslashes": value.replaceAll("\\", "\\\\").replaceAll("'", "\\'"),
    ...base64Forms(value),
  };
  const seen = new Set<string>();
  return Object.entries(texts)
    .filter(([, text]) => text !== "" && !seen.has(text) && seen.add(text))
    .map(([form, text]) => ({ form, bytes: Buffer.from(text, "utf8") }));
}

/**
 * Base64 of a value that stands inside a longer encoded text begins at any of three offsets; the characters that its
 * neighbours have a part in are left out. Short values are looked for at offset 0 only: what is left of them otherwise
 * would be found by chance.
 */
function base64Forms(value: string): Record<string, string> {
  const forms: Record<string, string> = { base64: Buffer.from(value, "utf8").toString("base64") };
  const length = Buffer.byteLength(value, "utf8");
  for (const offset of length >= 9 ? [0, 1, 2] : []) {
    const padded = Buffer.concat([Buffer.alloc(offset), Buffer.from(value, "utf8")]);
    const whole = padded.toString("base64").replace(/=+$/, "");
    const from = offset === 0 ? 0 : offset + 1;
    const to = (offset + length) % 3 === 0 ? whole.length : whole.length - 1;
    forms[`base64 at offset ${offset}`] = whole.slice(from, to);
    forms[`base64url at offset ${offset}`] = whole.slice(from, to).replaceAll("+", "-").replaceAll("/", "_");
  }
  return forms;
}
