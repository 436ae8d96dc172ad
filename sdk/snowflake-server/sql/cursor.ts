import { SqlError, syntaxError } from "../sql-error.js";
import type { ObjectName, SqlValue } from "./statements.js";
import type { Token } from "./tokenizer.js";

const MAX_IDENTIFIER_LENGTH = 255;

/** Walks over tokens; every `expect…` throws Snowflake's syntax error at the token that does not fit. */
export class Cursor {
  #index = 0;
  #bindCount = 0;

  constructor(readonly tokens: readonly Token[]) {}

  /** How many binds were taken so far; `?` are numbered in their order over the whole request. */
  get bindCount(): number {
    return this.#bindCount;
  }

  get current(): Token {
    return this.#at(this.#index);
  }

  /** The token before the current one. */
  get previous(): Token {
    return this.#at(this.#index - 1);
  }

  get atEnd(): boolean {
    return this.current.kind === "end" || this.#isSymbol(";");
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
    if (!this.#isSymbol(symbol)) return false;
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

  /** One part of a name: unquoted upper-cased, quoted as it stands. */
  expectIdentifier(): string {
    const token = this.current;
    if (token.kind !== "word" && token.kind !== "quoted-identifier") throw this.unexpected();
    if (token.text === "") throw this.unexpected();
    this.#index += 1;
    const name = token.kind === "word" ? token.text.toUpperCase() : token.text;
    if ([...name].length > MAX_IDENTIFIER_LENGTH) {
      throw new SqlError(
        "002013",
        "42601",
        `SQL compilation error:\nObject name '${name}' exceeds maximum length limit of ${MAX_IDENTIFIER_LENGTH} characters`,
      );
    }
    return name;
  }

  expectName(maxParts: 1 | 2 | 3): ObjectName {
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
    return token.number ?? this.#positionalBinds();
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

  #positionalBinds(): number {
    return this.tokens
      .slice(0, this.#index)
      .filter((token) => token.kind === "bind" && token.number === undefined).length;
  }

  #isSymbol(symbol: string): boolean {
    const token = this.current;
    return token.kind === "symbol" && token.text === symbol;
  }

  #at(index: number): Token {
    const token = this.tokens[Math.max(0, Math.min(index, this.tokens.length - 1))];
    if (token === undefined) throw new Error("The tokenizer ends every text with an end token.");
    return token;
  }
}
