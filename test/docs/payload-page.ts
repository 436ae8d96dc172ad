import {
  type PayloadContent,
  payloadLayouts,
} from "../../provider/export-destination/credentials/payload.js";
import { fillPage } from "./fill-page.js";
import { drawTable } from "./table.js";

/** The page of payload formats, with the names of each. */
export function buildPayloadPage(): string {
  const rows = Object.entries(payloadLayouts).flatMap(([format, types]) =>
    Object.values(types).flatMap((layouts) =>
      layouts.map(({ needs, names }) => {
        const entries = Object.entries(names).sort(([a], [b]) => (a < b ? -1 : 1));
        const shown = entries.map(([name, content]) => `\`${name}\` (${describe(content)})`).join(", ");
        return [`\`${format}\``, needs.map((field) => `\`${field}\``).join(", "), shown];
      }),
    ),
  );
  const head = ["`payloadFormat`", "With", "Names, and the field of `credentials` of each"];
  return fillPage("docs/payload-formats.md", { names: drawTable(head, rows) });
}

function describe(content: PayloadContent): string {
  if (typeof content === "string") return `\`${content}\``;
  return "text" in content ? `always \`"${content.text}"\`` : `\`${content.base64Of}\` as bare base64`;
}
