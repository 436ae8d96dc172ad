import { mkdtempSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Cell, cells, nameCell, newestSdk, oldestSdk } from "../compat/cells.js";
import { runCell } from "../compat/run-cell.js";
import { projectFolder } from "../support/engine/engine.js";
import { packRelease, type Release, runIn } from "../support/package-install.js";

/** Of the Nodes that are tried the one that runs here, so that none is fetched. */
const node = ([20, 22, 24] as const).find((each) => process.versions.node.startsWith(`${each}.`)) ?? 24;

/** What the other tests of the package leave out; `npm run test:compat` runs every cell. */
const telling: readonly Cell[] = [
  { program: "TypeScript, dynamic", node, sdk: oldestSdk, installer: "npm" },
  { program: "TypeScript by pulumi new, plugin", node, sdk: newestSdk[node], installer: "pnpm 10" },
];

describe("the packed package", () => {
  let folder: string;
  let release: Release;

  beforeAll(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "compat-test-")));
    release = await packRelease(folder);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(telling.map((cell) => [nameCell(cell), cell] as const))(
    "comes up, changes and goes: %s",
    async (_, cell) => {
      expect((await runCell(cell, { release })).failure).toBeUndefined();
    },
  );

  it("says which versions it takes, and nothing that a package manager warns about", async () => {
    await runIn(folder, "tar", ["-xzf", release.tarball, "package/package.json"]);
    const manifest = JSON.parse(readFileSync(join(folder, "package/package.json"), "utf8")) as object;
    expect(manifest).toMatchObject({ peerDependencies: { "@pulumi/pulumi": `>=${oldestSdk} <4` } });
    expect(manifest).not.toHaveProperty("workspaces");
  });
});

describe("docs/compatibility.md", () => {
  it("has seen each cell work", () => {
    const page = readFileSync(join(projectFolder, "docs/compatibility.md"), "utf8");
    const lines = page.split("\n").filter((line) => /\| works \|$/.test(line));
    expect(lines).toHaveLength(cells.length);
  });
});
