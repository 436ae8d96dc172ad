import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { constants, gunzipSync } from "node:zlib";

/** A place where a value stands. */
export interface Finding {
  /** Which of the values, by its index: a report of findings must not print what it found. */
  readonly value: number;
  /** In which form it stands there. */
  readonly form: string;
  /** The file, or the name of the output. */
  readonly place: string;
}

/** A text to search that is no file. */
export interface SearchText {
  readonly name: string;
  readonly text: string;
}

export interface SearchPlaces {
  readonly folders: readonly string[];
  readonly texts: readonly SearchText[];
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
      if (content[0] === 0x1f && content[1] === 0x8b) {
        // A run that was killed leaves half of a file: what is there is searched.
        const unpacked = gunzipSync(content, { finishFlush: constants.Z_SYNC_FLUSH });
        search(`${relative(folder, file)} (unpacked)`, unpacked);
      }
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

/** Encoded, a shorter text is found by chance. */
const minEncodedLength = 10;
/** A shorter line stands elsewhere, too. */
const minLineLength = 8;

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
    "SQL string": value.replaceAll("\\", "\\\\").replaceAll("'", "''"),
    "SQL string with backslashes": value.replaceAll("\\", "\\\\").replaceAll("'", "\\'"),
    ...lineForms(value),
    ...encodedForms(value),
  };
  const seen = new Set<string>();
  return Object.entries(texts)
    .filter(([, text]) => text !== "" && !seen.has(text) && seen.add(text))
    .map(([form, text]) => ({ form, bytes: Buffer.from(text, "utf8") }));
}

/** What indents a text tears its lines apart: each is looked for by itself. */
function lineForms(value: string): Record<string, string> {
  const lines = value.split(/[\r\n]+/).map((line) => line.trim());
  if (lines.length === 1) return {};
  return Object.fromEntries(
    lines
      .map((line, index): [string, string] => [`line ${index + 1}`, line])
      .filter(([, line]) => line.length >= minLineLength),
  );
}

/**
 * Base64 of a value that stands inside a longer encoded text begins at any of three offsets; the characters that its
 * neighbours have a part in are left out.
 */
function encodedForms(value: string): Record<string, string> {
  const bytes = Buffer.from(value, "utf8");
  const forms: Record<string, string> = {
    hex: bytes.toString("hex"),
    base64: bytes.toString("base64"),
  };
  for (const offset of [0, 1, 2]) {
    const whole = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString("base64")
      .replace(/=+$/, "");
    const from = offset === 0 ? 0 : offset + 1;
    const to = (offset + bytes.length) % 3 === 0 ? whole.length : whole.length - 1;
    const inside = whole.slice(from, to);
    forms[`base64 at offset ${offset}`] = inside;
    forms[`base64url at offset ${offset}`] = inside.replaceAll("+", "-").replaceAll("/", "_");
  }
  return Object.fromEntries(Object.entries(forms).filter(([, text]) => text.length >= minEncodedLength));
}
