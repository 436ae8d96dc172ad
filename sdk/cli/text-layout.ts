/** What a command writes for people is no wider than this, where its words allow. */
export const screenWidth = 80;

/**
 * Breaks lines at spaces so that none is wider than `width`; a longer word stays whole. Lines that are added begin with
 * `indent`.
 */
export function wrapText(text: string, width: number, indent = ""): string {
  return text
    .split("\n")
    .map((line) => wrapLine(line, width, indent))
    .join("\n");
}

function wrapLine(line: string, width: number, indent: string): string {
  if (line.length <= width) return line;
  const [, margin = "", rest = ""] = /^(\s*)(.*)$/.exec(line) ?? [];
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
  return [...lines, current].join("\n");
}

/** Rows under one another, each cell but the last as wide as its column; a wider one pushes the rest to a line below. */
export function alignRows(rows: readonly (readonly string[])[], margin = ""): string[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.min(maxCellWidth, Math.max(...rows.map((row) => row[column]?.length ?? 0))),
  );
  return rows.map((row) => {
    const cells = row.map((cell, column) => {
      const width = widths[column] ?? 0;
      if (column === row.length - 1) return cell;
      if (cell.length <= width) return `${cell.padEnd(width)}  `;
      const before = widths.slice(0, column + 1).reduce((sum, each) => sum + each + 2, 0);
      return `${cell}\n${margin}${" ".repeat(before)}`;
    });
    return `${margin}${cells.join("")}`.trimEnd();
  });
}

const maxCellWidth = 40;
