import { SqlError, syntaxError } from "../sql-error.js";

interface Place {
  /** Offset of the first character, and the one after the last. */
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly position: number;
}

/** One lexical element of Snowflake's SQL, as far as this server speaks it. */
export type Token = Place &
  (
    | { readonly kind: "word"; readonly text: string }
    | { readonly kind: "quoted-identifier"; readonly text: string }
    | { readonly kind: "string"; readonly text: string }
    | { readonly kind: "number"; readonly text: string }
    /** `?`, or `:1` with its number. */
    | { readonly kind: "bind"; readonly text: string; readonly number: number | undefined }
    | { readonly kind: "symbol"; readonly text: string }
    | { readonly kind: "end"; readonly text: "" }
  );

const WORD_START = /[A-Za-z_]/;
const WORD_PART = /[A-Za-z0-9_$]/;
const DIGIT = /[0-9]/;
/** Those of all of Snowflake's SQL, so that a statement outside this language is still read to its end. */
const SYMBOLS = "=,.();*<>+-/%:|!@[]{}&^~$";
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ["b", "\b"],
  ["f", "\f"],
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
]);
const CODE_ESCAPES: readonly { readonly pattern: RegExp; readonly radix: number }[] = [
  { pattern: /x([0-9A-Fa-f]{2})/y, radix: 16 },
  { pattern: /u([0-9A-Fa-f]{4})/y, radix: 16 },
  { pattern: /([0-7]{1,3})/y, radix: 8 },
];

/**
 * Splits SQL text into tokens; the last one is always `end`.
 *
 * @throws SqlError 001003 for a character, string, identifier or comment that is not complete.
 */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  const scanner = new Scanner(sql);
  for (;;) {
    const token = scanner.next();
    tokens.push(token);
    if (token.kind === "end") return tokens;
  }
}

class Scanner {
  #offset = 0;
  #line = 1;
  #lineStart = 0;

  constructor(readonly sql: string) {}

  next(): Token {
    this.#skipBlanks();
    const start = this.#offset;
    const begin = { line: this.#line, position: start - this.#lineStart };
    const place = (): Place => ({ start, end: this.#offset, ...begin });
    const first = this.sql.charAt(start);
    if (first === "") return { kind: "end", text: "", ...place() };
    if (first === "'") return { kind: "string", text: this.#string(begin), ...place() };
    if (first === '"') return { kind: "quoted-identifier", text: this.#quotedIdentifier(begin), ...place() };
    if (this.sql.startsWith("$$", start))
      return { kind: "string", text: this.#dollarString(begin), ...place() };
    if (WORD_START.test(first)) return { kind: "word", text: this.#while(WORD_PART), ...place() };
    if (DIGIT.test(first)) return { kind: "number", text: this.#number(), ...place() };
    if (first === "?") {
      this.#advance(1);
      return { kind: "bind", text: "?", number: undefined, ...place() };
    }
    if (first === ":" && DIGIT.test(this.sql.charAt(start + 1))) {
      this.#advance(1);
      const digits = this.#while(DIGIT);
      return { kind: "bind", text: `:${digits}`, number: Number(digits), ...place() };
    }
    if (SYMBOLS.includes(first)) {
      this.#advance(this.sql.startsWith("=>", start) ? 2 : 1);
      return { kind: "symbol", text: this.sql.slice(start, this.#offset), ...place() };
    }
    throw syntaxError(begin.line, begin.position, String.fromCodePoint(this.sql.codePointAt(start) ?? 0));
  }

  #advance(count: number): void {
    for (let taken = 0; taken < count; taken += 1) {
      if (this.sql.charAt(this.#offset) === "\n") {
        this.#line += 1;
        this.#lineStart = this.#offset + 1;
      }
      this.#offset += 1;
    }
  }

  #while(pattern: RegExp): string {
    const start = this.#offset;
    while (this.#offset < this.sql.length && pattern.test(this.sql.charAt(this.#offset))) this.#advance(1);
    return this.sql.slice(start, this.#offset);
  }

  #number(): string {
    const whole = this.#while(DIGIT);
    if (this.sql.charAt(this.#offset) !== "." || !DIGIT.test(this.sql.charAt(this.#offset + 1))) return whole;
    this.#advance(1);
    return `${whole}.${this.#while(DIGIT)}`;
  }

  #skipBlanks(): void {
    for (;;) {
      if (/\s/.test(this.sql.charAt(this.#offset))) {
        this.#advance(1);
      } else if (this.sql.startsWith("--", this.#offset) || this.sql.startsWith("//", this.#offset)) {
        while (this.#offset < this.sql.length && this.sql.charAt(this.#offset) !== "\n") this.#advance(1);
      } else if (this.sql.startsWith("/*", this.#offset)) {
        const close = this.sql.indexOf("*/", this.#offset + 2);
        if (close < 0) throw unfinished("comment", this.#line, this.#offset - this.#lineStart);
        this.#advance(close + 2 - this.#offset);
      } else {
        return;
      }
    }
  }

  #quotedIdentifier(begin: { line: number; position: number }): string {
    this.#advance(1);
    let text = "";
    for (;;) {
      const character = this.sql.charAt(this.#offset);
      if (character === "") throw unfinished("quoted identifier", begin.line, begin.position);
      this.#advance(1);
      if (character !== '"') {
        text += character;
      } else if (this.sql.charAt(this.#offset) === '"') {
        this.#advance(1);
        text += '"';
      } else {
        return text;
      }
    }
  }

  #dollarString(begin: { line: number; position: number }): string {
    const close = this.sql.indexOf("$$", this.#offset + 2);
    if (close < 0) throw unfinished("string", begin.line, begin.position);
    const text = this.sql.slice(this.#offset + 2, close);
    this.#advance(close + 2 - this.#offset);
    return text;
  }

  #string(begin: { line: number; position: number }): string {
    this.#advance(1);
    let text = "";
    for (;;) {
      const character = this.sql.charAt(this.#offset);
      if (character === "") throw unfinished("string", begin.line, begin.position);
      this.#advance(1);
      if (character === "\\") {
        text += this.#escape(begin);
      } else if (character !== "'") {
        text += character;
      } else if (this.sql.charAt(this.#offset) === "'") {
        this.#advance(1);
        text += "'";
      } else {
        return text;
      }
    }
  }

  /** What follows a backslash; an unknown escape stands for the character itself, as in Snowflake. */
  #escape(begin: { line: number; position: number }): string {
    for (const { pattern, radix } of CODE_ESCAPES) {
      pattern.lastIndex = this.#offset;
      const found = pattern.exec(this.sql);
      if (found?.[1] === undefined) continue;
      this.#advance(found[0].length);
      return String.fromCharCode(Number.parseInt(found[1], radix));
    }
    const character = this.sql.charAt(this.#offset);
    if (character === "") throw unfinished("string", begin.line, begin.position);
    this.#advance(1);
    return ESCAPES.get(character) ?? character;
  }
}

function unfinished(what: string, line: number, position: number): SqlError {
  return new SqlError(
    "001003",
    "42000",
    `SQL compilation error:\nparse error line ${line} at position ${position} near '<EOF>': unfinished ${what}.`,
    { line, position },
  );
}
