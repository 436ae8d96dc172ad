import { type Cell, cells, nameCell, oldestSdk } from "./cells.js";
import { type Installer, installers } from "./installers.js";
import type { Compatibility } from "./main.js";
import type { Outcome } from "./run-cell.js";

/** The page of what was seen; a cell that was not run says so. */
export function drawCompatibility({ at, release, outcomes }: Compatibility): string {
  return `${[
    "# Compatibility",
    `Each line is a real \`pulumi up\`, an \`up\` with a changed secret and a \`destroy\`, of the packed package (${release}) installed into an empty project, against [this package's Snowflake server](snowflake-server.md); Linux, ${at.slice(0, 10)}. Drawn by \`npm run test:compat\` and \`npm run test:compat -- --draw\`.`,
    `The oldest \`@pulumi/pulumi\` is ${oldestSdk}: an older one does not hand the stack's config to a dynamic provider, and \`snowflake:password\` and the like would not be found. \`@pulumi/pulumi\` from 3.249 on needs Node 22.`,
    drawTable(
      ["Program", "Pulumi", "Node", "@pulumi/pulumi", "Installed by", ""],
      cells.map((cell) =>
        drawRow(
          cell,
          outcomes.find((each) => nameCell(each.cell) === nameCell(cell)),
        ),
      ),
    ),
    "In TypeScript the program's types are checked with `strict`, `exactOptionalPropertyTypes` and without `skipLibCheck`.",
    ...drawNotes(),
  ].join("\n\n")}\n`;
}

function drawRow(cell: Cell, outcome: Outcome | undefined): string[] {
  const place = cell.folderName === undefined ? "" : `, in a folder "${cell.folderName}"`;
  const { pulumi = "", nodeVersion = cell.node, installerVersion = "", failure } = outcome ?? {};
  const result = failure === undefined ? "works" : `fails: ${failure.step}`;
  return [
    `${cell.program}${place}`,
    pulumi,
    `${nodeVersion}`,
    cell.sdk ?? "",
    `${cell.installer}${installerVersion === "" ? "" : ` (${installerVersion})`}`,
    outcome === undefined ? "not run" : result,
  ];
}

const typeScript7 =
  "- **TypeScript 7**: the package's declarations compile with it. Pulumi's SDK takes TypeScript below 7 for programs that it compiles itself; with `typescript: false` Node 24 strips the types, and TypeScript 7 checks them (under another name, such as `npm install --save-dev typescript-7@npm:typescript@7`, since npm minds the SDK's range).";

function drawNotes(): string[] {
  const noted = Object.entries(installers as Record<string, Installer>).filter(([, { note }]) => note);
  return [
    "## What to know",
    [...noted.map(([name, { note }]) => `- **${name}**: ${note}`), typeScript7].join("\n"),
  ];
}

function drawTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (columns: readonly string[]) => `| ${columns.join(" | ")} |`;
  return [line(titles), line(titles.map(() => "---")), ...rows.map(line)].join("\n");
}
