import { toOneLine } from "../../provider/core/one-line.js";

/** What a command writes for people is no wider than this, where its words allow. */
export const screenWidth = 80;

/**
 * Breaks one line at spaces so that none is wider than `width`; a longer word stays whole. Lines that are added begin
 * with `indent`.
 */
export function wrapText(text: string, width: number, indent = ""): string[] {
  // Measured as it is shown.
  const line = toOneLine(text);
  if (line.length <= width) return [line];
  const [, margin = "", rest = ""] = /^( *)(.*)$/.exec(line) ?? [];
  const lines: string[] = [];
  let current = margin;
  for (const word of rest.split(" ")) {
    const isFirst = current.trim() === "";
    if (!isFirst && current.length + 1 + word.length > width) {
      lines.push(current);
      current = `${margin}${indent}${word}`;
    } else {
      current = isFirst ? `${current}${word}` : `${current} ${word}`;
    }
  }
  return [...lines, current];
}

/** Rows under one another, each cell but the last as wide as its column; a wider one pushes the rest to a line below. */
export function alignRows(rows: readonly (readonly string[])[], margin = ""): string[] {
  const shown = rows.map((row) => row.map(toOneLine));
  const columns = Math.max(0, ...shown.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    shown.reduce((widest, row) => Math.max(widest, Math.min(maxCellWidth, row[column]?.length ?? 0)), 0),
  );
  return shown.flatMap((row) => {
    const lines: string[] = [];
    let line = margin;
    for (const [column, cell] of row.entries()) {
      const width = widths[column] ?? 0;
      if (column === row.length - 1) line += cell;
      else if (cell.length <= width) line += `${cell.padEnd(width)}  `;
      else {
        lines.push(line + cell);
        const before = widths.slice(0, column + 1).reduce((sum, each) => sum + each + 2, 0);
        line = margin + " ".repeat(before);
      }
    }
    return [...lines, line.trimEnd()];
  });
}

const maxCellWidth = 40;
