/** The first sixteen colours of a terminal, on a dark ground. */
const colours: Readonly<Record<string, string>> = { 1: "#ff7b72", 2: "#7ee787", 3: "#e3b341", 13: "#d2a8ff" };
const ground = "#0d1117";
const ink = "#c9d1d9";
const charWidth = 8.4;
const lineHeight = 20;
const margin = 16;

const escapeXml = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** Draws what a command printed on a terminal. Of the terminal's codes it knows the colours and bold. */
export function drawTerminal(command: string, printed: string): string {
  const lines = [`$ ${command}`, ...printed.trimEnd().split("\n")];
  const columns = Math.max(
    ...lines.map((line) => readSpans(line).reduce((n, { text }) => n + text.length, 0)),
  );
  const width = Math.ceil(columns * charWidth) + 2 * margin;
  const height = lines.length * lineHeight + 2 * margin;
  let style: Style = {};
  const rows = lines.map((line, index) => {
    const spans = readSpans(line, style);
    style = spans.at(-1)?.style ?? style;
    const inside = spans.filter(({ text }) => text !== "").map(drawSpan);
    return `<text x="${margin}" y="${margin + (index + 0.75) * lineHeight}">${inside.join("")}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>$ ${escapeXml(command)}</title>
<rect width="100%" height="100%" rx="8" fill="${ground}"/>
<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="14" fill="${ink}" xml:space="preserve">
${rows.join("\n")}
</g>
</svg>
`;
}

interface Style {
  readonly colour?: string;
  readonly isBold?: boolean;
}

interface Span {
  readonly text: string;
  readonly style: Style;
}

/** The pieces of a line between the terminal's codes; the last one, perhaps empty, has the style of the next line. */
function readSpans(line: string, before: Style = {}): Span[] {
  let style = before;
  const [first = "", ...parts] = line.split("\u001b[");
  const spans: Span[] = [{ text: first, style }];
  for (const part of parts) {
    const end = part.indexOf("m");
    style = applyCode(part.slice(0, end), style);
    spans.push({ text: part.slice(end + 1), style });
  }
  return spans;
}

function applyCode(code: string, style: Style): Style {
  if (code === "0") return {};
  if (code === "1") return { ...style, isBold: true };
  const colour = colours[/^38;5;(\d+)$/.exec(code)?.[1] ?? ""];
  if (colour === undefined) throw new Error(`The picture of a terminal has no code ${code}.`);
  return { ...style, colour };
}

function drawSpan({ text, style: { colour, isBold } }: Span): string {
  const attributes = `${colour === undefined ? "" : ` fill="${colour}"`}${isBold ? ' font-weight="bold"' : ""}`;
  return attributes === "" ? escapeXml(text) : `<tspan${attributes}>${escapeXml(text)}</tspan>`;
}

/** What the drawing of a terminal shows, without the command. */
export function readTerminal(svg: string): string {
  const [, ...lines] = [...svg.matchAll(/<text [^>]*>(.*)<\/text>/g)].map(([, inside = ""]) =>
    inside
      .replaceAll(/<[^>]*>/g, "")
      .replaceAll("&lt;", "<")
      .replaceAll("&gt;", ">")
      .replaceAll("&amp;", "&"),
  );
  return lines.join("\n");
}
