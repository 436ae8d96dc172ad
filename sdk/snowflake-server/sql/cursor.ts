import { SqlError, syntaxError, unsupported } from "../sql-error.js";
import { RESERVED_WORDS } from "./reserved-words.js";
import type { ObjectName, SqlValue } from "./statements.js";
import { type Token, tokenize } from "./tokenizer.js";

const MAX_IDENTIFIER_LENGTH = 255;

/** Walks over tokens; every `expect…` throws Snowflake's syntax error at the token that does not fit. */
export class Cursor {
  #index = 0;
  #bindCount = 0;
  #positionalBinds = 0;

  constructor(
    readonly tokens: readonly Token[],
    /** Whether quoted names are upper-cased, too. */
    readonly ignoreCase = false,
  ) {}

  /** How many binds were taken so far; `?` are numbered in their order over the whole request. */
  get bindCount(): number {
    return this.#bindCount;
  }

  get current(): Token {
    return this.#at(this.#index);
  }

  /** How many tokens were taken. */
  get index(): number {
    return this.#index;
  }

  /** The token before the current one. */
  get previous(): Token {
    return this.#at(this.#index - 1);
  }

  get atEnd(): boolean {
    return this.current.kind === "end" || this.isSymbol(";");
  }

  /** Takes the word if it comes next. */
  takeWord(word: string): boolean {
    if (!this.isWord(word)) return false;
    this.#index += 1;
    return true;
  }

  /** Takes all of the words, or none of them. */
  takeWords(...words: readonly string[]): boolean {
    if (!words.every((word, offset) => this.isWord(word, offset))) return false;
    this.#index += words.length;
    return true;
  }

  isWord(word: string, offset = 0): boolean {
    const token = this.#at(this.#index + offset);
    return token.kind === "word" && token.text.toUpperCase() === word;
  }

  takeSymbol(symbol: string): boolean {
    if (!this.isSymbol(symbol)) return false;
    this.#index += 1;
    return true;
  }

  expectWords(...words: readonly string[]): void {
    for (const word of words) if (!this.takeWord(word)) throw this.unexpected();
  }

  expectSymbol(symbol: string): void {
    if (!this.takeSymbol(symbol)) throw this.unexpected();
  }

  /** The next unquoted word, upper-cased. */
  expectAnyWord(): string {
    const token = this.current;
    if (token.kind !== "word") throw this.unexpected();
    this.#index += 1;
    return token.text.toUpperCase();
  }

  expectOneOf<const Word extends string>(words: readonly Word[]): Word {
    const found = words.find((word) => this.takeWord(word));
    if (found === undefined) throw this.unexpected();
    return found;
  }

  /** Whether a name could come next: a quoted one, or a word that is not reserved. */
  get isAtIdentifier(): boolean {
    const { kind, text } = this.current;
    if (kind === "quoted-identifier") return text !== "";
    return kind === "word" && !RESERVED_WORDS.has(text.toUpperCase());
  }

  /** One part of a name: unquoted upper-cased, quoted as it stands unless the session ignores case. */
  expectIdentifier(): string {
    const token = this.current;
    if (!this.isAtIdentifier) throw this.unexpected();
    this.#index += 1;
    const name = token.kind === "word" || this.ignoreCase ? token.text.toUpperCase() : token.text;
    if ([...name].length > MAX_IDENTIFIER_LENGTH) {
      throw new SqlError(
        "002013",
        "42601",
        `SQL compilation error:\nObject name '${name}' exceeds maximum length limit of ${MAX_IDENTIFIER_LENGTH} characters`,
      );
    }
    return name;
  }

  /** A name of so many parts at most, written out or as `IDENTIFIER('…')`. */
  expectName(maxParts: 1 | 2 | 3): ObjectName {
    if (this.isWord("IDENTIFIER") && this.isSymbol("(", 1)) return this.#expectNameInText(maxParts);
    const parts = [this.expectIdentifier()];
    while (parts.length < maxParts && this.takeSymbol(".")) parts.push(this.expectIdentifier());
    return parts;
  }

  expectString(): string {
    const token = this.current;
    if (token.kind !== "string") throw this.unexpected();
    this.#index += 1;
    return token.text;
  }

  expectInteger(): number {
    const token = this.current;
    if (token.kind !== "number" || !/^[0-9]+$/.test(token.text)) throw this.unexpected();
    this.#index += 1;
    return Number(token.text);
  }

  takeNumber(): string | undefined {
    const token = this.current;
    if (token.kind !== "number") return undefined;
    this.#index += 1;
    return token.text;
  }

  /** The number of the bind, if one comes next. */
  takeBind(): number | undefined {
    const token = this.current;
    if (token.kind !== "bind") return undefined;
    this.#index += 1;
    this.#bindCount += 1;
    if (token.number !== undefined) return token.number;
    this.#positionalBinds += 1;
    return this.#positionalBinds;
  }

  /** A string literal or a bind. */
  expectValue(): SqlValue {
    const number = this.takeBind();
    return number === undefined ? { kind: "literal", value: this.expectString() } : { kind: "bind", number };
  }

  unexpected(): SqlError {
    const { line, position, kind, text } = this.current;
    return syntaxError(line, position, kind === "end" ? "<EOF>" : text);
  }

  #expectNameInText(maxParts: 1 | 2 | 3): ObjectName {
    this.expectWords("IDENTIFIER");
    this.expectSymbol("(");
    if (this.current.kind !== "string") throw unsupported("IDENTIFIER() of anything but a text");
    const inner = new Cursor(tokenize(this.expectString()), this.ignoreCase);
    const name = inner.expectName(maxParts);
    if (inner.current.kind !== "end") throw inner.unexpected();
    this.expectSymbol(")");
    return name;
  }

  /** Whether the symbol comes next. */
  isSymbol(symbol: string, offset = 0): boolean {
    const token = this.#at(this.#index + offset);
    return token.kind === "symbol" && token.text === symbol;
  }

  #at(index: number): Token {
    const token = this.tokens[Math.max(0, Math.min(index, this.tokens.length - 1))];
    if (token === undefined) throw new Error("The tokenizer ends every text with an end token.");
    return token;
  }
}
