import { readFileSync } from "node:fs";
import { join } from "node:path";
import { projectFolder } from "../engine/engine.js";

/** A fenced block of a page. */
export interface Block {
  /** "sh", "ts", …; "" for what a command prints, and for pictures. */
  readonly language: string;
  readonly text: string;
  /** The line of the page on which the text begins. */
  readonly line: number;
  /** Why no test runs it; undefined for what is run. A person reads it as the block's first line. */
  readonly untried: string | undefined;
}

const fence = /^([ \t]*)```([a-z]*)\n([\s\S]*?)^[ \t]*```$/gm;
const untriedLine = /^(?:#|--|\/\/) Not run by our tests: (.+)$/m;

/** The fenced blocks of a page, in their order; what a list indents is not indented. */
export function readBlocks(page: string): readonly Block[] {
  const text = readFileSync(join(projectFolder, page), "utf8");
  return [...text.matchAll(fence)].map(({ 1: indent = "", 2: language = "", 3: inside = "", index }) => ({
    language,
    text: inside.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
    line: text.slice(0, index).split("\n").length + 1,
    untried: untriedLine.exec(inside.split("\n", 1)[0]?.trim() ?? "")?.[1],
  }));
}

/** A page that a test follows as a person does: block by block, none left out. */
export class FollowedPage {
  readonly #blocks: Block[];

  constructor(readonly path: string) {
    this.#blocks = readBlocks(path).filter(({ untried }) => untried === undefined);
  }

  /** The text of the next block that is to be run. @throws Error if it is in another language than the test expects */
  next(language: string): string {
    const block = this.#blocks.shift();
    if (block?.language !== language) {
      const found = block === undefined ? "its end" : `${block.language} on line ${block.line}`;
      throw new Error(
        `${this.path}: the test expects a block of ${language || "output"}, and finds ${found}.`,
      );
    }
    return block.text;
  }

  /** @throws Error if a block was not run */
  end(): void {
    const [left] = this.#blocks;
    if (left !== undefined) throw new Error(`${this.path}: no test runs the block on line ${left.line}.`);
  }
}

/** What a command printed without empty lines and what differs from run to run: ids, fingerprints, times. */
export function withoutChance(printed: string): string {
  return printed
    .replace(/\b[0-9a-f]{32}\b/g, "0".repeat(32))
    .replace(/-[0-9a-f]{8}\]/g, "-00000000]")
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "0000-00-00T00:00:00.000Z")
    .replace(/127\.0\.0\.1:\d+/g, "127.0.0.1:0")
    .replace(/[ \t]+$/gm, "")
    .replace(/\n{2,}/g, "\n")
    .trim();
}

/** Whether a page shows what was printed: its lines in one piece, or several with a line "…" between them. */
export function isShown(shown: string, printed: string): boolean {
  const whole = `\n${withoutChance(printed)}\n`;
  let from = 0;
  return withoutChance(shown)
    .split(/^\s*…\s*$/m)
    .every((piece) => {
      const text = `\n${piece.replace(/^\n+|\n+$/g, "")}\n`;
      const at = whole.indexOf(text, from);
      from = at + text.length - 1;
      return at >= 0;
    });
}
